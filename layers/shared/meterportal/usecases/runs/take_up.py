"""A worker begins a run, or a part of it that may have failed before."""

from __future__ import annotations

from datetime import datetime

from meterportal.adapters import Adapters
from meterportal.domain.runs import LEASES, WHOLE, BrokenOff, RunKind
from meterportal.store import runs


def begin(adapters: Adapters, kind: RunKind, number: str, *, now: datetime) -> None:
    """Notes that a worker works on a run that is one message. One write."""
    runs.begin(adapters.table, kind, number, WHOLE, lease_until=now + LEASES[kind])


def take_up(adapters: Adapters, kind: RunKind, number: str, part: str, broken: BrokenOff) -> None:
    """Removes the failure of a part. One write for a part that had failed, none for any other."""
    if part in broken.parts:
        adapters.table.write(runs.take_up(kind, number, part))
