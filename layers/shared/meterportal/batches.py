"""Splits long work into parts that one request can take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(entries: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` entries, in order; the last one may be shorter. Reads lazily."""
    left = iter(entries)
    while batch := list(islice(left, size)):
        yield batch


def weighed(entries: Iterable[T], weight: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """Lists of entries, in order, each of at most the weight `most`; an entry that weighs more stands alone. Reads
    lazily."""
    batch: list[T] = []
    left = most
    for entry in entries:
        own = weight(entry)
        if batch and own > left:
            yield batch
            batch, left = [], most
        batch.append(entry)
        left -= own
    if batch:
        yield batch
