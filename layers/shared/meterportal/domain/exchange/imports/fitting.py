"""The changes of an import to one machine: its master data, its meters, its period and its
readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.merging import Released, entry_of, merge_readings
from meterportal.domain.exchange.imports.replacing import take_over
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.exchange.imports.spoilt import kept_faults, texts_of
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.reporting import problems
from meterportal.domain.reporting.readings import Reading, ReadingState

MAX_METERS = 30
"""Meters of one machine: more than any device has, few enough for one item of the table."""

_CARD = ("contract_id", "serial", "maker", "model", "customer_no")
_PLACE = ("site", "building", "floor", "room")


Changed = tuple[SheetRow, str | None, Any, Any]
"""A change for the report: its row, the field (None: new record), old and new value."""


@dataclass(slots=True)
class MachineChange:
    """A machine to be stored in place of `seen` (None: new at this company).

    If `entries` is not empty, its readings changed and its version has grown. `left` is its item at
    a former company, which is to be closed; then `since` is the first day of its history here, and
    `along` says whether the values on their way came along.
    `brought` is the provisional machine whose place
    it takes, `beside` the number of one with its serial number that stays.
    """

    machine: Machine
    seen: Machine | None
    left: Machine | None = None
    since: date | None = None
    along: bool = False
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[tuple[SheetRow, Fault]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    disputed: bool = False
    brought: Machine | None = None
    beside: str = ""

    @property
    def writes(self) -> bool:
        return self.machine != self.seen

    @property
    def closed(self) -> Machine | None:
        """The item at the former company after the move: inactive, with its history, and with its readings
        unless they came along."""
        if self.left is None:
            return None
        if not self.along:
            return replace(self.left, active=False)
        return replace(self.left, active=False, readings=(), went_to=self.machine.company_id)


def fit_machine(
    machine_id: str,
    company_id: str,
    *,
    seen: Machine | None,
    coming: Machine | None,
    card: SheetRow | None,
    meters: Sequence[SheetRow],
    readings: Sequence[SheetRow],
    contracts: Mapping[str, Contract],
    since: date | None,
    released: Released | None,
    brought: Machine | None = None,
) -> MachineChange:
    """The machine after the import.

    `seen` is its item at this company, `coming` its item at the company that it leaves, `brought` the
    provisional machine whose place it takes. Its period is that of its contract; readings of former
    periods stay until they are billed. `contracts` are the company's: with its contract a machine brings
    the values that are on their way, without it they stay where that contract is billed.
    """
    machine = seen or Machine(machine_id, company_id, "")
    entries: list[dict[str, Any]] = []
    along = coming is not None and coming.contract_id in contracts and brought is None
    if coming:
        machine, entries, since = _arrive(machine, seen, coming, along=along)
    if brought:
        # Its start was read here: the values that it arrives with count no more.
        arrived = machine if seen or coming else None
        machine, entries = take_over(brought, arrived, machine_id, meters), []
    change = MachineChange(
        machine, seen, left=coming, since=since if coming else None, along=along, brought=brought
    )
    if card:
        machine = _fit_card(change, machine, card, seen or coming)
    machine = _fit_meters(change, machine, meters)
    contract = contracts.get(machine.contract_id)
    if contract:
        machine = _open_period(machine, contract.due_on)
    own_data = any(kind == "machines" and status == "changed" for kind, status in change.counts)
    machine = problems.after_import(machine, changed=own_data, due_on=machine.due_on)
    merge = merge_readings(machine, readings, released=released or {}, since=since)
    entries += merge.entries
    change.counts.update({("readings", status): n for status, n in merge.counts.items()})
    change.faults += merge.warnings
    change.rejected += merge.rejected
    change.changed += [(row, "value", old, new) for row, old, new in merge.changed]
    change.disputed = merge.corrects and released is None
    change.entries = entries
    earlier = (seen, coming, machine if brought else None)
    change.machine = _next_version(merge.machine, earlier) if entries else merge.machine
    return change


def _next_version(machine: Machine, earlier: Iterable[Machine | None]) -> Machine:
    """A new machine has version 1; a machine that moves continues from the highest version it ever
    had."""
    last = max((known.version for known in earlier if known), default=0)
    return replace(machine, version=last + 1)


def _arrive(
    machine: Machine, seen: Machine | None, coming: Machine, *, along: bool
) -> tuple[Machine, list[dict[str, Any]], date | None]:
    """The machine at its new company, with the last value of each meter and nothing older; the values on
    their way come `along`."""
    meters = []
    entries = []
    for meter in coming.meters:
        own = machine.meter(meter.id)
        history: Sequence[Effective] = own.history if own else ()
        if meter.last and meter.last not in history:
            history = (*(e for e in history if e.read_on < meter.last.read_on), meter.last)
            entries.append(entry_of(meter.id, meter.last))
        meters.append(replace(meter, history=history))
    since = max((meter.last.read_on for meter in coming.meters if meter.last), default=None)
    arrived = replace(
        coming,
        company_id=machine.company_id,
        meters=tuple(meters),
        readings=_on_their_way(machine.readings, coming.readings if along else ()),
        problem=None,
        due_on=None,
        went_to=seen.went_to if seen and not along else "",
        rev=seen.rev if seen else 0,
        version=max(seen.version if seen else 0, coming.version),
    )
    return arrived, entries, since


def _on_their_way(here: Sequence[Reading], coming: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings of both companies, one a period: what was released closes it, unless it is billed and that of
    another contract is still on its way. Those that come name nobody and hold no word of a person: who
    reported them stands in the history of the former company, as does what staff decided about them."""
    found = {
        (one.meter_id, one.due_on): replace(
            one, reported_by="", reason="", release_reason="", decision=None
        )
        for one in coming
    }
    for one in here:
        if one.state is ReadingState.RELEASED or (one.meter_id, one.due_on) not in found:
            found[one.meter_id, one.due_on] = one
    return tuple(found.values())


