"""The rules that other systems judge by, as simple as they are: what the check has to beat.

Each says whether a value is asked about. A value below the last one is always asked about, unless
the meter restarts each period.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from meterportal.domain.machines import Meter
from meterportal.domain.plausibility.usage import Step, capacity, segments, step

Rule = Callable[[Meter, int, date], bool]


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


def factor_three(meter: Meter, value: int, read_on: date) -> bool:
    """More than three times the usage per day of the last year."""
    usage, expected = _usage(meter, value), _expected(meter, read_on, days=366)
    return usage is None or (expected is not None and usage > 3 * expected)


def half_more_or_less(meter: Meter, value: int, read_on: date) -> bool:
    """More than 50 % above or below the usage per day of the last year."""
    usage, expected = _usage(meter, value), _expected(meter, read_on, days=366)
    return usage is None or (expected is not None and not 0.5 <= usage / max(expected, 1e-9) <= 1.5)


def three_months_and_a_buffer(meter: Meter, value: int, read_on: date) -> bool:
    """More than the average of the last three months and 60 %."""
    usage = _usage(meter, value)
    expected = _expected(meter, read_on, days=92 + (read_on - meter.history[-1].read_on).days)
    return usage is None or (expected is not None and usage > 1.6 * expected)


REFERENCE_RULES: dict[str, Rule] = {
    "factor 3": factor_three,
    "±50 %": half_more_or_less,
    "3 months + 60 %": three_months_and_a_buffer,
}
