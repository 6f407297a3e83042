"""A meter on a day, prepared: all of the judgement that does not depend on the typed value.

Preparing costs a look at the whole history; judging a value afterwards costs two comparisons as
long as it lies in the `quiet` range, where no rule has anything to say. The range is three numbers
with its day: it can be stored beside the meter and holds until the history changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from meterportal.domain.machines import Effective, Meter, MeterKind
from meterportal.domain.plausibility.expectation import Basis, Expectation, expectation_after
from meterportal.domain.plausibility.pattern import FEW
from meterportal.domain.plausibility.tolerances import USUAL, Tolerances
from meterportal.domain.plausibility.usage import How, Step, capacity, daily, step

MINUTES_A_DAY = 24 * 60
NOTHING_QUIET = (1, 0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """`last` is the effective reading that a value of `read_on` follows, `later` the first after it.

    `limit` is where the meter rolls over. `expected` is None when there is nothing to judge by or
    no day has passed. `pages_per_minute` is None for a model that is not listed. Values from
    `quiet[0]` to `quiet[1]` raise no finding by their own meter's rules; an empty range says that
    every value is looked at closely.
    """

    meter: Meter
    read_on: date
    last: Effective | None
    later: Effective | None
    limit: int
    expected: Expectation | None
    pages_per_minute: int | None
    tolerances: Tolerances
    quiet: tuple[int, int] = NOTHING_QUIET

    @property
    def days(self) -> int:
        return (self.read_on - self.last.read_on).days if self.last else 0

    def usage(self, value: int) -> Step | None:
        """Pages up to `value`; None without a last reading, pages None when nothing explains it."""
        if self.last is None:
            return None
        if not self.meter.cumulative:
            return Step(value, How.RESTARTED)
        taken = step(self.last.value, value, self.limit)
        if taken.how is How.ROLLED_OVER and not self._rolls_over(self.last, value, taken):
            return Step(None)
        return taken

    def _rolls_over(self, last: Effective, value: int, taken: Step) -> bool:
        """P4: a lower value is a rollover when its usage is one to expect, else a doubt.

        Without an expectation the last value must stand in the uppermost tenth of the range and the
        new one in the lowest.
        """
        if self.expected is None:
            return last.value * 10 >= self.limit * 9 and value * 10 <= self.limit
        most = max(self.expected.high, self.tolerances.ceiling * self.expected.pages)
        return (taken.pages or 0) <= most

    def usual(self, pages: int) -> bool:
        """The pages lie in the expected range."""
        return self.expected is not None and self.expected.low <= pages <= self.expected.high

    def fits(self, value: int) -> bool:
        """The value would raise no doubt by its usage, which is more than none."""
        taken = self.usage(value) if 0 <= value < self.limit else None
        return bool(taken and taken.pages and self.usual(taken.pages))

    def log_chance(self, pages: int) -> float:
        """Log of the forecast's probability of exactly so many pages (log-normal); needs one."""
        if self.expected is None:
            return -math.inf
        spread = max(self.expected.spread, 0.05)
        log = math.log(pages + FEW)
        off = (log - self.expected.log_pages) / spread
        return -off * off / 2 - log - math.log(spread) - 0.919

    def off(self, pages: int) -> float:
        """How many standard deviations the pages lie off the forecast; 0 without one."""
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
    """The judgement of values read from a meter on a day, as far as the history decides it.

    Only effective readings up to `read_on` feed the forecast.
    """
    known = daily(meter.history)
    last = next((entry for entry in reversed(known) if entry.read_on <= read_on), None)
    later = next((entry for entry in known if entry.read_on > read_on), None)
    expected = None
    if last is not None:
        expected = expectation_after(
            last, meter, read_on=read_on, model_volume=model_volume, tolerances=tolerances
        )
    limit = capacity(meter)
    quiet = _quiet(meter, read_on, last, later, limit, expected, pages_per_minute)
    return Prepared(
        meter, read_on, last, later, limit, expected, pages_per_minute, tolerances, quiet
    )


def _quiet(
    meter: Meter,
    read_on: date,
    last: Effective | None,
    later: Effective | None,
    limit: int,
    expected: Expectation | None,
    pages_per_minute: int | None,
) -> tuple[int, int]:
    """The values about which no rule says anything, not even a note."""
    if last is None or expected is None or expected.estimated:
        return NOTHING_QUIET
    if expected.basis is not Basis.HISTORY or any(
        e.billed and e.read_on > read_on for e in meter.history
    ):
        return NOTHING_QUIET
    low, high = max(expected.low, 1), expected.high
    if pages_per_minute is not None and meter.kind is not MeterKind.SCAN:
        high = min(high, pages_per_minute * MINUTES_A_DAY * (expected.days + 1))
    base = last.value if meter.cumulative else 0
    highest = min(base + high, limit - 1)
    if later is not None and meter.cumulative:
        highest = min(highest, later.value if later.reset_end is None else later.reset_end)
    return base + low, highest
