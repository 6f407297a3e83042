"""Idempotency-Key: optional; the same request with the same key starts nothing twice for a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meterportal.domain.refusals import Invalid
from meterportal.http import header

_LONGEST = 200


def request_key_of(event: Mapping[str, Any]) -> str | None:
    """The caller's key, None without one; raises Invalid for an empty or endless one."""
    key = header(event, "idempotency-key")
    if key is not None and not 0 < len(key.strip()) <= _LONGEST:
        raise Invalid(
            field="Idempotency-Key",
            de=f"Erwartet werden 1 bis {_LONGEST} Zeichen.",
            en=f"Expected are 1 to {_LONGEST} characters.",
        )
    return key
