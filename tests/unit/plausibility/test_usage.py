"""Usage between readings, against a meter that counts every single page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from meterportal.domain.plausibility.usage import (
    How,
    Segment,
    capacity,
    digits_shown,
    segments,
    step,
)
from meterportal.domain.portfolio.machines import Effective

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import UNHURRIED

JANUARY = date(2024, 1, 28)
LIMIT = 1_000


@dataclass
class SlowMeter:
    """A counter of three digits that is turned page by page."""

    shown: int

    def print_pages(self, pages: int) -> None:
        for _ in range(pages):
            self.shown += 1
            if self.shown == LIMIT:
                self.shown = 0

    def change_board(self, start: int) -> tuple[int, int]:
        end, self.shown = self.shown, start
        return end, start


@dataclass(frozen=True)
class Event:
    """`days` pass, `pages` are printed, perhaps a board is changed and `more` are printed; then a reading."""

    days: int
    pages: int
    new_board_at: int | None
    more: int
    estimated: bool


EVENTS = st.lists(
    st.builds(
        Event,
        days=st.sampled_from([0, 0, 1, 28, 29, 30, 31, 91, 366]),
        pages=st.integers(0, 12),
        new_board_at=st.none() | st.integers(0, 40),
        more=st.integers(0, 8),
        estimated=st.booleans(),
    ),
    max_size=12,
)


def _lived(start: int, events: list[Event]) -> tuple[tuple[Effective, ...], list[Segment]]:
    """The readings of a counting meter's life, and the true pages between its days of reading."""
    meter = SlowMeter(start)
    on = JANUARY
    history = [Effective(on, start)]
    truth: dict[tuple[date, date], list[int]] = {}
    before = on
    for event in events:
        if event.days:
            before, on = on, on + timedelta(days=event.days)
        meter.print_pages(event.pages)
        end = new = None
        if event.new_board_at is not None:
            end, new = meter.change_board(event.new_board_at)
            meter.print_pages(event.more)
        printed = event.pages + (event.more if end is not None else 0)
        history.append(
            Effective(on, meter.shown, estimated=event.estimated, reset_end=end, reset_start=new)
        )
        if on > JANUARY:
            truth.setdefault((before, on), []).append(printed)
    true = [Segment(start, end, sum(pages)) for (start, end), pages in truth.items()]
    return tuple(history), true


@given(st.integers(0, LIMIT - 1), EVENTS)
@settings(UNHURRIED, max_examples=300)
def test_segments_are_the_pages_truly_printed_between_days(start: int, events: list[Event]) -> None:
    history, true = _lived(start, events)
    found = segments(a_meter(history=history, digits=3))
    assert [(s.from_on, s.to_on, s.pages) for s in found] == [
        (s.from_on, s.to_on, s.pages) for s in true
    ]
    last_of_day = {entry.read_on: entry.estimated for entry in history}
    assert all(s.estimated == last_of_day[s.to_on] for s in found)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 29, 31, 365]), st.integers(0, 900)), max_size=10))
@UNHURRIED
def test_a_restarting_meter_shows_the_pages_of_each_period(steps: list[tuple[int, int]]) -> None:
    on = JANUARY
    history = [Effective(on, 5)]
    last_of_day = {on: 5}
    for days, pages in steps:
        on += timedelta(days=days)
        history.append(Effective(on, pages))
        last_of_day[on] = pages
    found = segments(a_meter(history=tuple(history), digits=3, cumulative=False))
    assert [(s.to_on, s.pages) for s in found] == list(last_of_day.items())[1:]
    assert all(s.how is How.RESTARTED for s in found)


@given(st.integers(0, LIMIT - 1), st.integers(0, LIMIT - 1))
@UNHURRIED
def test_a_step_is_the_number_of_pages_to_turn_or_unexplained(before: int, after: int) -> None:
    turned = 0
    shown = before
    while shown != after:
        shown = (shown + 1) % LIMIT
        turned += 1
    taken = step(before, after, LIMIT)
    if after >= before or turned <= LIMIT // 4:
        assert taken.pages == turned
    else:
        assert taken.pages is None


def test_the_leap_day_counts() -> None:
    history = (Effective(date(2024, 2, 28), 10), Effective(date(2024, 3, 1), 20))
    assert [s.days for s in segments(a_meter(history=history))] == [2]


def test_a_single_reading_and_none_at_all_are_no_segment() -> None:
    assert segments(a_meter(last_value=None)) == []
    assert segments(a_meter(history=(Effective(JANUARY, 10),))) == []


def test_a_drop_that_nothing_explains_leaves_its_period_out() -> None:
    days = [JANUARY + timedelta(days=30 * n) for n in range(4)]
    values = [500, 700, 100, 250]
    history = tuple(Effective(on, v) for on, v in zip(days, values, strict=True))
    found = segments(a_meter(history=history, digits=6))
    assert [(s.to_on, s.pages) for s in found] == [(days[1], 200), (days[3], 150)]


def test_a_reset_without_a_start_value_starts_at_zero() -> None:
    later = JANUARY + timedelta(days=30)
    history = (Effective(JANUARY, 700), Effective(later, 40, reset_end=800))
    assert segments(a_meter(history=history)) == [
        Segment(JANUARY, later, 140, how=How.RESET),
    ]


def test_a_reset_that_contradicts_itself_leaves_its_period_out() -> None:
    later = JANUARY + timedelta(days=30)
    for reset in (
        Effective(later, 40, reset_end=600, reset_start=0),
        Effective(later, 40, reset_end=800, reset_start=50),
    ):
        assert segments(a_meter(history=(Effective(JANUARY, 700), reset))) == []


def test_a_correction_on_the_same_day_stands() -> None:
    later = JANUARY + timedelta(days=30)
    history = (Effective(JANUARY, 100), Effective(later, 9_900), Effective(later, 990))
    assert [s.pages for s in segments(a_meter(history=history))] == [890]


def test_a_value_in_the_history_proves_its_own_digits() -> None:
    meter = a_meter(last_value=1_234_567, a_month=10, digits=6)
    assert digits_shown(meter) == 7
    assert capacity(meter) == 10**7
    assert capacity(replace(meter, history=())) == 10**6
