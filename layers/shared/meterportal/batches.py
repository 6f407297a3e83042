"""Splits long work into parts that one request can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(entries: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` entries, in order; the last one may be shorter. Reads lazily."""
    left = iter(entries)
    while batch := list(islice(left, size)):
        yield batch
