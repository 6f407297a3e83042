"""What becomes of a release chunk's machines: each is judged and stored, with its row of the report.

Many machines share a transaction, never a fate: where one was written meanwhile, it is judged again
alone, and the others are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.exchange.exports import ExportLine
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Unavailable
from meterportal.domain.release import judging
from meterportal.domain.release.judging import Decision
from meterportal.domain.release.runs import MachineLines, Release
from meterportal.settings import Moment
from meterportal.store.exchange import exports
from meterportal.store.groups import grouped
from meterportal.store.portfolio import machines
from meterportal.store.release import releases
from meterportal.store.release.releases import Entry
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.plausibility.neighbours import OfCompanies

ATTEMPTS = 5

TOGETHER = 25
"""Machines whose lines wait for the export in one row. Three writes a machine are fewer than a transaction
takes; in an export three such rows are moved by one.
"""


@dataclass(frozen=True, slots=True)
class _Judged:
    """`waits`: what is released, in the row of that name."""

    entry: Entry
    lines: MachineLines
    writes: Sequence[Write]
    row: str
    waits: Sequence[ExportLine]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a chunk's machines are judged by: the dealer's tolerances, the other machines of a
    company, the moment. `companies` are those of its machines, by number.
    """

    adapters: Adapters
    release: Release
    companies: Mapping[str, Company]
    tolerances: ToleranceSettings
    neighbours: OfCompanies
    at: Moment

    def settle(
        self,
        entries: Iterable[Entry],
        found: Mapping[str, Machine],
        has_time: Callable[[], bool],
    ) -> Iterator[MachineLines]:
        """The stored rows of the report, of as many machines as there is time for. `found` are the
        machines as they were read. Raises Unavailable."""
        for some in batches(entries, TOGETHER):
            row = self._row(some[0])
            judged = self._judged_in_time(some, found, has_time, row)
            for n, group in enumerate(grouped(judged, lambda one: one.writes)):
                # More than a transaction takes: the row is in the first one.
                yield from self._store(group) if n == 0 else map(self._store_anew, group)

    def _row(self, entry: Entry) -> str:
        return exports.row_of_many(entry[0], self.adapters.new_number())

    def _judged_in_time(
        self,
        entries: Iterable[Entry],
        found: Mapping[str, Machine],
        has_time: Callable[[], bool],
        row: str,
    ) -> Iterator[_Judged]:
        for entry in entries:
            if not has_time():
                return
            yield self._judge(entry, found.get(entry[0]), row)

    def _judge(self, entry: Entry, machine: Machine | None, row: str) -> _Judged:
        (machine_id, seen), release = entry, self.release
        decision = judging.judge(
            machine_id,
            machine,
            seen=seen,
            now=self.at.now,
            today=self.at.today,
            by=release.by,
            tolerances=self.tolerances,
            neighbours=self.neighbours.of(machine) if machine else None,
        )
        if release.dry_run:
            lines = tuple(judging.as_dry_run(line) for line in decision.lines)
            decision = Decision(machine_id, decision.seen, machine, lines)
        company = self.companies.get(machine.company_id) if machine else None
        told = MachineLines.of(decision, company)
        writes = releases.store_in(row, release.id, decision, told, by=release.by, at=self.at.now)
        return _Judged(entry, told, writes, row, releases.lines_of(decision))

    def _store(self, group: Sequence[_Judged]) -> Iterator[MachineLines]:
        # A row of the report alone costs half outside of a transaction.
        for one in group:
            if len(one.writes) == 1:
                yield self._store_alone(one)
        left = [one for one in group if len(one.writes) > 1]
        while left:
            writes = [write.named(one.lines.machine_id) for one in left for write in one.writes]
            try:
                self.adapters.table.transact([*writes, *_waiting(left)])
            except ConditionFailed as lost:
                failed = [one for one in left if lost.on(one.lines.machine_id)]
                left = [one for one in left if not lost.on(one.lines.machine_id)]
                yield from map(self._store_anew, failed)
            else:
                yield from (one.lines for one in left)
                return

    def _store_anew(self, one: _Judged) -> MachineLines:
        return self._store_alone(self._judge_again(one))

    def _store_alone(self, one: _Judged) -> MachineLines:
        """After a concurrent write the machine is judged again."""
        table = self.adapters.table
        for _ in range(ATTEMPTS):
            try:
                if len(one.writes) == 1:
                    (report,) = one.writes
                    table.write(report)
                else:
                    table.transact([*one.writes, *_waiting([one])])
            except ConditionFailed as lost:
                if lost.on("report"):
                    told = releases.told(table, self.release.id, [one.lines.machine_id])
                    return told[one.lines.machine_id]
                one = self._judge_again(one)
            else:
                return one.lines
        raise Unavailable

    def _judge_again(self, one: _Judged) -> _Judged:
        machine_id = one.lines.machine_id
        machine = machines.find(self.adapters.table, [machine_id]).get(machine_id)
        return self._judge(one.entry, machine, self._row(one.entry))


def _waiting(judged: Sequence[_Judged]) -> list[Write]:
    """The row in which what they release waits for the export."""
    lines = [line for one in judged for line in one.waits]
    return [exports.waiting_row_of_many(judged[0].row, lines)] if lines else []
