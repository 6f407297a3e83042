"""The usage pattern of a meter, from its history alone; forecasts for later days are made from it.

Method. The pages per day of every segment are taken on the log scale, where "twice" and "half" are
equally far apart, and the season is removed (`season`). Their level is an exponentially weighted
average. The half-life is a length of time, so the level follows a trend or a change within a year
(simple exponential smoothing, R. G. Brown, Statistical Forecasting for Inventory Control, 1959).
The effect of a single reading on it is limited, as in Huber's M-estimate (P. J. Huber, Robust
Estimation of a Location Parameter, 1964). The spread is that of the errors which the same forecast
would have made one reading ahead, over the whole history. With few errors it is close to the usual
spread of office machines (a conjugate prior on the variance).

An estimate is a guess between two true readings: the pages before and after it are added up. Only
an estimate without a later true reading counts by itself, with less weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.season import Season, season_of
from meterportal.domain.plausibility.usage import DaysBack, Segment, daily, days_back
from meterportal.domain.portfolio.machines import Meter

FEW = 2.0
"""Pages added before a log is taken, because there is no log of 0 pages."""
JOB = 8.0
"""Pages of one print job: the variance of counts on the log scale is this, divided by the
expectation."""
WEEKEND_DAYS = 0.6
"""By so many days the number of working days differs between periods of equal length."""

_HALF_LIFE = 200.0
_MEMORY = 500.0
"""After so many days an error counts half for the spread."""
_USUAL_SPREAD = 0.18
_USUAL_SPREAD_WEIGHT = 3.5
_MOST_PULL = 0.8
"""One reading counts as at most so far from the level (in logs; a factor of 2.2)."""
_LARGEST_ERROR = 2.0
_ESTIMATE_WEIGHT = 0.3
_FULL_WEIGHT_DAYS = 20.0
_IDLE_SHARE = 0.3
"""If this share of a meter's periods has no pages, a further one raises no question."""
_STANDING_STILL = 30.0
"""If so many pages were usual, a period without pages shows nothing about the usual usage."""
_PAGES, _ESTIMATED, _CONFIRMED = map(attrgetter, ("pages", "estimated", "confirmed"))


@frozen
class Pattern:
    """Log of (pages + FEW) per day: `level`, `spread` (standard deviation), `weight` of the
    evidence.

    `added` is FEW as pages per day, in periods of the usual length. `periods` is the number of
    usable periods, never 0; `guess` the last segment if it ends with an estimate; `confirmed` the
    pages per day of the latest period whose value was in doubt, confirmed and released. `level` is
    None for a meter that has never counted a page.
    """

    level: float | None
    spread: float
    weight: float
    added: float
    periods: int
    idle: bool
    season: Season | None = None
    guess: Segment | None = None
    confirmed: float | None = None


def pattern_of(meter: Meter, found: Sequence[Segment]) -> Pattern | None:
    """The pattern of a meter's usage in the segments `found`.

    None without a usable period, or if the only one has no pages.
    """
    # If a meter restarts in each period, no later reading corrects an estimate.
    evidence = combined(found) if meter.cumulative else found
    if not evidence or (len(evidence) == 1 and evidence[0].pages == 0):
        return None
    guess = evidence[-1] if evidence[-1].estimated else None
    idle = _idle(evidence)
    if not any(map(_PAGES, evidence)):
        return Pattern(None, _USUAL_SPREAD, 1.0, 0.0, len(evidence), idle, guess=guess)
    season = season_of(evidence)
    used = _without_idle(evidence)
    level, spread, weight = _followed(used, season)
    added = FEW * len(used) / sum([segment.days for segment in used])
    confirmed = _confirmed_rate(meter, evidence)
    return Pattern(level, spread, weight, added, len(evidence), idle, season, guess, confirmed)


def combined(found: Sequence[Segment]) -> list[Segment]:
    """The segments, with those before and after an estimate added up; an estimate at the end
    stays."""
    if not any(map(_ESTIMATED, found)):
        return list(found)
    evidence: list[Segment] = []
    for segment in found:
        before = evidence[-1] if evidence else None
        if before and before.estimated and before.to_on == segment.from_on:
            evidence[-1] = Segment(
                before.from_on,
                segment.to_on,
                before.pages + segment.pages,
                segment.estimated,
                segment.how,
            )
        else:
            evidence.append(segment)
    return evidence


