"""One machine and an import: its card, its meters, its slot and its readings, fitted together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from meterportal.domain import problems
from meterportal.domain.contracts import Contract
from meterportal.domain.imports.faults import Fault, Severity
from meterportal.domain.imports.merging import Released, entry_of, merge_readings
from meterportal.domain.imports.rows import Row
from meterportal.domain.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.readings import ReadingState

MAX_METERS = 30
"""Meters of one machine: more than any device counts, few enough for one packed item."""

_CARD = ("contract_id", "serial", "maker", "model", "customer_no")
_PLACE = ("site", "building", "floor", "room")


@dataclass(slots=True)
class MachineChange:
    """A machine to be stored in place of `seen` (None: new at this company).

    With `entries` its readings changed and its version has grown. `left` is its item at a former
    company, to be closed; then `since` is the first day of its history here. `changed` are
    (row, field, old, new) for the report.
    """

    machine: Machine
    seen: Machine | None
    left: Machine | None = None
    since: date | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[tuple[Row, Fault]] = field(default_factory=list)
    changed: list[tuple[Row, str | None, Any, Any]] = field(default_factory=list)
    disputed: bool = False

    @property
    def writes(self) -> bool:
        return self.machine != self.seen

    @property
    def closed(self) -> Machine | None:
        """The item at the former company as it stays there: inactive, with its history."""
        return replace(self.left, active=False) if self.left else None


def fit_machine(
    machine_id: str,
    company_id: str,
    *,
    seen: Machine | None,
    coming: Machine | None,
    card: Row | None,
    meters: Sequence[Row],
    readings: Sequence[Row],
    contracts: Mapping[str, Contract],
    since: date | None,
    released: Released | None,
) -> MachineChange:
    """The machine as the import wants it.

    `seen` is its item at this company, `coming` its item at the company that it leaves. The slot
    is that of its contract; readings of former slots stay until they are billed.
    """
    machine = seen or Machine(machine_id, company_id, "")
    entries: list[dict[str, Any]] = []
    if coming:
        machine, entries, since = _arrive(machine, seen, coming)
    change = MachineChange(machine, seen, left=coming, since=since if coming else None)
    if card:
        machine = _fit_card(change, machine, card, seen or coming)
    machine = _fit_meters(change, machine, meters)
    contract = contracts.get(machine.contract_id)
    if contract:
        machine = _open_slot(machine, contract.due_on)
    own_data = any(kind == "machines" and status == "changed" for kind, status in change.counts)
    machine = problems.after_import(machine, changed=own_data, due_on=machine.due_on)
    merge = merge_readings(machine, readings, released=released or {}, since=since)
    entries += merge.entries
    change.counts.update({("readings", status): n for status, n in merge.counts.items()})
    change.faults += merge.warnings
    change.rejected += merge.rejected
    change.changed += [(row, "value", old, row["value"]) for row, old in merge.changed]
    change.disputed = merge.corrects and released is None
    change.entries = entries
    change.machine = _next_version(merge.machine, seen, coming) if entries else merge.machine
    return change


def _next_version(machine: Machine, seen: Machine | None, coming: Machine | None) -> Machine:
    """New machines begin with version 1; one that moves goes on from the highest it ever had."""
    last = max((known.version for known in (seen, coming) if known), default=0)
    return replace(machine, version=last + 1)


def _arrive(
    machine: Machine, seen: Machine | None, coming: Machine
) -> tuple[Machine, list[dict[str, Any]], date | None]:
    """A machine begins at its new company with the last value of each meter, and nothing older."""
    meters = []
    entries = []
    for meter in coming.meters:
        own = machine.meter(meter.id)
        history: tuple[Effective, ...] = own.history if own else ()
        if meter.last and meter.last not in history:
            history = (*(e for e in history if e.read_on < meter.last.read_on), meter.last)
            entries.append(entry_of(meter.id, meter.last))
        meters.append(replace(meter, history=history))
    since = max((meter.last.read_on for meter in coming.meters if meter.last), default=None)
    arrived = replace(
        coming,
        company_id=machine.company_id,
        meters=tuple(meters),
        readings=machine.readings,
        problem=None,
        due_on=None,
        rev=seen.rev if seen else 0,
        version=max(seen.version if seen else 0, coming.version),
    )
    return arrived, entries, since


def _fit_card(
    change: MachineChange, machine: Machine, card: Row, before: Machine | None
) -> Machine:
    given: dict[str, Any] = {name: card[name] or "" for name in _CARD if card.has(name)}
    place = {name: card[name] or "" for name in _PLACE if card.has(name)}
    if card.has("active"):
        given["active"] = card["active"] is not False
    fitted = replace(machine, location=replace(machine.location, **place), **given)
    if before is None:
        change.counts["machines", "new"] += 1
        change.changed.append((card, None, None, f"{fitted.maker} {fitted.model}".strip()))
        return fitted
    serial = fitted.serial
    if serial != before.serial and serial and before.serial.lstrip("0") == serial:
        facts = {"value": serial, "expected": before.serial}
        change.faults.append(card.fault("serial", "zeros_lost", Severity.WARNING, **facts))
    differences = [
        (card, name, _of(before, name), _of(fitted, name))
        for name in (*_CARD, *_PLACE, "active")
        if _of(before, name) != _of(fitted, name)
    ]
    change.changed += differences
    status = "changed" if differences or change.left else "unchanged"
    change.counts["machines", status] += 1
    return fitted


def _of(machine: Machine, name: str) -> Any:
    return getattr(machine.location if name in _PLACE else machine, name)


def _fit_meters(change: MachineChange, machine: Machine, rows: Sequence[Row]) -> Machine:
    if not rows:
        return machine
    meters = {meter.id: meter for meter in machine.meters}
    for row in rows:
        known = meters.get(row["id"])
        if known is None and len(meters) >= MAX_METERS:
            change.rejected.append((row, row.fault("id", "too_many_meters", limit=MAX_METERS)))
            continue
        kind = MeterKind(row["kind"])
        fitted = _meter(row, known or Meter(row["id"], "", kind), kind)
        meters[fitted.id] = fitted
        if known is None:
            change.counts["meters", "new"] += 1
            change.changed.append((row, None, None, fitted.label))
            continue
        differences = [
            (row, name, getattr(known, name), getattr(fitted, name))
            for name in row.sheet.headings
            if name != "machine_id" and getattr(known, name) != getattr(fitted, name)
        ]
        change.changed += differences
        change.counts["meters", "changed" if differences else "unchanged"] += 1
    return replace(machine, meters=tuple(meters[number] for number in sorted(meters, key=_order)))


def _order(meter_id: str) -> tuple[int, str]:
    return (int(meter_id), "") if meter_id.isdecimal() else (10**9, meter_id)


def _meter(row: Row, base: Meter, kind: MeterKind) -> Meter:
    given: dict[str, Any] = {}
    if row.has("label") or not base.label:
        given["label"] = row["label"] or base.label or kind.value
    if row.has("display_label"):
        given["display_label"] = row["display_label"] or ""
    for name in ("digits", "click_factor", "free_copies"):
        if row[name] is not None:
            given[name] = row[name]
    for name in ("cumulative", "billable"):
        if row.has(name):
            given[name] = row[name] is not False
    if row.has("volume"):
        given["volume"] = row["volume"]
    return replace(base, kind=kind, **given)


def _open_slot(machine: Machine, due_on: date | None) -> Machine:
    """The machine in its contract's slot. What is billed of a slot that is past leaves the machine,
    its history rows keep it; what still waits for release or acknowledgement stays."""
    if machine.due_on == due_on:
        return machine
    kept = tuple(
        reading
        for reading in machine.readings
        if reading.state is not ReadingState.BILLED or (due_on and reading.due_on >= due_on)
    )
    return replace(machine, due_on=due_on, readings=kept)
