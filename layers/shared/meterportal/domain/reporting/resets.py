"""A meter that was reset: the board was swapped, the new one counts from another value.

The reset is a reading that counts at once: usage since the last one = (end - previous) + (value -
start).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.usage import capacity, step
from meterportal.domain.plausibility.verdict import InTheFuture
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter
from meterportal.domain.refusals import ChangedMeanwhile, Invalid
from meterportal.domain.reporting.entry import UnknownMeter, number_of


@frozen
class Reset:
    """What was read when the board was swapped: the old board's `end`, the new one's `start`, and the
    value that the new one shows at the end of that day (None: `start`)."""

    meter_id: str
    read_on: date
    end: object
    start: object
    value: object | None = None


def reset(machine: Machine, given: Reset, *, seen: int, today: date) -> tuple[Machine, Effective]:
    """The machine with the reset in its meter's history, and the row that it is there.

    Raises ChangedMeanwhile, UnknownMeter, ValueRefused, InTheFuture, and Invalid for an end below the
    last value, a value below the start, or a day before the last value's.
    """
    meter = machine.meter(given.meter_id)
    if meter is None:
        raise UnknownMeter(field="meter_id")
    end, start = number_of(meter, given.end), number_of(meter, given.start)
    value = start if given.value is None else number_of(meter, given.value)
    if seen != machine.version:
        raise ChangedMeanwhile(version=machine.version, field="version")
    if given.read_on > today:
        raise InTheFuture(field="read_on")
    _refuse_impossible(meter, given.read_on, end, start, value)
    row = Effective(
        given.read_on,
        value,
        ReadingChannel.TECHNICIAN,
        reset_end=end,
        reset_start=start,
        entered_here=True,
    )
    meters = tuple(
        replace(one, history=(*one.history, row)) if one.id == meter.id else one
        for one in machine.meters
    )
    return replace(machine, meters=meters, version=machine.version + 1), row


def _refuse_impossible(meter: Meter, read_on: date, end: int, start: int, value: int) -> None:
    last = meter.last
    if last and read_on < last.read_on:
        raise Invalid(
            field="read_on",
            de=f"Der letzte Zählerstand ist vom {last.read_on:%d.%m.%Y}.",
            en=f"The last reading is of {last.read_on.isoformat()}.",
        )
    if last and meter.cumulative and step(last.value, end, capacity(meter)).pages is None:
        raise Invalid(
            field="end",
            de=f"Der Endstand ist niedriger als der letzte Zählerstand ({last.value}).",
            en=f"The end value is lower than the last reading ({last.value}).",
        )
    if value < start:
        raise Invalid(
            field="value",
            de="Der Zählerstand ist niedriger als der Anfangsstand der neuen Platine.",
            en="The value is lower than the new board's start value.",
        )
