"""The ERP's feed: rows of the machines' history, in the index `changes` by the moment of their write.

A row stands there once and for good; what an event needs is packed in it, so that no other item is
read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from meterportal.domain.exchange.feed import Earlier, FedChange, FedReading, FeedKind, SwappedBoard
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine, MeterKind
from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.store.items import Item
from meterportal.store.moments import Place, between_moments
from meterportal.store.packing import compact
from meterportal.store.table import Table

_KINDS = {kind.value: kind for kind in FeedKind}
_TAKES_PLACE = frozenset({"taken", "undone"})
"""Decisions of staff that may leave another value."""


def kind_of(event: Mapping[str, Any]) -> FeedKind | None:
    """What the feed tells of an event of a machine's history, None for nothing."""
    if event["event"] == "merged":
        return FeedKind.STARTED
    if event["event"] in _TAKES_PLACE:
        return FeedKind.CORRECTED if any("before" in one for one in event["entries"]) else None
    return _KINDS.get(event["event"])


def between(
    table: Table, after: str, until: str, *, page: int
) -> Iterator[tuple[Place, FedChange]]:
    """Changes behind `after` (a moment, or a place in the feed) up to the moment `until`, in the order
    of moments; those of a machine in the order of its versions. Eight queries, half a unit each while
    nothing changes."""
    for place, item in between_moments(table, "FEED", after, until, page=page):
        yield place, _unpack(item)


def packed(machine: Machine, kind: FeedKind, event: Mapping[str, Any]) -> str:
    """What the feed tells of a history row: lists without names, days as ordinals, in the order in
    which `_unpack` and `_reading` take them apart. So the row of four meters stays below 1 KB."""
    head = [kind.value, event["at"], machine.company_id, machine.contract_id, machine.id]
    rows = [_packed_reading(machine, event, entry) for entry in event["entries"]]
    packed = [*head, machine.serial, machine.version, rows]
    if kind in {FeedKind.STARTED, FeedKind.STOPPED} and machine.replaces:
        packed.append(machine.replaces.machine_id)
    return compact(packed)


def _packed_reading(
    machine: Machine, event: Mapping[str, Any], entry: Mapping[str, Any]
) -> list[Any]:
    meter = machine.meter(entry["meter_id"])
    due_on = date.fromisoformat(entry["due_on"]) if entry["due_on"] else None
    held = machine.reading(entry["meter_id"], due_on) if due_on else None
    before = entry.get("before") or {}
    row = [
        entry["meter_id"],
        meter.kind.value if meter else None,
        due_on.toordinal() if due_on else None,
        entry["value"],
        _ordinal(entry["read_on"]),
        held.channel.value if held else event["channel"],
        entry["state"] if due_on else None,
        entry.get("verdict"),
        entry.get("number", 1),
    ]
    if before:
        row += [before["value"], _ordinal(before["read_on"])]
    if "reset_end" in entry:
        row += [None, None, entry["reset_end"], entry["reset_start"]]
    return row


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _unpack(item: Item) -> FedChange:
    kind, at, company_id, contract_id, machine_id, serial, version, rows, *other = json.loads(
        item["row"]
    )
    return FedChange(
        FeedKind(kind),
        datetime.fromisoformat(at),
        company_id,
        contract_id,
        machine_id,
        serial,
        version,
        tuple(_reading(*row) for row in rows),
        *other,
    )


def _reading(
    meter_id: str,
    kind: str | None,
    due_on: int | None,
    value: int,
    read_on: int,
    channel: str,
    state: str | None,
    verdict: str | None,
    number: int,
    value_before: int | None = None,
    read_on_before: int | None = None,
    reset_end: int | None = None,
    reset_start: int | None = None,
) -> FedReading:
    return FedReading(
        meter_id,
        MeterKind(kind) if kind else None,
        date.fromordinal(due_on) if due_on else None,
        value,
        date.fromordinal(read_on),
        ReadingChannel(channel),
        ReadingState(state) if state else None,
        Verdict(verdict) if verdict else None,
        number,
        Earlier(value_before, date.fromordinal(read_on_before))
        if value_before is not None and read_on_before
        else None,
        SwappedBoard(reset_end, reset_start or 0) if reset_end is not None else None,
    )
