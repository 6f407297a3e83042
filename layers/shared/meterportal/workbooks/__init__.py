"""Workbooks: read (xlsx and ods, by readers of our own over expat) and written (xlsx, by openpyxl).

kind = workbooks.recognised(stream, REQUEST)         # text, archive, xlsx or ods
book = workbooks.opened(stream, REQUEST)             # looks at the first rows of every sheet
sheet = next(one for one in book.sheets if one.head)
for number, cells in book.rows(sheet): ...           # reads one of them from its start
"""

from __future__ import annotations

from typing import BinaryIO

from meterportal.archives import Archive, Limits
from meterportal.domain.unreadable import ArchiveOfFiles
from meterportal.workbooks import ods, xlsx
from meterportal.workbooks.books import Book as Book
from meterportal.workbooks.books import SheetCell as SheetCell
from meterportal.workbooks.books import SheetRow as SheetRow
from meterportal.workbooks.books import WorkbookSheet as WorkbookSheet
from meterportal.workbooks.kinds import FileKind as FileKind
from meterportal.workbooks.kinds import kind_of as kind_of
from meterportal.workbooks.kinds import recognised as recognised
from meterportal.workbooks.parts import refuse_doctype
from meterportal.workbooks.writing import workbook as workbook

HEAD = 20
"""Rows that a sheet shows of itself: headings stand among them."""


def opened(stream: BinaryIO, limits: Limits, *, first: int = HEAD) -> Book:
    """The workbook in a file; every sheet shows its first rows that hold anything, so many at most.

    The stream is read at any place for as long as rows are read, and never as a whole. Raises
    Unreadable.
    """
    return book_in(Archive(stream, limits), first=first)


def book_in(archive: Archive, *, first: int = HEAD) -> Book:
    """The workbook that an archive is. Raises Unreadable."""
    kind = kind_of(archive)
    if kind is FileKind.ARCHIVE:
        raise ArchiveOfFiles
    for name in archive.names:
        if not name.casefold().endswith(".svg"):  # a picture may have one, and is not read
            refuse_doctype(archive.open(name))
    return ods.opened(archive, first) if kind is FileKind.ODS else xlsx.opened(archive, first)
