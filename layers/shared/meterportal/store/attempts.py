"""Counting what may be tried only so often: in the write itself, so that a limit holds whatever
comes at once. Who tried stands there under a pseudonym.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterportal.store import keys
from meterportal.store.table import Write


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in each stretch of time; the stretches follow each other on the clock."""

    purpose: str
    most: int
    within: timedelta

    def left(self, now: datetime) -> int:
        """Seconds until counting begins anew."""
        length = int(self.within.total_seconds())
        return length - int(now.timestamp()) % length


def count(limit: Limit, whose: str, *, now: datetime) -> Write:
    """Count one more attempt of a pseudonym; fails when there were as many as allowed."""
    window = int(now.timestamp()) // int(limit.within.total_seconds())
    return Write(
        key=keys.attempts(limit.purpose, whose, window),
        update="SET #count = if_not_exists(#count, :none) + :one, #expires_at = :forgotten",
        condition="attribute_not_exists(#count) OR #count < :most",
        values={
            "none": 0,
            "one": 1,
            "most": limit.most,
            "forgotten": int((now + 2 * limit.within).timestamp()),
        },
    )
