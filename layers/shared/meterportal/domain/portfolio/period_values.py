"""What was read of a machine in its current period, beside what came before."""

from __future__ import annotations

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.usage import capacity, step_to
from meterportal.domain.portfolio.machines import Effective, Machine, Meter
from meterportal.domain.reporting.readings import Reading


@frozen
class PeriodValue:
    """A meter with its reading of the period (None: missing) and the last effective one before it.
    `usage`: the pages between, None where either is missing or nothing explains a lower value."""

    meter: Meter
    reading: Reading | None
    previous: Effective | None
    usage: int | None


def period_values(machine: Machine) -> list[PeriodValue]:
    """The billable meters of a machine."""
    return [period_value(meter, machine.reading(meter.id)) for meter in machine.billable_meters]


def period_value(meter: Meter, reading: Reading | None) -> PeriodValue:
    """One meter with one reading, beside what came before it."""
    if reading is None:
        return PeriodValue(meter, None, meter.last, None)
    # What is released stands in the history itself: the one before it is what it followed.
    before = (entry for entry in reversed(meter.history) if entry.read_on < reading.read_on)
    previous = next(before, None)
    if previous is None:
        return PeriodValue(meter, reading, None, None)
    now = Effective(reading.read_on, reading.value)
    pages = step_to(previous, now, limit=capacity(meter), cumulative=meter.cumulative).pages
    return PeriodValue(meter, reading, previous, pages)