def _fit_card(
    change: MachineChange, machine: Machine, card: SheetRow, before: Machine | None
) -> Machine:
    given = texts_of(card, machine, _CARD)
    place = texts_of(card, machine.location, _PLACE)
    if card.has("active"):
        given["active"] = card["active"] is not False and machine.replaced_by is None
    fitted = replace(machine, location=replace(machine.location, **place), **given)
    if before is None:
        change.counts["machines", "new"] += 1
        change.changed.append((card, None, None, f"{fitted.maker} {fitted.model}".strip()))
        return fitted
    change.faults += [*kept_faults(card, before), *kept_faults(card, before.location)]
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


def _fit_meters(change: MachineChange, machine: Machine, rows: Sequence[SheetRow]) -> Machine:
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


def _meter(row: SheetRow, base: Meter, kind: MeterKind) -> Meter:
    given: dict[str, Any] = {}
    given |= texts_of(row, base, ("label", "display_label"))
    given["label"] = given.get("label") or base.label or kind.value
    for name in ("digits", "click_factor", "free_copies"):
        if row[name] is not None:
            given[name] = row[name]
    for name in ("cumulative", "billable"):
        if row.has(name):
            given[name] = row[name] is not False
    if row.has("volume"):
        given["volume"] = row["volume"]
    return replace(base, kind=kind, **given)


def _open_period(machine: Machine, due_on: date | None) -> Machine:
    """The machine in its contract's period. Billed readings of past periods are removed (the
    history rows keep them); readings that wait for release or acknowledgement stay."""
    if machine.due_on == due_on:
        return machine
    kept = tuple(
        reading
        for reading in machine.readings
        if reading.state is not ReadingState.BILLED or (due_on and reading.due_on >= due_on)
    )
    return replace(machine, due_on=due_on, readings=kept)