def _without_idle(evidence: Sequence[Segment]) -> Sequence[Segment]:
    """The segments without periods of no pages, if the meter otherwise prints a lot."""
    if all(map(_PAGES, evidence)):
        return evidence
    used = sorted(segment.pages / segment.days for segment in evidence if segment.pages)
    usual = used[len(used) // 2]
    return [s for s in evidence if s.pages or s.days * usual < _STANDING_STILL]


class _Weights(NamedTuple):
    """What the days of segments alone decide. `of_each`: days, the chance of weekends, how far the level
    follows the segment, and the weight of its error. `errors`, `evidence`: the weight of all errors, and
    that of the evidence after the last segment."""

    of_each: tuple[tuple[int, float, float, float], ...]
    errors: float
    evidence: float


@lru_cache(maxsize=256)
def _weights(days: DaysBack, estimates: tuple[bool, ...]) -> _Weights:
    """Of segments: their days, and whether each ends with an estimate. The meters of a machine are read
    on the same days, and machines on the days of their invoices."""
    weight = counted = at = 0.0
    of_each = []
    for place, ((since, until), estimated) in enumerate(zip(days, estimates, strict=True)):
        length, middle = since - until, -(since + until) / 2
        own = min(1.0, length / _FULL_WEIGHT_DAYS) * (_ESTIMATE_WEIGHT if estimated else 1.0)
        error_weight = 0.0
        if place > 1 or (place and len(days) == 2):
            error_weight = own * 2.0 ** (middle / _MEMORY)
            counted += error_weight
        weight = weight * 2.0 ** ((at - middle) / _HALF_LIFE) + own if place else own
        of_each.append((length, WEEKEND_DAYS / length, own / weight, error_weight))
        at = middle
    return _Weights(tuple(of_each), counted, weight)


def _followed(evidence: Sequence[Segment], season: Season | None) -> tuple[float, float, float]:
    """Level, spread and weight after the last segment."""
    weights = _weights(days_back(evidence), tuple(map(_ESTIMATED, evidence)))
    level = squares = 0.0
    for place, (segment, of_it) in enumerate(zip(evidence, weights.of_each, strict=True)):
        length, weekend, share, error_weight = of_it
        log = math.log((segment.pages + FEW) / length)
        if season:
            log -= season.log_factor(segment.from_on, segment.to_on)
        if not place:
            level = log
            continue
        error = log - level
        if error_weight:
            chance = JOB / (segment.pages + FEW) + weekend
            counted_error = error if abs(error) <= _LARGEST_ERROR else _LARGEST_ERROR
            squares += error_weight * max(0.0, counted_error**2 - chance)
        bounded = max(-_MOST_PULL, min(_MOST_PULL, error)) if place > 2 else error
        level += share * bounded
    prior = _USUAL_SPREAD_WEIGHT
    variance = (prior * _USUAL_SPREAD**2 + squares) / (prior + weights.errors)
    return level, math.sqrt(variance), weights.evidence


def _idle(evidence: Sequence[Segment]) -> bool:
    if all(map(_PAGES, evidence)):
        return False
    end = evidence[-1].to_on
    total = still = 0.0
    for segment in evidence:
        weight = 2.0 ** ((segment.to_on - end).days / _MEMORY)
        total += weight
        still += weight if segment.pages == 0 else 0.0
    return still >= _IDLE_SHARE * total


def _confirmed_rate(meter: Meter, evidence: Sequence[Segment]) -> float | None:
    """Pages per day of the latest period whose last value was in doubt and confirmed."""
    if not any(map(_CONFIRMED, meter.history)):
        return None
    days = {entry.read_on for entry in daily(meter.history) if entry.confirmed}
    found = [segment for segment in evidence if segment.to_on in days]
    return found[-1].pages / found[-1].days if found else None
