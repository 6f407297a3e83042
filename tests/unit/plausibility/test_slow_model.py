"""The check against a slow model of it: days walked one by one, pages turned one by one.

The model lives a counter's life: pages, readings, several on one day, new boards, first readings,
leap days, meters that restart each period. Then it says by flat questions what has to be found about
any value. The forecast alone is taken as it is; `test_expectation` holds its own tests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meterportal.domain.plausibility.expectation import Basis, Expectation
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.portfolio.machines import Effective, Meter
from meterportal.domain.reporting.readings import Verdict

from tests.support.builders import a_meter
from tests.unit.plausibility.examples import UNHURRIED, check, doubts, expectation

LIMIT = 10_000
DIGITS = 4
LEAP_DAY = date(2024, 2, 29)


@dataclass(frozen=True)
class Event:
    """`days` pass with `pages`; perhaps the board is changed and `more` are printed; a reading."""

    days: int
    pages: int
    board_starts_at: int | None = None
    more: int = 0
    estimated: bool = False
    billed: bool = False


@dataclass
class Life:
    """What a counter showed, what was written down, and what is true: by day, pages printed."""

    on: date
    shown: int
    restarting: bool
    history: list[Effective]
    printed: dict[date, int]

    def pass_days(self, days: int) -> None:
        """Day by day, as the calendar has them. A restarting meter begins at zero again."""
        for _ in range(days):
            self.on += timedelta(days=1)
            self.printed[self.on] = 0
        if days and self.restarting:
            self.shown = 0

    def print_pages(self, pages: int) -> None:
        for _ in range(pages):
            self.shown = 0 if self.shown + 1 == LIMIT else self.shown + 1
            self.printed[self.on] = self.printed.get(self.on, 0) + 1

    def live(self, event: Event) -> None:
        self.pass_days(event.days)
        self.print_pages(event.pages)
        end = None
        if event.board_starts_at is not None:
            end, self.shown = self.shown, event.board_starts_at
            self.print_pages(event.more)
        self.history.append(
            Effective(
                self.on,
                self.shown,
                estimated=event.estimated,
                billed=event.billed,
                reset_end=end,
                reset_start=event.board_starts_at,
            )
        )

    def pages_between(self, after: date, until: date) -> tuple[int, int]:
        """Days and pages after one day up to another, each day looked at."""
        found = [pages for on, pages in self.printed.items() if after < on <= until]
        return len(found), sum(found)


FIRST_DAYS = st.dates(LEAP_DAY - timedelta(days=400), LEAP_DAY + timedelta(days=10))
EVENT = st.builds(
    Event,
    days=st.sampled_from([0, 1, 2, 28, 29, 30, 31, 91, 366]),
    pages=st.integers(0, 40) | st.sampled_from([0, 250, 300]),
    board_starts_at=st.none() | st.none() | st.integers(0, 30),
    more=st.integers(0, 20),
    estimated=st.sampled_from([False, False, True]),
    billed=st.booleans(),
)
EVENTS = st.lists(EVENT, max_size=3) | st.lists(EVENT, min_size=3, max_size=7)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Some years of a counter, near its end or not, with at least a first reading."""
    shown = draw(st.integers(0, LIMIT - 1) | st.integers(LIMIT - 400, LIMIT - 1))
    restarting = draw(st.booleans())
    on = draw(FIRST_DAYS)
    life = Life(on, 0 if restarting else shown, restarting, [], {on: 0})
    life.history.append(Effective(on, life.shown))
    for event in draw(EVENTS):
        life.live(event)
    return life


def meter_of(life: Life, **fields: Any) -> Meter:
    history = tuple(life.history)
    return a_meter(history=history, digits=DIGITS, cumulative=not life.restarting, **fields)


# Segments


@given(lives())
@settings(UNHURRIED, max_examples=200)
def test_segments_hold_the_days_and_pages_that_were_lived(life: Life) -> None:
    days = sorted({entry.read_on for entry in life.history})
    lived = [(start, end, *life.pages_between(start, end)) for start, end in pairwise(days)]
    found = segments(meter_of(life))
    assert [(s.from_on, s.to_on, s.days, s.pages) for s in found] == lived


