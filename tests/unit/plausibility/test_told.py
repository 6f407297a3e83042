"""What findings tell besides their code: the numbers that sentences, mails and protocols are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.domain.portfolio.machines import Effective

from tests.support.builders import a_machine, a_meter
from tests.unit.plausibility.examples import EXAMPLES, LAST_ON, READ_ON, check, doubts, with_total

TOLD: dict[str, dict[str, Any]] = {
    "in_the_future": {
        "value": 11_000,
        "read_on": "2026-11-27",
        "last": 10_000,
        "last_on": "2026-10-28",
        "days": 30,
        "today_on": "2026-11-26",
    },
    "before_billed": {"read_on": "2026-10-27", "billed_on": "2026-10-28"},
    "too_early": {"read_on": "2026-11-26", "earliest_on": "2026-11-27"},
    "too_many_digits": {"value": 1_234_567, "digits": 6},
    "lower_than_last": {"value": 3_456, "last": 10_000, "last_on": "2026-10-28"},
    "higher_than_later": {"value": 11_000, "later": 10_900, "later_on": "2026-11-27"},
    "rolled_over": {"usage": 980, "last": 99_500, "highest": 99_999},
    "usage_too_high": {"usage": 15_000, "expected": 1_000, "days": 30},
    "no_history": {"basis": "contract_volume", "expected": 986},
    "more_than_printable": {"printable": 30 * 24 * 60 * 31, "pages_per_minute": 30},
    "colour_over_total": {"colour": 1_350, "total": 1_320},
    "parts_do_not_add_up": {"parts": 1_300, "total": 2_077},
}


@pytest.mark.parametrize(("code", "numbers"), TOLD.items(), ids=TOLD)
def test_a_finding_tells_its_numbers(code: str, numbers: dict[str, Any]) -> None:
    finding = next(found for found in EXAMPLES[code]().findings if found.code == code)
    assert {name: finding.numbers.get(name) for name in numbers} == numbers


def test_the_range_told_is_the_one_that_was_judged_by() -> None:
    numbers = check(a_meter(), 25_000).findings[0].numbers
    low, high = numbers["low"], numbers["high"]
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert check(a_meter(), 10_000 + low).findings == check(a_meter(), 10_000 + high).findings == ()
    assert check(a_meter(), 10_000 + low - 1).warned("1")
    assert check(a_meter(), 10_000 + high + 1).warned("1")


def test_a_value_later_than_a_changed_board_is_compared_with_the_old_boards_end() -> None:
    meter = a_meter()
    swapped = Effective(READ_ON, 40, reset_end=11_200, reset_start=0)
    meter = replace(meter, history=(*meter.history, swapped))
    before = READ_ON - timedelta(days=2)
    assert doubts(check(meter, 10_100, read_on=before)) == ["usage_too_low"]
    above = check(meter, 11_300, read_on=before).findings[0].numbers
    assert (above["later"], above["later_on"]) == (11_200, "2026-11-27")


def test_swapped_meters_name_each_other() -> None:
    checked = check(a_machine(), {"1": 4_310, "2": 11_030})
    assert [(f.meter_id, f.numbers["other"]) for f in checked.findings] == [
        ("1", "Farbe"),
        ("2", "S/W"),
    ]


def test_a_refused_value_says_which_slip_it_was() -> None:
    assert check(a_meter(digits=5), 110_023).findings[0].numbers["cause"] == "digit_doubled"


def test_a_slip_found_by_the_sum_says_that_the_sum_was_in_doubt() -> None:
    checked = check(with_total(), {"1": 11_040, "2": 4_310, "3": 15_380})
    assert checked.findings[0].numbers["doubt"] == "parts_do_not_add_up"


def test_days_are_counted_from_the_reading_before() -> None:
    numbers = check(a_meter(), 90_000, read_on=LAST_ON + timedelta(days=7)).findings[0].numbers
    assert (numbers["days"], numbers["last_on"]) == (7, "2026-10-28")
