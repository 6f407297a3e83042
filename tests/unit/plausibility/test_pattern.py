"""Habits and seasons: what a history shows, against slow models of the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility.pattern import FEW, Pattern, pattern_of
from meterportal.domain.plausibility.season import YEAR, Season, season_of
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.portfolio.machines import Effective, Meter

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import READ_ON, UNHURRIED, a_restarting_meter, expectation

END = date(2026, 10, 28)
MONTH = YEAR / 12


def pattern(meter: Meter) -> Pattern | None:
    return pattern_of(meter, segments(meter))


def monthly(pages: Sequence[float]) -> Meter:
    """A meter with these pages in the months up to END."""
    days = [END - timedelta(days=round(MONTH * back)) for back in range(len(pages), -1, -1)]
    values = [1_000, *(1_000 + round(total) for total in accumulate(pages))]
    history = tuple(Effective(on, value) for on, value in zip(days, values, strict=True))
    return a_meter(history=history)


def wave(years: float, height: float = 0.8, growth: float = 0.0) -> list[float]:
    """Pages of months that swing over the year, the highest half a year before END."""
    months = round(12 * years)
    return [
        1_000 * math.exp(-height * math.cos(2 * math.pi * back / 12) - growth * back / 12)
        for back in range(months, 0, -1)
    ]


def expected(meter: Meter, months: float) -> int:
    found = expectation(meter, read_on=END + timedelta(days=round(MONTH * months)))
    assert found is not None
    return found.pages


def seasonal(meter: Meter) -> Season | None:
    return season_of(segments(meter))


# Level


@given(
    st.lists(st.tuples(st.integers(20, 120), st.floats(28, 38)), min_size=3, max_size=20),
)
@UNHURRIED
def test_the_level_is_the_average_that_forgets(periods: list[tuple[int, float]]) -> None:
    on, value = date(2024, 1, 1), 100_000
    history, logs, weights = [Effective(on, value)], [], []
    for days, rate in periods:
        pages = round(days * rate)
        on, value = on + timedelta(days=days), value + pages
        history.append(Effective(on, value))
        logs.append(math.log((pages + FEW) / days))
        weights.append((on - timedelta(days=days / 2), min(1.0, days / 20)))
    if (on - history[0].read_on).days > 2 * YEAR - 25:
        return  # Then there may be a season, too.
    slow = [own * 0.5 ** ((on - middle).days / 200) for middle, own in weights]
    average = sum(w * log for w, log in zip(slow, logs, strict=True)) / sum(slow)
    found = pattern(a_meter(history=tuple(history)))
    assert found is not None
    assert found.level == pytest.approx(average, abs=0.01)
    assert 0.05 < found.spread < 0.25


def test_a_lasting_change_is_followed_within_a_year() -> None:
    assert expected(monthly([1_000] * 30 + [2_000] * 12), 1) == pytest.approx(1_900, rel=0.1)


def test_a_scattered_history_is_told_from_a_steady_one() -> None:
    steady, scattered = (pattern(monthly(pages)) for pages in ([1_000] * 12, [500, 1_900, 800] * 4))
    assert steady
    assert scattered
    assert steady.spread < 0.15 < 0.35 < scattered.spread


def test_periods_of_standing_still_leave_the_level_of_a_busy_meter() -> None:
    found = pattern(monthly([1_000, 0, 1_000, 1_000, 0, 1_000, 0]))
    assert found
    assert found.idle
    assert found.level == pytest.approx(math.log(1_002 / MONTH), abs=0.03)


def test_a_near_idle_meters_empty_periods_count() -> None:
    assert expected(monthly([6, 0, 4, 0, 0, 5, 0, 3]), 1) in {1, 2, 3}


def test_a_guess_for_a_period_says_nothing_of_the_next_one_of_a_restarting_meter() -> None:
    history = a_restarting_meter().history
    guessed = (*history[:-1], history[-1]._replace(value=5_000, estimated=True))
    found = expectation(replace(a_restarting_meter(), history=guessed), read_on=READ_ON)
    assert found is not None
    assert (found.estimated, found.floor) == (False, 0)
    assert found.low > 0
    assert found.high < 3_500


# Season


def test_two_years_show_a_season_and_the_forecast_follows_it() -> None:
    meter = monthly(wave(3))
    assert seasonal(meter) is not None
    low, high = expected(meter, 1), expected(meter, 7) - expected(meter, 6)
    assert low == pytest.approx(1_000 * math.exp(-0.8), rel=0.25)
    assert high == pytest.approx(1_000 * math.exp(0.8), rel=0.25)


def test_a_whole_year_has_no_season() -> None:
    assert expected(monthly(wave(3)), 12) == pytest.approx(sum(wave(1)), rel=0.12)


@pytest.mark.parametrize(
    "pages",
    [
        wave(1.5),
        [1_000.0] * 36,
        [1_000 * 1.03**n for n in range(36)],
        [1_000.0] * 20 + [2_500.0] * 16,
        [1_000.0] * 30 + [9_000.0] + [1_000.0] * 5,
        [0.0] * 36,
    ],
    ids=["too short", "flat", "growing", "changed once", "one peak", "never"],
)
def test_what_the_years_do_not_share_is_no_season(pages: list[float]) -> None:
    assert seasonal(monthly(pages)) is None


def test_a_season_is_seen_through_growth() -> None:
    meter = monthly(wave(4, growth=0.4))
    season = seasonal(meter)
    assert season is not None
    assert max(season.factors) == pytest.approx(math.exp(0.8), rel=0.2)


def test_years_with_a_hole_show_nothing() -> None:
    history = monthly(wave(3)).history
    before_a_drop = [entry._replace(value=entry.value + 50_000) for entry in history[:5]]
    assert seasonal(a_meter(history=(*before_a_drop, *history[17:]))) is None


@given(
    st.lists(st.floats(0.2, 4.5), min_size=12, max_size=12),
    st.integers(-900, 900),
    st.integers(1, 800),
)
@UNHURRIED
def test_the_factor_of_a_span_is_the_average_of_its_days(
    factors: list[float], start: int, days: int
) -> None:
    season = Season(END, tuple(factors), (0.0, *accumulate(factors)))
    since = END + timedelta(days=start)
    parts = 20
    slow = [
        factors[min(11, int((-(start + n / parts + 0.5 / parts) % YEAR) / MONTH))]
        for n in range(days * parts)
    ]
    found = math.exp(season.log_factor(since, since + timedelta(days=days)))
    assert found == pytest.approx(sum(slow) / len(slow), rel=0.03)
