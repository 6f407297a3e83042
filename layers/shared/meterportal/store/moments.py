"""The index `changes`, in which rows of several kinds stand by the moment of their last write."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from meterportal.store.items import Item
from meterportal.store.table import HIGHEST, SHARDS, Table

INDEX = "changes"

Place = tuple[str, str]
"""(moment, id) of a row in the index."""


def between_moments(
    table: Table, kind: str, after: str, until: str, *, page: int
) -> Iterator[tuple[Place, Item]]:
    """Rows of a kind behind `after` (a moment, or a moment and an id: "<moment>#<id>") up to the moment
    `until`, in the order of moments over all shards. `page` is how many rows of a shard are read at a
    time. One query a shard."""
    span = f"{after}\0", f"{until}#{HIGHEST}"
    shards = [
        table.query(f"{kind}#{number}", index=INDEX, between=span, page=page)
        for number in range(SHARDS)
    ]
    for item in merge(*shards, key=lambda item: item["changes_sk"]):
        at, _, number = item["changes_sk"].partition("#")
        yield (at, number), item
