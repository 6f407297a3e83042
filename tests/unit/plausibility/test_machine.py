"""Between the meters of one machine: sums to the page, and meters that are busy alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.domain.plausibility import verdict
from meterportal.domain.plausibility.case import Case, case_of
from meterportal.domain.plausibility.expectation import limits
from meterportal.domain.plausibility.machine_rules import busy_alike, sums_of
from meterportal.domain.plausibility.prepared import Prepared, prepare
from meterportal.domain.plausibility.tolerances import USUAL
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.reporting.readings import Reading

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter
from tests.unit.plausibility.examples import (
    LAST_ON,
    READ_ON,
    a_new_meter,
    check,
    codes,
    doubts,
    mostly_colour,
    with_last,
    with_total,
)

GOOD = {"1": 11_000, "2": 4_300, "3": 15_300}


def with_meter(machine: Machine, place: int, meter: Meter) -> Machine:
    meters = list(machine.meters)
    meters[place] = meter
    return replace(machine, meters=tuple(meters))


# P8: sums


@pytest.mark.parametrize("apart", [-1, 1])
def test_a_sum_that_always_held_is_asked_to_hold_to_the_page(apart: int) -> None:
    assert check(with_total(), GOOD).findings == ()
    assert check(with_total(), GOOD | {"3": 15_300 + apart}).findings


def test_colour_may_be_all_of_the_total_but_no_page_more() -> None:
    assert check(mostly_colour(), {"2": 5_250, "3": 15_250}).findings == ()
    assert doubts(check(mostly_colour(), {"2": 5_251, "3": 15_250}), "3") == ["colour_over_total"]


def test_a_meter_is_due_what_the_others_leave_and_never_less_than_nothing() -> None:
    exact = sums_of(with_total())[1]
    assert exact.due("3", {"1": 1_000, "2": 300}) == 1_300
    assert exact.due("2", {"1": 1_000, "3": 1_300}) == 300
    assert exact.due("2", {"1": 1_400, "3": 1_300}) == 0


def test_meters_read_last_on_different_days_are_not_compared() -> None:
    machine = with_total()
    total = machine.meters[2]
    technician = Effective(LAST_ON + timedelta(days=2), 14_100)
    machine = with_meter(machine, 2, replace(total, history=(*total.history, technician)))
    assert check(machine, {"1": 11_000, "2": 4_300, "3": 15_000}).findings == ()


def test_a_reported_value_that_nothing_explains_is_in_no_sum() -> None:
    reported = Reading("1", DUE, 9_000, READ_ON)
    machine = replace(with_total(), readings=(reported,))
    assert check(machine, {"2": 4_300, "3": 15_300}).findings == ()


def test_a_meter_is_prepared_once_for_the_day_on_which_it_was_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Preparing reads the whole history: the second check, and a correction, took twice the time."""
    days: list[tuple[str, date]] = []

    def counted(meter: Meter, *, read_on: date, **how: Any) -> Prepared:
        days.append((meter.id, read_on))
        return prepare(meter, read_on=read_on, **how)

    monkeypatch.setattr(verdict, "prepare", counted)
    reported = (
        Reading("1", DUE, 11_000, READ_ON),
        Reading("2", DUE, 4_300, READ_ON - timedelta(days=1)),
    )
    check(replace(with_total(), readings=reported), {"1": 11_000, "2": 4_300, "3": 15_300})
    assert sorted(days) == [
        ("1", READ_ON),
        ("2", READ_ON - timedelta(days=1)),
        ("2", READ_ON),
        ("3", READ_ON),
    ]


def test_a_colour_total_does_not_say_how_much_was_coloured() -> None:
    checked = check(mostly_colour(), {"2": 515, "3": 15_152})
    assert [(f.code, f.suggestion) for f in checked.findings] == [("digit_missing", None)]


def test_a_sum_tells_a_slip_at_the_likelier_meter() -> None:
    checked = check(with_total(), {"1": 11_651, "2": 4_278, "3": 15_329})
    assert [(f.meter_id, f.code) for f in checked.findings] == [("1", "digit_wrong")]
    assert checked.findings[0].suggestion == {"1": 11_051}


def test_a_sum_is_put_right_within_the_machine_whatever_stands_at_another() -> None:
    total = a_meter("3", last_value=14_000, a_month=1_300, kind=MeterKind.TOTAL)
    there = a_machine("200002", meters=(total,), readings=(Reading("3", DUE, 15_208, READ_ON),))
    values = {"1": 10_980, "2": 4_300, "3": 15_208}
    for others in ((), (there,)):
        checked = check(with_total(), values, others=others)
        assert codes(checked, "3") == ["digits_transposed"]
        assert checked.findings[0].suggestion == {"3": 15_280}


