"""The dealer's schedule: one small item, and a row for each of its versions."""

from __future__ import annotations

import json
from datetime import datetime

from meterportal.domain.mailing.schedules import Schedule, plain, read_schedule
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table) -> Schedule | None:
    """What is set; None when nothing is. One read."""
    item = table.get(*keys.schedule())
    return read_schedule(json.loads(item["body"]) | {"version": item["version"]}) if item else None


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
