"""What a staff member has set for the console's lists: one item of at most some 60 KB."""

from __future__ import annotations

import json

from meterportal.domain.portfolio.views import ListSettings, StoredSettings, as_plain, from_plain
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, staff_id: str) -> StoredSettings:
    """What is set; the usual where nothing was set. One read."""
    item = table.get(*keys.staff_views(staff_id))
    if item is None:
        return StoredSettings()
    return StoredSettings(from_plain(json.loads(item["body"])), item["version"])


def save(staff_id: str, settings: ListSettings, *, seen: int) -> Write:
    """Replaces version `seen`; fails when it has changed."""
    pk, sk = keys.staff_views(staff_id)
    body = json.dumps(as_plain(settings), ensure_ascii=False, separators=(",", ":"))
    return Write(
        put={"pk": pk, "sk": sk, "version": seen + 1, "body": body},
        condition="#version = :seen" if seen else "attribute_not_exists(#version)",
        values={"seen": seen} if seen else {},
    )
