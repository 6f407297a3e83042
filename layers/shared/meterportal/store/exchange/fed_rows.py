"""What a row of a machine's history holds for the ERP's feed. Apart from reading the feed (`feed`): every
report writes one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from meterportal.domain.exchange.feed_kinds import FeedKind
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.items import Item
from meterportal.store.packing import compact, deflated, unpacked

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


def packed(machine: Machine, kind: FeedKind, event: Mapping[str, Any]) -> str:
    """What the feed tells of a history row: lists without names, days as ordinals, in the order in
    which `feed` takes them apart. So the row of four meters stays below 1 KB."""
    head = [kind.value, event["at"], machine.company_id, machine.contract_id, machine.id]
    rows = [_packed_reading(machine, event, entry) for entry in event["entries"]]
    packed = [*head, machine.serial, machine.version, rows]
    if kind in {FeedKind.STARTED, FeedKind.STOPPED} and machine.replaces:
        packed.append(machine.replaces.machine_id)
    return compact(packed)


def together(rows: Iterable[str]) -> bytes:
    """Several such rows, in one that tells of all of them."""
    return deflated(f"[{','.join(rows)}]")


def of_item(item: Item) -> list[Any]:
    """What a row of the feed tells: of one change, or of several."""
    told = item["row"]
    return [json.loads(told)] if isinstance(told, str) else unpacked(told)


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
