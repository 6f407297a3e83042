"""Above which usage a second person has to accept a value: one small item."""

from __future__ import annotations

from meterportal.domain.release.second_person import ReleaseLimits, StoredLimits
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table) -> StoredLimits:
    """What is set; no limit where nothing was set. One read."""
    item = table.get(*keys.release_limits())
    if item is None:
        return StoredLimits()
    return StoredLimits(ReleaseLimits(item.get("pages"), item.get("times")), item["version"])


def save(limits: ReleaseLimits, *, seen: int) -> Write:
    """Replaces version `seen`; fails when it has changed."""
    pk, sk = keys.release_limits()
    item: Item = {"pk": pk, "sk": sk, "version": seen + 1}
    for name in ("pages", "times"):
        if (value := getattr(limits, name)) is not None:
            item[name] = value
    condition = "#version = :seen" if seen else "attribute_not_exists(#version)"
    return Write(put=item, condition=condition, values={"seen": seen} if seen else {})
