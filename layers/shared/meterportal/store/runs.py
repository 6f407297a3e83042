"""What runs of every kind share: how their headers begin, and their lists, newest first, from the
index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from meterportal.store import keys
from meterportal.store.table import Item, Table


def header(kind: str, number: str, *, by: str, at: datetime) -> Item:
    """Key, beginner, beginning and place in the list of a run's header; kind as in `keys.run`."""
    pk, sk = keys.run(kind, number)
    created_at = at.isoformat(timespec="milliseconds")
    listed = keys.run_list(kind, created_at, number)
    return {"pk": pk, "sk": sk, "by": by, "created_at": created_at, **listed}


def newest(table: Table, kind: str, *, before: str | None = None) -> Iterator[Item]:
    """Headers of the runs of a kind (as in `keys.run`); `before` is a place, left out itself."""
    between = ("0", before) if before else None
    for item in table.query(f"RUNS#{kind}", index="lists", forward=False, between=between):
        if place(item) != before:
            yield item


def place(item: Item) -> str:
    """Where a run stands in its list."""
    found: str = item["lists_sk"]
    return found
