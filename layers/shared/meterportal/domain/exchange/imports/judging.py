"""Imported readings are judged like those of customers, but the result is at most one warning per
row.

The ERP's value is always accepted. Every reading that falls without a new board, or that is more
than its model can print, gets a warning; the usage of the newest reading is judged by all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from meterportal.domain.exchange.imports import faults
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.plausibility import rules
from meterportal.domain.plausibility.case import Case, case_of
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.models import pages_per_minute
from meterportal.domain.plausibility.prepared import prepare
from meterportal.domain.plausibility.usage import step_to
from meterportal.domain.portfolio.machines import Effective, Meter

MeterRule = Callable[[Case], Finding | None]

_ALWAYS = (rules.not_lower, rules.printable)
_NOT_ADDED = None, None
_LEAP = 100_000
"""From so many pages between two older readings on, the model's speed is checked."""
_NEWEST = (rules.not_too_much, rules.counted_something, rules.not_too_little)


def doubts(
    meter: Meter, rows: Mapping[date, tuple[Effective, SheetRow]], *, model: str
) -> Iterator[Fault]:
    """Warnings about readings that an import adds to a meter of a machine of this model: by day each
    reading with its row. The meter already has them in its history.
    """
    if not meter.cumulative or not rows:
        return
    history, newest = meter.history, len(meter.history) - 1
    speed = pages_per_minute(model)
    for place, (before, entry) in enumerate(pairwise(history), start=1):
        if place < newest and 0 <= entry.value - before.value < _LEAP and entry.reset_end is None:
            continue
        added, row = rows.get(entry.read_on, _NOT_ADDED)
        if row is None or added != entry or before.read_on == entry.read_on:
            continue
        known = replace(meter, history=history[:place])
        found = _judged(known, entry, newest=place == newest, pages_per_minute=speed)
        if found is not None:
            yield _warning(row, found)


def _judged(
    before: Meter, entry: Effective, *, newest: bool, pages_per_minute: int | None
) -> Finding | None:
    """The first finding about a reading, judged by the history before it."""
    prepared = prepare(before, read_on=entry.read_on, pages_per_minute=pages_per_minute)
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
