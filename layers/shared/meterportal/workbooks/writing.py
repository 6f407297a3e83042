"""Workbooks (xlsx) that are handed out: the only module that imports openpyxl, and only when
needed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from meterportal.domain.sheets import Cell, cell

_DATE = "DD.MM.YYYY"


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
