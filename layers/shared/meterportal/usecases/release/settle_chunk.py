"""What becomes of a release chunk's machines: each is judged and stored, with its row of the report.

The machines of a part share a transaction and a row of the report, never a fate: where one was written
meanwhile, it is judged again alone, and the others are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from meterportal.adapters import Adapters
from meterportal.batches import weighed
from meterportal.domain.exchange.exports import ExportLine
from meterportal.domain.frozen import frozen
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
from meterportal.store.portfolio import histories, machines
from meterportal.store.release import releases
from meterportal.store.release.releases import Entry
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.plausibility.neighbours import OfCompanies

ATTEMPTS = 5

TOGETHER = 31
"""Machines of a part: they share a transaction, a row of the report and one that waits for the export. Three such
rows are what a transaction of an export moves. With another number a run that is under way would not find what
its parts have told.
"""

LINES = 150
"""Readings at most that share a part's rows, more where a machine alone has more. With each go a reason of up to 500
characters of four bytes, 1.3 KB when packed, and 500 bytes of the ERP's when it answers; an item has 400 KB and a
transaction 4 MB.
"""


@frozen
class _Judged:
    """`waits`: what is released, in the row of that name."""

    entry: Entry
    lines: MachineLines
    writes: Sequence[Write]
    row: str
    waits: Sequence[ExportLine]


@frozen
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
        part: Sequence[Entry],
        told: Collection[str],
        found: Mapping[str, Machine],
        has_time: Callable[[], bool],
    ) -> Iterator[MachineLines]:
        """What the report says then of the machines of a part that it has not `told`, as many as there is time
        for. `found` are the machines as they were read. Raises Unavailable.

        A machine has a row of its own only where its part has one: so none is told twice.
        """
        first, row = part[0][0], self._row(part[0])
        waiting = [entry for entry in part if entry[0] not in told]
        judged = self._judged_in_time(waiting, found, has_time, row)
        if self.release.dry_run:
            yield from map(self._store_alone, judged)
            return
        fitting = weighed(judged, lambda one: len(one.lines.lines), LINES)
        groups = [group for some in fitting for group in grouped(some, lambda one: one.writes)]
        if not groups:
            return
        stored = self._store(first, groups[0])
        yield from stored.values()
        # Who was written meanwhile, and what is more than the rows or a transaction take.
        for one in (one for group in groups for one in group):
            if one.lines.machine_id not in stored:
                yield self._store_alone(self._judge_again(one))

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
            row="" if release.dry_run else row,
        )
        if release.dry_run:
            lines = tuple(judging.as_dry_run(line) for line in decision.lines)
            decision = Decision(machine_id, decision.seen, machine, lines)
        company = self.companies.get(machine.company_id) if machine else None
        told = MachineLines.of(decision, company)
        writes = releases.changes(decision, by=release.by, at=self.at.now)
        return _Judged(entry, told, writes, row, releases.lines_of(decision))

    def _store(self, first: str, group: Sequence[_Judged]) -> Mapping[str, MachineLines]:
        """Stores a part's row of the report with what it says of its machines, without those that were written
        meanwhile; what the report says then, by machine. Where another worker was faster, its row counts."""
        left = list(group)
        place = releases.fed_at(self.release.id, first)
        while True:
            report = releases.shared_write(self.release.id, first, (one.lines for one in left))
            writes = [write.named(one.lines.machine_id) for one in left for write in one.writes]
            try:
                told = histories.fed_by(report, place, histories.listed_together(writes))
                self._write([*told, *_waiting(left)])
            except ConditionFailed as lost:
                if lost.on(releases.REPORT):
                    numbers = [one.lines.machine_id for one in group]
                    return releases.told(
                        self.adapters.table, self.release.id, numbers, parts=[first]
                    )
                left = [one for one in left if not lost.on(one.lines.machine_id)]
            else:
                return {one.lines.machine_id: one.lines for one in left}

    def _write(self, writes: Sequence[Write]) -> None:
        match writes:
            case [report]:  # It costs half outside of a transaction.
                self.adapters.table.write(report)
            case _:
                self.adapters.table.transact(writes)

    def _store_alone(self, one: _Judged) -> MachineLines:
        """After a concurrent write the machine is judged again."""
        for _ in range(ATTEMPTS):
            report = releases.line_write(self.release.id, one.lines)
            try:
                self._write([report, *one.writes, *_waiting([one])])
            except ConditionFailed as lost:
                if lost.on(releases.REPORT):
                    number = one.lines.machine_id
                    return releases.told(self.adapters.table, self.release.id, [number])[number]
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
