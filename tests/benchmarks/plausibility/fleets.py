"""Fleets that the check is measured on, made from a seed; nothing of the demo export is in them.

A company has 1 to 40 machines under one billing interval. Every machine has a family, which shapes
the activity of its days; every meter a level, a noise of its own and jobs of several pages:

* steady: the same all year; noise of 8 to 20 % a month
* seasonal: a wave over the year (up to ±80 % on the log scale) or school holidays in summer
* trending: growing or shrinking by 20 to 100 % a year, or one lasting change of level
* bursty: noise of 20 to 35 % a month and campaigns of several times the usual pages
* near_idle: less than a page a day, whole periods without any
* new: any of the first four, with one to three readings

Days know weekends and the days around Christmas. Readings come up to twelve days before the due
date; some are missing, some are estimates, some a technician's in between; boards are changed,
counters roll over at their last digit, some meters restart each period, some machines carry a total
whose sum is exact or nearly so. What happened on the last period is true and known (`Held`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TypeVar

from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind

Drawn = TypeVar("Drawn")

TUNING_SEEDS = range(1_000, 1_010)
REPORTING_SEEDS = range(7_000, 7_010)
"""Constants of the check may be chosen by fleets of the first, results are told of the second."""

FIRST_DAY = date(2021, 9, 1)
DUE_ON = date(2026, 11, 28)
_DAYS = (DUE_ON - FIRST_DAY).days + 1
_WEEKDAYS = tuple((FIRST_DAY + timedelta(days=n)).weekday() for n in range(_DAYS))
_OF_YEAR = tuple((FIRST_DAY + timedelta(days=n)).timetuple().tm_yday for n in range(_DAYS))
_FAMILIES = {
    "steady": 34,
    "seasonal": 22,
    "trending": 16,
    "bursty": 10,
    "near_idle": 8,
    "new": 10,
}
_INTERVALS = {1: 35, 3: 35, 6: 15, 12: 15}
_METERS = {
    (MeterKind.BW, MeterKind.COLOUR): 50,
    (MeterKind.BW, MeterKind.SCAN): 10,
    (MeterKind.BW, MeterKind.COLOUR, MeterKind.SCAN): 15,
    (MeterKind.BW, MeterKind.COLOUR, MeterKind.TOTAL): 15,
    (MeterKind.BW, MeterKind.COLOUR, MeterKind.TOTAL, MeterKind.SCAN): 10,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A machine as it was known before its last reading, and what was then read in truth.

    `values` and `pages` (printed since the last reading) are by meter id.
    """

    machine: Machine
    family: str
    read_on: date
    values: dict[str, int]
    pages: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a machine is read, and what happens to it."""

    days: tuple[int, ...]
    estimated: frozenset[int]
    new_board: dict[int, int]
    restarting: bool


def fleet(seed: int, companies: int) -> Iterator[list[Held]]:
    """The machines of each company. The same seed gives the same fleet."""
    for number in range(companies):
        random = Random(f"{seed}/{number}")  # noqa: S311  # chance that can be repeated, no secret
        yield _company(random, f"{seed}-{number}")


def _draw(random: Random, weights: dict[Drawn, int]) -> Drawn:
    return random.choices(list(weights), list(weights.values()))[0]


def _company(random: Random, name: str) -> list[Held]:
    machines = round(math.exp(random.uniform(0, math.log(40))))
    months = _draw(random, _INTERVALS)
    last = _DAYS - 1 - random.randrange(12)
    size = random.gauss(0, 0.4)
    return [
        _machine(random, f"{name}-{n}", months=months, last=last, size=size)
        for n in range(machines)
    ]


def _machine(random: Random, name: str, *, months: int, last: int, size: float) -> Held:
    family = _draw(random, _FAMILIES)
    shape = family
    if family == "new":
        shape = random.choice(["steady", "seasonal", "trending", "bursty"])
    noise, share = _noise(random, shape), random.uniform(0.2, 0.8)
    activity = _blocks(random, _activity(random, shape), noise * math.sqrt(share))
    plan = _plan(random, months=months, last=last, new=family == "new")
    level = math.exp(random.gauss(math.log(45), 0.9) + size)
    if family == "near_idle":
        level = math.exp(random.uniform(math.log(0.05), math.log(0.9)))
    kinds = _draw(random, _METERS)
    own = noise * math.sqrt(1 - share)
    printed: dict[MeterKind, list[int]] = {}
    for kind in kinds:
        if kind is MeterKind.TOTAL:
            printed[kind] = _total(random, printed)
        else:
            scale = level * (1.0 if kind is MeterKind.BW else random.lognormvariate(-1.0, 0.7))
            days = _blocks(random, activity, own)
            printed[kind] = _pages(random, days, scale, job=random.uniform(2, 9))
    meters, values, pages = [], {}, {}
    age = random.uniform(0, 4) if family != "new" else random.uniform(0, 0.1)
    near_the_end = random.random() < 0.03
    for n, kind in enumerate(kinds, start=1):
        meter, value, used = _meter(
            random, str(n), kind, printed[kind], plan, age=age, near_the_end=near_the_end
        )
        meters.append(meter)
        values[meter.id], pages[meter.id] = value, used
    machine = Machine(name, "company", "contract", meters=tuple(meters))
    return Held(machine, family, FIRST_DAY + timedelta(days=plan.days[-1]), values, pages)


def _noise(random: Random, shape: str) -> float:
    low, high = {
        "steady": (0.08, 0.20),
        "seasonal": (0.10, 0.22),
        "trending": (0.10, 0.22),
        "bursty": (0.20, 0.35),
        "near_idle": (0.20, 0.40),
    }[shape]
    return random.uniform(low, high)


def _activity(random: Random, shape: str) -> list[float]:
    """How busy each day is, 1 on average over the working days of a usual year."""
    weekend = random.choice([0.0, 0.0, 0.05, 0.3])
    days = [1.4 if day < 5 else 1.4 * weekend for day in _WEEKDAYS]
    for n, day in enumerate(_OF_YEAR):
        if day >= 358 or day <= 2:
            days[n] *= 0.1
    if shape == "seasonal":
        _over_the_year(random, days)
    elif shape == "trending":
        _over_the_years(random, days)
    elif shape == "bursty":
        _with_campaigns(random, days)
    return days


def _over_the_year(random: Random, days: list[float]) -> None:
    if random.random() < 0.4:
        start, length, quiet = random.randrange(180, 212), 44, random.uniform(0.05, 0.3)
        for n, day in enumerate(_OF_YEAR):
            if start <= day < start + length or 95 <= day < 107:
                days[n] *= quiet
        return
    height, peak = random.uniform(0.25, 0.8), random.uniform(0, 365)
    for n, day in enumerate(_OF_YEAR):
        days[n] *= math.exp(height * math.cos(2 * math.pi * (day - peak) / 365.25))


def _over_the_years(random: Random, days: list[float]) -> None:
    if random.random() < 0.5:
        growth = random.choice([-1, 1]) * random.uniform(0.2, 0.7)
        for n in range(len(days)):
            days[n] *= math.exp(growth * (n - len(days)) / 365.25)
        return
    changed = len(days) - 1 - random.randrange(1_200)
    factor = math.exp(random.choice([-1, 1]) * random.uniform(0.3, 0.9))
    for n in range(changed, len(days)):
        days[n] *= factor


def _with_campaigns(random: Random, days: list[float]) -> None:
    n = random.expovariate(3 / 365)
    while n < len(days):
        factor = random.uniform(3, 8)
        for day in range(int(n), min(len(days), int(n) + random.randrange(3, 15))):
            days[day] *= factor
        n += random.expovariate(random.uniform(1.5, 4) / 365)


def _blocks(random: Random, days: list[float], noise: float) -> list[float]:
    """The days with a factor of chance for every thirty of them."""
    shifted = random.randrange(30)
    factors = [random.lognormvariate(-noise * noise / 2, noise) for _ in range(_DAYS // 30 + 2)]
    return [activity * factors[(n + shifted) // 30] for n, activity in enumerate(days)]


def _pages(random: Random, days: list[float], scale: float, *, job: float) -> list[int]:
    """Pages printed up to the end of each day; they come in jobs of `job` pages on average."""
    printed = []
    for activity in days:
        jobs = _poisson(random, activity * scale / job)
        printed.append(round(random.gammavariate(jobs, job)) + jobs if jobs else 0)
    return list(accumulate(printed))


def _poisson(random: Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    left, count = math.exp(-mean), 0
    chance = random.random()
    while chance > left:
        chance *= random.random()
        count += 1
    return count


def _total(random: Random, printed: dict[MeterKind, list[int]]) -> list[int]:
    """Black and white and colour; on some machines the total counts test pages, too."""
    extra = random.uniform(0, 0.01) if random.random() < 0.3 else 0.0
    parts = [printed[MeterKind.BW], printed[MeterKind.COLOUR]]
    return [sum(day) + int(sum(day) * extra) for day in zip(*parts, strict=True)]


def _plan(random: Random, *, months: int, last: int, new: bool) -> _Plan:
    years = random.uniform(1.0, 5.0)
    most = max(4, round(years * 12 / months)) if months < 12 else random.randrange(3, 6)
    count = random.randrange(1, 4) if new else most
    days = [last]
    for back in range(1, count + 1):
        on = _DAYS - 1 - round(back * months * 30.4375) - random.randrange(12)
        if on < 0:
            break
        days.append(on)
    days.reverse()
    inner = range(1, len(days) - 1)
    missing = frozenset(n for n in inner if random.random() < 0.03)
    visits = [random.randrange(days[n - 1], days[n]) for n in inner if random.random() < 0.03]
    known = sorted({day for n, day in enumerate(days) if n not in missing} | set(visits))
    places = range(1, len(known) - 1)
    return _Plan(
        tuple(known),
        frozenset(n for n in places if random.random() < 0.05 and known[n] not in visits),
        {
            n: random.randrange(known[n - 1], known[n])
            for n in places
            if random.random() < 0.03 / (12 / months)
        },
        not new and random.random() < 0.03,
    )


def _meter(
    random: Random,
    number: str,
    kind: MeterKind,
    printed: list[int],
    plan: _Plan,
    *,
    age: float,
    near_the_end: bool,
) -> tuple[Meter, int, int]:
    """The meter with its history before the last reading, the last true value and its pages."""
    yearly = printed[-1] / (_DAYS / 365.25)
    before = int(age * yearly) + random.randrange(200)
    digits = max(random.choice([6, 6, 7, 8]), len(str(before + 2 * printed[-1])))
    if near_the_end and printed[-1] < 10**5:
        digits = 6
        since = printed[plan.days[0]]
        used = printed[plan.days[-1]] - since
        before = max(0, 10**6 - since - int(used * random.uniform(0.2, 1.0)) - 1)
    limit = 10**digits
    entries: list[Effective] = []
    offset, rate, guess = before, yearly / 365, 0.0
    for n, day in enumerate(plan.days):
        previous = plan.days[n - 1] if n else day
        truth = printed[day] - printed[previous]
        end = start = None
        if n in plan.new_board:
            swap_day = plan.new_board[n]
            end = (offset + printed[swap_day]) % limit
            start = random.choice([0, 0, 0, random.randrange(60)])
            offset = start - printed[swap_day]
        value = (offset + printed[day]) % limit
        if plan.restarting:
            value = truth if n else 0
            end = start = None
        if n in plan.estimated and end is None:
            guess = rate * (day - previous) * random.lognormvariate(0, 0.15)
            value = round(guess) if plan.restarting else round(entries[-1].value + guess) % limit
        elif n and day > previous:
            rate = truth / (day - previous)
        on = FIRST_DAY + timedelta(days=day)
        entries.append(
            Effective(
                on,
                value,
                estimated=n in plan.estimated and end is None,
                billed=n % 3 == 0,
                reset_end=end,
                reset_start=start,
            )
        )
    used = printed[plan.days[-1]] - printed[plan.days[-2]]
    meter = Meter(
        number,
        kind.value,
        kind,
        digits=digits,
        cumulative=not plan.restarting,
        history=tuple(entries[:-1]),
    )
    return meter, entries[-1].value, used
