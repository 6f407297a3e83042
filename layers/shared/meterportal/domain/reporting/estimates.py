"""Estimates for what nobody reported: the last value and the usual pages a day.

An estimate is a reading that waits for release like any other, under a channel of its own; a true value
takes its place until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.usage import capacity, segments
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.portfolio.progress import Grace, still_open
from meterportal.domain.reporting.readings import Reading, ReadingState

LOOK_BACK = timedelta(days=360)
IN_A_ROW = 3
"""After so many estimates somebody should look at the machine."""


@frozen
class Estimate:
    """A proposed value. `days` since the last value, at `per_day` pages; `in_a_row` counts this
    estimate and those right before it."""

    meter_id: str
    value: int
    read_on: date
    days: int
    per_day: float
    in_a_row: int


def missing(machine: Machine, contract: Contract, *, today: date, grace: Grace) -> list[Meter]:
    """The billable meters without a reading that counts for a period that is due: under any channel."""
    return [
        meter
        for meter in unreported(machine, contract, today=today)
        if still_open(replace(machine, meters=(meter,)), grace)
    ]


def unreported(machine: Machine, contract: Contract, *, today: date) -> list[Meter]:
    """The billable meters that nobody reported for a period that is due. A reading of the ERP's may count
    for it all the same."""
    if not machine.asked_for or machine.set_aside or machine.due_on is None:
        return []
    if machine.due_on > today or not contract.running(machine.due_on):
        return []
    return [meter for meter in machine.billable_meters if machine.reading(meter.id) is None]


def estimate(meter: Meter, read_on: date) -> Estimate | None:
    """The value on a day: last + pages a day x days. Pages a day are those of true readings up to
    `LOOK_BACK` before the last of them; of the agreed volume where there are none. None: nothing to go
    by, or the day is not behind the last value's.
    """
    last = meter.last
    if last is None or read_on <= last.read_on:
        return None
    per_day = _per_day(meter)
    if per_day is None:
        return None
    days = (read_on - last.read_on).days
    pages = round(per_day * days)
    value = (last.value + pages) % capacity(meter) if meter.cumulative else pages
    return Estimate(meter.id, value, read_on, days, round(per_day, 2), _in_a_row(meter) + 1)


Guesses = Sequence[tuple[Meter, Estimate | None]]
"""The missing meters of a machine, each with its estimate; None: nothing to go by."""


def guesses(machine: Machine, contract: Contract, *, today: date, grace: Grace) -> Guesses:
    """What is missing at a machine for a period that is due, and what would be estimated on its due date."""
    if machine.due_on is None:
        return ()
    found = missing(machine, contract, today=today, grace=grace)
    return [(meter, estimate(meter, machine.due_on)) for meter in found]


def has_basis(machine: Machine) -> bool:
    """Whether there is something to go by for a counter that has no reading for the period."""
    open_ = [meter for meter in machine.billable_meters if machine.reading(meter.id) is None]
    return machine.due_on is not None and any(estimate(one, machine.due_on) for one in open_)


def estimable(machine: Machine, contract: Contract, *, today: date, grace: Grace) -> bool:
    """Whether something is missing at a machine that can be estimated."""
    return any(one for _, one in guesses(machine, contract, today=today, grace=grace))


def _per_day(meter: Meter) -> float | None:
    true = replace(meter, history=tuple(e for e in meter.history if not e.estimated))
    if true.last is not None:
        since = true.last.read_on - LOOK_BACK
        recent = [one for one in segments(true) if one.to_on > since and one.days]
        if recent:
            return sum(one.pages for one in recent) / sum(one.days for one in recent)
    return meter.volume / 365 if meter.volume else None


def estimates_in_a_row(machine: Machine) -> int:
    """How many times in a row its counters were estimated, with an estimate that waits for release."""
    meters = zip(machine.billable_meters, machine.standing, strict=True)
    return max((_in_a_row(meter) + _waits(reading) for meter, reading in meters), default=0)


def _waits(reading: Reading | None) -> bool:
    estimated = reading is not None and reading.channel is ReadingChannel.ESTIMATE
    return estimated and reading is not None and reading.state is ReadingState.REPORTED


def _in_a_row(meter: Meter) -> int:
    count = 0
    for entry in reversed(meter.history):
        if not entry.estimated:
            break
        count += 1
    return count


def with_estimates(
    machine: Machine, found: list[Estimate], *, by: str, now: datetime
) -> tuple[Machine, tuple[Reading, ...]]:
    """The machine with the estimates in its period, and these readings."""
    assert machine.due_on is not None, "estimates belong to a period"
    readings = tuple(
        Reading(
            meter_id=one.meter_id,
            due_on=machine.due_on,
            value=one.value,
            read_on=one.read_on,
            reported_by=by,
            channel=ReadingChannel.ESTIMATE,
            reported_at=now,
        )
        for one in found
    )
    changed = replace(machine, readings=(*machine.readings, *readings), version=machine.version + 1)
    return changed, readings
