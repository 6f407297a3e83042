"""A meter prepared for a day: the part of the judgement that does not depend on the typed value.

Preparing reads the whole history. After that, judging a value takes two comparisons as long as it
is in the `quiet` range, for which no rule has a finding. The range and its day are three numbers,
which can be stored with the meter and are valid until the history changes.
"""

from __future__ import annotations

import math
from datetime import date
from functools import cached_property

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.base import doubtful_base
from meterportal.domain.plausibility.expectation import Basis, Expectation, expectation_after
from meterportal.domain.plausibility.pattern import FEW
from meterportal.domain.plausibility.tolerances import USUAL, Tolerances
from meterportal.domain.plausibility.usage import How, Step, capacity, daily, step
from meterportal.domain.portfolio.machines import Effective, Meter, MeterKind

MINUTES_A_DAY = 24 * 60
NOTHING_QUIET = (1, 0)


@frozen
class Prepared:
    """`last` is the effective reading before a value of `read_on`, `later` the first one after it.

    `billed_on` is the last day of a billed one. `limit` is where the meter rolls over. `expected`
    is None if there is nothing to judge by or no day has passed. `pages_per_minute` is None for a
    model that is not listed. Values from `quiet[0]` to `quiet[1]` have no finding by their own
    meter's rules; with an empty range every value is judged by all rules.
    """

    meter: Meter
    read_on: date
    last: Effective | None
    later: Effective | None
    billed_on: date | None
    limit: int
    expected: Expectation | None
    pages_per_minute: int | None
    tolerances: Tolerances
    quiet: tuple[int, int] = NOTHING_QUIET

    @property
    def days(self) -> int:
        return (self.read_on - self.last.read_on).days if self.last else 0

    @cached_property
    def base_doubtful(self) -> bool:
        """Whether the last reading does not fit those before it, so that usage since it proves no
        error. Only a doubt asks, and asks more than once: the history is read again for it."""
        return self.last is not None and doubtful_base(
            self.meter, self.last, limit=self.limit, tolerances=self.tolerances
        )

    def usage(self, value: int) -> Step | None:
        """Pages up to `value`. None without a last reading; `pages` is None if nothing explains the
        value."""
        if self.last is None:
            return None
        if not self.meter.cumulative:
            return Step(value, How.RESTARTED)
        taken = step(self.last.value, value, self.limit)
        if taken.how is How.ROLLED_OVER and not self._rolls_over(self.last, value, taken):
            return Step(None)
        return taken

    def _rolls_over(self, last: Effective, value: int, taken: Step) -> bool:
        """P4: a lower value is a rollover if its usage can be expected, else a doubt.

        Without an expectation the last value must be in the highest tenth of the range and the new
        one in the lowest.
        """
        if self.expected is None:
            return last.value * 10 >= self.limit * 9 and value * 10 <= self.limit
        most = max(self.expected.high, self.tolerances.ceiling * self.expected.pages)
        return (taken.pages or 0) <= most

    def counted_on(self, value: int) -> int:
        """Pages up to `value` if the meter just went on, past its last digit if need be."""
        base = self.last.value if self.last is not None and self.meter.cumulative else 0
        return (value - base) % self.limit

    def usual(self, pages: int) -> bool:
        """Whether the pages are in the expected range."""
        return self.expected is not None and self.expected.low <= pages <= self.expected.high

    def fits(self, value: int) -> bool:
        """Whether the value has usage, and this usage raises no doubt."""
        taken = self.usage(value) if 0 <= value < self.limit else None
        return bool(taken and taken.pages and self.usual(taken.pages))

    def log_chance(self, pages: int) -> float:
        """Log of the forecast's probability of exactly so many pages (log-normal); -inf without a
        forecast."""
        if self.expected is None:
            return -math.inf
        spread = max(self.expected.spread, 0.05)
        log = math.log(pages + FEW)
        off = (log - self.expected.log_pages) / spread
        return -off * off / 2 - log - math.log(spread) - 0.919

    def off(self, pages: int) -> float:
        """The distance of the pages from the forecast, in standard deviations; 0 without a
        forecast."""
        if self.expected is None:
            return 0.0
        return (math.log(pages + FEW) - self.expected.log_pages) / max(self.expected.spread, 0.12)


def prepare(
    meter: Meter,
    *,
    read_on: date,
    model_volume: int | None = None,
    pages_per_minute: int | None = None,
    tolerances: Tolerances = USUAL,
) -> Prepared:
    """Prepare a meter for values read on a day.

    Only effective readings up to `read_on` are used for the forecast.
    """
    known = daily(meter.history)
    before = [entry for entry in known if entry.read_on <= read_on]
    last = before[-1] if before else None
    later = next((entry for entry in known if entry.read_on > read_on), None)
    limit = capacity(meter)
    expected = None
    if before:
        expected = expectation_after(
            before,
            meter,
            limit=limit,
            read_on=read_on,
            model_volume=model_volume,
            tolerances=tolerances,
        )
    billed_on = max([entry.read_on for entry in meter.history if entry.billed], default=None)
    quiet = _quiet(meter, read_on, last, later, billed_on, limit, expected, pages_per_minute)
    return Prepared(
        meter, read_on, last, later, billed_on, limit, expected, pages_per_minute, tolerances, quiet
    )


def _quiet(
    meter: Meter,
    read_on: date,
    last: Effective | None,
    later: Effective | None,
    billed_on: date | None,
    limit: int,
    expected: Expectation | None,
    pages_per_minute: int | None,
) -> tuple[int, int]:
    """The values for which no rule has a finding, not even a note."""
    if last is None or expected is None or expected.estimated:
        return NOTHING_QUIET
    if expected.basis is not Basis.HISTORY or (billed_on is not None and billed_on > read_on):
        return NOTHING_QUIET
    low, high = max(expected.low, 1), expected.high
    if pages_per_minute is not None and meter.kind is not MeterKind.SCAN:
        high = min(high, pages_per_minute * MINUTES_A_DAY * (expected.days + 1))
    base = last.value if meter.cumulative else 0
    highest = min(base + high, limit - 1)
    if later is not None and meter.cumulative:
        highest = min(highest, later.value if later.reset_end is None else later.reset_end)
    return base + low, highest
