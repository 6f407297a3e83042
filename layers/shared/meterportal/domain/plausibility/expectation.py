"""The forecast: how many pages a meter should have counted since its last effective reading.

Method. Pages per day of every segment are taken on the log scale, where "twice" and "half" are
equally far. Their location is Huber's M-estimate started at the weighted median, their spread the
weighted median absolute deviation times 1.4826 (P. J. Huber, Robust Estimation of a Location
Parameter, 1964; F. R. Hampel, The Influence Curve, 1974), so that one wrong reading in the history
moves neither. The spread is drawn towards what office machines usually show, the more so the fewer
segments there are (a conjugate prior on the variance). The interval is the one for a new
observation: its variance is the spread's, plus the location's own, plus that of counting small
numbers of jobs, plus that of weekends in short periods. Older segments weigh less.

The interval's end never lies above three times the expectation: that factor is the default
ceiling of the ERP that this portal completes (its rule 476).

An estimate is a guess between two true readings: pages on both its sides are taken together, and
only an estimate that no true reading has followed yet counts by itself, with less weight. After an
estimate the pages are also predicted from the true reading before it, and the interval covers both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from meterportal.domain.machines import Effective, Meter
from meterportal.domain.plausibility.usage import Segment, daily, segments

CEILING = 3.0
"""Above three times the expected usage a value is asked about, however scattered the history."""

WIDTH = 2.5
"""Half the interval in standard deviations."""

_LEAST_FACTOR = 1.7
"""However steady the history: offices have busy months."""
_DEEPEST_FACTOR = 4.0
"""A quarter of the expected usage is asked about, however scattered the history."""
_USUAL_SPREAD = 0.30
_USUAL_SPREAD_WEIGHT = 4.0
_HALF_LIFE = 365.0
_ESTIMATE_WEIGHT = 0.3
_FULL_WEIGHT_DAYS = 30.0
_JOB = 6.0
"""Pages that come at once: the variance of counts on the log scale is this over the expectation."""
_WEEKEND_DAYS = 0.6
_IDLE_SHARE = 0.3
"""From this share of its periods without a page, a meter's standing still is nothing to ask about."""
_SMALL = 15
"""Pages over the expectation that are never worth a question."""
_YEAR = 365.25


