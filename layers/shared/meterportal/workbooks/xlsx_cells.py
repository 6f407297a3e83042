"""The rows of a sheet and the shared texts of an xlsx workbook, out of their XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from meterportal.archives import Archive, Limits
from meterportal.domain.frozen import frozen
from meterportal.domain.tables.cells import Marker
from meterportal.domain.unreadable import CellHuge, SheetCells, SheetText
from meterportal.workbooks.books import Rows, SheetCell, SheetRow, Tags
from meterportal.workbooks.numbers import day_from, day_of, number
from meterportal.workbooks.parts import read

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"
_LAST_COLUMN = 16_384

# How deep the elements stand: worksheet, sheetData, row, c, and what a cell holds.
_DATA, _ROW, _CELL, _VALUE = 2, 3, 4, 5


def main_names(*names: str) -> dict[str, str]:
    """Names of the main namespace, of the transitional and of the strict form."""
    return {f"{space} {name}": name for space in _MAIN for name in names}


_NAMES = main_names("worksheet", "sheetData", "row", "c", "v", "f", "t", "rPh", "sst", "si")


@frozen
class Meaning:
    """What the workbook's other parts say about its cells: the shared texts, which styles show days,
    where days are counted from, and whether stored results of formulas are to be calculated anew."""

    texts: Sequence[str]
    days: Sequence[bool]
    from_1904: bool
    calculate: bool


def sheet_rows(archive: Archive, name: str, meaning: Meaning, tags: Tags) -> Iterator[SheetRow]:
    """The rows of a sheet that hold anything; cells behind the last column that is read are left
    out. Raises Unreadable."""
    rows = Rows(archive.limits)
    part = _Sheet(rows, meaning, archive.limits)
    for _ in read(archive, name, _NAMES, part, tags):
        yield from rows.take()


def shared_texts(archive: Archive, name: str, tags: Tags) -> list[str]:
    part = _Texts(archive.limits)
    for _ in read(archive, name, _NAMES, part, tags):
        pass
    return part.texts


def plain(text: str) -> str:
    """A text without the form `_x000D_` in which XML hides what it cannot hold."""
    if "_x" not in text:
        return text
    found = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Texts:
    """Shared texts: of runs their text, without how they are read aloud (rPh)."""

    done = False

    def __init__(self, limits: Limits) -> None:
        self.depth = 0
        self.texts: list[str] = []
        self._limits, self._all = limits, 0
        self._text, self._heard, self._aside = "", False, 0

    def start(self, name: str, _: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != "sst":
            raise ValueError("another kind of part")
        if name == "si":
            self._text = ""
        elif name == "rPh":
            self._aside = self.depth
        self._heard = name == "t" and not self._aside

    def end(self, name: str) -> None:
        self._heard = False
        if name == "si":
            self._all += len(self._text)
            if self._all > self._limits.shared:
                raise SheetText
            if len(self.texts) == self._limits.cells:
                raise SheetCells
            self.texts.append(plain(self._text))
        elif name == "rPh":
            self._aside = 0
        self.depth -= 1

    def text(self, data: str) -> None:
        if self._heard:
            self._text += data
            if len(self._text) > self._limits.cell:
                raise CellHuge(limit=self._limits.cell)


class _Sheet:
    """A sheet. Rows and cells that do not say where they stand follow the one before."""

    def __init__(self, rows: Rows, meaning: Meaning, limits: Limits) -> None:
        self.depth, self.done = 0, False
        self._rows, self._meaning, self._limits = rows, meaning, limits
        self._in_data = self._in_row = self._in_cell = False
        self._row, self._cells = 0, list[SheetCell]()
        self._column, self._full, self._given = 0, False, dict[str, str]()
        self._formula = self._valued = False
        self._text, self._heard, self._aside = "", False, 0

    def start(self, name: str, given: dict[str, str]) -> None:
        self.depth = depth = self.depth + 1
        if depth == _VALUE:
            if name == "v":
                self._heard = self._valued = self._in_cell
            elif name == "f":
                self._formula = self._in_cell
        elif depth == _CELL:
            self._in_cell = self._in_row and name == "c" and not self._full and self._begin(given)
        elif depth == _ROW:
            self._in_row = self._in_data and name == "row"
            if self._in_row:
                self._begin_row(given)
        elif depth == _DATA:
            self._in_data = name == "sheetData"
        elif name == "t":
            self._heard = self._valued = self._in_cell and not self._aside
        elif name == "rPh":
            self._aside = depth
        elif depth == 1 and name != "worksheet":
            raise ValueError("another kind of part")

    def end(self, _: str) -> None:
        depth = self.depth
        self.depth = depth - 1
        if depth == _CELL:
            if self._in_cell:
                self._place()
        elif depth >= _VALUE:
            self._heard = False
            if depth == self._aside:
                self._aside = 0
        elif depth == _ROW:
            if self._in_row:
                self._rows.add(self._row, self._cells)
        elif depth == _DATA:
            self.done = self._in_data

    def text(self, data: str) -> None:
        if self._heard:
            self._text += data
            if len(self._text) > self._limits.cell:
                raise CellHuge(limit=self._limits.cell, line=self._row)

    def _begin_row(self, given: dict[str, str]) -> None:
        row = _whole(given["r"]) if "r" in given else self._row + 1
        if row <= self._row:
            raise ValueError("rows stand in no order")
        self._row, self._column, self._cells, self._full = row, 0, [], False

    def _begin(self, given: dict[str, str]) -> bool:
        """Whether the cell is one of the columns that are read."""
        column = _column(given["r"].rstrip(_DIGITS)) if "r" in given else self._column + 1
        if not self._column < column <= _LAST_COLUMN:
            raise ValueError("cells stand in no order")
        self._column, self._given = column, given
        self._text, self._formula, self._valued = "", False, False
        self._full = column > self._limits.columns
        return not self._full

    def _place(self) -> None:
        cell = self._cell() if self._text or self._formula else None
        if cell is not None:
            cells, before = self._cells, self._column - 1
            if len(cells) < before:
                cells.extend([None] * (before - len(cells)))
            cells.append(cell)

    def _cell(self) -> SheetCell:
        """The value. Raises ValueError or LookupError when there is none such."""
        text, given = self._text, self._given
        kind = given.get("t", "n")
        if self._formula and self._without_value(kind):
            return Marker.UNCALCULATED
        if kind == "s":
            return self._meaning.texts[_whole(text.strip())] or None
        if kind == "n":
            found = number(text)
            if "s" in given and self._meaning.days[_whole(given["s"])]:
                return day_of(found, from_1904=self._meaning.from_1904)
            return found
        if kind in {"str", "inlineStr"}:
            return plain(text) or None
        if kind == "b":
            return {"1": True, "0": False, "true": True, "false": False}[text.strip()]
        if kind == "e":
            return text
        if kind == "d":
            return day_from(text)
        raise ValueError("a kind of cell that nobody knows")

    def _without_value(self, kind: str) -> bool:
        """Whether nobody calculated a formula. Libraries write none, or 0 and that all is to be
        calculated when the workbook is opened; a stored text may be empty."""
        if not self._text:
            return kind != "str" or not self._valued
        return self._meaning.calculate and kind == "n" and self._text == "0"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("no whole number")
    return int(text)


@lru_cache(maxsize=_LAST_COLUMN)
def _column(letters: str) -> int:
    if not (0 < len(letters) < 4 and letters.isascii() and letters.isalpha()):
        raise ValueError("no column")
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place
