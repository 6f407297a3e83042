"""The dealer's tolerances: one small item, and a row for every change of it.

Whatever judges a value reads the item in a batch that it needs anyway (`place`, `settings_in`). An
item that is missing or cannot be read means the usual tolerances: a check never fails for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meterportal.domain.contracts import Company
from meterportal.domain.plausibility.tolerances import ToleranceSettings, plain, read_settings
from meterportal.domain.refusals import Refusal
from meterportal.store import keys, portfolio
from meterportal.store.table import Item, Key, Table, Write

CHANGES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed the tolerances to a version, and when."""

    version: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The settings with the number of times they were changed: 0 as long as nobody set any."""

    settings: ToleranceSettings = field(default_factory=ToleranceSettings)
    version: int = 0


def place() -> Key:
    return keys.tolerances()


def settings_in(found: Mapping[Key, Item]) -> ToleranceSettings:
    """The settings among the items of a batch that asked for `place` too."""
    return unpack(found.get(place())).settings


def beside_companies(
    table: Table, numbers: Iterable[str]
) -> tuple[dict[str, Company], ToleranceSettings]:
    """Companies by number, with the settings out of the same batch."""
    found = table.batch_get([place(), *map(keys.company, numbers)])
    settings = unpack(found.pop(place(), None)).settings
    return {row.id: row for row in map(portfolio.unpack_company, found.values())}, settings


def beside_owners(
    table: Table, kind: str, numbers: Iterable[str]
) -> tuple[dict[str, str], ToleranceSettings]:
    """Company ids by number (see `portfolio.companies_of`), with the settings out of the batch."""
    found = table.batch_get([place(), *(keys.pointer(kind, number) for number in numbers)])
    settings = unpack(found.pop(place(), None)).settings
    return {pk.partition("#")[2]: item["company_id"] for (pk, _), item in found.items()}, settings


def load(table: Table) -> Stored:
    """What is set now. One read."""
    return unpack(table.get(*place()))


def with_changes(table: Table) -> tuple[Stored, list[Change]]:
    """What is set now and the newest changes, latest first. One query."""
    pk, sk = place()
    rows = list(table.query(pk, forward=False, limit=CHANGES_TOLD + 1))
    item = next((row for row in rows if row["sk"] == sk), None)
    changes = [
        Change(row["version"], datetime.fromisoformat(row["at"]), row["by"])
        for row in rows
        if row["sk"] != sk
    ]
    return unpack(item), changes


def save(settings: ToleranceSettings, *, seen: int, by: str, at: datetime) -> list[Write]:
    """The writes that set the tolerances in place of version `seen`; fail together when it moved.

    The row of the change tells who set what, and when; rows are never written again.
    """
    pk, sk = place()
    body = json.dumps(plain(settings), ensure_ascii=False, separators=(",", ":"))
    item: dict[str, Any] = {
        "version": seen + 1,
        "at": at.isoformat(timespec="milliseconds"),
        "by": by,
        "body": body,
    }
    condition = "#version = :seen" if seen else "attribute_not_exists(#version)"
    row = {"pk": pk, "sk": f"HISTORY#{seen + 1:08d}", **item}
    return [
        Write(
            put={"pk": pk, "sk": sk, **item},
            condition=condition,
            values={"seen": seen} if seen else {},
        ),
        Write(put=row, condition="attribute_not_exists(pk)"),
    ]


def unpack(item: Item | None) -> Stored:
    """An item's settings; the usual ones where there is none or nothing readable in it."""
    if item is None:
        return Stored()
    version = item.get("version")
    number = version if isinstance(version, int) else 0
    try:
        given = json.loads(item["body"])
        return Stored(read_settings(given if isinstance(given, Mapping) else {}), number)
    except (KeyError, TypeError, ValueError, Refusal):
        return Stored(version=number)
