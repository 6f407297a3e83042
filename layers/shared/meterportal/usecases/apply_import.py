"""An import's changes, company by company: planned, and unless it is a dry run, written.

Every transaction holds the changes of a few records, counts them on the import's header and
conditions on everything that was read. Whoever comes between makes it fail: then those companies
are read and planned again. Being killed loses nothing, since a second run finds what is written
already as unchanged.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from meterportal.domain.contracts import Contact
from meterportal.domain.imports.batch import Batch, Known, Portion
from meterportal.domain.imports.columns import KINDS
from meterportal.domain.imports.faults import Fault, refusal
from meterportal.domain.imports.planning import Plan, Sample, plan
from meterportal.domain.imports.rows import Row
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.queues import OutOfTime
from meterportal.settings import Moment
from meterportal.store import imports, mailboxes
from meterportal.store.import_writes import Unit, units
from meterportal.store.imports import Import
from meterportal.store.table import ConditionFailed, Table
from meterportal.usecases.resolve_import import Moving, ever_released, load_stored, resolve

MAX_SAMPLES = 200
_SAMPLES_OF_A_KIND = 40
_WRITES, _BYTES = 96, 2_500_000
_ATTEMPTS = 10


class ImportOver(Exception):
    """Another worker has brought this import to its end."""


@dataclass(slots=True)
class Outcome:
    """What an import changes: counts by (kind, status), findings, and changes in words."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """What the last plan of a company said; a plan that is made again takes its place."""

    counts: Counter[tuple[str, str]]
    faults: list[Fault]
    rejected: list[tuple[Row, Fault]]


def apply_import(
    doors: Doors,
    running: Import,
    batch: Batch,
    ages: Mapping[str, str],
    at: Moment,
    *,
    has_time: Callable[[], bool],
) -> Outcome:
    """Plan all rows, write the changes unless it is a dry run, and tell what changed.

    `ages` are those that this import has set. Raises `Refused` when a newer import has overtaken
    it, `ImportOver`, `OutOfTime` with everything written so far in place, or Unavailable.
    """
    table = doors.table
    parts, known, moving = resolve(table, batch)
    writer = _Writer(table, running, dict(ages), at, doors.new_number)
    queue, told = deque(parts), {}
    outcome = Outcome()
    while queue or writer.waiting:
        if not has_time():
            writer.flush()
            raise OutOfTime("the rest of the import")
        part = queue.popleft() if queue else None
        if part is not None:
            made = _plan(table, part, known, moving)
            told[part.company_id] = _Part(made.counts, made.faults, made.rejected)
            _sample(outcome, made)
        if running.dry_run:
            continue
        again = writer.write(made) if part is not None else writer.flush()
        queue.extendleft(one for one in parts if one.company_id in again)
    for done in told.values():
        outcome.counts.update(done.counts)
        outcome.faults += done.faults
        outcome.faults += [row.reject(fault) for row, fault in done.rejected]
    if not running.dry_run:
        _count_written(table, running, outcome)
    return outcome


def _plan(table: Table, part: Portion, known: Known, moving: Moving) -> Plan:
    stored, leaving = load_stored(table, part, known, moving)
    away = frozenset(n for n, to in moving.machines.items() if to != part.company_id)
    made = plan(part, stored, since=known.since, away=away, released={})
    if made.disputed:
        released = {}
        for number in made.disputed:
            homes = [part.company_id, *([leaving[number]] if number in leaving else [])]
            released[number] = ever_released(table, [(home, number) for home in homes])
        made = plan(part, stored, since=known.since, away=away, released=released)
    return made


def _sample(outcome: Outcome, made: Plan) -> None:
    for sample in made.samples:
        if len(outcome.samples) >= MAX_SAMPLES:
            return
        if sum(s.file == sample.file for s in outcome.samples) < _SAMPLES_OF_A_KIND:
            outcome.samples.append(sample)


def _count_written(table: Table, running: Import, outcome: Outcome) -> None:
    """What was new or changed stands on the header, also of a run that was cut off before this one."""
    found = imports.load(table, running.id)
    if found is None or found.state != "running":
        raise ImportOver
    for kind in KINDS:
        total = sum(n for (name, _), n in outcome.counts.items() if name == kind)
        for status in ("new", "changed"):
            outcome.counts[kind, status] = found.counted.get(f"{status}_{kind}", 0)
            total -= outcome.counts[kind, status]
        outcome.counts[kind, "unchanged"] = total
    outcome.faults += imports.journals(table, running.id)


class _Writer:
    """Collects units until a transaction is full, and writes it."""

    def __init__(
        self,
        table: Table,
        running: Import,
        ages: dict[str, str],
        at: Moment,
        new_number: Callable[[], str],
    ) -> None:
        self.waiting: list[Unit] = []
        self._table = table
        self._running = running
        self._ages = ages
        self._at = at
        self._new_number = new_number
        self._failures = 0

    def write(self, made: Plan) -> set[str]:
        """Take a plan's changes; the companies that must be planned again."""
        boxes = mailboxes.load_many(
            self._table,
            (
                change.left.mailbox
                for change in made.records
                if isinstance(change.left, Contact) and change.left.mailbox
            ),
        )
        running = self._running
        for unit in units(made, boxes, running.id, by=running.by, at=self._at.now):
            if not self._fits(unit):
                again = self.flush()
                if again:
                    return again | {made.company_id}
            self.waiting.append(unit)
        return set()

    def _fits(self, unit: Unit) -> bool:
        taken: set[tuple[str, str]] = set().union(*(one.keys for one in self.waiting))
        return (
            sum(len(one.writes) for one in self.waiting) + len(unit.writes) <= _WRITES
            and sum(one.size for one in self.waiting) + unit.size <= _BYTES
            and taken.isdisjoint(unit.keys)
        )

    def flush(self) -> set[str]:
        """Write what waits; the companies to be planned again when somebody came between."""
        chunk, self.waiting = self.waiting, []
        if not chunk:
            return set()
        counts: Counter[tuple[str, str]] = Counter()
        for unit in chunk:
            counts.update(unit.counts)
        writes = [
            imports.still_newest(self._ages, self._ages),
            imports.count(self._running.id, counts),
            *(write for unit in chunk for write in unit.writes),
        ]
        faults = [fault for unit in chunk for fault in unit.faults]
        if faults:
            number = self._new_number()
            writes.append(imports.journal(self._running.id, number, faults, at=self._at.now))
        try:
            self._table.transact(writes)
        except ConditionFailed as failed:
            self._look_again(failed)
            return {unit.company_id for unit in chunk}
        self._failures = 0
        return set()

    def _look_again(self, failed: ConditionFailed) -> None:
        if 1 in failed.failed:
            raise ImportOver
        if 0 in failed.failed:
            newest = imports.ages(self._table)
            refuse_stale(self._running, self._ages, newest, code="overtaken")
            self._ages = {kind: newest[kind] for kind in self._ages}
        self._failures += 1
        if self._failures > _ATTEMPTS:
            raise Unavailable


def refuse_stale(
    running: Import, kinds: Iterable[str], newest: Mapping[str, str], *, code: str
) -> None:
    """Raise `Refused` when a file of one of these kinds has been imported from a newer export."""
    for kind in kinds:
        if kind in newest and imports.older(running.as_of, newest[kind]):
            facts: dict[str, Any] = {"as_of": running.as_of[:10], "newer": newest[kind][:10]}
            raise refusal(running.file, code, **facts)
