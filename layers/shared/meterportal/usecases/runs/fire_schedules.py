"""A schedule's event: for which business day it is, and whether it comes in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.settings import BUSINESS_ZONE, Moment

_AHEAD = timedelta(hours=1)
_LATE = timedelta(hours=2)


@frozen
class Firing:
    """`day` is the business date of the scheduled time, `hour` its hour in the business's time zone;
    `late`: more than two hours too late, so staff decide."""

    day: date
    late: bool
    hour: int


def firing(event: Mapping[str, Any], at: Moment, *, pinned: date | None = None) -> Firing | None:
    """Reads {"scheduled_at": RFC 3339}; None when it is missing, invalid, or in the future.

    `pinned` is the business date of an installation with a fixed day: everything scheduled for that
    day is on time, and what is due now by the clock counts for that day.
    """
    text = event.get("scheduled_at")
    if not isinstance(text, str):
        return None
    try:
        scheduled = datetime.fromisoformat(text)
    except ValueError:
        return None
    if scheduled.tzinfo is None:
        return None
    scheduled = scheduled.astimezone(UTC)
    there = scheduled.astimezone(BUSINESS_ZONE)
    day = there.date()
    if pinned is not None and day == pinned:
        return Firing(pinned, late=False, hour=there.hour)
    if scheduled > at.now + _AHEAD:
        return None
    return Firing(pinned or day, late=at.now - scheduled > _LATE, hour=there.hour)
