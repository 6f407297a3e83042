"""Cutting long work into pieces that one request takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(entries: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` entries in their order, the last one maybe shorter; reads lazily."""
    left = iter(entries)
    while batch := list(islice(left, size)):
        yield batch
