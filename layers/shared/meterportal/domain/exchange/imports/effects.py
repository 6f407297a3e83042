"""What an import means for the month: which machines become due or fall out of it, and what else a
member of staff would notice; and which fields it changes, with an example each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from meterportal.domain.exchange.imports.fitting import Changed, MachineChange
from meterportal.domain.exchange.imports.planning import (
    CompanyPlan,
    RecordChange,
    Sample,
    sample_of,
)
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact, Contract, ReadingChannel
from meterportal.domain.portfolio.machines import Machine

MOST_FIELDS = 30


class MonthEffect(StrEnum):
    """The first four count machines, the next three contracts, the last one contacts."""

    DUE_NEW = "due_new"
    DUE_GONE = "due_gone"
    MACHINES_NEW = "machines_new"
    MACHINES_ENDED = "machines_ended"
    CONTRACTS_ENDED = "contracts_ended"
    TO_PORTAL = "to_portal"
    FROM_PORTAL = "from_portal"
    ADDRESSES = "addresses"


@frozen
class ChangedField:
    """A column in which an import changes values: in how many records, and one of them."""

    kind: str
    field: str
    count: int
    old: str | None
    new: str | None


def end_of_month(today: date) -> date:
    following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def effects_of(made: CompanyPlan, today: date) -> Counter[MonthEffect]:
    """How many records of a company's plan have which effect; the month is that of `today`."""
    found: Counter[MonthEffect] = Counter()
    until = end_of_month(today)
    for machine in made.machines:
        found.update(_of_machine(machine, until))
    for change in (*made.records, *made.last):
        found.update(_of_record(change, today))
    return found


def _of_machine(change: MachineChange, until: date) -> Iterable[MonthEffect]:
    before, after = change.left or change.seen, change.machine
    if before is None:
        yield MonthEffect.MACHINES_NEW
    elif before.active and not after.active:
        yield MonthEffect.MACHINES_ENDED
    was = before is not None and _due(before, until)
    if _due(after, until) != was:
        yield MonthEffect.DUE_GONE if was else MonthEffect.DUE_NEW


def _due(machine: Machine, until: date) -> bool:
    return machine.active and machine.due_on is not None and machine.due_on <= until


def _of_record(change: RecordChange, today: date) -> Iterable[MonthEffect]:
    before, after = change.left or change.seen, change.record
    if isinstance(before, Contract) and isinstance(after, Contract):
        if before.running(today) and not after.running(today):
            yield MonthEffect.CONTRACTS_ENDED
        portal = ReadingChannel.PORTAL
        if (before.reading_channel is portal) != (after.reading_channel is portal):
            to_portal = after.reading_channel is portal
            yield MonthEffect.TO_PORTAL if to_portal else MonthEffect.FROM_PORTAL
    match before, after:
        case Contact(), Contact() if before.mailbox != after.mailbox:
            yield MonthEffect.ADDRESSES


class ChangedFields:
    """Counts changed values by column, keeping the first of each as an example."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], Sample] = {}

    def add(self, kinds: Mapping[str, str], changes: Iterable[Changed]) -> None:
        """`kinds`: file -> kind of its records."""
        for changed in changes:
            row, name, *_ = changed
            if name is not None and (kind := kinds.get(row.sheet.name)):
                key = kind, row.sheet.headings.get(name, name)
                self._counts[key] += 1
                if key not in self._examples:
                    self._examples[key] = sample_of(changed)

    def packed(self) -> list[Any]:
        """For JSON."""
        return [
            [*key, count, list(astuple(self._examples[key]))] for key, count in self._counts.items()
        ]

    def go_on(self, packed: Iterable[Sequence[Any]]) -> None:
        """Takes up what was packed before."""
        for kind, name, count, example in packed:
            self._counts[kind, name] += count
            self._examples.setdefault((kind, name), Sample(*example))

    def told(self) -> list[ChangedField]:
        """The most frequent first."""
        return [
            ChangedField(kind, name, count, example.old, example.new)
            for (kind, name), count in self._counts.most_common(MOST_FIELDS)
            if (example := self._examples[kind, name])
        ]