class Basis(StrEnum):
    HISTORY = "history"
    CONTRACT_VOLUME = "contract_volume"
    MODEL_VOLUME = "model_volume"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Pages expected in `days` since the last effective reading, and the range that raises no doubt.

    `segments` is the number of usable periods behind it, 0 when an agreed or a model's volume had
    to serve (`basis`). `idle`: the meter is known to stand still. `estimated`: the last reading was
    an estimate, the range is wider.
    """

    pages: int
    low: int
    high: int
    segments: int
    days: int
    basis: Basis = Basis.HISTORY
    idle: bool = False
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """Log of pages per day: location, spread, and the weight of evidence behind them."""

    location: float
    spread: float
    weight: float


def expectation(
    meter: Meter, *, read_on: date, model_volume: int | None = None
) -> Expectation | None:
    """What the meter's effective readings up to `read_on` predict for that day.

    Without a usable history the contract's volume serves (pages a year), else the model's; the
    range then starts at 0 and ends at three times the volume. None: nothing to judge by, or no
    day has passed since the last reading.
    """
    known = [entry for entry in daily(meter.history) if entry.read_on <= read_on]
    if not known or known[-1].read_on >= read_on:
        return None
    last = known[-1]
    days = (read_on - last.read_on).days
    evidence = combined(segments(meter, until=read_on))
    used = [segment for segment in evidence if segment.pages > 0]
    if not used and len(evidence) < 2:
        return _by_volume(meter, last, days, model_volume)
    idle = _idle(evidence, read_on)
    if not used:
        return Expectation(0, 0, _SMALL, len(evidence), days, idle=True, estimated=last.estimated)
    rate = usage_rate(used, read_on)
    found = _around(rate, days)
    if last.estimated:
        found = _past_the_estimate(found, rate, evidence[-1], days)
    return replace(found, low=0 if idle else found.low, segments=len(evidence), idle=idle)


def combined(found: Sequence[Segment]) -> list[Segment]:
    """Segments with those on both sides of an estimate taken together; a trailing one stays."""
    evidence: list[Segment] = []
    for segment in found:
        before = evidence[-1] if evidence else None
        if before and before.estimated and before.to_on == segment.from_on:
            evidence[-1] = replace(
                segment, from_on=before.from_on, pages=before.pages + segment.pages
            )
        else:
            evidence.append(segment)
    return evidence


def usage_rate(used: Sequence[Segment], at: date) -> Rate:
    """Robust location and spread of the log of pages per day; every segment has pages."""
    logs = [math.log(segment.pages / segment.days) for segment in used]
    weights = [_weight(segment, at) for segment in used]
    middle = _weighted_median(logs, weights)
    deviations = [abs(value - middle) for value in logs]
    mad = 1.4826 * _weighted_median(deviations, weights)
    total = sum(weights)
    count = total * total / sum(weight * weight for weight in weights)
    prior = _USUAL_SPREAD_WEIGHT
    variance = (prior * _USUAL_SPREAD**2 + (count - 1) * mad * mad) / (prior + count - 1)
    spread = math.sqrt(variance)
    return Rate(_huber(logs, weights, middle, spread), spread, min(total, count))


def _weight(segment: Segment, at: date) -> float:
    age = math.pow(0.5, (at - segment.to_on).days / _HALF_LIFE)
    length = min(1.0, segment.days / _FULL_WEIGHT_DAYS)
    return max(1e-6, age * length * (_ESTIMATE_WEIGHT if segment.estimated else 1.0))


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    ordered = sorted(zip(values, weights, strict=True))
    half = sum(weights) / 2
    below = 0.0
    for position, (value, weight) in enumerate(ordered):
        below += weight
        if math.isclose(below, half, rel_tol=1e-9) and position + 1 < len(ordered):
            return (value + ordered[position + 1][0]) / 2
        if below > half:
            return value
    return ordered[-1][0]


def _huber(values: Sequence[float], weights: Sequence[float], start: float, spread: float) -> float:
    """Three steps of iteratively reweighted averaging; beyond 1.345 spreads a value pulls less."""
    bend = 1.345 * spread
    location = start
    for _ in range(3):
        pulls = [
            weight * min(1.0, bend / max(abs(value - location), 1e-12))
            for value, weight in zip(values, weights, strict=True)
        ]
        location = sum(p * v for p, v in zip(pulls, values, strict=True)) / sum(pulls)
    return location


def _around(rate: Rate, days: int) -> Expectation:
    pages = math.exp(rate.location) * days
    variance = (
        rate.spread**2 * (1 + 1 / rate.weight) + _JOB / max(pages, 1.0) + _WEEKEND_DAYS / days
    )
    factor = max(_LEAST_FACTOR, math.exp(min(WIDTH * math.sqrt(variance), 5.0)))
    low = pages / factor if factor <= _DEEPEST_FACTOR else pages / _DEEPEST_FACTOR
    if pages < _SMALL:
        low = 0.0
    high = max(pages * min(factor, CEILING), pages + _SMALL)
    return Expectation(round(pages), math.floor(low), math.ceil(high), 0, days)


def _past_the_estimate(found: Expectation, rate: Rate, estimate: Segment, days: int) -> Expectation:
    """The range widened by what the true reading before the estimate predicts."""
    if not estimate.estimated:
        return replace(found, estimated=True)
    whole = _around(rate, days + estimate.days)
    return replace(
        found,
        pages=max(0, whole.pages - estimate.pages),
        low=max(0, min(found.low, whole.low - estimate.pages)),
        high=max(found.high, whole.high - estimate.pages),
        estimated=True,
    )


def _idle(evidence: Sequence[Segment], at: date) -> bool:
    total = sum(_weight(segment, at) for segment in evidence)
    still = sum(_weight(segment, at) for segment in evidence if segment.pages == 0)
    return still >= _IDLE_SHARE * total


def _by_volume(
    meter: Meter, last: Effective, days: int, model_volume: int | None
) -> Expectation | None:
    basis = Basis.CONTRACT_VOLUME if meter.volume else Basis.MODEL_VOLUME
    volume = meter.volume or model_volume
    if not volume:
        return None
    pages = volume * days / _YEAR
    high = max(pages * CEILING, pages + _SMALL)
    return Expectation(
        round(pages), 0, math.ceil(high), 0, days, basis=basis, estimated=last.estimated
    )
