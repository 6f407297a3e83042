"""What an export has written, as tests read it."""

from __future__ import annotations

import json
from typing import Any

from meterportal.adapters import Adapters


def content(adapters: Adapters, run: Any, name: str) -> bytes:
    """A file of an export, `run` as the API tells it."""
    return adapters.files.get(adapters.settings.export_bucket, f"exports/{run['id']}/{name}")


def lines(adapters: Adapters, run: Any) -> list[dict[str, Any]]:
    """The readings in an export's JSON file."""
    found: list[dict[str, Any]] = json.loads(content(adapters, run, "readings.json"))["readings"]
    return found
