"""A last reading that does not fit those before it: no digits are offered, and the page says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from meterportal.domain.portfolio.machines import Meter

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import check, codes, with_last


def broken(value: int) -> Meter:
    """A meter at about 10,000 whose last reading is another one."""
    return with_last(a_meter(), value=value)


@pytest.mark.parametrize("last", [310, 150_000])
@pytest.mark.parametrize("value", [11_000, 12_345])
def test_nothing_is_offered_against_a_base_that_breaks_the_history(last: int, value: int) -> None:
    checked = check(broken(last), value)
    assert checked.warned("1")
    assert "base_doubtful" in codes(checked)
    assert [finding.suggestion for finding in checked.of("1")] == [None] * len(checked.of("1"))
    assert not {"meant", "or_meant"} & set(checked.of("1")[0].numbers)


def test_a_sound_base_still_offers_what_was_meant() -> None:
    checked = check(a_meter(), 110_044)
    assert checked.of("1")[0].suggestion
    assert "base_doubtful" not in codes(checked)


def test_a_base_that_was_confirmed_or_explained_is_sound() -> None:
    confirmed = with_last(a_meter(), value=150_000, confirmed=True)
    assert "base_doubtful" not in codes(check(confirmed, 11_000))
    reset = with_last(a_meter(), value=310, reset_end=9_990, reset_start=0)
    assert "base_doubtful" not in codes(check(reset, 11_000))


def test_a_first_reading_is_no_doubtful_base() -> None:
    meter = a_meter()
    alone = replace(meter, history=meter.history[-1:])
    assert "base_doubtful" not in codes(check(alone, 3_456))


def test_what_fits_the_broken_base_is_told_nothing() -> None:
    assert "base_doubtful" not in codes(check(broken(310), 310))
