"""Runs of Portal Ready for many contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from meterportal.domain.runs import NOT_BROKEN, BrokenOff


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """`as_of` is the business date; `rows` is the number of result rows, once `done_at` is set."""

    id: str
    by: str
    created_at: datetime
    as_of: date
    dry_run: bool = False
    done_at: datetime | None = None
    rows: int = 0
    problem: str = ""
    broken: BrokenOff = NOT_BROKEN
