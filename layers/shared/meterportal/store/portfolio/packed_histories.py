"""A meter's effective readings as they stand in a machine's item: lists without names.

Most requests look at the last one only, so an entry is made when it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from typing import Any, overload

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import HISTORY_KEPT, Effective


class PackedHistory(Sequence[Effective]):
    """Equal to the tuple of its entries. What nobody changes is stored again as it was read."""

    __slots__ = ("_entries", "rows")

    def __init__(self, rows: Sequence[list[Any]]) -> None:
        self.rows = rows
        self._entries: tuple[Effective, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Effective: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Effective, ...]: ...
    def __getitem__(self, place: int | slice) -> Effective | tuple[Effective, ...]:
        if self._entries is None and isinstance(place, int):
            return unpack_entry(self.rows[place])
        return self._all()[place]

    def __iter__(self) -> Iterator[Effective]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedHistory):
            return self.rows == other.rows
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> tuple[Effective, ...]:
        if self._entries is None:
            self._entries = tuple(map(unpack_entry, self.rows))
        return self._entries


def pack(history: Sequence[Effective]) -> Sequence[list[Any]]:
    """The rows of the last `HISTORY_KEPT` entries."""
    if isinstance(history, PackedHistory):
        return history.rows[-HISTORY_KEPT:]
    return [_pack_entry(entry) for entry in history[-HISTORY_KEPT:]]


_CHANNELS = {channel.value: channel for channel in ReadingChannel}
_FLAGS = [flags[::-1] for flags in product((False, True), repeat=4)]
"""What an entry's last number says: estimated, billed, confirmed, entered here."""


def _pack_entry(entry: Effective) -> list[Any]:
    row: list[Any] = [
        entry.read_on.toordinal(),
        entry.value,
        entry.channel.value,
        int(entry.estimated)
        + 2 * int(entry.billed)
        + 4 * int(entry.confirmed)
        + 8 * int(entry.entered_here),
    ]
    if entry.reset_end is not None or entry.reset_start is not None:
        row += [entry.reset_end, entry.reset_start]
    return row


def unpack_entry(row: list[Any]) -> Effective:
    """The entry of a row that `pack` made."""
    read_on, value, channel, flags, *reset = row
    reset_end, reset_start = reset or (None, None)
    estimated, billed, confirmed, entered_here = _FLAGS[flags]
    return Effective(
        date.fromordinal(read_on),
        value,
        _CHANNELS[channel],
        estimated,
        billed,
        reset_end,
        reset_start,
        confirmed,
        entered_here,
    )