@pytest.mark.parametrize("restarting", [True, False])
def test_a_board_changed_twice_on_a_leap_day_loses_no_page(restarting: bool) -> None:
    life = Life(LEAP_DAY - timedelta(days=31), 0, restarting, [], {})
    life.history.append(Effective(life.on, 0))
    for event in (Event(31, 40, 7, 5), Event(0, 3, 0, 2), Event(0, 4), Event(1, 6)):
        life.live(event)
    assert [(s.to_on, s.days, s.pages) for s in segments(meter_of(life))] == [
        (LEAP_DAY, 31, 54),
        (date(2024, 3, 1), 1, 6),
    ]


# The verdict about any value

IN_ORDER = {"no_history", "last_was_estimate", "estimate_was_high", "rolled_over", "still_idle"}
"""What may be said of a value that gets its tick."""


def turned(before: int, after: int) -> int:
    """Pages from one value to the next, page by page, over the last digit where need be."""
    pages = 0
    while before != after:
        before, pages = 0 if before + 1 == LIMIT else before + 1, pages + 1
    return pages


def explained(before: int, after: int) -> int | None:
    """The pages between two values, None when a lower one is too far to have rolled over to."""
    if after >= before:
        return after - before
    pages = turned(before, after)
    return pages if pages <= LIMIT // 4 else None


@dataclass
class SlowCheck:
    """Flat questions about one value of one meter, each answered from the history anew."""

    meter: Meter
    value: int
    read_on: date
    today: date
    pages_per_minute: int | None

    @property
    def last(self) -> Effective | None:
        found = None
        for entry in self.meter.history:
            if entry.read_on <= self.read_on:
                found = entry
        return found

    @property
    def highest_later(self) -> int | None:
        """What the same board showed on the next day of reading."""
        after = [entry for entry in self.meter.history if entry.read_on > self.read_on]
        day = [entry for entry in after if entry.read_on == after[0].read_on]
        boards = [entry for entry in day if entry.reset_end is not None]
        if not boards:
            return day[-1].value if day else None
        shown = 0
        for entry in boards:
            assert entry.reset_end is not None
            shown += entry.reset_end - (entry.reset_start or 0)
        return shown + (boards[-1].reset_start or 0)

    @property
    def expected(self) -> Expectation | None:
        return expectation(self.meter, read_on=self.read_on)

    @property
    def pages(self) -> int | None:
        """None: no reading before, or nothing explains the value."""
        last, expected = self.last, self.expected
        if last is None:
            return None
        if not self.meter.cumulative:
            return self.value
        pages = explained(last.value, self.value)
        if pages is None or self.value >= last.value:
            return pages
        if expected is None:
            clear = last.value >= 0.9 * LIMIT and self.value <= 0.1 * LIMIT
        else:
            clear = pages <= expected.high or pages <= 3 * expected.pages
        return pages if clear else None

    @property
    def outgrown(self) -> bool:
        """More digits than are known, and nothing else against it: as many pages as before."""
        pages, expected = self.pages, self.expected
        if self.value < LIMIT or pages is None or expected is None:
            return False
        return expected.basis is Basis.HISTORY and expected.low <= pages <= expected.high

    def blocks(self) -> list[str]:
        billed = [entry for entry in self.meter.history if entry.billed]
        told = {
            "negative": self.value < 0,
            "too_many_digits": self.value >= LIMIT and not self.outgrown,
            "in_the_future": self.read_on > self.today,
            "before_billed": any(self.read_on < entry.read_on for entry in billed),
        }
        return [code for code, true in told.items() if true][:1]

    def doubts(self) -> list[str]:
        last, pages, expected, later = self.last, self.pages, self.expected, self.highest_later
        whole = self.meter.cumulative
        same_day = last is not None and last.read_on == self.read_on
        days = (self.read_on - last.read_on).days if last else 0
        lower = last is not None and pages is None
        guess = lower and last is not None and last.estimated
        excused = self.guessed_too_high
        printable = (self.pages_per_minute or 10**9) * 60 * 24 * (days + 1)
        unchanged = pages == 0 and not same_day and whole
        told = {
            "too_many_digits": self.outgrown,
            "same_day_same_value": same_day and last is not None and last.value == self.value,
            "same_day_other_value": same_day,
            "lower_than_estimate": guess and not excused,
            "lower_than_last": lower and not excused,
            "higher_than_later": whole
            and later is not None
            and explained(self.value, later) is None,
            "more_than_printable": pages is not None and pages > printable,
            "usage_too_high": expected and pages is not None and pages > expected.high,
            "no_usage": expected and pages == 0 and expected.low > 0,
            "still_idle": unchanged and expected and expected.idle,
            "unchanged": unchanged,
            "usage_too_low": expected and pages and pages < expected.low,
        }
        return [code for code, true in told.items() if true][:1]

    @property
    def guessed_too_high(self) -> bool:
        last, expected = self.last, self.expected
        if last is None or expected is None or self.pages is not None or not last.estimated:
            return False
        return last.value + expected.floor <= self.value

    def notes(self) -> list[str]:
        expected, last = self.expected, self.last
        rolled = self.pages is not None and last is not None and self.value < last.value
        told = {
            "cannot_be_checked": expected is None and not self.doubts(),
            "no_history": expected and expected.basis is not Basis.HISTORY,
            "estimate_was_high": self.guessed_too_high,
            "last_was_estimate": expected and expected.estimated and not self.guessed_too_high,
            "rolled_over": rolled and self.meter.cumulative,
        }
        return [code for code, true in told.items() if true]


