"""Imported readings are judged like those of customers, but the result is at most one warning per
row.

The ERP's value is always accepted. Every reading that falls without a new board, or that is more
than its model can print, gets a warning; the usage of the newest reading is judged by all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from meterportal.domain.exchange.imports import faults
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.plausibility import rules
from meterportal.domain.plausibility.case import Case, case_of
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.models import pages_per_minute
from meterportal.domain.plausibility.prepared import prepare
from meterportal.domain.plausibility.usage import step_to
from meterportal.domain.portfolio.machines import Effective, Machine, Meter

MeterRule = Callable[[Case], Finding | None]

_ALWAYS = (rules.not_lower, rules.printable)
_LEAP = 100_000
"""From so many pages between two older readings on, the model's speed is checked."""
_NEWEST = (rules.not_too_much, rules.counted_something, rules.not_too_little)


def doubts(machine: Machine, taken: Mapping[str, Mapping[Effective, SheetRow]]) -> Iterator[Fault]:
    """Warnings about readings that an import adds to a machine: meter id -> reading -> its row.

    `machine` already has them in its history.
    """
    for meter_id, rows in taken.items():
        meter = machine.meter(meter_id)
        if meter is not None and meter.cumulative:
            yield from _of_meter(machine, meter, rows)


def _of_meter(
    machine: Machine, meter: Meter, rows: Mapping[Effective, SheetRow]
) -> Iterator[Fault]:
    history = meter.history
    for place, entry in enumerate(history):
        row = rows.get(entry)
        if row is None or place == 0 or history[place - 1].read_on == entry.read_on:
            continue
        newest, leap = entry is history[-1], entry.value - history[place - 1].value
        if not newest and 0 <= leap < _LEAP and entry.reset_end is None:
            continue
        found = _judged(machine, replace(meter, history=history[:place]), entry, newest)
        if found is not None:
            yield _warning(row, found)


def _judged(machine: Machine, before: Meter, entry: Effective, newest: bool) -> Finding | None:
    """The first finding about a reading, judged by the history before it."""
    prepared = prepare(
        before, read_on=entry.read_on, pages_per_minute=pages_per_minute(machine.model)
    )
    case = case_of(prepared, entry.value)
    if entry.reset_end is not None and prepared.last is not None:
        step = step_to(prepared.last, entry, limit=prepared.limit)
        case = Case(prepared, entry.value, step)
    rules: Iterable[MeterRule] = (*_ALWAYS, *_NEWEST) if newest else _ALWAYS
    if entry.estimated:
        rules = _ALWAYS
    return next((found for rule in rules if (found := rule(case))), None)


def _warning(row: SheetRow, found: Finding) -> Fault:
    facts = {name: number for name, number in found.numbers.items() if number is not None}
    assert found.severity is Severity.WARN, "only what is asked about is told"
    return row.fault("value", found.code, faults.FaultSeverity.WARNING, **facts)
