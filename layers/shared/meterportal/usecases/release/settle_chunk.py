"""What becomes of a release chunk's machines: each is judged and stored, with its row of the report.

Many machines share a transaction, never a fate: where one was written meanwhile, it is judged again
alone, and the others are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meterportal.adapters import Adapters
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Unavailable
from meterportal.domain.release import judging
from meterportal.domain.release.judging import Decision
from meterportal.domain.release.runs import MachineLines, Release
from meterportal.settings import Moment
from meterportal.store.groups import grouped
from meterportal.store.portfolio import machines
from meterportal.store.release import releases
from meterportal.store.release.releases import Entry
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.plausibility.neighbours import OfCompanies

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Judged:
    entry: Entry
    lines: MachineLines
    writes: Sequence[Write]


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
        judged = self._judged_in_time(entries, found, has_time)
        for group in grouped(judged, lambda one: one.writes):
            yield from self._store(group)

    def _judged_in_time(
        self,
        entries: Iterable[Entry],
        found: Mapping[str, Machine],
        has_time: Callable[[], bool],
    ) -> Iterator[_Judged]:
        for entry in entries:
            if not has_time():
                return
            yield self._judge(entry, found.get(entry[0]))

    def _judge(self, entry: Entry, machine: Machine | None) -> _Judged:
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
        writes = releases.store(release.id, decision, told, by=release.by, at=self.at.now)
        return _Judged(entry, told, writes)

    def _store(self, group: Sequence[_Judged]) -> Iterator[MachineLines]:
        # A row of the report alone costs half outside of a transaction.
        for one in group:
            if len(one.writes) == 1:
                yield self._store_alone(one)
        left = [one for one in group if len(one.writes) > 1]
        while left:
            writes = [write.named(one.lines.machine_id) for one in left for write in one.writes]
            try:
                self.adapters.table.transact(writes)
            except ConditionFailed as lost:
                failed = [one for one in left if lost.on(one.lines.machine_id)]
                left = [one for one in left if not lost.on(one.lines.machine_id)]
                for one in failed:
                    yield self._store_alone(self._judge_again(one))
            else:
                yield from (one.lines for one in left)
                return

    def _store_alone(self, one: _Judged) -> MachineLines:
        """After a concurrent write the machine is judged again."""
        table = self.adapters.table
        for _ in range(ATTEMPTS):
            try:
                if len(one.writes) == 1:
                    (report,) = one.writes
                    table.write(report)
                else:
                    table.transact(one.writes)
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
        return self._judge(
            one.entry, machines.find(self.adapters.table, [machine_id]).get(machine_id)
        )
