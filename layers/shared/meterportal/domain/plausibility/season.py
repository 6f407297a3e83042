"""The season of a meter: which parts of the year have more pages; from two years of history on.

Method. The pages are divided into twelfths of a year, counted back from the last reading; of each,
the log of its share of the year is taken, without the growth from year to year. The season is what
the years have in common, weighted by the correlation of the same twelfth between years (its
regression through the origin, drawn towards zero). A meter whose years differ has no season. This
is the seasonal index of textbook decomposition, with shrinkage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.usage import DaysBack, Segment, days_back

YEAR = 365.25
_MONTH = YEAR / 12
_MOST_YEARS = 4
_EDGES = tuple(month * _MONTH for month in range(12 * _MOST_YEARS + 1))
"""Where each month begins, in days back from the last reading."""
_ALMOST = 20
"""So many days of the last year may be missing."""
_COVERED = 300
"""So many days of a year have to be covered by readings."""
_DOUBT = 0.3
"""Squared logs against a season, as the prior before any history."""
_WORTH_IT = 0.15
_STEEPEST = 1.5
_FEW_PAGES = 10.0
"""Pages added to each month, so that a month without pages does not outweigh the others."""


@frozen
class Season:
    """The usual factors of the twelfths of a year, counted back from `ends_on`.

    `sums[n]` is the sum of the first n factors.
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
        """The sum of factors from `ends_on` back over so many months; may be negative."""
        years, left = divmod(months, 12.0)
        full = min(11, int(left))
        return years * self.sums[12] + self.sums[full] + (left - full) * self.factors[full]


def season_of(evidence: Sequence[Segment]) -> Season | None:
    """The season in the years before the last reading; None if there is none."""
    if len(evidence) < 4:
        return None
    start, end = evidence[0].from_on, evidence[-1].to_on
    years = min(_MOST_YEARS, int(((end - start).days + _ALMOST) / YEAR))
    if years < 2:
        return None
    shapes = _shapes(evidence, years)
    if shapes is None:
        return None
    belief = _belief(shapes)
    if belief <= _WORTH_IT:
        return None
    logs = [belief * sum(shape[month] for shape in shapes) / years for month in range(12)]
    middle = sum(logs) / 12
    factors = tuple(math.exp(max(-_STEEPEST, min(_STEEPEST, log - middle))) for log in logs)
    return Season(end, factors, (0.0, *accumulate(factors)))


class _Calendar(NamedTuple):
    """What the days of segments alone decide. `shares`: of each segment, the last one first, the months
    that it reaches into, counted back, with its days in each; of older ones than these none. `months`: the days of each month by which
    its pages are divided. `years`: the covered days of each year; None if a year is not known."""

    shares: tuple[tuple[tuple[int, float], ...], ...]
    months: tuple[float, ...]
    years: tuple[float, ...] | None


@lru_cache(maxsize=256)
def _calendar(days: DaysBack, years: int) -> _Calendar:
    """The meters of a machine are read on the same days, and machines on the days of their invoices."""
    months, shares = 12 * years, []
    covered = [0.0] * months
    for since, until in reversed(days):
        if until >= months * _MONTH:
            break
        found = []
        for month in range(int(until / _MONTH), min(months - 1, int(since / _MONTH)) + 1):
            begin, close = _EDGES[month], _EDGES[month + 1]
            shared = (since if since < close else close) - (until if until > begin else begin)
            if shared > 0:
                found.append((month, shared))
                covered[month] += shared
        shares.append(tuple(found))
    by_year = tuple(sum(covered[12 * year : 12 * year + 12]) for year in range(years))
    known = all(covered >= _COVERED for covered in by_year)
    divided_by = tuple(max(in_month, _MONTH / 2) for in_month in covered)
    return _Calendar(tuple(shares), divided_by, by_year if known else None)


def _shapes(evidence: Sequence[Segment], years: int) -> list[list[float]] | None:
    """For each year before the last reading the logs of its months' shares, without growth; None if a
    year is not known."""
    days = days_back(evidence)
    calendar = _calendar(days, years)
    if calendar.years is None:
        return None
    pages = [0.0] * (12 * years)
    for segment, shares, (since, until) in zip(
        reversed(evidence), calendar.shares, reversed(days), strict=False
    ):
        rate = segment.pages / (since - until)
        for month, shared in shares:
            pages[month] += rate * shared
    rates = []
    for year, covered in enumerate(calendar.years):
        printed = sum(pages[12 * year : 12 * year + 12])
        if printed <= 0:
            return None
        rates.append(_MONTH * printed / covered)
    growth = max(-1.0, min(1.0, math.log(rates[0] / rates[-1]) / (years - 1)))
    grown = [growth * (5.5 - month) / 12 for month in range(12)]
    shapes = []
    for year, rate in enumerate(rates):
        usual, months = rate + _FEW_PAGES, slice(12 * year, 12 * year + 12)
        shapes.append(
            [
                math.log((printed / covered * _MONTH + _FEW_PAGES) / usual) - less
                for printed, covered, less in zip(
                    pages[months], calendar.months[months], grown, strict=True
                )
            ]
        )
    return shapes


def _belief(shapes: list[list[float]]) -> float:
    """How similar the years are to each other: 0 for not at all, 1 for equal."""
    together, apart = 0.0, _DOUBT
    for place, later in enumerate(shapes):
        for earlier in shapes[:place]:
            for later_log, earlier_log in zip(later, earlier, strict=True):
                together += later_log * earlier_log
                apart += (later_log * later_log + earlier_log * earlier_log) / 2
    return together / apart
