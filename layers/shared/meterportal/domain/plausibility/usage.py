"""Usage: the pages between two readings, across rollovers, resets and meters that restart.

Never judge a raw value: a counter may roll over at its last digit, get a new board, or start again
in each period. Only the pages printed in the days between can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from operator import ne
from typing import NamedTuple

from meterportal.domain.portfolio.machines import Effective, Meter

ROLLOVER_SHARE = 4
"""The pages across a rollover are at most the meter's range divided by this."""


class How(StrEnum):
    """How pages were computed: difference, across a rollover, across a new board, or the value
    itself."""

    COUNTED = "counted"
    ROLLED_OVER = "rolled_over"
    RESET = "reset"
    RESTARTED = "restarted"


class Step(NamedTuple):
    """Pages from one reading to the next; None if nothing explains a lower value.

    A tuple, as a segment is: a history is full of them.
    """

    pages: int | None
    how: How = How.COUNTED


class Segment(NamedTuple):
    """`pages` printed after `from_on` up to `to_on`; `estimated`: the last value is an estimate."""

    from_on: date
    to_on: date
    pages: int
    estimated: bool = False
    how: How = How.COUNTED

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days


DaysBack = tuple[tuple[int, int], ...]
"""How many days before the end of the last of segments each of them begins and ends."""


def days_back(found: Sequence[Segment]) -> DaysBack:
    """The days of segments, one at least."""
    end = found[-1].to_on.toordinal()
    return tuple([(end - one.from_on.toordinal(), end - one.to_on.toordinal()) for one in found])


def digits_shown(meter: Meter) -> int:
    """How many digits the meter has: at least as many as any value in its history."""
    highest = max([entry.value for entry in meter.history], default=0)
    return max(meter.digits, len(str(highest)))


def capacity(meter: Meter) -> int:
    """The number at which the meter rolls over: 10 to the power of its digits."""
    return int(10 ** digits_shown(meter))


def step(before: int, after: int, limit: int) -> Step:
    """Pages from `before` to `after` on one board that rolls over at `limit`.

    A lower value is a rollover if the previous one was near the maximum and the new one is small,
    so that the pages between are at most a quarter of the range.
    """
    if after >= before:
        return Step(after - before)
    across = limit - before + after
    if across * ROLLOVER_SHARE <= limit:
        return Step(across, How.ROLLED_OVER)
    return Step(None)


def step_to(previous: Effective, entry: Effective, *, limit: int, cumulative: bool = True) -> Step:
    """Pages from an effective reading to the next one.

    With a reset: (end - previous) + (value - start). A meter that restarts in each period shows the
    pages of its period; after a reset, the pages of both boards are added.
    """
    if entry.reset_end is None:
        if cumulative:
            return step(previous.value, entry.value, limit)
        return Step(entry.value, How.RESTARTED)
    old = step(previous.value, entry.reset_end, limit).pages if cumulative else entry.reset_end
    new = entry.value - (entry.reset_start or 0)
    return Step(None if old is None or new < 0 else old + new, How.RESET)


def daily(history: Iterable[Effective]) -> list[Effective]:
    """One reading per day, oldest first: the last one of a day, with all resets of that day."""
    entries = list(history)
    on = [entry.read_on for entry in entries]
    if all(map(ne, on, on[1:])):
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
        return later._replace(reset_end=earlier.reset_end, reset_start=earlier.reset_start)
    # Two boards on one day: the first one's end, continued by what the second board counted.
    return later._replace(
        reset_end=earlier.reset_end + later.reset_end - (earlier.reset_start or 0)
    )


def segments(meter: Meter) -> list[Segment]:
    """The meter's usage between its effective readings, oldest first.

    Of several readings on a day the last counts.
    """
    readings = daily(meter.history)
    return segments_between(readings, limit=capacity(meter), cumulative=meter.cumulative)


def segments_between(
    readings: Sequence[Effective], *, limit: int, cumulative: bool
) -> list[Segment]:
    """The usage between effective readings, one per day and oldest first, of a meter that rolls
    over at `limit`.

    A lower value that nothing explains gives no segment, because its pages are unknown; counting
    continues from that value.
    """
    found = []
    for previous, entry in pairwise(readings):
        pages, how = entry.value - previous.value, How.COUNTED
        # Almost all have just counted on.
        if pages < 0 or entry.reset_end is not None or not cumulative:
            taken = step_to(previous, entry, limit=limit, cumulative=cumulative)
            if taken.pages is None:
                continue
            pages, how = taken.pages, taken.how
        found.append(Segment(previous.read_on, entry.read_on, pages, entry.estimated, how))
    return found
