"""Meters' effective readings as they stand in a machine's item: the last one, and steps back from it.

Most requests look at the last one only, so the others are made when they are looked at. Steps have
fewer digits than days and values, and meters of one machine are mostly read on the same days: an item
with four years of three meters stays below a unit. They stand as text, which costs nothing to read for
whoever looks at the last entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from itertools import accumulate, islice, pairwise, product
from operator import sub
from typing import Any, overload

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import HISTORY_KEPT, Effective

Row = list[Any]
"""An entry: its day as an ordinal, value, channel, flags; and both counters where it is a reset."""

Steps = list[Any]
"""Empty, or: the last row; days and then values from each entry back to the one before it, as text with
spaces between (lists of numbers in what earlier versions stored); how many of these entries in turn have
which channel and flags; the resets among them, by their place, if any."""


class PackedHistory(Sequence[Effective]):
    """Equal to the tuple of its entries. What nobody changes is stored again as it was read."""

    __slots__ = ("_entries", "steps")

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._entries: tuple[Effective, ...] | None = None

    def __len__(self) -> int:
        return len(_numbers(self.steps[1])) + 1 if self.steps else 0

    def __bool__(self) -> bool:
        return bool(self.steps)

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
            return self.steps == other.steps or self._all() == other._all()
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> tuple[Effective, ...]:
        if self._entries is None:
            self._entries = entries_of(self.steps)
        return self._entries


_CHANNELS = {channel.value: channel for channel in ReadingChannel}
_NAMES = {channel: name for name, channel in _CHANNELS.items()}
ESTIMATED = 1
_FLAGS = [flags[::-1] for flags in product((False, True), repeat=4)]
"""What an entry's last number says: estimated, billed, confirmed, entered here."""


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


def unpack(packed: Iterable[Steps]) -> list[PackedHistory]:
    """What `pack` was given."""
    before, histories = None, []
    for steps in packed:
        if steps and steps[1] is None:
            steps[1] = before
        before = steps[1] if steps else None
        histories.append(PackedHistory(steps))
    return histories


def of_rows(rows: Sequence[Row]) -> PackedHistory:
    """A history as earlier versions stored it: a row for each entry."""
    return PackedHistory(_steps_of_rows(rows))


def unpack_entry(row: Row) -> Effective:
    """The entry of a row."""
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


def _steps(history: Sequence[Effective]) -> Steps:
    if isinstance(history, PackedHistory) and len(history) <= HISTORY_KEPT:
        return history.steps
    return _steps_of_rows([_pack_entry(entry) for entry in history[-HISTORY_KEPT:]])


def _pack_entry(entry: Effective) -> Row:
    read_on, value, channel, estimated, billed, reset_end, reset_start, confirmed, here = entry
    # Truth values, as numbers.
    flags = estimated + 2 * billed + 4 * confirmed + 8 * here
    row: Row = [read_on.toordinal(), value, _NAMES[channel], flags]
    if reset_end is not None or reset_start is not None:
        row += [reset_end, reset_start]
    return row


def _steps_of_rows(rows: Sequence[Row]) -> Steps:
    if not rows:
        return []
    back = rows[::-1]
    days = [later[0] - earlier[0] for later, earlier in pairwise(back)]
    values = [later[1] - earlier[1] for later, earlier in pairwise(back)]
    marks: list[list[Any]] = []
    resets = []
    mark: Row = []
    for place, row in enumerate(back[1:]):
        if row[2:4] == mark:
            marks[-1][0] += 1
        else:
            mark = row[2:4]
            marks.append([1, *mark])
        if len(row) > 4:
            resets.append([place, *row[4:]])
    return [back[0], _text(days), _text(values), marks, *([resets] if resets else [])]


def _text(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def _numbers(stored: str | list[int]) -> list[int]:
    return [*map(int, stored.split())] if isinstance(stored, str) else stored


def entries_of(steps: Steps) -> tuple[Effective, ...]:
    """The entries, oldest first."""
    if not steps:
        return ()
    last, days, values, marks, *more = steps
    on = _days_back(last[0], days if isinstance(days, str) else _text(days))
    backwards = zip(on, _back(last[1], values), strict=True)
    next(backwards)
    entries = [unpack_entry(last)]
    for count, channel, flags in marks:
        # Entries in turn differ in day and value alone: the rest is looked up once for all of them.
        by, (estimated, billed, confirmed, here) = _CHANNELS[channel], _FLAGS[flags]
        entries += [
            _entry((day, value, by, estimated, billed, None, None, confirmed, here))
            for day, value in islice(backwards, count)
        ]
    assert len(entries) == len(on), "each step has its marks"
    for place, end, start in more[0] if more else ():
        entries[place + 1] = entries[place + 1]._replace(reset_end=end, reset_start=start)
    return tuple(reversed(entries))


_entry: Callable[[tuple[Any, ...]], Effective] = partial(tuple.__new__, Effective)
"""An entry of all its parts, without the call that gives those their defaults."""


def _back(last: int, steps: str | list[int]) -> Iterator[int]:
    """The last number and those before it, backwards."""
    return accumulate(_numbers(steps), sub, initial=last)


@lru_cache(maxsize=8)
def _days_back(last: int, steps: str) -> list[date]:
    """The days of a history, backwards: the meters of a machine are mostly read on the same ones."""
    return [*map(date.fromordinal, _back(last, steps))]
