"""Usage: the pages between two readings, over rollover, reset and meters that restart.

Never judge a raw value: a counter may roll over at its last digit, get a new board, or start
again each period. What can be compared is the pages printed in the days between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from meterportal.domain.machines import Effective, Meter

ROLLOVER_SHARE = 4
"""Pages across a rollover are at most the meter's range divided by this."""


class How(StrEnum):
    """How pages were found: plain difference, across the last digit, over a new board, as is."""

    COUNTED = "counted"
    ROLLED_OVER = "rolled_over"
    RESET = "reset"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Step:
    """Pages from one reading to the next; None where nothing explains a lower value."""

    pages: int | None
    how: How = How.COUNTED


@dataclass(frozen=True, slots=True)
class Segment:
    """`pages` printed after `from_on` up to `to_on`; `estimated` says that the end is a guess."""

    from_on: date
    to_on: date
    pages: int
    estimated: bool = False
    how: How = How.COUNTED

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days


def digits_shown(meter: Meter) -> int:
    """How many digits the meter has: a value in its history proves at least its own."""
    highest = max((entry.value for entry in meter.history), default=0)
    return max(meter.digits, len(str(highest)))


def capacity(meter: Meter) -> int:
    """Where the meter rolls over: 10 to the power of its digits."""
    return int(10 ** digits_shown(meter))


def step(before: int, after: int, limit: int) -> Step:
    """Pages from `before` to `after` on one board that rolls over at `limit`.

    A lower value is a rollover when the previous one was near the maximum and the new one is
    small, so that the pages across are at most a quarter of the range.
    """
    if after >= before:
        return Step(after - before)
    across = limit - before + after
    if across * ROLLOVER_SHARE <= limit:
        return Step(across, How.ROLLED_OVER)
    return Step(None)


def step_to(previous: Effective, entry: Effective, *, limit: int, cumulative: bool = True) -> Step:
    """Pages from an effective reading to the next one.

    With a reset: (end - previous) + (value - start). A meter that restarts each period shows the
    pages of its period, after a reset both boards' together.
    """
    if entry.reset_end is None:
        if cumulative:
            return step(previous.value, entry.value, limit)
        return Step(entry.value, How.RESTARTED)
    old = step(previous.value, entry.reset_end, limit).pages if cumulative else entry.reset_end
    new = entry.value - (entry.reset_start or 0)
    return Step(None if old is None or new < 0 else old + new, How.RESET)


def daily(history: Iterable[Effective]) -> list[Effective]:
    """One reading a day, oldest first: the later of a day stands, resets of the day are kept."""
    entries = list(history)
    if all(one.read_on != other.read_on for one, other in pairwise(entries)):
        return entries
    days: list[Effective] = []
    for entry in entries:
        same_day = bool(days) and days[-1].read_on == entry.read_on
        days.append(_one_day(days.pop(), entry) if same_day else entry)
    return days


def _one_day(earlier: Effective, later: Effective) -> Effective:
    if earlier.reset_end is None:
        return later
    if later.reset_end is None:
        return replace(later, reset_end=earlier.reset_end, reset_start=earlier.reset_start)
    # Two boards on one day: the first one's end, continued by what the second board counted.
    return replace(
        later, reset_end=earlier.reset_end + later.reset_end - (earlier.reset_start or 0)
    )


def segments(meter: Meter, *, until: date | None = None) -> list[Segment]:
    """The meter's usage between its effective readings, oldest first, up to the day `until`.

    The last reading of a day is the day's. A drop that nothing explains leaves no segment, because
    its pages are unknown; counting goes on from the lower value.
    """
    limit = capacity(meter)
    entries = [entry for entry in meter.history if until is None or entry.read_on <= until]
    return [
        Segment(previous.read_on, entry.read_on, taken.pages, entry.estimated, taken.how)
        for previous, entry in pairwise(daily(entries))
        if (taken := step_to(previous, entry, limit=limit, cumulative=meter.cumulative)).pages
        is not None
    ]
