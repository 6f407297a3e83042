"""P8 between the meters of one machine: colour within total, black and white and colour make total.

Compared is the usage since the same earlier day, never the raw values: a board may have been
changed under one of them. Where no meter has a history yet, usage is counted from zero. What the
machine's own history did not keep to (some totals count test pages, too) is not asked of it now,
and a sum with an estimate in it proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Machine, Meter, MeterKind
from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.expectation import limits
from meterportal.domain.plausibility.usage import segments

_ALIKE = 0.6
"""Correlation of how far two meters of a machine lie off their forecasts."""
_MOST_OFF = 2.5


@dataclass(frozen=True)
class Sum:
    """Pages of the parts are those of the total, or at most (`within`)."""

    total_meter: Meter
    part_meters: tuple[Meter, ...]
    within: bool

    @cached_property
    def total(self) -> str:
        return self.total_meter.id

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return tuple(meter.id for meter in self.part_meters)

    @cached_property
    def involved(self) -> tuple[str, ...]:
        return (self.total, *self.parts)

    @cached_property
    def slack(self) -> float:
        """The largest share of the total by which the history was apart."""
        worst = 0.0
        histories = [_periods(meter) for meter in self.part_meters]
        for period, pages in _periods(self.total_meter).items():
            if all(period in history for history in histories):
                apart = sum(history[period] for history in histories) - pages
                worst = max(worst, (apart if self.within else abs(apart)) / max(pages, 1))
        return worst

    def apart(self, pages: Mapping[str, int]) -> int:
        """Pages by which this is broken; 0 when it holds."""
        whole = pages[self.total]
        apart = sum([pages[part] for part in self.parts]) - whole
        if not self.within:
            apart = abs(apart)
        return apart if apart > 0 and apart > self.allowed(whole) else 0

    def allowed(self, whole: int) -> int:
        return math.ceil(self.slack * whole)

    def due(self, meter_id: str, pages: Mapping[str, int]) -> int:
        """What the meter should have counted by the others' pages."""
        parts = sum(pages[part] for part in self.parts if part != meter_id)
        return parts if meter_id == self.total else max(0, pages[self.total] - parts)


def sums_of(machine: Machine) -> tuple[Sum, ...]:
    """The sums that the machine's meters have to keep: with one total and a colour meter."""
    totals = _of_kind(machine, MeterKind.TOTAL)
    colours = _of_kind(machine, MeterKind.COLOUR)
    if len(totals) != 1 or not colours:
        return ()
    total = totals[0]
    found = [Sum(total, colours, within=True)]
    if blacks := _of_kind(machine, MeterKind.BW):
        found.append(Sum(total, (*blacks, *colours), within=False))
    return tuple(found)


def counted(
    needed: Sum, cases: Mapping[str, Case], doubted: frozenset[str], *, without: str | None = None
) -> dict[str, int]:
    """Pages of every meter of a sum since the same day; empty when they cannot be compared.

    Every meter has to have a value of the same day, and none may be in doubt by itself. The pages
    of the meter `without` are left out and may be anything.
    """
    if any(m not in cases or m in doubted for m in needed.involved):
        return {}
    told = [cases[meter_id] for meter_id in needed.involved]
    days = {(case.read_on, case.last.read_on if case.last else None) for case in told}
    told = [case for case in told if case.meter.id != without]
    if any(case.same_day or (case.last and case.pages is None) for case in told):
        return {}
    if any(case.last and case.last.estimated for case in told):
        return {}
    if len(days) != 1:
        return {}
    return {case.meter.id: case.value if case.pages is None else case.pages for case in told}


def compare_meters(
    sums: Sequence[Sum],
    cases: Mapping[str, Case],
    *,
    typed: frozenset[str],
    doubted: frozenset[str],
) -> tuple[Sum, Finding] | None:
    """The first sum that is broken, told at one of the meters `typed` now.

    `cases` are those of the values typed now and of those reported in the same slot. A meter that a
    rule of its own warns about (`doubted`) is the likelier cause: then nothing is said here.
    """
    for needed in sums:
        bearer = next((meter_id for meter_id in needed.involved if meter_id in typed), None)
        pages = counted(needed, cases, doubted) if bearer else {}
        if bearer and pages and needed.apart(pages):
            parts, whole = sum(pages[part] for part in needed.parts), pages[needed.total]
            if needed.within:
                code, numbers = "colour_over_total", {"colour": parts, "total": whole}
            else:
                code, numbers = "parts_do_not_add_up", {"parts": parts, "total": whole}
            return needed, cases[bearer].finding(code, Severity.WARN, **numbers)
    return None


def busy_alike(case: Case, cases: Mapping[str, Case]) -> bool:
    """P5: the usage is to be expected, given how busy the machine's other meters were.

    Method: of two normal variables that are correlated, one is known (the surest of the other
    meters); the forecast of the other is the conditional one. A total is no witness of its parts.
    """
    witnesses = [
        other
        for other in cases.values()
        if other.meter.id != case.meter.id
        and other.meter.kind is not MeterKind.TOTAL
        and (other.read_on, other.days) == (case.read_on, case.days)
        and other.pages
        and other.expected is not None
    ]
    expected = case.expected
    if not witnesses or expected is None or not case.pages:
        return False
    witness = min(witnesses, key=lambda other: (other.expected or expected).spread)
    known = (witness.expected or expected).spread
    shared = _ALIKE * min(1.0, expected.spread / known)
    off = max(-_MOST_OFF, min(_MOST_OFF, witness.prepared.off(witness.pages or 0)))
    low, high = limits(
        expected.log_pages + shared * expected.spread * off,
        expected.spread * math.sqrt(1 - shared * shared),
        case.prepared.tolerances,
    )
    return low <= case.pages <= high


def _of_kind(machine: Machine, kind: MeterKind) -> tuple[Meter, ...]:
    return tuple(meter for meter in machine.meters if meter.kind is kind and meter.cumulative)


def _periods(meter: Meter) -> dict[tuple[date, date], int]:
    """Counted pages by period; an estimate at either end proves nothing."""
    guesses = {entry.read_on for entry in meter.history if entry.estimated}
    return {
        (found.from_on, found.to_on): found.pages
        for found in segments(meter)
        if not guesses & {found.from_on, found.to_on}
    }
