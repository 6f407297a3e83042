"""Where the newest snapshot is, and how far the index of changes is filled with items of earlier versions."""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.portfolio.snapshots import Snapshot, SnapshotPart
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write, moment


def newest(table: Table) -> Snapshot | None:
    """The snapshot that is to be fetched, None before the first one. One read."""
    item = table.get(*keys.snapshot())
    return _unpack(item) if item else None


def publish(table: Table, snapshot: Snapshot) -> bool:
    """Makes it the newest one; False when one that knows more stands there. One write."""
    pk, sk = keys.snapshot()
    item: Item = {
        "pk": pk,
        "sk": sk,
        "version": snapshot.version,
        "built_at": moment(snapshot.built_at),
        "after": moment(snapshot.after),
        "parts": [
            {
                "name": part.name,
                "key": part.key,
                "size": part.size,
                "rows": part.rows,
                "sha256": part.sha256,
            }
            for part in snapshot.parts
        ],
    }
    known = Write(
        put=item,
        condition="attribute_not_exists(pk) OR #after < :after",
        values={"after": item["after"]},
    )
    try:
        table.write(known)
    except ConditionFailed:
        return False
    return True


FORM = 2
"""Of what stands in the index. Who has filled it in an earlier form goes through all items once more; 2:
machines say what is exported and billed, and how often they were estimated."""

Filled = tuple[int, str]
"""Up to which company (shard, number) the index of changes has been filled with earlier items."""


def filled_up_to(table: Table) -> Filled | None:
    """Behind which company the filling goes on, None when all have been gone through. One read."""
    item = table.get(*keys.filling()) or {}
    if item.get("form") != FORM:
        return 0, ""
    return None if item.get("done") else (item["shard"], item["company_id"])


def note_filled(table: Table, *, seen: Filled, up_to: Filled, done: bool) -> bool:
    """Notes how far it has come; False when somebody else went on from `seen` meanwhile."""
    begun = "#shard = :seen_shard AND #company_id = :seen_company AND #form = :form"
    earlier = "attribute_not_exists(#form) OR #form < :form"  # or nothing yet
    fresh = f"{earlier} OR " if seen == (0, "") else ""
    write = Write(
        key=keys.filling(),
        update="SET #shard = :shard, #company_id = :company, #done = :done, #form = :form",
        condition=f"{fresh}({begun} AND #done = :no)",
        values={
            "shard": up_to[0],
            "company": up_to[1],
            "done": done,
            "no": False,
            "form": FORM,
            "seen_shard": seen[0],
            "seen_company": seen[1],
        },
    )
    try:
        table.write(write)
    except ConditionFailed:
        return False
    return True


def _unpack(item: Item) -> Snapshot:
    return Snapshot(
        version=item["version"],
        built_at=datetime.fromisoformat(item["built_at"]),
        after=datetime.fromisoformat(item["after"]),
        parts=tuple(SnapshotPart(**part) for part in item["parts"]),
    )
