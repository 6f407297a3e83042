"""The rules that other systems judge by, as simple as they are: what the check has to beat.

Each says whether a value is asked about. A value below the last one is always asked about, unless
the meter restarts each period.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from meterportal.domain.plausibility.usage import Step, capacity, segments, step
from meterportal.domain.portfolio.machines import Meter

Score = Callable[[Meter, int, date], float]


@dataclass(frozen=True, slots=True)
class Rule:
    """Asks about a value whose `score` is above the `limit`; `score` is how unusual it is."""

    name: str
    limit: float
    score: Score

    def asks(self, meter: Meter, value: int, read_on: date) -> bool:
        return self.score(meter, value, read_on) > self.limit


def _usage(meter: Meter, value: int) -> int | None:
    last = meter.history[-1]
    taken = step(last.value, value, capacity(meter)) if meter.cumulative else Step(value)
    return taken.pages


def _a_day(meter: Meter, since: date) -> float | None:
    """Pages per day of the periods that ended after `since`, at least of the last one."""
    known = segments(meter)
    found = [segment for segment in known if segment.to_on > since] or known[-1:]
    days = sum(segment.days for segment in found)
    return sum(segment.pages for segment in found) / days if days else None


def _expected(meter: Meter, read_on: date, *, days: int) -> float | None:
    rate = _a_day(meter, read_on - timedelta(days=days))
    return None if rate is None else rate * (read_on - meter.history[-1].read_on).days


def _share(meter: Meter, value: int, read_on: date, *, days: int) -> float:
    """The usage in expected usages; infinite for a value below the last one."""
    usage, expected = _usage(meter, value), _expected(meter, read_on, days=days)
    if usage is None or value >= capacity(meter):
        return math.inf
    return 0.0 if expected is None else usage / max(expected, 1.0)


def of_a_year(meter: Meter, value: int, read_on: date) -> float:
    """Times the usage per day of the last year."""
    return _share(meter, value, read_on, days=366)


def more_or_less(meter: Meter, value: int, read_on: date) -> float:
    """Share by which the usage is above or below that of the last year."""
    return abs(_share(meter, value, read_on, days=366) - 1)


def of_three_months(meter: Meter, value: int, read_on: date) -> float:
    """Times the usage per day of the last three months, or of the last period."""
    known_for = (read_on - meter.history[-1].read_on).days
    return _share(meter, value, read_on, days=92 + known_for)


FACTOR_THREE = Rule("factor 3", 3.0, of_a_year)
REFERENCE_RULES = (
    FACTOR_THREE,
    Rule("±50 %", 0.5, more_or_less),
    Rule("3 months + 60 %", 1.6, of_three_months),
)
