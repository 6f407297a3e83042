"""One value of one meter, with everything that the rules need to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.expectation import Expectation
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.prepared import Prepared
from meterportal.domain.plausibility.usage import Step
from meterportal.domain.portfolio.machines import Effective, Meter


@frozen
class Case:
    """A `value` of its `prepared` meter.

    `usage` is None without a last reading; `usage.pages` is None if nothing explains a lower value.
    """

    prepared: Prepared
    value: int
    usage: Step | None

    @property
    def meter(self) -> Meter:
        return self.prepared.meter

    @property
    def read_on(self) -> date:
        return self.prepared.read_on

    @property
    def last(self) -> Effective | None:
        return self.prepared.last

    @property
    def later(self) -> Effective | None:
        return self.prepared.later

    @property
    def limit(self) -> int:
        return self.prepared.limit

    @property
    def expected(self) -> Expectation | None:
        return self.prepared.expected

    @property
    def pages_per_minute(self) -> int | None:
        return self.prepared.pages_per_minute

    @property
    def pages(self) -> int | None:
        return self.usage.pages if self.usage else None

    @property
    def days(self) -> int:
        return self.prepared.days

    @property
    def same_day(self) -> bool:
        return self.last is not None and self.last.read_on == self.read_on

    @property
    def below_a_guess(self) -> bool:
        """Whether it is lower than an estimate, by no more than the estimate may have been too
        high."""
        last, expected = self.last, self.expected
        if last is None or expected is None or not last.estimated or self.pages is not None:
            return False
        return expected.floor <= self.value - last.value < 0

    def finding(self, code: str, severity: Severity, **numbers: int | str | date | None) -> Finding:
        """A finding about this meter, with the numbers that every sentence may use."""
        facts: dict[str, int | str | date | None] = {"value": self.value, "read_on": self.read_on}
        if self.last:
            facts |= {"last": self.last.value, "last_on": self.last.read_on, "days": self.days}
        if self.pages is not None:
            facts["usage"] = self.pages
        if self.expected:
            facts |= {
                "expected": self.expected.pages,
                "low": self.expected.low,
                "high": self.expected.high,
            }
        return Finding(self.meter.id, code, severity, plain(facts | numbers))


def plain(numbers: Mapping[str, int | str | date | None]) -> dict[str, int | str | None]:
    """Numbers as they are stored in findings: dates as YYYY-MM-DD."""
    return {
        name: number.isoformat() if isinstance(number, date) else number
        for name, number in numbers.items()
    }


def case_of(prepared: Prepared, value: int) -> Case:
    """The case of a value."""
    return Case(prepared, value, prepared.usage(value))
