"""A released reading becomes history: the next usage and forecast are based on it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter
from meterportal.domain.reporting.readings import Reading


def make_effective(machine: Machine, reading: Reading, *, confirmed: bool = False) -> Machine:
    """The machine with a reading added to its meter's history, in order of days.

    A reading that is already in it (same day and value, from an import) is not added again.
    `confirmed`: it was in doubt and a person confirmed it, which widens the next expected range.
    """
    meters = tuple(
        _with_history(meter, reading, confirmed=confirmed)
        if meter.id == reading.meter_id
        else meter
        for meter in machine.meters
    )
    return replace(machine, meters=meters)


def _with_history(meter: Meter, reading: Reading, *, confirmed: bool) -> Meter:
    known = meter.history
    for place, entry in enumerate(known):
        if (entry.read_on, entry.value) == (reading.read_on, reading.value):
            marked = entry._replace(confirmed=entry.confirmed or confirmed)
            return replace(meter, history=(*known[:place], marked, *known[place + 1 :]))
    place = bisect_right(known, reading.read_on, key=lambda entry: entry.read_on)
    effective = Effective(
        reading.read_on,
        reading.value,
        reading.channel,
        estimated=reading.channel is ReadingChannel.ESTIMATE,
        confirmed=confirmed,
    )
    return replace(meter, history=(*known[:place], effective, *known[place:]))
