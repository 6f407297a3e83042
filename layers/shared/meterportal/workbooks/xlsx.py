"""Workbooks of Excel (xlsx): which sheets there are and what their cells mean.

Parts are found by the relations of the package, each followed once: the workbook, its styles, its
shared texts, its sheets. What else is in the archive is not read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from urllib.parse import unquote

from meterportal.archives import Archive
from meterportal.domain.frozen import frozen
from meterportal.domain.unreadable import WorkbookBroken, WorkbookSheets
from meterportal.workbooks.books import Book, SheetRow, Tags, WorkbookSheet
from meterportal.workbooks.numbers import is_built_in, shows_days
from meterportal.workbooks.parts import Names, elements
from meterportal.workbooks.xlsx_cells import Meaning, main_names, plain, shared_texts, sheet_rows

_LONGEST_NAME = 255
_MOST_RELATIONS = 5_000
_MOST_STYLES = 65_536
_MOST_FORMATS = 5_000
_OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS: Names = {f"{_PACKAGE} {name}": name for name in ("Relationships", "Relationship")}
_WORKBOOK: Names = main_names("workbook", "workbookPr", "calcPr", "sheets", "sheet") | {
    f"{space} id": "id" for space in _OFFICE
}
_STYLES: Names = main_names("styleSheet", "numFmts", "numFmt", "cellXfs", "xf")
_TRUE = {"1", "true"}


def opened(archive: Archive, first: int) -> Book:
    """The workbook in an archive; sheets show their first rows. Raises Unreadable."""
    package = _Package(archive)
    sheets = []
    for one in package.sheets:
        rows = tuple(islice(package.rows(one.part), first + 1))
        whole = len(rows) <= first
        sheets.append(WorkbookSheet(one.name, one.hidden, one.place, rows[:first], whole))
    return Book(archive, sheets, lambda sheet: package.rows(package.sheets[sheet.place].part))


@frozen
class _Named:
    name: str
    hidden: bool
    place: int
    part: str


class _Package:
    """The parts of a workbook. `sheets` are those with cells; charts and dialogues have none."""

    def __init__(self, archive: Archive) -> None:
        self._archive, self._tags = archive, Tags(archive.limits.tags)
        self._followed: set[str] = set()
        self._from_1904 = self._calculate = False
        roots = self._related("")
        self._workbook = self._follow(_of_kind(roots, "officeDocument") or "")
        self._parts = self._related(self._workbook)
        self.sheets = self._read_workbook()

    def rows(self, part: str) -> Iterator[SheetRow]:
        return sheet_rows(self._archive, part, self._meaning, self._tags)

    @cached_property
    def _meaning(self) -> Meaning:
        texts, styles = _of_kind(self._parts, "sharedStrings"), _of_kind(self._parts, "styles")
        return Meaning(
            shared_texts(self._archive, self._follow(texts), self._tags) if texts else [],
            self._read_styles(self._follow(styles)) if styles else [],
            self._from_1904,
            self._calculate,
        )

    def _read_workbook(self) -> list[_Named]:
        sheets: list[_Named] = []
        for around, name, given in elements(
            self._archive, self._workbook, _WORKBOOK, self._tags, root="workbook"
        ):
            if (around, name) == ("workbook", "workbookPr"):
                self._from_1904 = given.get("date1904") in _TRUE
            elif (around, name) == ("workbook", "calcPr"):
                self._calculate = given.get("fullCalcOnLoad") in _TRUE
            elif (around, name) == ("sheets", "sheet"):
                if len(sheets) == self._archive.limits.sheets:
                    raise WorkbookSheets(limit=self._archive.limits.sheets)
                if given.get("id") not in self._parts:
                    raise WorkbookBroken
                kind, target = self._parts[given["id"]]
                if kind == "worksheet":
                    hidden = given.get("state", "visible") != "visible"
                    title = plain(given.get("name", "")[:_LONGEST_NAME])
                    sheets.append(_Named(title, hidden, len(sheets), self._follow(target)))
        return sheets

    def _read_styles(self, part: str) -> list[bool]:
        """For each style whether it shows a number as a day or time."""
        formats: dict[str, str] = {}
        styles: list[str] = []
        for around, name, given in elements(
            self._archive, part, _STYLES, self._tags, root="styleSheet"
        ):
            if (around, name) == ("numFmts", "numFmt"):
                formats[given.get("numFmtId", "")] = given.get("formatCode", "")
            elif (around, name) == ("cellXfs", "xf"):
                styles.append(given.get("numFmtId", "0"))
            if len(formats) > _MOST_FORMATS or len(styles) > _MOST_STYLES:
                raise WorkbookBroken
        days = {number: shows_days(code) for number, code in formats.items()}
        return [days[number] if number in days else is_built_in(number) for number in styles]

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part names: id -> the kind, and the name of the other part. None where there is no
        such list."""
        folder, name = posixpath.split(part)
        found = self._archive.find(posixpath.join(folder, "_rels", f"{name}.rels"))
        related: dict[str, tuple[str, str]] = {}
        if found is None:
            return related
        listed = elements(self._archive, found, _RELATIONS, self._tags, root="Relationships")
        for _, element, given in listed:
            if element == "Relationship" and given.get("TargetMode") != "External":
                target = posixpath.join("/", folder, unquote(given.get("Target", "")))
                kind = given.get("Type", "").rpartition("/")[2]
                related[given.get("Id", "")] = kind, posixpath.normpath(target).lstrip("/")
            if len(related) > _MOST_RELATIONS:
                raise WorkbookBroken
        return related

    def _follow(self, target: str) -> str:
        """The name of a part in the archive. Raises WorkbookBroken when there is none such, or when
        it was followed already."""
        found = self._archive.find(target)
        if found is None or found in self._followed:
            raise WorkbookBroken
        self._followed.add(found)
        return found


def _of_kind(related: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((target for found, target in related.values() if found == kind), None)
