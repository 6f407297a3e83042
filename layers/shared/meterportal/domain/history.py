"""A meter's readings as a person looks back on them: value, day, where from, and the pages between.

Usage is the plausibility check's own: over rollovers, resets and meters that restart. A drop that
nothing explains has no usage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.machines import Effective, Machine, Meter
from meterportal.domain.plausibility.usage import Segment, segments
from meterportal.domain.readings import Reading, ReadingState


class Origin(StrEnum):
    """Where a value comes from. What the ERP has sent back of ours says `released` while its slot
    is open and `imported` after that, as the ERP's own do."""

    IMPORTED = "imported"
    REPORTED = "reported"
    RELEASED = "released"
    RESET = "reset"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value. `state` is reported, released, billed, or effective for an imported one that is not
    billed yet. `pages` since the reading before (None: unknown, or the first), over `days`.

    With a reset, `reset_end` is the old board's last value and `reset_start` the new one's first.
    """

    read_on: date
    value: int
    origin: Origin
    state: str
    channel: ReadingChannel
    estimated: bool = False
    pages: int | None = None
    days: int = 0
    reset_end: int | None = None
    reset_start: int | None = None

    @property
    def per_day(self) -> float | None:
        """Pages a day, to one decimal place; for people to compare, not for billing."""
        return round(self.pages / self.days, 1) if self.pages is not None and self.days else None


def entries(machine: Machine, meter: Meter) -> list[Entry]:
    """A meter's values, newest first: at most `HISTORY_KEPT` effective ones and those that wait."""
    waiting = [
        reading
        for reading in machine.readings
        if reading.meter_id == meter.id and reading.state is ReadingState.REPORTED
    ]
    final = {
        (reading.read_on, reading.value): reading
        for reading in machine.readings
        if reading.meter_id == meter.id and reading.state is not ReadingState.REPORTED
    }
    told = [_effective(entry, final.get((entry.read_on, entry.value))) for entry in meter.history]
    told += [_waiting(reading) for reading in waiting]
    told.sort(key=lambda entry: entry.read_on)
    return list(reversed(_with_pages(told, _usage(meter, waiting))))


def _usage(meter: Meter, waiting: Iterable[Reading]) -> dict[date, Segment]:
    """The usage that ends on each day, what waits for release included."""
    hoped = (Effective(reading.read_on, reading.value, reading.channel) for reading in waiting)
    history = sorted([*meter.history, *hoped], key=lambda entry: entry.read_on)
    return {segment.to_on: segment for segment in segments(replace(meter, history=tuple(history)))}


def _with_pages(told: list[Entry], usage: Mapping[date, Segment]) -> list[Entry]:
    """Usage belongs to the last value of a day: the day's earlier ones have none."""
    last = {entry.read_on: place for place, entry in enumerate(told)}
    return [
        replace(entry, pages=segment.pages, days=segment.days)
        if last[entry.read_on] == place and (segment := usage.get(entry.read_on))
        else entry
        for place, entry in enumerate(told)
    ]


def _effective(entry: Effective, ours: Reading | None) -> Entry:
    origin = Origin.RELEASED if ours else Origin.IMPORTED
    if entry.estimated:
        origin = Origin.ESTIMATED
    if entry.reset_end is not None:
        origin = Origin.RESET
    otherwise = "billed" if entry.billed else "effective"
    return Entry(
        entry.read_on,
        entry.value,
        origin,
        ours.state.value if ours else otherwise,
        entry.channel,
        entry.estimated,
        reset_end=entry.reset_end,
        reset_start=entry.reset_start,
    )


def _waiting(reading: Reading) -> Entry:
    return Entry(
        reading.read_on, reading.value, Origin.REPORTED, reading.state.value, reading.channel
    )
