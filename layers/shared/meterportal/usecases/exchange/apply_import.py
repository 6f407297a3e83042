"""An import's changes, company by company: planned, and written unless it is a dry run.

Every transaction holds the changes of a few records, counts them on the import's header and is
conditional on everything that was read. After a concurrent write it fails: then those companies are
read and planned again. An interruption loses nothing: the next run sees the written changes as
unchanged.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.exchange.imports.batch import Batch, Known, Portion
from meterportal.domain.exchange.imports.columns import KINDS
from meterportal.domain.exchange.imports.directory import Directory
from meterportal.domain.exchange.imports.effects import ChangedFields, MonthEffect, effects_of
from meterportal.domain.exchange.imports.faults import Fault, refusal
from meterportal.domain.exchange.imports.missing import Missing
from meterportal.domain.exchange.imports.planning import CompanyPlan, Sample, plan, sample_of
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.refusals import Unavailable
from meterportal.queues import OutOfTime
from meterportal.settings import Moment
from meterportal.store.access import mailboxes
from meterportal.store.exchange import import_reports, imports
from meterportal.store.exchange.import_writes import Keys, Unit, units
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.exchange.resolve_import import (
    Moving,
    ever_released,
    load_stored,
    resolve,
)

MAX_SAMPLES = 200
_SAMPLES_OF_A_KIND = 40
_WRITES, _BYTES = 96, 2_500_000
_ATTEMPTS = 10
_STEPS = 20
_LONG = 1_000
"""Rows from which on an import tells how far it has come."""


class ImportOver(Exception):
    """Another worker has ended this import."""


@dataclass(slots=True)
class ImportOutcome:
    """What an import changes: counts by (kind, status), findings, a sample of the changes, and of a
    dry run what they come to; what a full export lacks, and how many of its rows have no readable
    number. `seen` is the newest import before this one."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    effects: Counter[MonthEffect] = field(default_factory=Counter)
    fields: ChangedFields = field(default_factory=ChangedFields)
    missing: Missing = field(default_factory=Missing)
    unnamed: dict[str, int] = field(default_factory=dict)
    seen: str = ""


@dataclass(slots=True)
class _Part:
    """The result of a company's last plan; a new plan of the company replaces it."""

    counts: Counter[tuple[str, str]]
    faults: list[Fault]
    rejected: list[tuple[SheetRow, Fault]]


