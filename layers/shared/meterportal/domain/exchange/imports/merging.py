"""Merges imported readings into a machine's effective history: known, new, corrected or in
conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.judging import doubts
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import HISTORY_KEPT, Effective, Machine, Meter
from meterportal.domain.reporting.readings import Reading, ReadingState

Released = Mapping[tuple[str, date], int]
"""The portal's own released readings of a machine: (meter id, read on) -> value."""


@dataclass(slots=True)
class Merge:
    """A machine's readings after an import.

    `entries` are for the machine's history row, empty if no reading changed. `counts` are the
    accepted rows that are new, changed or unchanged. `rejected` are rows with the fault, `changed` those
    with the value before (None: none) and now.
    `corrects`: a reading was replaced that the portal may have released long ago; then the merge
    must be repeated with all readings that were ever released.
    """

    machine: Machine
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[SheetRow, Fault]] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    changed: list[tuple[SheetRow, int | None, int]] = field(default_factory=list)
    corrects: bool = False
    acknowledged: list[Reading] = field(default_factory=list)


def merge_readings(
    machine: Machine, rows: Iterable[SheetRow], *, released: Released, since: date | None
) -> Merge:
    """Merge the rows of a machine into its meters' histories. `machine.version` is not changed
    here. The rows have each meter and day once.

    `released` are the portal's readings that are no longer in `machine.readings`. Rows from before
    `since` belong to the machine's former company and change nothing, unless they are about a reading
    that it brought along. A value of another day than
    the released one's never reopens the period: it counts in the history from its own date.
    """
    merge = Merge(machine)
    by_meter: dict[str, list[_ImportedReading]] = {}
    meters = {meter.id: meter for meter in reversed(machine.meters)}
    own = {**released, **{(r.meter_id, r.read_on): r.value for r in machine.readings if _ours(r)}}
    for one in rows:
        row = _ImportedReading(one, *one.pick(_FIELDS))
        meter = meters.get(row.meter_id)
        if meter is None:
            fault = one.fault("meter_id", "unknown_meter", value=row.meter_id, machine=machine.id)
            merge.rejected.append((one, fault))
        elif too_long := _too_long(row, meter):
            merge.rejected.append((one, too_long))
        elif since and row.read_on < since and (row.meter_id, row.read_on) not in own:
            merge.counts["unchanged"] += 1
        else:
            by_meter.setdefault(meter.id, []).append(row)
    merged = {
        meter_id: _merge_meter(merge, meters[meter_id], sorted(found, key=_BY_DAY), own)
        for meter_id, found in by_meter.items()
    }
    if any(meter is not meters[number] for number, meter in merged.items()):
        found = tuple(merged.get(meter.id, meter) for meter in machine.meters)
        merge.machine = replace(merge.machine, meters=found)
    return merge


_FIELDS = (
    *("meter_id", "read_on", "value", "channel", "estimated", "billed"),
    *("reset_end", "reset_start"),
)


class _ImportedReading(NamedTuple):
    """A row and its values, which are looked at many times."""

    row: SheetRow
    meter_id: str
    read_on: date
    value: int
    channel: str | None
    estimated: bool | None
    billed: bool | None
    reset_end: int | None
    reset_start: int | None


_BY_DAY = attrgetter("read_on")


def _ours(reading: Reading) -> bool:
    return reading.state in {ReadingState.RELEASED, ReadingState.BILLED}


def _too_long(row: _ImportedReading, meter: Meter) -> Fault | None:
    most = 10**meter.digits
    if row.value < most and row.reset_end is None and row.reset_start is None:
        return None
    for name, value in zip(_COUNTERS, row.row.pick(_COUNTERS), strict=True):
        if value is not None and value >= most:
            return row.row.fault(name, "too_many_digits", value=value, digits=meter.digits)
    return None


_COUNTERS = ("value", "reset_end", "reset_start")


def _merge_meter(
    merge: Merge, meter: Meter, rows: Sequence[_ImportedReading], own: Released
) -> Meter:
    """The meter with the rows, oldest first, in its history; what becomes of them is entered in the
    merge."""
    if meter.history or own or merge.machine.readings:
        placed, history = _placed(merge, meter, rows, own)
    else:
        # Nothing to compare with: most rows of a first import.
        placed = [(_effective(row, None), row.row, None) for row in rows]
        history = [entry for entry, _, _ in placed]
    kept = tuple(history[-HISTORY_KEPT:])
    idle = {*meter.history, *history[:-HISTORY_KEPT]}
    taken: dict[date, tuple[Effective, SheetRow]] = {}
    for entry, source, old in placed:
        if idle and entry in idle:
            merge.counts["unchanged"] += 1
            continue
        merge.counts["new" if old is None else "changed"] += 1
        merge.changed.append((source, old, entry.value))
        if old != entry.value:
            taken[entry.read_on] = entry, source
        merge.entries.append(entry_of(meter.id, entry, was=old if old != entry.value else None))
    if kept == meter.history:
        return meter
    merged = replace(meter, history=kept)
    merge.warnings += doubts(merged, taken, model=merge.machine.model)
    return merged


