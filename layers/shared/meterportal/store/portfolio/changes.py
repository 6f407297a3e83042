"""The index of changes: every company, contact, contract and machine stands in it once, by the moment of
its last write; what was taken away stands there as a tombstone for some weeks.

It is written with the items and read behind them: for lists, never for decisions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from meterportal.domain.portfolio.rows import (
    KINDS,
    MachineRow,
    OpeningRow,
    Row,
    RowChange,
    company_row,
    contact_row,
    contract_row,
    mails_about,
)
from meterportal.store.items import Item
from meterportal.store.moments import INDEX, Place, between_moments
from meterportal.store.portfolio.holdings import unpack_company, unpack_contact, unpack_contract
from meterportal.store.table import SHARDS, Table
from meterportal.store.writes import moment


def as_place(at: datetime) -> str:
    """A moment as the index orders it: before every row of that moment."""
    return moment(at)


def everything(table: Table) -> Iterator[RowChange]:
    """All rows of the index, one shard after the other. Who changes while this is read may come
    twice. Half a unit per 4 KB."""
    for number in range(SHARDS):
        for item in table.query(f"CHANGES#{number}", index=INDEX):
            yield unpack(item)


def between(
    table: Table, after: str, until: str, *, page: int
) -> Iterator[tuple[Place, RowChange]]:
    """Changes behind `after` (a moment, or a moment and an id: "<moment>#<id>") up to the moment
    `until`, in the order of moments over all shards. `page` is how many rows of a shard are read at a
    time. One query a shard."""
    for place, item in between_moments(table, "CHANGES", after, until, page=page):
        yield place, unpack(item)


def unpack(item: Item) -> RowChange:
    """A row as the index holds it; (the base table's item will do as well)."""
    at, _, number = item["changes_sk"].partition("#")
    company_id, _, sk = number.partition("#")
    kind, _, own = sk.partition("#")
    which = company_id, own or company_id, item["rev"]
    if item.get("gone"):
        return RowChange(KINDS[kind], *which, at, None)
    if kind == "CONTRACT":
        contract = unpack_contract(item)
        return RowChange(KINDS[kind], *which, at, contract_row(contract), mails_about(contract))
    if kind == "OPENING":
        return RowChange(KINDS[kind], *which, at, OpeningRow(*which, _asked_for(item)))
    return RowChange(KINDS[kind], *which, at, _row(kind, item))


def _asked_for(item: Item) -> tuple[tuple[str, str, str], ...]:
    return tuple((row[0], row[1], row[3]) for row in json.loads(item["row"]))


def _row(kind: str, item: Item) -> Row:
    match kind:
        case "COMPANY":
            return company_row(unpack_company(item))
        case "CONTACT":
            return contact_row(unpack_contact(item))
        case _:
            return _machine_row(item)


def _machine_row(item: Item) -> MachineRow:
    """Straight from the attributes: no history of readings is unpacked for a list."""
    return MachineRow(
        item["pk"].partition("#")[2],
        item["sk"].partition("#")[2],
        item["rev"],
        item["contract_id"],
        item["version"],
        item["state"],
        item["due_on"],
        *json.loads(item["row"]),
    )
