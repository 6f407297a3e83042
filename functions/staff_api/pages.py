"""Cursors of the staff's lists: opaque, and good only for the list and the person they were given to."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.refusals import BadPage

from staff_api.staff import Staff


def opened(staff: Staff, listed: str, cursor: str | None) -> dict[str, Any] | None:
    """The place inside a cursor, None without one; raises BadPage."""
    if cursor is None:
        return None
    try:
        return adapters().keys.open_cursor(_owner(staff, listed), cursor)
    except InvalidToken:
        raise BadPage(field="cursor") from None


def sealed(staff: Staff, listed: str, place: dict[str, Any] | None) -> str | None:
    """The cursor of a place, None without one. `listed` names the list and its filter."""
    return adapters().keys.seal_cursor(_owner(staff, listed), place) if place is not None else None


def _owner(staff: Staff, listed: str) -> str:
    return f"staff#{staff.id}#{listed}"
