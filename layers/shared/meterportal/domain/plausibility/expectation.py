"""The forecast: how many pages a meter should have counted since its last effective reading.

Method. The meter's usage pattern (`pattern`) gives the log of the expected pages. The interval is
the one for a new observation; its variance is the sum of four: of the past errors, of the level, of
counting a small number of jobs, and of weekends in short periods. The limits grow more slowly than
the standard deviation: otherwise a scattered history would hide errors, and a steady one would
raise doubts about small differences (likelihood ratio of error and truth, J. Neyman and E. S.
Pearson, 1933; the exponent was chosen on tuning fleets, see docs/plausibility.md). The limits never
exceed the tolerances' ceiling.

After an estimate the pages are also predicted from the true reading before it, and the interval
covers both predictions. A value that was in doubt, confirmed and released widens the range up to
its usage. It does so once: several confirmations do not add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.pattern import (
    FEW,
    JOB,
    WEEKEND_DAYS,
    Pattern,
    pattern_of,
)
from meterportal.domain.plausibility.season import YEAR
from meterportal.domain.plausibility.tolerances import USUAL, Tolerances
from meterportal.domain.plausibility.usage import Segment, segments_between
from meterportal.domain.portfolio.machines import Effective, Meter

_WIDTH = 1.65
_EXPONENT = 0.7
_LOWER = 1.25
"""The lower limit is farther away: people are absent more often than they print twice as much."""
_DEEPEST_FACTOR = 5.0
"""Less than a fifth of the expected usage is in doubt, even with a scattered history."""
_FEW_PERIODS = 0.35
"""Additional variance on the log scale for a single period; divided by the square of their
number."""
_VOLUME_SPREAD = 0.6
"""Standard deviation, on the log scale, of the usage if only a volume was agreed."""


class Basis(StrEnum):
    HISTORY = "history"
    CONTRACT_VOLUME = "contract_volume"
    MODEL_VOLUME = "model_volume"


@frozen
class Expectation:
    """Expected pages in `days` since the last effective reading, and the range that raises no
    doubt.

    `segments` is the number of usable periods, 0 if an agreed or a model's volume was used
    (`basis`). `idle`: the meter often stands still. `estimated`: the last reading was an estimate,
    so the range is wider; the estimate may have been too high by up to -`floor` pages. `log_pages`
    and `spread` are the forecast's location and standard deviation as log of (pages + FEW).
    """

    pages: int
    low: int
    high: int
    segments: int
    days: int
    basis: Basis = Basis.HISTORY
    idle: bool = False
    estimated: bool = False
    floor: int = 0
    log_pages: float = 0.0
    spread: float = 1.0


def expectation_after(
    readings: Sequence[Effective],
    meter: Meter,
    *,
    limit: int,
    read_on: date,
    model_volume: int | None = None,
    tolerances: Tolerances = USUAL,
) -> Expectation | None:
    """The forecast for `read_on`, from the meter's effective `readings` up to that day: one at
    least, one per day, oldest first. The meter rolls over at `limit`.

    Without a usable history the contract's volume is used (pages per year), else the model's; then
    the range starts at 0 and ends at the ceiling. None: nothing to judge by, or no day has passed
    since the last reading.
    """
    last = readings[-1]
    if last.read_on >= read_on:
        return None
    if not meter.cumulative:
        last = last._replace(estimated=False)
    found = segments_between(readings, limit=limit, cumulative=meter.cumulative)
    pattern = pattern_of(meter, found)
    if pattern is None:
        return _by_volume(meter, last, (read_on - last.read_on).days, model_volume, tolerances)
    return forecast(pattern, last, read_on=read_on, tolerances=tolerances)


def forecast(
    pattern: Pattern, last: Effective, *, read_on: date, tolerances: Tolerances = USUAL
) -> Expectation:
    """What a pattern predicts for the days after the `last` effective reading."""
    days = (read_on - last.read_on).days
    if pattern.level is None:
        return Expectation(
            0,
            0,
            tolerances.quiet_pages,
            pattern.periods,
            days,
            idle=True,
            estimated=last.estimated,
            log_pages=math.log(FEW),
        )
    found = _around(pattern, pattern.level, last.read_on, read_on, tolerances)
    if last.estimated:
        found = _past_the_estimate(found, pattern, pattern.level, read_on, tolerances)
    if pattern.confirmed is not None:
        found = _once_confirmed(found, pattern.confirmed)
    return replace(found, low=0, idle=True) if pattern.idle else found


def limits(log_pages: float, spread: float, tolerances: Tolerances) -> tuple[float, float]:
    """The pages between which no doubt is raised, for a forecast of log (pages + FEW) with its
    spread."""
    pages_and_few = math.exp(log_pages)
    pages = max(0.0, pages_and_few - FEW)
    reach = tolerances.width * _WIDTH * spread**_EXPONENT
    quiet = tolerances.quiet_pages
    high = max(pages * min(math.exp(min(reach, 9.0)), tolerances.ceiling), pages + quiet)
    if pages < quiet:
        return 0.0, high
    low = pages_and_few / min(math.exp(min(_LOWER * reach, 9.0)), _DEEPEST_FACTOR) - FEW
    return max(0.0, min(low, pages - quiet)), high


def _around(
    pattern: Pattern, level: float, from_on: date, to_on: date, tolerances: Tolerances
) -> Expectation:
    days = (to_on - from_on).days
    usual = max(0.0, math.exp(level) - pattern.added) * days
    if pattern.season:
        usual *= math.exp(pattern.season.log_factor(from_on, to_on))
    log_pages = math.log(usual + FEW)
    spread = math.sqrt(
        pattern.spread**2 * (1 + 1 / pattern.weight)
        + _FEW_PERIODS / pattern.periods**2
        + JOB / (usual + FEW)
        + WEEKEND_DAYS / days
    )
    low, high = limits(log_pages, spread, tolerances)
    return Expectation(
        round(usual),
        math.floor(low),
        math.ceil(high),
        pattern.periods,
        days,
        log_pages=log_pages,
        spread=spread,
    )


def _past_the_estimate(
    found: Expectation, pattern: Pattern, level: float, read_on: date, tolerances: Tolerances
) -> Expectation:
    """The range, widened by the prediction from the true reading before the estimate."""
    guess: Segment | None = pattern.guess
    if guess is None:
        return replace(found, estimated=True)
    from_true_reading = _around(pattern, level, guess.from_on, read_on, tolerances)
    pages = max(0, from_true_reading.pages - guess.pages)
    return replace(
        found,
        pages=pages,
        low=max(0, min(found.low, from_true_reading.low - guess.pages)),
        high=max(found.high, from_true_reading.high - guess.pages),
        estimated=True,
        floor=min(0, from_true_reading.low - guess.pages),
        log_pages=math.log(pages + FEW),
        spread=max(found.spread, from_true_reading.spread),
    )


def _once_confirmed(found: Expectation, rate: float) -> Expectation:
    """The range, widened to the usage that was in doubt once and confirmed."""
    pages = rate * found.days
    return replace(
        found, low=min(found.low, math.floor(pages)), high=max(found.high, math.ceil(pages))
    )


def _by_volume(
    meter: Meter,
    last: Effective,
    days: int,
    model_volume: int | None,
    tolerances: Tolerances,
) -> Expectation | None:
    basis = Basis.CONTRACT_VOLUME if meter.volume else Basis.MODEL_VOLUME
    volume = meter.volume or model_volume
    if not volume:
        return None
    pages = volume * days / YEAR
    high = max(pages * tolerances.ceiling, pages + tolerances.quiet_pages)
    return Expectation(
        round(pages),
        0,
        math.ceil(high),
        0,
        days,
        basis=basis,
        estimated=last.estimated,
        log_pages=math.log(pages + FEW),
        spread=_VOLUME_SPREAD,
    )
