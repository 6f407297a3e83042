"""How often somebody may try to sign in, and how long they have to wait between attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.domain.frozen import frozen


@frozen
class Limit:
    """At most `most` times within each period of time; these periods follow each other without a
    gap."""

    purpose: str
    most: int
    within: timedelta


@frozen
class Pace:
    """The first `free` attempts need no waiting. Before each further one there is a wait, which
    begins with `first` and doubles up to `longest`. After `forgotten` without an attempt the count
    starts again."""

    purpose: str
    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta

    def wait(self, taken: int) -> timedelta:
        """How long to wait before the next attempt, after `taken` attempts."""
        if taken < self.free:
            return timedelta()
        return min(self.first * (1 << min(taken - self.free, 30)), self.longest)


@frozen
class TakenAttempts:
    """How many attempts somebody has made, and when the last one was."""

    count: int
    last_at: datetime
