"""Changes that share a transaction: as many as one takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from meterportal.store.writes import Write

_WRITES, _BYTES = 96, 2_500_000
"""DynamoDB takes 100 writes and 4 MB; what a caller adds for all of them finds room."""

T = TypeVar("T")


def grouped(changes: Iterable[T], writes_of: Callable[[T], Sequence[Write]]) -> Iterator[list[T]]:
    """The changes in groups whose writes fit into one transaction, in order. Reads lazily."""
    group: list[T] = []
    count = size = 0
    for change in changes:
        writes = writes_of(change)
        weighs = sum(map(_weighs, writes))
        count, size = count + len(writes), size + weighs
        if group and (count > _WRITES or size > _BYTES):
            yield group
            group, count, size = [], len(writes), weighs
        group.append(change)
    if group:
        yield group


def _weighs(write: Write) -> int:
    """About how many bytes a write puts: most of them are texts and packed values."""
    values = (write.put or {}).values()
    return sum(len(one) if isinstance(one, str | bytes) else len(str(one)) for one in values)
