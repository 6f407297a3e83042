"""The forecast: what a meter's own history predicts, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility.expectation import Basis, Expectation
from meterportal.domain.plausibility.pattern import combined
from meterportal.domain.plausibility.tolerances import USUAL
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.portfolio.machines import Effective, Meter

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import (
    LAST_ON,
    READ_ON,
    UNHURRIED,
    a_new_meter,
    a_restarting_meter,
    an_idle_meter,
    expectation,
    with_last,
)


def of(meter: Meter, read_on: date = READ_ON) -> Expectation:
    found = expectation(meter, read_on=read_on)
    assert found is not None
    return found


def printing(pages: Sequence[int], *, days: int = 30, **fields: Any) -> Meter:
    """A meter whose periods of `days`, the last one ending on LAST_ON, had these pages."""
    first = LAST_ON - timedelta(days=days * len(pages))
    history = [Effective(first, 1_000)]
    for n, printed in enumerate(pages, start=1):
        on = first + timedelta(days=days * n)
        history.append(Effective(on, history[-1].value + printed))
    return replace(a_meter(history=tuple(history)), **fields)


def test_a_steady_meter_goes_on_as_before() -> None:
    found = of(a_meter())
    assert (found.pages, found.days, found.basis) == (1_000, 30, Basis.HISTORY)
    assert found.low < 600 < 1_700 < found.high <= USUAL.ceiling * 1_000
    assert found.segments == 10


@pytest.mark.parametrize("days", [1, 14, 91, 366])
def test_usage_is_expected_per_day_whatever_the_period(days: int) -> None:
    found = of(a_meter(), LAST_ON + timedelta(days=days))
    assert found.pages == pytest.approx(1_000 / 30 * days, abs=1)


def test_periods_of_different_length_are_compared_per_day() -> None:
    yearly = printing([12_000, 12_500, 11_800], days=365)
    assert of(yearly).pages == pytest.approx(12_000 * 30 / 365, rel=0.05)


def test_one_wrong_reading_in_the_history_moves_little() -> None:
    clean = of(printing([1_000, 1_050, 980, 1_020, 990, 1_010, 1_000]))
    spoilt = of(printing([1_000, 1_050, 980, 90_000, 990, 1_010, 1_000]))
    assert spoilt.pages == pytest.approx(clean.pages, rel=0.15)
    assert spoilt.high <= USUAL.ceiling * (spoilt.pages + 1)


def test_what_was_long_ago_weighs_less() -> None:
    rising = printing([200] * 12 + [1_000] * 12)
    falling = printing([1_000] * 12 + [200] * 12)
    assert of(rising).pages > 600 > 400 > of(falling).pages


def test_fewer_readings_widen_the_range() -> None:
    one, many = of(printing([1_000])), of(printing([1_000] * 12))
    assert one.low < many.low
    assert one.high > many.high


def test_a_scattered_history_widens_the_range_up_to_three_times() -> None:
    steady = of(printing([1_000] * 12))
    scattered = of(printing([300, 2_800, 900, 200, 3_000, 1_000] * 2))
    assert scattered.high / scattered.pages > steady.high / steady.pages
    assert scattered.high <= USUAL.ceiling * (scattered.pages + 1)


def test_small_numbers_are_not_worth_a_question() -> None:
    found = of(printing([4, 6, 5, 3, 5, 4]))
    assert found.low == 0
    assert found.high >= 15


def test_a_meter_that_never_counts_is_expected_to_stand_still() -> None:
    found = of(an_idle_meter())
    assert (found.pages, found.low, found.idle) == (0, 0, True)
    assert 0 < found.high < 100


def test_a_meter_that_often_stands_still_may_do_so_again() -> None:
    found = of(printing([300, 0, 320, 0, 280, 0, 310]))
    assert found.idle
    assert found.low == 0
    assert found.pages == pytest.approx(300, rel=0.1)


def test_one_period_without_a_page_proves_nothing() -> None:
    assert expectation(printing([0]), read_on=READ_ON) is None


def test_pages_on_both_sides_of_an_estimate_are_taken_together() -> None:
    meter = printing([1_000, 400, 1_600, 1_000])
    guessed = replace(
        meter,
        history=tuple(
            entry._replace(estimated=place == 2) for place, entry in enumerate(meter.history)
        ),
    )
    together = combined(segments(guessed))
    assert [(s.pages, s.days) for s in together] == [(1_000, 30), (2_000, 60), (1_000, 30)]
    assert of(guessed).pages == 1_000


def test_after_an_estimate_the_range_is_wider_and_says_so() -> None:
    plain, guessed = of(a_meter()), of(with_last(a_meter(), estimated=True))
    assert guessed.estimated
    assert not plain.estimated
    assert guessed.low < plain.low
    assert guessed.high > plain.high


def test_an_estimate_that_was_too_high_leaves_less_to_expect() -> None:
    meter = with_last(printing([1_000, 1_000, 1_000, 1_000, 1_900]), estimated=True)
    found = of(meter)
    assert found.pages < 600
    assert found.low == 0
    assert found.high > 1_500


def test_a_volume_serves_where_there_is_no_history() -> None:
    meter = a_new_meter(volume=12_000)
    found = of(meter)
    assert (found.pages, found.low, found.segments) == (986, 0, 0)
    assert found.high == pytest.approx(USUAL.ceiling * 986, abs=3)
    assert found.basis is Basis.CONTRACT_VOLUME
    of_model = expectation(a_new_meter(), read_on=READ_ON, model_volume=12_000)
    assert of_model is not None
    assert of_model == replace(found, basis=Basis.MODEL_VOLUME)
    both = expectation(meter, read_on=READ_ON, model_volume=99_000)
    assert both == found


def test_the_own_history_goes_before_any_volume() -> None:
    assert of(a_meter(volume=999_999)) == of(a_meter())


@pytest.mark.parametrize(
    "meter", [a_meter(last_value=None), a_new_meter(), a_meter(last_value=None, volume=12_000)]
)
def test_nothing_to_judge_by_gives_no_forecast(meter: Meter) -> None:
    assert expectation(meter, read_on=READ_ON) is None


def test_on_the_day_of_the_last_reading_nothing_is_expected() -> None:
    assert expectation(a_meter(), read_on=LAST_ON) is None


def test_a_day_in_the_past_is_judged_by_what_was_known_then() -> None:
    meter = printing([1_000] * 6 + [9_000] * 3)
    then = meter.history[6].read_on
    known_then = replace(meter, history=meter.history[:7])
    assert of(meter, then + timedelta(days=20)) == of(known_then, then + timedelta(days=20))


def test_a_restarting_meter_is_compared_with_its_periods() -> None:
    assert of(a_restarting_meter()).pages == pytest.approx(1_000, rel=0.05)


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 50_000), st.booleans()), max_size=15),
    st.integers(1, 800),
)
@UNHURRIED
def test_the_range_always_holds_the_expectation(
    periods: list[tuple[int, int, bool]], days: int
) -> None:
    on, value = date(2020, 1, 1), 0
    history = [Effective(on, value)]
    for length, pages, estimated in periods:
        on, value = on + timedelta(days=length), value + pages
        history.append(Effective(on, value, estimated=estimated))
    found = expectation(a_meter(history=tuple(history)), read_on=on + timedelta(days=days))
    if found is not None:
        assert 0 <= found.low <= found.pages <= found.high
        assert found.days == days
