"""Workbooks (xlsx) as rows of cells: the only module that imports openpyxl, and only when needed.

What comes from outside is measured before it is read: an archive of a megabyte can hold a thousand.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from meterportal.domain.fleet.filled import Row
from meterportal.domain.fleet.headings import MOST_COLUMNS
from meterportal.domain.fleet.refusals import SheetRefused
from meterportal.domain.sheets import Cell, cell

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

MOST_UNPACKED = 32 * 1024 * 1024
_MOST_PARTS = 500
_MOST_LINES = 100_000
_PIECE = 256 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins both the format of Excel 97 and a workbook under a password (MS-CFB 2.2)."""
_DATE = "DD.MM.YYYY"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)
"""What openpyxl lets through from inside when a part is missing or says something else than it
should: it checks no file before it reads it."""


def is_workbook(content: bytes) -> bool:
    """Whether these bytes are an archive or an old workbook: no text in any case."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLD_OFFICE))


def rows(content: bytes, *, most: int) -> list[Row]:
    """The rows of the first sheet that holds anything, empty ones left out; one more than `most`
    when there are more. Formulas count with the value last shown. Raises SheetRefused.
    """
    if content.startswith(_OLD_OFFICE):
        raise SheetRefused(
            de="Diese Arbeitsmappe ist mit einem Kennwort geschützt oder in einem alten Format. Bitte speichern Sie sie ohne Kennwort als .xlsx oder als CSV.",
            en="This workbook is protected by a password or in an old format. Please save it without a password as .xlsx or as CSV.",
        )
    with _readable(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations that are not looked at
        _inspect(content)
        book = _opened(content)
        try:
            return list(islice(_of_first_sheet(book), most + 1))
        finally:
            book.close()


def workbook(table: Iterable[Sequence[Cell]], *, title: str, widths: Sequence[int]) -> bytes:
    """A workbook of one sheet; the first row is the headings. Texts stay texts, whatever they look
    like; what would be taken for a formula gets an apostrophe."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, row in enumerate(table):
        cells: list[Any] = []
        for value in row:
            made: Any = cell(value) if isinstance(value, str) else value
            if number == 0:
                made = WriteOnlyCell(sheet, made)
                made.font = Font(bold=True)
            elif isinstance(value, date):
                made = WriteOnlyCell(sheet, made)
                made.number_format = _DATE
            cells.append(made)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise SheetRefused(
            de="Diese Arbeitsmappe ist beschädigt. Bitte speichern Sie sie noch einmal als .xlsx oder als CSV.",
            en="This workbook is damaged. Please save it again as .xlsx or as CSV.",
        ) from error


def _inspect(content: bytes) -> None:
    """Refuses an archive that is no plain workbook, before anything of it is understood."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names:
            raise SheetRefused(
                de="Das ist keine Arbeitsmappe im Format .xlsx. Bitte speichern Sie die Tabelle als .xlsx oder als CSV.",
                en="This is no workbook in the format .xlsx. Please save the table as .xlsx or as CSV.",
            )
        if any(name.casefold().endswith("vbaproject.bin") for name in names):
            raise SheetRefused(
                de="Diese Arbeitsmappe enthält Makros. Bitte speichern Sie sie ohne Makros als .xlsx.",
                en="This workbook holds macros. Please save it without macros as .xlsx.",
            )
        left = MOST_UNPACKED
        for part in parts if len(parts) <= _MOST_PARTS else []:
            left = _measured(archive, part, left)
        if left < 0 or len(parts) > _MOST_PARTS:
            raise SheetRefused(
                de="Ausgepackt ist diese Arbeitsmappe zu groß. Bitte behalten Sie nur das Blatt mit den Zählerständen.",
                en="Unpacked this workbook is too large. Please keep the sheet with the readings only.",
            )


def _measured(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """What is left after a part, below 0 when it is too large; what its header says of the size is
    not believed. Raises ValueError for XML that defines entities or is no UTF-8."""
    tail = b""
    with archive.open(part) as stream:
        while left >= 0 and (piece := stream.read(_PIECE)):
            left -= len(piece)
            seen = tail + piece
            if part.filename.endswith((".xml", ".rels")) and (
                b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or seen[:1] in {b"\xfe", b"\xff", b"\0"}
            ):
                raise ValueError(part.filename)
            tail = piece[-16:]
    return left


def _opened(content: bytes) -> Workbook:
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)


def _of_first_sheet(book: Workbook) -> Iterator[Row]:
    for sheet in book.worksheets:
        empty = True
        cells_of = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(cells_of, start=1):
            if number > _MOST_LINES:
                raise SheetRefused(
                    de=f"Das Tabellenblatt reicht über Zeile {_MOST_LINES} hinaus. Bitte löschen Sie die leeren Zeilen am Ende.",
                    en=f"The sheet goes on behind row {_MOST_LINES}. Please delete the empty rows at its end.",
                    line=number,
                )
            width = max((n for n, value in enumerate(cells, 1) if value is not None), default=0)
            if width:
                empty = False
                yield number, cells[:width]
        if not empty:
            return
