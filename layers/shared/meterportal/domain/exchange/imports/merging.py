"""Merges imported readings into a machine's effective history: known, new, corrected or in
conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

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
    accepted rows that are new, changed or unchanged. `rejected` are rows with the fault.
    `corrects`: a reading was replaced that the portal may have released long ago; then the merge
    must be repeated with all readings that were ever released.
    """

    machine: Machine
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[SheetRow, Fault]] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    changed: list[tuple[SheetRow, int | None]] = field(default_factory=list)
    corrects: bool = False
    acknowledged: list[Reading] = field(default_factory=list)


def merge_readings(
    machine: Machine, rows: Iterable[SheetRow], *, released: Released, since: date | None
) -> Merge:
    """Merge the rows of a machine into its meters' histories. `machine.version` is not changed
    here.

    `released` are the portal's readings that are no longer in `machine.readings`. Rows from before
    `since` belong to the machine's former company and change nothing. A value of another day than
    the released one's never reopens the period: it counts in the history from its own date.
    """
    merge = Merge(machine)
    by_meter: dict[str, list[SheetRow]] = {}
    for row in rows:
        meter = machine.meter(row["meter_id"])
        if meter is None:
            fault = row.fault(
                "meter_id", "unknown_meter", value=row["meter_id"], machine=machine.id
            )
            merge.rejected.append((row, fault))
        elif too_long := _too_long(row, meter):
            merge.rejected.append((row, too_long))
        elif since and row["read_on"] < since:
            merge.counts["unchanged"] += 1
        else:
            by_meter.setdefault(meter.id, []).append(row)
    own = {**released, **{(r.meter_id, r.read_on): r.value for r in machine.readings if _ours(r)}}
    for meter_id, meter_rows in by_meter.items():
        _merge_meter(merge, meter_id, sorted(meter_rows, key=lambda row: row["read_on"]), own)
    return merge


def _ours(reading: Reading) -> bool:
    return reading.state in {ReadingState.RELEASED, ReadingState.BILLED}


def _too_long(row: SheetRow, meter: Meter) -> Fault | None:
    for name in ("value", "reset_end", "reset_start"):
        if row[name] is not None and row[name] >= 10**meter.digits:
            return row.fault(name, "too_many_digits", value=row[name], digits=meter.digits)
    return None


def _merge_meter(merge: Merge, meter_id: str, rows: Sequence[SheetRow], own: Released) -> None:
    meter = merge.machine.meter(meter_id)
    assert meter is not None, "rows of unknown meters have been sorted out"
    before = frozenset(meter.history)
    days: dict[date, list[Effective]] = {}
    for entry in meter.history:
        days.setdefault(entry.read_on, []).append(entry)
    sources: dict[Effective, tuple[SheetRow, int | None]] = {}
    for row in rows:
        read_on, value = row["read_on"], row["value"]
        day = days.setdefault(read_on, [])
        known = next((entry for entry in day if entry.value == value), None)
        ours = own.get((meter_id, read_on))
        if known is None and ours is not None and ours != value:
            facts = {"read_on": read_on.isoformat(), "known": ours, "value": value}
            merge.rejected.append((row, row.fault("value", "conflict", **facts)))
            continue
        other = known or (day[0] if day else None)
        wanted = _effective(row, other)
        if ours == value:
            _acknowledge(merge, meter_id, read_on)
            wanted = (known or wanted)._replace(billed=True)
        if other is None:
            day.append(wanted)
            merge.warnings += _covered(merge.machine, row)
        else:
            day[day.index(other)] = wanted
            if known is None:
                merge.corrects = True
                facts = {"read_on": read_on.isoformat(), "known": other.value, "value": value}
                merge.warnings.append(
                    row.fault("value", "reading_corrected", FaultSeverity.WARNING, **facts)
                )
        sources[wanted] = (row, other.value if other else None)
    history = [entry for read_on in sorted(days) for entry in days[read_on]]
    kept = tuple(history[-HISTORY_KEPT:])
    standing = frozenset(kept)
    taken: dict[Effective, SheetRow] = {}
    for entry, (row, old) in sources.items():
        if entry in before or entry not in standing:
            merge.counts["unchanged"] += 1
            continue
        merge.counts["new" if old is None else "changed"] += 1
        merge.changed.append((row, old))
        if old != entry.value:
            taken[entry] = row
        merge.entries.append(entry_of(meter_id, entry, was=old if old != entry.value else None))
    if kept != meter.history:
        meters = tuple(
            replace(m, history=kept) if m.id == meter_id else m for m in merge.machine.meters
        )
        merge.machine = replace(merge.machine, meters=meters)
        merge.warnings += doubts(merge.machine, {meter_id: taken})


def _effective(row: SheetRow, known: Effective | None) -> Effective:
    """The row as an effective reading; for columns that the file does not have, the known values
    stay."""
    base = known or Effective(row["read_on"], row["value"])
    channel = ReadingChannel(row["channel"]) if row["channel"] else base.channel
    estimated = bool(row["estimated"]) if row.has("estimated") else base.estimated
    return Effective(
        read_on=row["read_on"],
        value=row["value"],
        channel=channel,
        estimated=estimated or channel is ReadingChannel.ESTIMATE,
        billed=bool(row["billed"]) if row.has("billed") else base.billed,
        reset_end=row["reset_end"] if row.has("reset_end") else base.reset_end,
        reset_start=_start(row) if row.has("reset_end") else base.reset_start,
        confirmed=base.confirmed and base.value == row["value"],
    )


def _start(row: SheetRow) -> int | None:
    """The new board's first value: 0 if the file gives none; None without a reset."""
    return None if row["reset_end"] is None else row["reset_start"] or 0


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


def _covered(machine: Machine, row: SheetRow) -> list[Fault]:
    """A warning if a new day still falls into a period that has been released."""
    for reading in machine.readings:
        if (
            _ours(reading)
            and reading.meter_id == row["meter_id"]
            and reading.read_on < row["read_on"] <= reading.due_on
        ):
            facts: dict[str, str | int] = {
                "due_on": reading.due_on.isoformat(),
                "known": reading.value,
                "released_on": reading.read_on.isoformat(),
            }
            return [row.fault("read_on", "released_period", FaultSeverity.WARNING, **facts)]
    return []


def entry_of(meter_id: str, entry: Effective, *, was: int | None = None) -> dict[str, Any]:
    """An effective reading for a machine's history row; `was` is the value that it replaced."""
    packed: dict[str, Any] = {
        "meter_id": meter_id,
        "due_on": None,
        "value": entry.value,
        "read_on": entry.read_on.isoformat(),
        "state": "billed" if entry.billed else "effective",
        "channel": entry.channel.value,
    }
    if entry.estimated:
        packed["estimated"] = True
    if entry.reset_end is not None:
        packed |= {"reset_end": entry.reset_end, "reset_start": entry.reset_start}
    if was is not None:
        packed["was"] = was
    return packed