_Placed = tuple[Effective, SheetRow, int | None]
"""An entry of a history, its row, and the value that it replaces there, None if there is none."""


def _placed(
    merge: Merge, meter: Meter, rows: Sequence[_ImportedReading], own: Released
) -> tuple[list[_Placed], list[Effective]]:
    """The rows that have a place in the meter's history, and the history with them."""
    days: dict[date, list[Effective]] = {}
    for entry in meter.history:
        days.setdefault(entry.read_on, []).append(entry)
    placed: list[_Placed] = []
    for row in rows:
        read_on, value = row.read_on, row.value
        day = days.setdefault(read_on, [])
        known = next((entry for entry in day if entry.value == value), None) if day else None
        ours = own.get((meter.id, read_on)) if own else None
        if known is None and ours is not None and ours != value:
            facts: dict[str, Any] = {"read_on": read_on.isoformat(), "known": ours, "value": value}
            merge.rejected.append((row.row, row.row.fault("value", "conflict", **facts)))
            continue
        other = known or (day[0] if day else None)
        wanted = _effective(row, other)
        if ours == value:
            _acknowledge(merge, meter.id, read_on)
            wanted = (known or wanted)._replace(billed=True)
        if other is None:
            day.append(wanted)
            if merge.machine.readings:
                merge.warnings += _covered(merge.machine, row)
        else:
            day[day.index(other)] = wanted
            if known is None:
                merge.corrects = True
                facts = {"read_on": read_on.isoformat(), "known": other.value, "value": value}
                merge.warnings.append(
                    row.row.fault("value", "reading_corrected", FaultSeverity.WARNING, **facts)
                )
        placed.append((wanted, row.row, other.value if other else None))
    return placed, [entry for read_on in sorted(days) for entry in days[read_on]]


def _effective(row: _ImportedReading, known: Effective | None) -> Effective:
    """The row as an effective reading; for columns that the file does not have, the known values
    stay."""
    channel = _CHANNELS[row.channel] if row.channel else ReadingChannel.PORTAL
    if known and not row.channel:
        channel = known.channel
    wanted = Effective(
        row.read_on,
        row.value,
        channel,
        bool(row.estimated) or channel is ReadingChannel.ESTIMATE,
        bool(row.billed),
        row.reset_end,
        _start(row),
    )
    return _with_known(wanted, known, row.row) if known else wanted


_CHANNELS = {channel.value: channel for channel in ReadingChannel}
_NAMES = {channel: name for name, channel in _CHANNELS.items()}


def _with_known(wanted: Effective, known: Effective, row: SheetRow) -> Effective:
    confirmed = known.confirmed and known.value == wanted.value
    wanted = wanted._replace(confirmed=confirmed)
    if not row.has("estimated"):
        wanted = wanted._replace(estimated=wanted.estimated or known.estimated)
    if not row.has("billed"):
        wanted = wanted._replace(billed=known.billed)
    if not row.has("reset_end"):
        wanted = wanted._replace(reset_end=known.reset_end, reset_start=known.reset_start)
    return wanted


def _start(row: _ImportedReading) -> int | None:
    """The new board's first value: 0 if the file gives none; None without a reset."""
    return None if row.reset_end is None else row.reset_start or 0


def _acknowledge(merge: Merge, meter_id: str, read_on: date) -> None:
    """Mark the portal's released reading as billed: the ERP has sent it back."""
    for place, reading in enumerate(merge.machine.readings):
        same = reading.meter_id == meter_id and reading.read_on == read_on
        if same and reading.state is ReadingState.RELEASED:
            billed = replace(reading, state=ReadingState.BILLED, export_refused=None)
            readings = list(merge.machine.readings)
            readings[place] = billed
            merge.machine = replace(merge.machine, readings=tuple(readings))
            merge.acknowledged.append(billed)


def _covered(machine: Machine, row: _ImportedReading) -> list[Fault]:
    """A warning if a new day still falls into a period that has been released."""
    for reading in machine.readings:
        if (
            _ours(reading)
            and reading.meter_id == row.meter_id
            and reading.read_on < row.read_on <= reading.due_on
        ):
            facts: dict[str, str | int] = {
                "due_on": reading.due_on.isoformat(),
                "known": reading.value,
                "released_on": reading.read_on.isoformat(),
            }
            return [row.row.fault("read_on", "released_period", FaultSeverity.WARNING, **facts)]
    return []


def entry_of(meter_id: str, entry: Effective, *, was: int | None = None) -> dict[str, Any]:
    """An effective reading for a machine's history row; `was` is the value that it replaced."""
    packed: dict[str, Any] = {
        "meter_id": meter_id,
        "due_on": None,
        "value": entry.value,
        "read_on": entry.read_on.isoformat(),
        "state": "billed" if entry.billed else "effective",
        "channel": _NAMES[entry.channel],
    }
    if entry.estimated:
        packed["estimated"] = True
    if entry.reset_end is not None:
        packed |= {"reset_end": entry.reset_end, "reset_start": entry.reset_start}
    if was is not None:
        packed["was"] = was
    return packed
