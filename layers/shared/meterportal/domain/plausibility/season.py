"""The year's shape of a meter, where two years or more of its history show one.

Method. The pages are spread over twelfths of a year, counted back from the last reading, as the log
of each twelfth's share of its year; the growth from year to year is taken out. A shape is what the
years have in common: the correlation of the same twelfth between years (its regression through
the origin, drawn towards none) says how much of it is believed. A meter whose years do not
resemble each other has no season. This is the seasonal index of textbook decomposition, shrunk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from meterportal.domain.plausibility.usage import Segment

YEAR = 365.25
_MONTH = YEAR / 12
_MOST_YEARS = 4
_ALMOST = 20
"""Days that the last of the years may lack."""
_COVERED = 300
"""Days of a year that have to be covered by readings."""
_DOUBT = 0.3
"""Squared logs against a season, before the history has its say."""
_WORTH_IT = 0.15
_STEEPEST = 1.5
_FEW_PAGES = 10.0
"""Pages added to each month, so that months without a page count without deciding all."""


@dataclass(frozen=True, slots=True)
class Season:
    """The usual factors of the twelfths of a year, counted back from `ends_on`.

    `sums[n]` is what the first n of the factors add up to.
    """

    ends_on: date
    factors: tuple[float, ...]
    sums: tuple[float, ...]

    def log_factor(self, from_on: date, to_on: date) -> float:
        """Log of the average factor over the days after `from_on` up to `to_on`."""
        end, since, until = (day.toordinal() for day in (self.ends_on, from_on, to_on))
        total = self._until((end - since) / _MONTH) - self._until((end - until) / _MONTH)
        return math.log(total * _MONTH / (until - since))

    def _until(self, months: float) -> float:
        """The sum of factors from `ends_on` back over so many months, also negative ones."""
        years, left = divmod(months, 12.0)
        whole = min(11, int(left))
        return years * self.sums[12] + self.sums[whole] + (left - whole) * self.factors[whole]


def season_of(evidence: Sequence[Segment]) -> Season | None:
    """The shape that the years before the last reading share; None where none is to be seen."""
    if len(evidence) < 4:
        return None
    start, end = evidence[0].from_on, evidence[-1].to_on
    years = min(_MOST_YEARS, int(((end - start).days + _ALMOST) / YEAR))
    if years < 2:
        return None
    shapes = _shapes(*_by_month(evidence, end.toordinal(), years), years)
    if shapes is None:
        return None
    belief = _belief(shapes)
    if belief <= _WORTH_IT:
        return None
    logs = [belief * sum(shape[month] for shape in shapes) / years for month in range(12)]
    middle = sum(logs) / 12
    factors = tuple(math.exp(max(-_STEEPEST, min(_STEEPEST, log - middle))) for log in logs)
    return Season(end, factors, (0.0, *accumulate(factors)))


def _by_month(evidence: Sequence[Segment], end: int, years: int) -> tuple[list[float], list[float]]:
    """Pages and covered days of each month, counted back from `end`."""
    months = 12 * years
    pages, days = [0.0] * months, [0.0] * months
    for segment in reversed(evidence):
        since, until = end - segment.from_on.toordinal(), end - segment.to_on.toordinal()
        if until >= months * _MONTH:
            break
        rate = segment.pages / (since - until)
        for month in range(int(until / _MONTH), min(months - 1, int(since / _MONTH)) + 1):
            shared = min(since, (month + 1) * _MONTH) - max(until, month * _MONTH)
            if shared > 0:
                pages[month] += rate * shared
                days[month] += shared
    return pages, days


def _shapes(pages: list[float], days: list[float], years: int) -> list[list[float]] | None:
    """For each year the logs of its months' shares, without growth; None for a year unknown."""
    rates = []
    for year in range(years):
        covered = sum(days[12 * year : 12 * year + 12])
        printed = sum(pages[12 * year : 12 * year + 12])
        if covered < _COVERED or printed <= 0:
            return None
        rates.append(_MONTH * printed / covered)
    growth = max(-1.0, min(1.0, math.log(rates[0] / rates[-1]) / (years - 1)))
    return [
        [
            math.log(
                (
                    pages[12 * year + month] / max(days[12 * year + month], _MONTH / 2) * _MONTH
                    + _FEW_PAGES
                )
                / (rates[year] + _FEW_PAGES)
            )
            - growth * (5.5 - month) / 12
            for month in range(12)
        ]
        for year in range(years)
    ]


def _belief(shapes: list[list[float]]) -> float:
    """How much of one year's shape is found again in another's, 0 for none, 1 for all."""
    together, apart = 0.0, _DOUBT
    for place, later in enumerate(shapes):
        for earlier in shapes[:place]:
            for one, other in zip(later, earlier, strict=True):
                together += one * other
                apart += (one * one + other * other) / 2
    return together / apart
