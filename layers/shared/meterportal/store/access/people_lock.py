"""One administrator at a time changes rights of staff: the user pool itself knows no conditions."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.store import keys
from meterportal.store.writes import Write

_LEASE = timedelta(seconds=30)
"""Longer than a request lives."""


def take(by: str, *, at: datetime) -> Write:
    """Takes the lock for an administrator; fails while another one has it. Who has it may take it
    again: a request whose answer was lost is repeated."""
    now = int(at.timestamp())
    return Write(
        key=keys.people_lock(),
        update="SET #by = :by, #until = :until",
        condition="attribute_not_exists(#until) OR #until < :now OR #by = :by",
        values={"by": by, "until": now + int(_LEASE.total_seconds()), "now": now},
    )


def give_back(by: str) -> Write:
    """Gives the lock back; fails when it is another's by now."""
    return Write(
        key=keys.people_lock(),
        update="REMOVE #until",
        condition="#by = :by",
        values={"by": by},
    )
