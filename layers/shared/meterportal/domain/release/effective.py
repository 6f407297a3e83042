"""A released reading becomes history: the next usage and forecast are based on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter
from meterportal.domain.reporting.readings import Reading


def make_effective(machine: Machine, reading: Reading, *, confirmed: bool = False) -> Machine:
    """The machine with a reading added to its meter's history, in order of days.

    A reading that is already in it (same day and value, from an import) is not added again.
    `confirmed`: it was in doubt and a person confirmed it, which widens the next expected range.
    """
    return make_all_effective(machine, [(reading, confirmed)])


def make_all_effective(machine: Machine, readings: Iterable[tuple[Reading, bool]]) -> Machine:
    """The same for readings of several meters, each with whether it was `confirmed`."""
    by_meter = {reading.meter_id: (reading, confirmed) for reading, confirmed in readings}
    if not by_meter:
        return machine
    meters = tuple(
        _with_history(meter, *by_meter[meter.id]) if meter.id in by_meter else meter
        for meter in machine.meters
    )
    return replace(machine, meters=meters)


def _with_history(meter: Meter, reading: Reading, confirmed: bool) -> Meter:
    known = meter.history
    place = bisect_right(known, reading.read_on, key=_day)
    for earlier in range(place - 1, -1, -1):
        entry = known[earlier]
        if entry.read_on != reading.read_on:
            break
        if entry.value == reading.value:
            marked = entry._replace(confirmed=entry.confirmed or confirmed)
            return replace(meter, history=(*known[:earlier], marked, *known[earlier + 1 :]))
    effective = Effective(
        reading.read_on,
        reading.value,
        reading.channel,
        estimated=reading.channel is ReadingChannel.ESTIMATE,
        confirmed=confirmed,
    )
    return replace(meter, history=(*known[:place], effective, *known[place:]))


_day = attrgetter("read_on")
