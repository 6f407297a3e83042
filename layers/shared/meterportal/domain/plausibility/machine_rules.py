"""P8 between the meters of one machine: colour within total, black and white and colour make total.

Compared is the usage since the same earlier day, never the raw values: a board may have been
changed under one of them. Where no meter has a history yet, usage is counted from zero. What the
machine's own history did not keep to (some totals count test pages, too) is not asked of it now.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Machine, Meter, MeterKind
from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.usage import segments

Objection = tuple[str, dict[str, int]]
Rule = Callable[[Meter, Sequence[Meter], Mapping[str, Case]], Objection | None]


def compare_meters(
    machine: Machine, cases: Mapping[str, Case], *, typed: frozenset[str], doubted: frozenset[str]
) -> Finding | None:
    """The first of P8's rules that objects, told at one of the meters `typed` now.

    `cases` are those of the values typed now and of those reported in the same slot. A meter that a
    rule of its own warns about (`doubted`) is the likelier cause: then nothing is said here.
    """
    totals = _of_kind(machine, MeterKind.TOTAL)
    colours = _of_kind(machine, MeterKind.COLOUR)
    if len(totals) != 1 or not colours:
        return None
    blacks = _of_kind(machine, MeterKind.BW)
    rules: list[tuple[Rule, tuple[Meter, ...]]] = [(colour_within_total, colours)]
    if blacks:
        rules.append((parts_make_total, (*blacks, *colours)))
    for rule, parts in rules:
        involved = (*totals, *parts)
        bearer = next((meter.id for meter in involved if meter.id in typed), None)
        if bearer is None or not _comparable(involved, cases, doubted):
            continue
        if objection := rule(totals[0], parts, cases):
            code, numbers = objection
            return cases[bearer].finding(code, Severity.WARN, **numbers)
    return None


def colour_within_total(
    total: Meter, colours: Sequence[Meter], cases: Mapping[str, Case]
) -> Objection | None:
    """P8: colour pages are part of all pages."""
    colour, whole = _pages(colours, cases), _pages([total], cases)
    if colour <= whole + _slack(total, colours, whole, one_sided=True):
        return None
    return "colour_over_total", {"colour": colour, "total": whole}


def parts_make_total(
    total: Meter, parts: Sequence[Meter], cases: Mapping[str, Case]
) -> Objection | None:
    """P8: black and white and colour together are all pages, where all three are counted."""
    together, whole = _pages(parts, cases), _pages([total], cases)
    if abs(together - whole) <= _slack(total, parts, whole):
        return None
    return "parts_do_not_add_up", {"parts": together, "total": whole}


def _of_kind(machine: Machine, kind: MeterKind) -> tuple[Meter, ...]:
    return tuple(meter for meter in machine.meters if meter.kind is kind and meter.cumulative)


def _comparable(
    involved: Sequence[Meter], cases: Mapping[str, Case], doubted: frozenset[str]
) -> bool:
    """Every meter has a value of the same day, since the same day, and none is in doubt itself."""
    if any(meter.id not in cases or meter.id in doubted for meter in involved):
        return False
    told = [cases[meter.id] for meter in involved]
    if any(case.same_day or (case.last and case.pages is None) for case in told):
        return False
    return len({(case.read_on, case.last.read_on if case.last else None) for case in told}) == 1


def _pages(meters: Sequence[Meter], cases: Mapping[str, Case]) -> int:
    """Usage since the last effective readings; the values themselves when there are none."""
    told = [cases[meter.id] for meter in meters]
    return sum(case.value if case.pages is None else case.pages for case in told)


def _slack(total: Meter, parts: Sequence[Meter], whole: int, *, one_sided: bool = False) -> int:
    """Pages that may be apart: the largest share of the total by which the history was apart."""
    worst = 0.0
    histories = [_periods(meter) for meter in parts]
    for period, pages in _periods(total).items():
        if all(period in history for history in histories):
            apart = sum(history[period] for history in histories) - pages
            worst = max(worst, (apart if one_sided else abs(apart)) / max(pages, 1))
    return math.ceil(worst * whole)


def _periods(meter: Meter) -> dict[tuple[date, date], int]:
    """Counted pages by period; an estimate at either end proves nothing."""
    guesses = {entry.read_on for entry in meter.history if entry.estimated}
    return {
        (found.from_on, found.to_on): found.pages
        for found in segments(meter)
        if not guesses & {found.from_on, found.to_on}
    }
