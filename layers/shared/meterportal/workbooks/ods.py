"""OpenDocument spreadsheets (ods): one XML part that holds all sheets.

Cells and rows say how often they stand there: that is counted before anything is repeated, and
what is empty costs nothing, however often.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from meterportal.archives import Archive, Limits
from meterportal.domain.tables.cells import Marker
from meterportal.domain.unreadable import CellHuge, WorkbookBroken, WorkbookLocked, WorkbookSheets
from meterportal.workbooks.books import Book, Rows, SheetCell, SheetRow, Tags, WorkbookSheet
from meterportal.workbooks.numbers import day_from, number, time_from
from meterportal.workbooks.parts import Names, elements, read

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_LOCKED = "encrypted-package"
_LONGEST_NAME = 255
_MOST_HIDING = 10_000
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_TEXT = f"{_OASIS}:text:1.0 "
_NAMES: Names = {
    f"{_OASIS}:{space}:1.0 {name}": f"{space}:{name}"
    for space, names in {
        "office": "document-content body spreadsheet value-type value date-value time-value boolean-value string-value",
        "style": "style name family table-properties",
        "table": "table name style-name display table-header-rows table-rows table-row-group table-row table-cell covered-table-cell number-rows-repeated number-columns-repeated formula",
        "text": "p s c tab line-break note ruby-text",
    }.items()
    for name in names.split()
}
_MANIFEST_NAMES: Names = {
    f"{_OASIS}:manifest:1.0 {name}": name for name in ("manifest", "encryption-data")
}
_WAY = ("office:document-content", "office:body", "office:spreadsheet")
_GROUPS = {"table:table-header-rows", "table:table-rows", "table:table-row-group"}
_CELLS = {"table:table-cell", "table:covered-table-cell"}
_NOT_SHOWN = {"text:note", "text:ruby-text"}
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
_NUMBERS = {"float", "percentage", "currency"}
_ERRORS = ("#", "Err:")


def opened(archive: Archive, first: int) -> Book:
    """The workbook in an archive; sheets show their first rows. Raises Unreadable."""
    limits = archive.limits
    tags = Tags(limits.tags // 2)  # the content is read twice
    _refuse_locked(archive, tags)
    content = archive.find(_CONTENT)
    if content is None:
        raise WorkbookBroken
    part = _Content(limits, first=first)
    for _ in read(archive, content, _NAMES, part, tags):
        pass
    if not part.found:
        raise WorkbookBroken
    sheets = [
        WorkbookSheet(
            one.name,
            one.style in part.hiding,
            place,
            tuple(islice(one.rows.take(), first)),
            whole=one.rows.count < first,
        )
        for place, one in enumerate(part.tables)
    ]

    def rows(sheet: WorkbookSheet) -> Iterator[SheetRow]:
        again = _Content(limits, only=sheet.place)
        for _ in read(archive, content, _NAMES, again, tags):
            yield from again.tables[-1].rows.take() if again.tables else ()

    return Book(archive, sheets, rows)


def _refuse_locked(archive: Archive, tags: Tags) -> None:
    manifest = archive.find(_MANIFEST)
    if archive.find(_LOCKED):
        raise WorkbookLocked
    if manifest is None:
        return
    for _, name, _ in elements(archive, manifest, _MANIFEST_NAMES, tags, root="manifest"):
        if name == "encryption-data":
            raise WorkbookLocked


@dataclass(slots=True)
class _Table:
    name: str
    style: str
    rows: Rows


class _Content:
    """The content: of every table its first rows, or of one (`only`) all of them.

    `_way` is how far the way to the tables is open; `_table`, `_row`, `_cell` and `_aside` are the
    depths at which such an element is open, 0 for none. What stands aside is passed over.
    """

    def __init__(self, limits: Limits, *, first: int = 0, only: int | None = None) -> None:
        self.depth, self.done, self.found = 0, False, False
        self.tables: list[_Table] = []
        self.hiding: set[str] = set()
        self._limits, self._first, self._only = limits, first, only
        self._way = self._table = self._row = self._cell = self._aside = 0
        self._style = ""
        self._number, self._times = 1, 1
        self._cells, self._column = list[SheetCell](), 0
        self._given: dict[str, str] = {}
        self._covered = False
        self._text, self._heard, self._paragraphs = "", False, 0

    def start(self, name: str, given: dict[str, str]) -> None:
        self.depth = depth = self.depth + 1
        if self._aside:
            return
        if self._cell:
            self._start_in_cell(name, given)
        elif self._row:
            if name in _CELLS:
                self._begin_cell(name, given)
            else:
                self._aside = depth
        elif self._table:
            if name == "table:table-row" and self._wanted():
                self._row = depth
                self._times = _times(given.get("table:number-rows-repeated", "1"))
            elif name not in _GROUPS:
                self._aside = depth
        else:
            self._start_outside(name, given)

    def end(self, _: str) -> None:
        depth = self.depth
        self.depth = depth - 1
        if self._aside:
            if self._aside == depth:
                self._aside = 0
        elif self._cell:
            if depth == self._cell:
                self._place()
                self._cell = 0
            elif depth == self._cell + 1:
                self._heard = False
        elif depth == self._row:
            self.tables[-1].rows.add(self._number, self._cells, self._times)
            self._number += self._times
            self._row, self._cells, self._column = 0, [], 0
        elif depth == self._table:
            self._table = 0
            self.done = self._only == len(self.tables) - 1
        elif depth == self._way:
            self._way -= 1

    def text(self, data: str) -> None:
        if self._heard and not self._aside:
            self._write(data)

    def _start_outside(self, name: str, given: dict[str, str]) -> None:
        depth = self.depth
        if name == "table:table" and self._way == depth - 1 == len(_WAY):
            if len(self.tables) == self._limits.sheets:
                raise WorkbookSheets(limit=self._limits.sheets)
            title = given.get("table:name", "")[:_LONGEST_NAME]
            style = given.get("table:style-name", "")
            self.tables.append(_Table(title, style, Rows(self._limits)))
            self._table, self._number = depth, 1
        elif self._way == depth - 1 < len(_WAY) and name == _WAY[depth - 1]:
            self._way = depth
            self.found = self.found or depth == len(_WAY)
        elif name == "style:style":
            self._style = given.get("style:name", "")
        elif name == "style:table-properties":
            if given.get("table:display") == "false":
                self.hiding.add(self._style)
            if len(self.hiding) > _MOST_HIDING:
                raise WorkbookBroken

    def _start_in_cell(self, name: str, given: dict[str, str]) -> None:
        if self.depth == self._cell + 1:
            if name != "text:p":
                self._aside = self.depth
                return
            self._heard = True
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._write("\n")
        elif name == "text:s":
            self._write(" " * min(_times(given.get("text:c", "1")), self._limits.cell + 1))
        elif name in _SIGNS:
            self._write(_SIGNS[name])
        elif name in _NOT_SHOWN or not name.startswith(("text:", _TEXT)):
            self._aside = self.depth

    def _wanted(self) -> bool:
        if self._only is not None:
            return self._only == len(self.tables) - 1
        return self.tables[-1].rows.count < self._first

    def _begin_cell(self, name: str, given: dict[str, str]) -> None:
        self._cell = self.depth
        self._given = given
        self._covered = name == "table:covered-table-cell"
        self._text, self._heard, self._paragraphs = "", False, 0

    def _place(self) -> None:
        times = _times(self._given.get("table:number-columns-repeated", "1"))
        here, self._column = self._column, self._column + times
        room = min(times, self._limits.columns - here)
        cell = None if self._covered or room < 1 else self._value()
        if cell is not None:
            self._cells.extend([None] * (here - len(self._cells)))
            self._cells.extend([cell] * room)

    def _value(self) -> SheetCell:
        given, text = self._given, self._text or None
        kind, formula = given.get("office:value-type"), "table:formula" in given
        if kind in _NUMBERS:
            if formula and text and text.startswith(_ERRORS):
                return text
            if "office:value" in given:
                return number(given["office:value"])
            return Marker.UNCALCULATED if formula else text
        if kind in {"date", "time"}:
            try:
                if kind == "date":
                    return day_from(given.get("office:date-value", ""))
                return time_from(given.get("office:time-value", ""))
            except ValueError:  # a year that Python does not know: what the cell shows
                return text
        if kind == "boolean":
            return given.get("office:boolean-value") == "true"
        if kind == "string":
            return given.get("office:string-value") or text
        # The result of a formula that is an empty text has no kind, but a paragraph.
        return Marker.UNCALCULATED if formula and not self._paragraphs else text

    def _write(self, text: str) -> None:
        self._text += text
        if len(self._text) > self._limits.cell:
            raise CellHuge(limit=self._limits.cell, line=self._number)


def _times(text: str) -> int:
    """How often something stands there. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 12 and int(text)):
        raise ValueError("no number of times")
    return int(text)
