"""One value of one meter, with everything that the rules judge it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Effective, Meter
from meterportal.domain.plausibility.expectation import CEILING, Expectation, expectation
from meterportal.domain.plausibility.usage import How, Step, capacity, daily, step


@dataclass(frozen=True, slots=True)
class Case:
    """`last` is the effective reading that `value` follows, `later` the first one after `read_on`.

    `usage` is None without a last reading, `usage.pages` is None when nothing explains a lower
    value. `expected` is None when there is nothing to judge by or no day has passed.
    `pages_per_minute` is None for a model that is not listed.
    """

    meter: Meter
    value: int
    read_on: date
    last: Effective | None
    later: Effective | None
    limit: int
    usage: Step | None
    expected: Expectation | None
    pages_per_minute: int | None = None

    @property
    def pages(self) -> int | None:
        return self.usage.pages if self.usage else None

    @property
    def days(self) -> int:
        return (self.read_on - self.last.read_on).days if self.last else 0

    @property
    def same_day(self) -> bool:
        return self.last is not None and self.last.read_on == self.read_on

    def finding(self, code: str, severity: Severity, **numbers: int | str | date | None) -> Finding:
        """A finding of this meter with the numbers that every sentence may use."""
        told: dict[str, int | str | date | None] = {"value": self.value, "read_on": self.read_on}
        if self.last:
            told |= {"last": self.last.value, "last_on": self.last.read_on, "days": self.days}
        if self.pages is not None:
            told["usage"] = self.pages
        if self.expected:
            told |= {
                "expected": self.expected.pages,
                "low": self.expected.low,
                "high": self.expected.high,
            }
        return Finding(self.meter.id, code, severity, plain(told | numbers))


def plain(numbers: Mapping[str, int | str | date | None]) -> dict[str, int | str | None]:
    """Numbers as findings keep them: dates as YYYY-MM-DD."""
    return {
        name: number.isoformat() if isinstance(number, date) else number
        for name, number in numbers.items()
    }


def case_of(
    meter: Meter,
    value: int,
    *,
    read_on: date,
    model_volume: int | None = None,
    pages_per_minute: int | None = None,
) -> Case:
    """The case of a value, judged by the effective readings up to its own day."""
    known = daily(meter.history)
    last = next((entry for entry in reversed(known) if entry.read_on <= read_on), None)
    later = next((entry for entry in known if entry.read_on > read_on), None)
    limit = capacity(meter)
    expected = expectation(meter, read_on=read_on, model_volume=model_volume)
    usage = _usage(meter, last, value, limit, expected)
    return Case(meter, value, read_on, last, later, limit, usage, expected, pages_per_minute)


def _usage(
    meter: Meter, last: Effective | None, value: int, limit: int, expected: Expectation | None
) -> Step | None:
    if last is None:
        return None
    if not meter.cumulative:
        return Step(value, How.RESTARTED)
    taken = step(last.value, value, limit)
    if taken.how is How.ROLLED_OVER and not _rolls_over(last, value, limit, taken, expected):
        return Step(None)
    return taken


def _rolls_over(
    last: Effective, value: int, limit: int, taken: Step, expected: Expectation | None
) -> bool:
    """P4: a lower value is a rollover when its usage is one to expect, else a doubt.

    Without an expectation the last value must stand in the uppermost tenth of the range and the
    new one in the lowest.
    """
    if expected is None:
        return last.value * 10 >= limit * 9 and value * 10 <= limit
    return (taken.pages or 0) <= max(expected.high, CEILING * expected.pages)