@st.composite
def typed(draw: st.DrawFn) -> SlowCheck:
    """Any value, around the last one or not, on a day before, of or after the last reading."""
    life = draw(lives())
    volume = draw(st.none() | st.just(600))
    meter = meter_of(life, volume=volume)
    if draw(st.integers(0, 9)) == 0:
        meter = replace(meter, history=())
    usual = [0, 1, -1, 20, 21, 60, 130, 250, 300, 900, 3_000]
    near = st.sampled_from(usual).map(lambda pages: (life.shown + pages) % LIMIT)
    read_on = life.on + timedelta(days=draw(st.sampled_from([30, 31, 91, 1, 0, -1, -29, 400])))
    return SlowCheck(
        meter,
        draw(near | near | st.integers(-1, 1_000) | st.integers(LIMIT - 500, LIMIT + 1)),
        read_on,
        read_on + timedelta(days=draw(st.sampled_from([0, 0, 0, 0, 0, 5, 5, -1]))),
        draw(st.none() | st.just(1)),
    )


@given(typed())
@settings(UNHURRIED, max_examples=400)
def test_the_check_finds_what_the_slow_model_finds(slow: SlowCheck) -> None:
    checked = check(
        slow.meter,
        slow.value,
        read_on=slow.read_on,
        today=slow.today,
        pages_per_minute=slow.pages_per_minute,
    )
    told = slow.blocks() or slow.doubts() + slow.notes()
    # Whether the last reading fits those before it is asked by test_base.
    assert [code for code in doubts(checked) if code != "base_doubtful"] == told
    assert (checked.verdict("1") is Verdict.PLAUSIBLE) is (set(told) <= IN_ORDER)


@given(lives(), st.integers(1, 400), st.integers(0, 2_400))
@settings(UNHURRIED, max_examples=150)
def test_a_true_value_has_the_usage_that_was_printed_or_is_asked_about(
    life: Life, days: int, pages: int
) -> None:
    meter, last = meter_of(life), life.on
    life.pass_days(days)
    life.print_pages(pages)
    checked = check(meter, life.shown, read_on=life.on, today=life.on)
    assert life.pages_between(last, life.on) == (days, pages)
    for finding in checked.findings:
        assert finding.numbers.get("days") == days
        assert finding.numbers.get("usage", pages) == pages
        assert "usage" in finding.numbers or life.shown < meter.history[-1].value
