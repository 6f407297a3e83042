"""Lists of runs, newest first, from the index."""

from __future__ import annotations

from collections.abc import Iterator

from meterportal.store.table import Item, Table


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
