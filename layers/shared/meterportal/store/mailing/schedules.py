"""The dealer's schedule: one small item, and a row for each of its versions."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from meterportal.domain.mailing.schedules import Schedule, plain, read_schedule
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, usual: Schedule) -> Schedule:
    """What is set; `usual` counts where nothing is. One read."""
    return unpack(table.get(*keys.schedule()), usual)


def unpack(item: Item | None, usual: Schedule) -> Schedule:
    """What an earlier release did not know of yet is as usual."""
    if item is None:
        return usual
    stored: dict[str, Any] = json.loads(item["body"])
    return read_schedule(plain(usual) | stored | {"version": item["version"]})


def save(schedule: Schedule, *, seen: int, by: str, at: datetime) -> list[Write]:
    """The writes that replace version `seen`; all fail when it has changed."""
    pk, sk = keys.schedule()
    content: Item = {
        "body": json.dumps(plain(schedule), ensure_ascii=False, separators=(",", ":")),
        "version": seen + 1,
        "by": by,
        "at": at.isoformat(timespec="seconds"),
    }
    return [
        Write(
            put={"pk": pk, "sk": sk, **content},
            condition="#version = :seen" if seen else "attribute_not_exists(#version)",
            values={"seen": seen} if seen else {},
        ),
        Write(
            put={"pk": pk, "sk": f"VERSION#{seen + 1:08d}", **content},
            condition="attribute_not_exists(pk)",
        ),
    ]
