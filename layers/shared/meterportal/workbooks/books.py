"""A workbook as its reader sees it, and what is counted while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from meterportal.archives import Archive, Limits
from meterportal.domain.frozen import frozen
from meterportal.domain.tables.cells import Marker
from meterportal.domain.unreadable import SheetCells, SheetRows, SheetText, WorkbookBroken

LAST_ROW = 1_048_576

SheetCell = str | int | float | date | Marker | None
"""Text, number, bool, day or moment; an error ("#N/A") and a time of day are text."""

SheetRow = tuple[int, Sequence[SheetCell]]
"""The number of a row on its sheet (the first is 1), and its cells from the first column on."""


@frozen
class WorkbookSheet:
    """`head` are its first rows that hold anything, `whole` that there are no others. `place` is
    its number within the file."""

    name: str
    hidden: bool
    place: int
    head: tuple[SheetRow, ...]
    whole: bool


class Book:
    """A workbook: its sheets in order, hidden ones behind the others; the archive that it is."""

    def __init__(
        self,
        archive: Archive,
        sheets: Iterable[WorkbookSheet],
        read: Callable[[WorkbookSheet], Iterator[SheetRow]],
    ) -> None:
        self.archive = archive
        self.sheets = tuple(sorted(sheets, key=lambda sheet: (sheet.hidden, sheet.place)))
        self._read = read

    def rows(self, sheet: WorkbookSheet) -> Iterator[SheetRow]:
        """The rows of a sheet that hold anything, from its start.

        They come while the file is read. What is wrong with it may turn out behind the last one, so
        nothing is to be done for good before that. Raises Unreadable.
        """
        return iter(sheet.head) if sheet.whole else self._read(sheet)


class Tags:
    """Counts the tags of all parts of a workbook; a part that is read again counts once."""

    def __init__(self, most: int) -> None:
        self._most, self._all = most, 0
        self._seen: dict[str, int] = {}

    def count(self, part: str, seen: int) -> None:
        """Notes that so many were seen of a part so far. Raises SheetCells."""
        before = self._seen.get(part, 0)
        self._seen[part] = max(before, seen)
        self._all += self._seen[part] - before
        if self._all > self._most:
            raise SheetCells


class Rows:
    """The rows of one sheet, within limits, kept until they are taken."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows = self._cells = self._text = 0
        self._waiting: list[tuple[int, tuple[SheetCell, ...], int]] = []

    @property
    def count(self) -> int:
        return self._rows

    def add(self, number: int, cells: list[SheetCell], times: int = 1) -> None:
        """A row that stands there `times` times from `number` on; an empty one is none.

        Raises SheetRows, SheetCells, SheetText.
        """
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            return
        if number + times - 1 > LAST_ROW:
            raise WorkbookBroken
        self._rows += times
        self._cells += times * (len(cells) - cells.count(None))
        self._text += times * sum(len(cell) for cell in cells if isinstance(cell, str))
        if self._rows > self._limits.rows:
            raise SheetRows(limit=self._limits.rows, line=number)
        if self._cells > self._limits.cells:
            raise SheetCells(line=number)
        if self._text > self._limits.text:
            raise SheetText(line=number)
        self._waiting.append((number, tuple(cells), times))

    def take(self) -> Iterator[SheetRow]:
        """The rows that were added since the last time."""
        waiting, self._waiting = self._waiting, []
        for first, cells, times in waiting:
            for number in range(first, first + times):
                yield number, cells
