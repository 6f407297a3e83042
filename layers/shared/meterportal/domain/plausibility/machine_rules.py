"""P8 for several meters of a machine: colour is part of the total; black and white and colour make
the total.

The usage since the same earlier day is compared, never the raw values: one of the meters may have
got a new board. If no meter has a history yet, usage is counted from zero. A difference that the
machine's own history shows as well is allowed (some totals count test pages, too), and a sum with
an estimate proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.expectation import limits
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind

_ALIKE = 0.6
"""Correlation between the distances of two meters of a machine from their forecasts."""
_MOST_OFF = 2.5


@frozen
class Sum:
    """The pages of the parts add up to the total's, or to at most the total's (`within`)."""

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
        """The largest difference in the history, as a share of the total."""
        worst = 0.0
        histories = [_periods(meter) for meter in self.part_meters]
        for period, pages in _periods(self.total_meter).items():
            if all(period in history for history in histories):
                apart = sum(history[period] for history in histories) - pages
                worst = max(worst, (apart if self.within else abs(apart)) / max(pages, 1))
        return worst

    def apart(self, pages: Mapping[str, int]) -> int:
        """By how many pages the sum is broken; 0 if it holds."""
        total = pages[self.total]
        apart = sum([pages[part] for part in self.parts]) - total
        if not self.within:
            apart = abs(apart)
        return apart if apart > 0 and apart > self.allowed(total) else 0

    def allowed(self, total: int) -> int:
        return math.ceil(self.slack * total)

    def due(self, meter_id: str, pages: Mapping[str, int]) -> int:
        """The pages that the meter should have counted, by the pages of the others."""
        parts = sum(pages[part] for part in self.parts if part != meter_id)
        return parts if meter_id == self.total else max(0, pages[self.total] - parts)


def sums_of(machine: Machine) -> tuple[Sum, ...]:
    """The sums that the machine's meters have to keep; none without a single total and a colour
    meter."""
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
    """Pages of every meter of a sum since the same day; empty if they cannot be compared.

    Every meter needs a value of the same day, and none may be in doubt by itself. The meter
    `without` is left out of the result, and its pages do not matter.
    """
    if any(m not in cases or m in doubted for m in needed.involved):
        return {}
    involved = [cases[meter_id] for meter_id in needed.involved]
    days = {(case.read_on, case.last.read_on if case.last else None) for case in involved}
    involved = [case for case in involved if case.meter.id != without]
    if any(case.same_day or (case.last and case.pages is None) for case in involved):
        return {}
    if any(case.last and case.last.estimated for case in involved):
        return {}
    if len(days) != 1:
        return {}
    return {case.meter.id: case.value if case.pages is None else case.pages for case in involved}


def compare_meters(
    sums: Sequence[Sum],
    cases: Mapping[str, Case],
    *,
    typed: frozenset[str],
    doubted: frozenset[str],
) -> tuple[Sum, Finding] | None:
    """The first sum that is broken, with its finding about one of the meters `typed` now.

    `cases` are the values typed now and those reported in the same period. If a meter is in doubt
    by its own rules (`doubted`), it is the likelier cause, so sums with it are not compared.
    """
    for needed in sums:
        bearer = next((meter_id for meter_id in needed.involved if meter_id in typed), None)
        pages = counted(needed, cases, doubted) if bearer else {}
        if bearer and pages and needed.apart(pages):
            parts, total = sum(pages[part] for part in needed.parts), pages[needed.total]
            if needed.within:
                code, numbers = "colour_over_total", {"colour": parts, "total": total}
            else:
                code, numbers = "parts_do_not_add_up", {"parts": parts, "total": total}
            return needed, cases[bearer].finding(code, Severity.WARN, **numbers)
    return None


def busy_alike(case: Case, cases: Mapping[str, Case]) -> bool:
    """P5: whether the usage is to be expected, because the machine's other meters were as busy.

    Method: of two correlated normal variables one is known (of the other meters, the one with the
    smallest spread); the forecast of the other is the conditional one. A total is not used for
    this, because it contains its parts.
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
    """Counted pages by period, without periods that begin or end with an estimate."""
    guesses = {entry.read_on for entry in meter.history if entry.estimated}
    return {
        (found.from_on, found.to_on): found.pages
        for found in segments(meter)
        if not guesses & {found.from_on, found.to_on}
    }
