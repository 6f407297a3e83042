"""Meters' effective readings as they stand in a machine's item: the last one, and steps back from it.

Most requests look at the last one only, so the others are made when they are looked at. Steps have
fewer digits than days and values, and meters of one machine are mostly read on the same days: an item
with four years of three meters stays below a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, overload

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import HISTORY_KEPT, Effective

Row = list[Any]
"""An entry: its day as an ordinal, value, channel, flags; and both counters where it is a reset."""

Steps = list[Any]
"""Empty, or: the last row; days and then values from each entry back to the one before it; how many of
these entries in turn have which channel and flags; the resets among them, by their place, if any."""


class PackedHistory(Sequence[Effective]):
    """Equal to the tuple of its entries. What nobody changes is stored again as it was read."""

    __slots__ = ("_entries", "steps")

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._entries: tuple[Effective, ...] | None = None

    def __len__(self) -> int:
        return len(self.steps[1]) + 1 if self.steps else 0

    @overload
    def __getitem__(self, place: int) -> Effective: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Effective, ...]: ...
    def __getitem__(self, place: int | slice) -> Effective | tuple[Effective, ...]:
        if self._entries is None and place == -1 and self.steps:
            return unpack_entry(self.steps[0])
        return self._all()[place]

    def __iter__(self) -> Iterator[Effective]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedHistory):
            return self.steps == other.steps
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> tuple[Effective, ...]:
        if self._entries is None:
            self._entries = tuple(map(unpack_entry, reversed([*_rows_back(self.steps)])))
        return self._entries


def pack(histories: Iterable[Sequence[Effective]]) -> list[Steps]:
    """The last `HISTORY_KEPT` entries of each meter of a machine. Days that are those of the meter
    before it are left out."""
    packed, before = [], None
    for history in histories:
        steps = _steps(history)
        days = steps[1] if steps else None
        packed.append([steps[0], None, *steps[2:]] if days and days == before else steps)
        before = days
    return packed


def unpack(packed: Iterable[Steps]) -> Iterator[PackedHistory]:
    """What `pack` was given."""
    before = None
    for steps in packed:
        if steps and steps[1] is None:
            steps[1] = before
        before = steps[1] if steps else None
        yield PackedHistory(steps)


def of_rows(rows: Sequence[Row]) -> PackedHistory:
    """A history as earlier versions stored it: a row for each entry."""
    return PackedHistory(_steps_of_rows(rows))


def unpack_entry(row: Row) -> Effective:
    """The entry of a row."""
    reset_end, reset_start = row[4:6] if len(row) > 4 else (None, None)
    return Effective(
        date.fromordinal(row[0]),
        row[1],
        ReadingChannel(row[2]),
        bool(row[3] & 1),
        bool(row[3] & 2),
        reset_end,
        reset_start,
        bool(row[3] & 4),
        bool(row[3] & 8),
    )


def _steps(history: Sequence[Effective]) -> Steps:
    if isinstance(history, PackedHistory) and len(history) <= HISTORY_KEPT:
        return history.steps
    return _steps_of_rows([_pack_entry(entry) for entry in history[-HISTORY_KEPT:]])


def _pack_entry(entry: Effective) -> Row:
    row: Row = [
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


def _steps_of_rows(rows: Sequence[Row]) -> Steps:
    if not rows:
        return []
    back = rows[::-1]
    days = [later[0] - earlier[0] for later, earlier in pairwise(back)]
    values = [later[1] - earlier[1] for later, earlier in pairwise(back)]
    marks: list[list[Any]] = []
    resets = []
    for place, row in enumerate(back[1:]):
        if marks and marks[-1][1:] == row[2:4]:
            marks[-1][0] += 1
        else:
            marks.append([1, *row[2:4]])
        if len(row) > 4:
            resets.append([place, *row[4:]])
    return [back[0], days, values, marks, *([resets] if resets else [])]


def _rows_back(steps: Steps) -> Iterator[Row]:
    """The rows, from the last one."""
    if not steps:
        return
    last, days, values, marks, *more = steps
    yield last
    day, value = last[:2]
    resets = {place: row for place, *row in (more[0] if more else ())}
    marked = (mark for count, *mark in marks for _ in range(count))
    for place, (back, less, mark) in enumerate(zip(days, values, marked, strict=True)):
        day, value = day - back, value - less
        yield [day, value, *mark, *resets.get(place, ())]
