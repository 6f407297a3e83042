"""Reasons as the table stores them: codes and facts, never sentences; long
lists in several rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from meterportal.domain.portfolio.readiness import Reason, Weight
from meterportal.store.packing import compact

PIECE = 250_000
"""Characters of JSON per row: also with umlauts far below an item's limit of 400 KB."""


def pack(reason: Reason) -> list[Any]:
    return [reason.code, reason.contact_id, reason.weight.value, dict(reason.facts)]


def unpack(row: list[Any]) -> Reason:
    code, contact_id, weight, facts = row
    return Reason(code, contact_id, Weight(weight), facts)


def pieces(entries: Iterable[Any]) -> Iterator[str]:
    """Entries as JSON lists of at most `PIECE` characters (a larger entry is a list of its own)."""
    held: list[str] = []
    size = 0
    for entry in entries:
        text = compact(entry)
        if held and size + len(text) > PIECE:
            yield f"[{','.join(held)}]"
            held, size = [], 0
        held.append(text)
        size += len(text) + 1
    if held:
        yield f"[{','.join(held)}]"
