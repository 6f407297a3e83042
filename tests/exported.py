"""What an export has written, as tests read it."""

from __future__ import annotations

import json
from typing import Any

from meterportal.doors import Doors


def content(doors: Doors, run: Any, name: str) -> bytes:
    """A file of an export, `run` as the API tells it."""
    return doors.files.get(doors.settings.export_bucket, f"exports/{run['id']}/{name}")


def lines(doors: Doors, run: Any) -> list[dict[str, Any]]:
    """The readings in an export's JSON file."""
    found: list[dict[str, Any]] = json.loads(content(doors, run, "readings.json"))["readings"]
    return found
