"""Files read as both doors read them: their rows, or the code of the refusal."""

from __future__ import annotations

import io

from meterportal import workbooks
from meterportal.archives import REQUEST, Limits
from meterportal.domain.exchange.imports.faults import Refused
from meterportal.domain.unreadable import Unreadable
from meterportal.usecases.exchange.unpack_upload import unpack
from meterportal.workbooks import Book, FileKind, SheetRow


def opened(content: bytes, limits: Limits = REQUEST) -> Book:
    return workbooks.opened(io.BytesIO(content), limits)


def sheets(content: bytes, limits: Limits = REQUEST) -> dict[str, list[SheetRow]]:
    """The rows of every sheet by its name, in order."""
    book = opened(content, limits)
    return {sheet.name: list(book.rows(sheet)) for sheet in book.sheets}


def rows(content: bytes, limits: Limits = REQUEST) -> list[SheetRow]:
    """The rows of the first sheet that holds any."""
    return next((found for found in sheets(content, limits).values() if found), [])


def cells(content: bytes) -> tuple[object, ...]:
    """The cells of a workbook of a single row."""
    ((_, found),) = rows(content)
    return tuple(found)


def refusal(content: bytes, limits: Limits = REQUEST) -> str:
    """The code with which a file of any kind is refused, "" for one that is read to its end."""
    try:
        kind = workbooks.recognised(io.BytesIO(content), limits)
        if kind in {FileKind.XLSX, FileKind.ODS}:
            sheets(content, limits)
        else:
            unpack("upload", content, limits)
    except Unreadable as unreadable:
        return _code(unreadable.code, unreadable.text("de"), unreadable.text("en"))
    except Refused as refused:
        fault = refused.fault
        return _code(fault.code, fault.text("de"), fault.text("en"))
    return ""


def _code(code: str, german: str, english: str) -> str:
    assert german != english, code
    return code
