"""The history of a meter for people: each value with its day, its origin and the pages since the
last.

Usage is computed as in the plausibility check: across rollovers, resets and meters that restart. A
lower value that nothing explains has no usage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Literal

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.usage import Segment, segments
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter
from meterportal.domain.reporting.readings import Reading, ReadingState


class Origin(StrEnum):
    """Where a value comes from. A reading of the portal that the ERP has sent back is `released`
    while its period is open and `imported` after that, like the ERP's own readings."""

    IMPORTED = "imported"
    REPORTED = "reported"
    RELEASED = "released"
    RESET = "reset"
    ESTIMATED = "estimated"


EntryState = ReadingState | Literal["effective"]
"""`effective`: imported, and not billed yet."""


@frozen
class HistoryEntry:
    """One value. `pages` were printed since the previous reading, in `days` days (None: unknown, or
    first reading).

    With a reset, `reset_end` is the old board's last value and `reset_start` the new one's first.
    """

    read_on: date
    value: int
    origin: Origin
    state: EntryState
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


def entries(machine: Machine, meter: Meter) -> list[HistoryEntry]:
    """A meter's values, newest first: at most `HISTORY_KEPT` effective ones, and those that wait
    for release."""
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
    found = [_effective(entry, final.get((entry.read_on, entry.value))) for entry in meter.history]
    found += [_waiting(reading) for reading in waiting]
    found.sort(key=lambda entry: entry.read_on)
    return list(reversed(_with_pages(found, _usage(meter, waiting))))


def _usage(meter: Meter, waiting: Iterable[Reading]) -> dict[date, Segment]:
    """The usage that ends on each day; readings that wait for release are included."""
    as_effective = (
        Effective(reading.read_on, reading.value, reading.channel) for reading in waiting
    )
    history = sorted([*meter.history, *as_effective], key=lambda entry: entry.read_on)
    return {segment.to_on: segment for segment in segments(replace(meter, history=tuple(history)))}


def _with_pages(found: list[HistoryEntry], usage: Mapping[date, Segment]) -> list[HistoryEntry]:
    """The entries with their usage. It belongs to the last value of a day; earlier values have
    none."""
    last = {entry.read_on: place for place, entry in enumerate(found)}
    return [
        replace(entry, pages=segment.pages, days=segment.days)
        if last[entry.read_on] == place and (segment := usage.get(entry.read_on))
        else entry
        for place, entry in enumerate(found)
    ]


def _effective(entry: Effective, ours: Reading | None) -> HistoryEntry:
    origin = Origin.RELEASED if ours else Origin.IMPORTED
    if entry.estimated:
        origin = Origin.ESTIMATED
    if entry.reset_end is not None:
        origin = Origin.RESET
    otherwise: EntryState = ReadingState.BILLED if entry.billed else "effective"
    return HistoryEntry(
        entry.read_on,
        entry.value,
        origin,
        ours.state if ours else otherwise,
        entry.channel,
        entry.estimated,
        reset_end=entry.reset_end,
        reset_start=entry.reset_start,
    )


def _waiting(reading: Reading) -> HistoryEntry:
    return HistoryEntry(
        reading.read_on, reading.value, Origin.REPORTED, reading.state, reading.channel
    )
