"""A meter's habits, from its history alone: what a forecast for any later day is made of.

Method. Pages per day of every segment are taken on the log scale, where "twice" and "half" are
equally far, and freed from the season (`season`). Their level is an exponentially weighted average
whose half-life follows the time passed, so that a trend or a change of habits is followed within a
year (simple exponential smoothing, R. G. Brown, Statistical Forecasting for Inventory Control,
1959); what a single reading may move it by is bounded as in Huber's M-estimate (P. J. Huber, Robust
Estimation of a Location Parameter, 1964). The spread is that of the errors which the same forecast
would have made one reading ahead, all through the history; it is drawn towards what office machines
usually show, the more so the fewer there are (a conjugate prior on the variance).

An estimate is a guess between two true readings: pages on both its sides are taken together, and
only an estimate that no true reading has followed yet counts by itself, with less weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from meterportal.domain.machines import Meter
from meterportal.domain.plausibility.season import Season, season_of
from meterportal.domain.plausibility.usage import Segment, daily, segments

FEW = 2.0
"""Pages added before a log is taken, so that a period without a page has one."""
JOB = 8.0
"""Pages that come at once: the variance of counts on the log scale is this over the expectation."""
WEEKEND_DAYS = 0.6
"""Days by which working days differ between periods of equal length."""

_HALF_LIFE = 200.0
_MEMORY = 500.0
"""Days until an error of the past counts half for the spread."""
_USUAL_SPREAD = 0.18
_USUAL_SPREAD_WEIGHT = 3.5
_MOST_PULL = 0.8
"""Logs that one reading may be taken to lie off the level: a factor of 2.2."""
_LARGEST_ERROR = 2.0
_ESTIMATE_WEIGHT = 0.3
_FULL_WEIGHT_DAYS = 20.0
_IDLE_SHARE = 0.3
"""From this share of its periods without a page, a meter's standing still is nothing to ask about."""
_STANDING_STILL = 30.0
"""A period without a page where this many are usual says nothing of how much is printed else."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Log of (pages + FEW) per day: `level`, `spread` (standard deviation), `weight` of evidence.

    `added` are the pages per day that FEW stands for in periods of the usual length. `periods` is the number of usable periods behind it, 0 never; `guess` the trailing segment if it
    ends in an estimate; `confirmed` the pages per day of the latest period whose value was asked
    about, confirmed and released. `level` is None for a meter that has never counted a page.
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


def pattern_of(meter: Meter, *, until: date | None = None) -> Pattern | None:
    """What the effective readings up to the day `until` show, None when that is nothing yet.

    A single period without a page is nothing yet.
    """
    found = segments(meter, until=until)
    # No later reading makes good what was guessed of a meter that restarts each period.
    evidence = combined(found) if meter.cumulative else found
    if not evidence or (len(evidence) == 1 and evidence[0].pages == 0):
        return None
    guess = evidence[-1] if evidence[-1].estimated else None
    idle = _idle(evidence)
    if not any(segment.pages for segment in evidence):
        return Pattern(None, _USUAL_SPREAD, 1.0, 0.0, len(evidence), idle, guess=guess)
    season = season_of(evidence)
    telling = _that_tell(evidence)
    level, spread, weight = _followed(telling, season)
    added = FEW * len(telling) / sum(segment.days for segment in telling)
    confirmed = _confirmed_rate(meter, evidence)
    return Pattern(level, spread, weight, added, len(evidence), idle, season, guess, confirmed)


def combined(found: Sequence[Segment]) -> list[Segment]:
    """Segments with those on both sides of an estimate taken together; a trailing one stays."""
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


def _that_tell(evidence: Sequence[Segment]) -> Sequence[Segment]:
    """Without the periods of standing still of a meter that otherwise prints a lot."""
    used = sorted(segment.pages / segment.days for segment in evidence if segment.pages)
    if len(used) == len(evidence):
        return evidence
    usual = used[len(used) // 2]
    return [s for s in evidence if s.pages or s.days * usual < _STANDING_STILL]


def _followed(evidence: Sequence[Segment], season: Season | None) -> tuple[float, float, float]:
    """Level, spread and weight after the last of the segments."""
    end = evidence[-1].to_on.toordinal()
    level = weight = squares = counted = at = 0.0
    for place, segment in enumerate(evidence):
        first, last = segment.from_on.toordinal(), segment.to_on.toordinal()
        days, middle = last - first, (first + last) / 2
        log = math.log((segment.pages + FEW) / days)
        if season:
            log -= season.log_factor(segment.from_on, segment.to_on)
        own = min(1.0, days / _FULL_WEIGHT_DAYS) * (_ESTIMATE_WEIGHT if segment.estimated else 1.0)
        if not place:
            level, weight, at = log, own, middle
            continue
        error = log - level
        if place > 1 or len(evidence) == 2:
            told = own * 2.0 ** ((middle - end) / _MEMORY)
            chance = JOB / (segment.pages + FEW) + WEEKEND_DAYS / days
            squares += told * max(0.0, min(error, _LARGEST_ERROR, key=abs) ** 2 - chance)
            counted += told
        weight = weight * 2.0 ** ((at - middle) / _HALF_LIFE) + own
        bounded = max(-_MOST_PULL, min(_MOST_PULL, error)) if place > 2 else error
        level += own / weight * bounded
        at = middle
    prior = _USUAL_SPREAD_WEIGHT
    variance = (prior * _USUAL_SPREAD**2 + squares) / (prior + counted)
    return level, math.sqrt(variance), weight


def _idle(evidence: Sequence[Segment]) -> bool:
    end = evidence[-1].to_on
    total = still = 0.0
    for segment in evidence:
        weight = 2.0 ** ((segment.to_on - end).days / _MEMORY)
        total += weight
        still += weight if segment.pages == 0 else 0.0
    return still >= _IDLE_SHARE * total


def _confirmed_rate(meter: Meter, evidence: Sequence[Segment]) -> float | None:
    """Pages per day of the latest period whose end was confirmed against a doubt."""
    if not any(entry.confirmed for entry in meter.history):
        return None
    days = {entry.read_on for entry in daily(meter.history) if entry.confirmed}
    found = [segment for segment in evidence if segment.to_on in days]
    return found[-1].pages / found[-1].days if found else None
