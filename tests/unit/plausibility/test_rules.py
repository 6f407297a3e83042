"""Every rule by its examples, through the verdict as callers see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.verdict import Check
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict

from tests.support.builders import DUE, a_colour_meter, a_machine, a_meter
from tests.unit.plausibility.examples import (
    EXAMPLES,
    LAST_ON,
    READ_ON,
    a_new_meter,
    a_restarting_meter,
    an_idle_meter,
    check,
    doubts,
    expectation,
    mostly_colour,
    near_its_end,
    with_last,
    with_total,
)

BLOCKS = {"negative", "too_many_digits", "in_the_future", "before_billed", "too_early"}
NOTES = {
    "estimate_was_high": "info",
    "no_history": "info",
    "cannot_be_checked": "info",
    "last_was_estimate": "info",
    "base_doubtful": "info",
}
SEVERITIES = (
    dict.fromkeys(EXAMPLES, "warn")
    | dict.fromkeys(BLOCKS, "block")
    | NOTES
    | {"rolled_over": "ok", "still_idle": "info"}
)


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_every_example_is_found_with_its_severity(code: str, example: Callable[[], Check]) -> None:
    found = next((f for f in example().findings if f.code == code), None)
    assert found is not None
    assert found.severity == SEVERITIES[code]


@pytest.mark.parametrize("value", [10_600, 11_000, 11_500])
def test_a_usual_value_raises_nothing(value: int) -> None:
    checked = check(a_meter(), value, pages_per_minute=30)
    assert checked.findings == ()
    assert checked.verdict("1") is Verdict.PLAUSIBLE


# P1


def test_the_last_value_before_the_rollover_can_be_shown_and_the_next_one_not() -> None:
    meter = a_new_meter(digits=5)
    assert not check(meter, 99_999).blocked
    assert check(meter, 100_000).blocked
    assert not check(meter, 0).blocked


# P2


def test_the_first_day_that_may_be_taken_is_not_too_early() -> None:
    assert not check(a_new_meter(), 600, earliest=READ_ON).blocked
    assert not check(a_meter(), 11_000, earliest=READ_ON).blocked


def test_today_and_the_day_of_the_last_billed_reading_are_possible() -> None:
    assert not check(a_meter(), 11_000, read_on=READ_ON, today=READ_ON).blocked
    assert not check(a_meter(), 10_000, read_on=LAST_ON).blocked


def test_a_day_before_an_unbilled_reading_is_judged_by_the_history_before() -> None:
    meter = with_last(a_meter(), billed=False)
    checked = check(meter, 9_700, read_on=LAST_ON - timedelta(days=9))
    assert checked.findings == ()


# P3


def test_a_reset_explains_a_lower_value() -> None:
    swapped = Effective(LAST_ON, 40, reset_end=9_980, reset_start=0)
    meter = replace(a_meter(), history=(*a_meter().history[:-1], swapped))
    assert doubts(check(meter, 1_050)) == []
    assert doubts(check(meter, 18_000)) == ["usage_too_high"]


def test_a_reset_of_a_later_day_leaves_the_older_reading_in_peace() -> None:
    swapped = Effective(READ_ON, 40, reset_end=11_200, reset_start=0)
    meter = replace(a_meter(), history=(*a_meter().history, swapped))
    before = READ_ON - timedelta(days=2)
    assert doubts(check(meter, 11_000, read_on=before)) == []
    assert doubts(check(meter, 11_300, read_on=before)) == ["higher_than_later"]


# P4


def test_a_rollover_is_no_doubt_and_its_usage_is_judged() -> None:
    checked = check(near_its_end(), 480)
    assert doubts(checked) == ["rolled_over"]
    assert checked.verdict("1") is Verdict.PLAUSIBLE
    assert checked.findings[0].numbers["usage"] == 980


@pytest.mark.parametrize("value", [9_850, 50_000, 23_000])
def test_a_rollover_with_unlikely_usage_is_a_lower_value(value: int) -> None:
    assert doubts(check(near_its_end(), value)) == ["lower_than_last"]


def test_without_a_history_only_a_clear_rollover_is_one() -> None:
    assert doubts(check(a_new_meter(99_000, digits=5), 700)) == ["cannot_be_checked", "rolled_over"]
    assert doubts(check(a_new_meter(85_000, digits=5), 700)) == ["lower_than_last"]


# P5


@pytest.mark.parametrize("value", [98_765, 234_000, 1_800_000, 13_600])
def test_more_than_three_times_the_expected_usage_is_always_asked_about(value: int) -> None:
    checked = check(a_meter(digits=8), value)
    assert doubts(checked) == ["usage_too_high"]
    numbers = checked.findings[0].numbers
    assert numbers["usage"] == value - 10_000
    assert numbers["expected"] == 1_000
    assert numbers["last_on"] == "2026-10-28"


def test_much_less_than_expected_is_asked_about() -> None:
    assert doubts(check(a_meter(), 10_222)) == ["usage_too_low"]


# P6 and P12


def test_no_usage_is_told_once_and_by_its_likeliest_name() -> None:
    assert doubts(check(a_meter(), 10_000)) == ["no_usage"]
    assert doubts(check(a_new_meter(), 500)) == ["unchanged"]
    assert doubts(check(an_idle_meter(), 777)) == ["still_idle"]


def test_a_meter_known_to_stand_still_gets_its_tick() -> None:
    assert check(an_idle_meter(), 777).verdict("1") is Verdict.PLAUSIBLE


def test_the_same_value_the_day_after_is_asked_about() -> None:
    the_day_after = check(a_meter(), 10_000, read_on=LAST_ON + timedelta(days=1))
    assert the_day_after.warned("1")
    assert len(the_day_after.findings) == 1


def test_another_value_on_the_day_of_an_effective_reading_is_one_finding() -> None:
    for value in (1_000, 9_999, 10_001, 5_000_000):
        checked = check(a_meter(), value, read_on=LAST_ON, pages_per_minute=30)
        assert doubts(checked) == ["same_day_other_value"]


# P7


def test_a_first_reading_cannot_be_checked_and_gets_no_tick() -> None:
    checked = check(a_meter(last_value=None, volume=12_000), 700)
    assert doubts(checked) == ["cannot_be_checked"]
    assert checked.verdict("1") is Verdict.UNCHECKED
    assert not checked.warned("1")


def test_a_volume_judges_a_meter_without_history() -> None:
    meter = a_new_meter(volume=12_000)
    assert check(meter, 1_500).verdict("1") is Verdict.PLAUSIBLE
    assert doubts(check(meter, 8_250)) == ["usage_too_high", "no_history"]
    assert doubts(check(a_new_meter(), 8_250, model_volume=12_000)) == [
        "usage_too_high",
        "no_history",
    ]


# P8


def test_machines_whose_meters_agree_raise_nothing() -> None:
    assert check(with_total(), {"1": 11_000, "2": 4_300, "3": 15_300}).findings == ()
    assert check(mostly_colour(), {"2": 5_200, "3": 15_300}).findings == ()


def test_parts_are_compared_with_what_is_already_reported() -> None:
    def reported(meter_id: str, value: int, **fields: Any) -> Reading:
        return replace(Reading(meter_id, DUE, value, READ_ON), **fields)

    machine = replace(with_total(), readings=(reported("1", 11_000), reported("3", 15_800)))
    assert doubts(check(machine, {"2": 4_300}), "2") == ["parts_do_not_add_up"]
    assert doubts(check(machine, {"2": 4_300, "3": 15_300}), "2") == []
    other_day = replace(machine, readings=(machine.readings[0], reported("3", 15_800)))
    other_day = replace(
        other_day,
        readings=(other_day.readings[0], replace(other_day.readings[1], read_on=LAST_ON)),
    )
    assert check(other_day, {"2": 4_300}).findings == ()
    released = replace(
        machine, readings=(machine.readings[0], reported("3", 15_800, state=ReadingState.RELEASED))
    )
    assert check(released, {"2": 4_300}).findings == ()


def test_a_meter_in_doubt_itself_is_the_cause_and_the_sum_is_not_told() -> None:
    checked = check(with_total(), {"1": 234_000, "2": 4_300, "3": 15_300})
    assert [(f.meter_id, f.code) for f in checked.findings] == [("1", "usage_too_high")]


def test_first_readings_are_compared_from_zero() -> None:
    machine = with_total()
    new = replace(machine, meters=tuple(replace(m, history=()) for m in machine.meters))
    checked = check(new, {"1": 700, "2": 200, "3": 950})
    assert doubts(checked, "3") == ["parts_do_not_add_up"]
    assert checked.findings[-1].numbers["parts"] == 900
    assert doubts(check(new, {"2": 700, "3": 600}), "3") == ["colour_over_total"]
    assert doubts(check(new, {"1": 700, "2": 200, "3": 900}), "3") == ["cannot_be_checked"]


def test_a_board_changed_under_one_meter_does_not_disturb_the_sum() -> None:
    machine = with_total()
    black = machine.meters[0]
    last = black.history[-1]
    swapped = last._replace(value=20, reset_end=last.value - 20, reset_start=0)
    changed = replace(black, history=(*black.history[:-1], swapped))
    machine = replace(machine, meters=(changed, *machine.meters[1:]))
    assert check(machine, {"1": 1_020, "2": 4_300, "3": 15_300}).findings == ()
    assert check(machine, {"1": 1_020, "2": 4_300, "3": 15_500}).warned("3")


def test_a_total_that_never_added_up_is_not_asked_to() -> None:
    machine = with_total()
    total = a_meter("3", last_value=14_000, a_month=1_400, readings=6, kind=MeterKind.TOTAL)
    machine = replace(machine, meters=(*machine.meters[:2], total))
    assert check(machine, {"1": 11_000, "2": 4_300, "3": 15_400}).findings == ()
    assert doubts(check(machine, {"1": 11_000, "2": 4_300, "3": 15_700}), "3") == [
        "parts_do_not_add_up"
    ]


@pytest.mark.parametrize(
    ("kind", "found"),
    [(MeterKind.BW, ["more_than_printable"]), (MeterKind.SCAN, ["usage_too_high"])],
)
def test_only_what_is_printed_is_limited_by_the_speed(kind: MeterKind, found: list[str]) -> None:
    assert doubts(check(a_meter(kind=kind), 2_000_000, pages_per_minute=30)) == found


def test_a_speed_that_is_not_known_is_no_limit() -> None:
    assert doubts(check(a_new_meter(), 2_000_000)) == ["cannot_be_checked"]


def test_the_speed_is_counted_day_and_night_and_a_day_more() -> None:
    most = 30 * 24 * 60 * 31
    assert doubts(check(a_new_meter(0), most, pages_per_minute=30)) == ["cannot_be_checked"]
    assert doubts(check(a_new_meter(0), most + 1, pages_per_minute=30)) == ["more_than_printable"]


# P13 and P14


def test_an_estimate_widens_and_says_so_beside_a_warning_too() -> None:
    meter = with_last(a_meter(), estimated=True)
    assert doubts(check(meter, 12_200)) == ["last_was_estimate"]
    assert doubts(check(a_meter(), 12_200)) == ["usage_too_high"]
    assert doubts(check(meter, 30_000)) == ["usage_too_high", "last_was_estimate"]


def test_the_ends_of_the_range_after_an_estimate_belong_to_it() -> None:
    meter = with_last(a_meter(), estimated=True)
    expected = expectation(meter, read_on=READ_ON)
    assert expected is not None
    low, high = 10_000 + expected.low, 10_000 + expected.high
    assert doubts(check(meter, low)) == doubts(check(meter, high)) == ["last_was_estimate"]
    assert doubts(check(meter, low - 1))[0] == "usage_too_low"
    assert doubts(check(meter, high + 1))[0] == "usage_too_high"


def test_a_restarting_meter_is_compared_with_its_periods_only() -> None:
    meter = a_restarting_meter()
    assert doubts(check(meter, 800)) == []
    assert doubts(check(meter, 1_050)) == []
    assert doubts(check(meter, 1_000)) == []
    assert doubts(check(meter, 7_777)) == ["usage_too_high"]
    assert doubts(check(meter, 222)) == ["usage_too_low"]
    assert doubts(check(meter, 0)) == ["no_usage"]


def test_a_period_without_a_page_is_nothing_to_ask_a_restarting_meter_without_history() -> None:
    only = a_new_meter(500, cumulative=False)
    assert doubts(check(only, 0)) == ["cannot_be_checked"]
    still = tuple(entry._replace(value=0) for entry in a_restarting_meter().history)
    assert doubts(check(replace(a_restarting_meter(), history=still), 0)) == []


# What feeds the forecast


def test_what_is_only_reported_never_feeds_the_forecast() -> None:
    machine: Machine = a_machine(meters=(a_meter(),))
    reported = Reading("1", DUE, 90_000, READ_ON - timedelta(days=3))
    assert check(replace(machine, readings=(reported,)), 11_000) == check(machine, 11_000)


def test_a_technicians_later_reading_turns_a_reported_value_implausible() -> None:
    meter: Meter = a_meter()
    assert doubts(check(meter, 11_400)) == []
    technician = Effective(date(2026, 11, 26), 10_950)
    assert check(replace(meter, history=(*meter.history, technician)), 11_400).warned("1")


def test_values_are_optional_per_meter() -> None:
    machine = a_machine(meters=(a_meter(), a_colour_meter()))
    checked = check(machine, {"2": 4_300})
    assert checked.meters == ("2",)
    assert checked.of("1") == ()
    assert all(f.severity is not Severity.BLOCK for f in checked.findings)
