"""The dealer's tolerances: one small item, and a row for each change.

Callers read the item in a batch that they need anyway (`place`, `settings_in`). If the item is
missing or cannot be read, the default tolerances apply: a check never fails because of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from meterportal.domain.plausibility.tolerances import (
    Change,
    StoredTolerances,
    ToleranceSettings,
    plain,
    read_settings,
)
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.refusals import Refusal
from meterportal.store import keys
from meterportal.store.items import Item, Key
from meterportal.store.portfolio import holdings
from meterportal.store.table import Table
from meterportal.store.writes import Write

CHANGES_TOLD = 20


def place() -> Key:
    return keys.tolerances()


def settings_in(found: Mapping[Key, Item]) -> ToleranceSettings:
    """The settings from the items of a batch that included `place`."""
    return unpack(found.get(place())).settings


def beside_companies(
    table: Table, numbers: Iterable[str]
) -> tuple[dict[str, Company], ToleranceSettings]:
    """Companies by number, and the settings, from one batch."""
    found = table.batch_get([place(), *map(keys.company, numbers)])
    settings = unpack(found.pop(place(), None)).settings
    return {row.id: row for row in map(holdings.unpack_company, found.values())}, settings


def beside_owners(
    table: Table, kind: str, numbers: Iterable[str]
) -> tuple[dict[str, str], ToleranceSettings]:
    """Company ids by number (see `holdings.companies_of`), and the settings, from one batch."""
    found = table.batch_get([place(), *(keys.pointer(kind, number) for number in numbers)])
    settings = unpack(found.pop(place(), None)).settings
    return {pk.partition("#")[2]: item["company_id"] for (pk, _), item in found.items()}, settings


def load(table: Table) -> StoredTolerances:
    """The current tolerances. One read."""
    return unpack(table.get(*place()))


def with_changes(table: Table) -> tuple[StoredTolerances, list[Change]]:
    """The current tolerances and the newest changes, latest first. One query."""
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
    """The writes that replace version `seen` of the tolerances; all fail when the version has
    changed.

    The row of a change says who set what, and when; such rows are never changed.
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


def unpack(item: Item | None) -> StoredTolerances:
    """An item's settings; the defaults if there is no item or it cannot be read."""
    if item is None:
        return StoredTolerances()
    version = item.get("version")
    number = version if isinstance(version, int) else 0
    try:
        given = json.loads(item["body"])
        return StoredTolerances(read_settings(given if isinstance(given, Mapping) else {}), number)
    except (KeyError, TypeError, ValueError, Refusal):
        return StoredTolerances(version=number)
