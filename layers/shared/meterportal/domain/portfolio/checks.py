"""Runs of Portal Ready for many contracts."""

from __future__ import annotations

from datetime import date, datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.runs import NOT_BROKEN, BrokenOff


@frozen
class ReadinessCheck:
    """`as_of` is the business date. Of a check that runs, `pieces` are done, up to the company `after`
    (shard, number), and have left `rows` result rows; `results` says which worker has written them:
    (its first row, its name) for each. `progress` is how many companies and contracts it has gone
    through, of how many.
    """

    id: str
    by: str
    created_at: datetime
    as_of: date
    dry_run: bool = False
    done_at: datetime | None = None
    rows: int = 0
    problem: str = ""
    broken: BrokenOff = NOT_BROKEN
    pieces: int = 0
    after: tuple[int, str] = (0, "")
    results: tuple[tuple[int, str], ...] = ()
    progress: tuple[int, int] = (0, 0)

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.done_at is not None or bool(self.problem)