# P5: busy alike


def periods(meter: Meter, pages: Sequence[int]) -> Meter:
    """The meter with these pages in the months up to LAST_ON."""
    on = LAST_ON - timedelta(days=30 * len(pages))
    history = [Effective(on, 5_000)]
    for printed in pages:
        on += timedelta(days=30)
        history.append(Effective(on, history[-1].value + printed))
    return replace(meter, history=tuple(history))


STEADY = periods(a_meter("1"), [1_000] * 12)
SCATTERED = periods(a_meter("2", kind=MeterKind.COLOUR), [500, 1_900, 900, 400, 2_000, 1_000] * 2)
STEADY_SCAN = periods(a_meter("3", kind=MeterKind.SCAN), [1_000] * 12)


def a_case(meter: Meter, pages: int, read_on: date = READ_ON) -> Case:
    last = meter.history[-1].value
    return case_of(prepare(meter, read_on=read_on), last + pages)


def alike(*cases: Case) -> bool:
    """Whether the first case is excused by the others."""
    return busy_alike(cases[0], {case.meter.id: case for case in cases})


def _slow_limits(case: Case, witness: Case) -> tuple[float, float]:
    """Of two normal variables that go together (0.6), the one given the other.

    The witness tells no more than a surer one would: its spread counts at least as much as ours.
    """
    ours, theirs = case.expected, witness.expected
    assert ours is not None
    assert theirs is not None
    assert witness.pages is not None
    off = (math.log(witness.pages + 2) - theirs.log_pages) / max(theirs.spread, 0.12)
    bounded = math.copysign(min(abs(off), 2.5), off)
    correlation = 0.6 * ours.spread / max(ours.spread, theirs.spread)
    mean = ours.log_pages + correlation * bounded * ours.spread
    return limits(mean, math.sqrt(ours.spread**2 * (1 - correlation**2)), USUAL)


@pytest.mark.parametrize("told", [300, 700, 1_000, 1_500, 2_500])
@pytest.mark.parametrize(("ours", "theirs"), [(STEADY, SCATTERED), (SCATTERED, STEADY)])
def test_the_excuse_reaches_as_far_as_the_conditional_forecast(
    ours: Meter, theirs: Meter, told: int
) -> None:
    witness = a_case(theirs, told)
    low, high = _slow_limits(a_case(ours, 1), witness)
    for pages in {math.floor(low), math.ceil(low), math.floor(high), math.ceil(high)} - {0}:
        assert alike(a_case(ours, pages), witness) is (low <= pages <= high)


def test_the_surest_of_the_other_meters_is_asked() -> None:
    busy = a_case(STEADY, 1_800)
    calm, loud = a_case(STEADY_SCAN, 1_000), a_case(SCATTERED, 4_000)
    assert alike(busy, loud)
    assert not alike(busy, calm)
    assert not alike(busy, calm, loud)
    assert not alike(busy, loud, calm)


def test_who_has_no_forecast_or_no_pages_is_not_excused() -> None:
    witness = a_case(SCATTERED, 2_000)
    assert not alike(case_of(prepare(a_new_meter(), read_on=READ_ON), 9_000), witness)
    assert not alike(a_case(STEADY, 0), witness)
    assert not alike(a_case(STEADY, 1_900))


def test_only_a_meter_read_over_the_same_days_is_a_witness() -> None:
    busy = a_case(STEADY, 1_900)
    shorter = replace(STEADY_SCAN, history=(*STEADY_SCAN.history, _technicians(STEADY_SCAN)))
    assert not alike(busy, a_case(shorter, 1_900))
    assert not alike(busy, a_case(STEADY_SCAN, 1_900, READ_ON - timedelta(days=1)))
    assert not alike(busy, a_case(replace(STEADY_SCAN, kind=MeterKind.TOTAL), 1_900))


def _technicians(meter: Meter) -> Effective:
    return Effective(LAST_ON + timedelta(days=1), meter.history[-1].value + 30)


def test_what_is_excused_keeps_its_notes() -> None:
    machine = with_meter(a_machine(), 1, with_last(a_colour_meter(), estimated=True))
    assert doubts(check(machine, {"2": 4_740}), "2") == ["usage_too_high", "last_was_estimate"]
    assert doubts(check(machine, {"1": 11_900, "2": 4_740}), "2") == ["last_was_estimate"]
