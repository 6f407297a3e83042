"""An upload of the ERP's export as tables: one file or the files of an archive, CSV or workbooks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from meterportal import workbooks
from meterportal.archives import MIB, REQUEST, Archive, Limits
from meterportal.domain.exchange.imports.archives import SourceFile, chosen
from meterportal.domain.exchange.imports.faults import Fault, Refused, refusal
from meterportal.domain.exchange.imports.sheets import BookSheet
from meterportal.domain.frozen import frozen
from meterportal.domain.tables.records import Record
from meterportal.domain.unreadable import Unreadable
from meterportal.workbooks import Book, FileKind, recognised


@frozen
class SourceBook:
    """A workbook of an upload. Its sheets are read while the workbook (an archive) stays open."""

    name: str
    sheets: tuple[BookSheet, ...]


Source = SourceFile | SourceBook | Fault
"""A part of an upload; a fault stands for a file that is no table."""


def unpack(name: str, content: bytes, limits: Limits = REQUEST) -> tuple[list[Source], list[Fault]]:
    """The tables of an upload, in order, and notes on the files that were skipped.

    Raises `Refused` for a single file that is no table, and for an archive that is broken,
    encrypted, too large when unpacked or without any table.
    """
    stream = io.BytesIO(content)
    with in_words(name):
        if recognised(stream, limits) is not FileKind.ARCHIVE:
            source, _ = _source(name, content, limits)
            return [source], []
        archive = Archive(stream, limits)
        files, notes = chosen(name, archive.names)
        return list(_of_archive(archive, files, limits)), notes


def _of_archive(archive: Archive, files: dict[str, str], limits: Limits) -> Iterator[Source]:
    """The files of an archive. The unpacked size of workbooks counts towards the
    archive's limit.
    """
    left = limits.unpacked
    for path, shown in files.items():
        content = archive.open(path).read()
        left -= len(content)
        try:
            with in_words(shown):
                source, unpacked = _source(shown, content, replace(limits, unpacked=max(left, 0)))
        except Refused as refused:
            yield refused.fault
            continue
        left -= unpacked
        yield source


def _source(name: str, content: bytes, limits: Limits) -> tuple[SourceFile | SourceBook, int]:
    """A file as a table, and how many bytes of it had to be unpacked."""
    stream = io.BytesIO(content)
    if recognised(stream, limits) is FileKind.TEXT:
        if len(content) > limits.unpacked:
            raise refusal(name, "too_large_unpacked", limit=limits.unpacked // MIB)
        return SourceFile(name, content), 0
    book = workbooks.opened(stream, limits)
    return SourceBook(name, tuple(sheets_of(book))), book.archive.unpacked


def sheets_of(book: Book) -> Iterator[BookSheet]:
    """The sheets of a workbook that hold anything."""
    for sheet in book.sheets:
        if sheet.head:
            head = tuple(Record(number, 0, cells) for number, cells in sheet.head)
            yield BookSheet(sheet.name, head, partial(_records, book, sheet))


def _records(book: Book, sheet: workbooks.WorkbookSheet) -> Iterator[Record]:
    for number, cells in book.rows(sheet):
        yield Record(number, 0, cells)


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Turns errors of reading into the import's own refusal, with the name of the file."""
    try:
        yield
    except Unreadable as unreadable:
        facts: dict[str, Any] = unreadable.facts
        raise refusal(name, unreadable.code, **facts) from unreadable