def apply_import(
    adapters: Adapters,
    running: Import,
    batch: Batch,
    ages: Mapping[str, str],
    at: Moment,
    *,
    outcome: ImportOutcome,
    has_time: Callable[[], bool],
    others: Directory | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """Plans all rows, writes the changes unless it is a dry run, and adds what changed to `outcome`.

    `ages` are those that this import has stored. `others` are the import's other parts, if it has any.
    `tell` hears how many rows are planned, of how many. Raises `Refused` when a newer import has started
    meanwhile, `ImportOver`, `OutOfTime` (the changes written so far stay), or Unavailable.
    """
    parts, known, moving = resolve(adapters, batch, others)
    writer = _Writer(adapters, running, dict(ages), at, adapters.new_number)
    queue, planned = deque(parts), {}
    kinds = {sheet.name: sheet.kind for sheet in batch.sheets}
    rows, done = sum(part.rows for part in parts), 0
    while queue or writer.waiting:
        if not has_time():
            writer.flush()
            raise OutOfTime("the rest of the import")
        part = queue.popleft() if queue else None
        if part is not None:
            made = _plan(adapters, part, known, moving)
            if part.company_id not in planned:
                done += part.rows
                if tell:
                    tell(done, rows)
            planned[part.company_id] = _Part(made.counts, made.faults, made.rejected)
            _sample(outcome, made)
        if running.dry_run:
            if part is not None:
                outcome.effects.update(effects_of(made, at.today))
                outcome.fields.add(kinds, made.changed)
            continue
        again = writer.write(made) if part is not None else writer.flush()
        queue.extendleft(one for one in parts if one.company_id in again)
    for one in planned.values():
        outcome.counts.update(one.counts)
        outcome.faults += one.faults
        outcome.faults += [row.reject(fault) for row, fault in one.rejected]


def _plan(adapters: Adapters, part: Portion, known: Known, moving: Moving) -> CompanyPlan:
    stored, leaving = load_stored(adapters, part, known, moving)
    away = frozenset(n for n, to in moving.machines.items() if to != part.company_id)
    made = plan(part, stored, since=known.since, away=away, released={})
    if made.disputed:
        released = {}
        for number in made.disputed:
            homes = [part.company_id, *([leaving[number]] if number in leaving else [])]
            released[number] = ever_released(adapters, [(home, number) for home in homes])
        made = plan(part, stored, since=known.since, away=away, released=released)
    return made


def _sample(outcome: ImportOutcome, made: CompanyPlan) -> None:
    shown = Counter(sample.file for sample in outcome.samples)
    for changed in made.changed:
        if len(outcome.samples) >= MAX_SAMPLES:
            return
        file = changed[0].sheet.name
        if shown[file] < _SAMPLES_OF_A_KIND:
            shown[file] += 1
            outcome.samples.append(sample_of(changed))


def count_written(adapters: Adapters, running: Import, outcome: ImportOutcome) -> None:
    """Takes what was new or changed from the header, where earlier, interrupted runs have counted,
    too.
    """
    found = imports.load(adapters.table, running.id)
    if found is None or found.state != "running":
        raise ImportOver
    for kind in KINDS:
        total = sum(n for (name, _), n in outcome.counts.items() if name == kind)
        for status in ("new", "changed"):
            outcome.counts[kind, status] = found.counted.get(f"{status}_{kind}", 0)
            total -= outcome.counts[kind, status]
        outcome.counts[kind, "unchanged"] = max(total, 0)
    outcome.faults += import_reports.journals(adapters.table, running.id)


class ProgressTeller:
    """Tells how far a long import has come, in steps of a twentieth."""

    def __init__(self, adapters: Adapters, running: Import) -> None:
        self._adapters, self._running, self._told = adapters, running, 0

    def __call__(self, done: int, of: int) -> None:
        if of >= _LONG and done * _STEPS // of > self._told:
            self._told = done * _STEPS // of
            imports.tell_progress(self._adapters.table, self._running.id, done, of)


class _Writer:
    """Collects units until a transaction is full, and writes them."""

    def __init__(
        self,
        adapters: Adapters,
        running: Import,
        ages: dict[str, str],
        at: Moment,
        new_number: Callable[[], str],
    ) -> None:
        self.waiting: list[Unit] = []
        self._keys, self._writes, self._bytes = Keys(), 0, 0
        self._table = adapters.table
        self._running = running
        self._ages = ages
        self._at = at
        self._new_number = new_number
        self._failures = 0

    def write(self, made: CompanyPlan) -> set[str]:
        """Takes a plan's changes; returns the companies that must be planned again."""
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
            self._take(unit)
        return set()

    def _fits(self, unit: Unit) -> bool:
        return (
            self._writes + len(unit.writes) <= _WRITES
            and self._bytes + unit.size <= _BYTES
            and self._keys.isdisjoint(unit.keys)
        )

    def _take(self, unit: Unit) -> None:
        self.waiting.append(unit)
        self._keys |= unit.keys
        self._writes += len(unit.writes)
        self._bytes += unit.size

    def flush(self) -> set[str]:
        """Writes the collected units; returns the companies to plan again after a
        concurrent write.
        """
        chunk, self.waiting = self.waiting, []
        self._keys, self._writes, self._bytes = set(), 0, 0
        if not chunk:
            return set()
        counts: Counter[tuple[str, str]] = Counter()
        for unit in chunk:
            counts.update(unit.counts)
        writes = [
            imports.still_newest(self._ages, self._ages).named("ages"),
            imports.count(self._running.id, counts).named("import"),
            *(write for unit in chunk for write in unit.writes),
        ]
        faults = [fault for unit in chunk for fault in unit.faults]
        if faults:
            number = self._new_number()
            writes.append(import_reports.journal(self._running.id, number, faults, at=self._at.now))
        try:
            self._table.transact(writes)
        except ConditionFailed as failed:
            self._look_again(failed)
            return {unit.company_id for unit in chunk}
        self._failures = 0
        return set()

    def _look_again(self, failed: ConditionFailed) -> None:
        if failed.on("import"):
            raise ImportOver
        if failed.on("ages"):
            newest = imports.ages(self._table)
            refuse_stale(self._running, self._ages, newest, code="overtaken")
            self._ages = {kind: newest[kind] for kind in self._ages}
        self._failures += 1
        if self._failures > _ATTEMPTS:
            raise Unavailable


def refuse_stale(
    running: Import, kinds: Iterable[str], newest: Mapping[str, str], *, code: str
) -> None:
    """Raises `Refused` when one of these kinds of files was imported from a newer export."""
    for kind in kinds:
        if kind in newest and imports.older(running.as_of, newest[kind]):
            facts: dict[str, Any] = {"as_of": running.as_of[:10], "newer": newest[kind][:10]}
            raise refusal(running.file, code, **facts)
