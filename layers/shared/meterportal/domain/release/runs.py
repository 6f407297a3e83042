"""Release runs: what was asked for, their progress, and their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.refusals import Conflict, Refusal
from meterportal.domain.release.judging import Decision, LineOutcome, ReportLine
from meterportal.domain.runs import NOT_BROKEN, BrokenOff


class SnapshotMissing(Refusal):
    code = "snapshot_missing"
    de = "Eine Freigabe nach Filter braucht den Probelauf, den Sie gesehen haben (snapshot)."
    en = "A release by filter needs the dry run that you have seen (snapshot)."


class SnapshotUnknown(Refusal):
    code = "snapshot_unknown"
    de = "Diesen Probelauf gibt es nicht."
    en = "There is no such dry run."


class SnapshotRunning(Conflict):
    code = "snapshot_running"
    de = "Dieser Probelauf ist noch nicht fertig."
    en = "This dry run is not finished yet."


class SnapshotDiffers(Refusal):
    code = "snapshot_differs"
    de = "Dieser Probelauf gehört zu einem anderen Filter."
    en = "This dry run belongs to another filter."


@frozen
class Tally:
    """Lines of a release report by outcome, and the number of machines."""

    machines: int = 0
    released: int = 0
    releasable: int = 0
    refused: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.machines + other.machines,
            self.released + other.released,
            self.releasable + other.releasable,
            self.refused + other.refused,
        )


@frozen
class Release:
    """A run's header. `snapshot` is the dry run that staff saw; a manual release is of one reading.

    `plan` names the valid chunks, with the number of chunks and machines, once planning ended;
    `queued_at` is set when all chunks were queued, `result` when the last one was done.
    """

    id: str
    by: str
    created_at: datetime
    kind: Literal["run", "manual"] = "run"
    dry_run: bool = False
    snapshot: str | None = None
    plan: str | None = None
    chunks: int = 0
    machines: int = 0
    queued_at: datetime | None = None
    finished_at: datetime | None = None
    result: Tally | None = None
    broken: BrokenOff = NOT_BROKEN


ReportPlace = tuple[str, int]
"""Where a machine stands in a report: its row, and which of that row's machines it is."""


@frozen
class MachineLines:
    """The lines of the release report about one machine. `seen` is the version that staff saw."""

    machine_id: str
    seen: int | None
    company_id: str
    company: str
    serial: str
    lines: tuple[ReportLine, ...]

    @classmethod
    def of(cls, decision: Decision, company: Company | None) -> MachineLines:
        machine = decision.machine
        return cls(
            decision.machine_id,
            decision.seen,
            machine.company_id if machine else "",
            company.name if company else "",
            machine.serial if machine else "",
            decision.lines,
        )

    @property
    def tally(self) -> Tally:
        counts = dict.fromkeys(LineOutcome, 0)
        for line in self.lines:
            counts[line.outcome] += 1
        return Tally(
            1,
            counts[LineOutcome.RELEASED],
            counts[LineOutcome.RELEASABLE],
            counts[LineOutcome.REFUSED],
        )
