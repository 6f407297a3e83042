"""The sheets of an import's files, open: their headings are known, their rows are not read yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.decisions import file_faults
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, Refused, refusal
from meterportal.domain.exchange.imports.recognising import COMPLETE, recognise, score_of
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.frozen import frozen
from meterportal.domain.tables.records import Record
from meterportal.domain.tables.text_files import TextFile, counted_lines, read_records, survey


@frozen
class BookSheet:
    """A sheet of a workbook: its first rows that are not empty, and all of its rows; each call of
    `records` reads them from the start."""

    name: str
    head: tuple[Record, ...]
    records: Callable[[], Iterator[Record]]


Begin = tuple[int, int]
"""Where a record begins: its line and its offset."""


@frozen
class OpenSheet:
    """A sheet whose headings are known, before its rows are read. `records` are its rows behind the
    headings, or from the place of one of them on. `file`: how a text file is read."""

    sheet: ReadFile
    width: int
    records: Callable[[Begin | None], Iterator[Record]]
    file: TextFile | None = None


def open_book(
    name: str, sheets: Sequence[BookSheet], words: Columns
) -> tuple[list[OpenSheet | ReadFile], list[Fault]]:
    """The sheets of a workbook whose headings are known, each as a separate file, and notes on the
    others (covers, instructions). If there is no such sheet, one refused file is returned.
    """
    score = score_of(words)
    headings = {
        n: max(sheet.head, key=lambda record: score(record.cells)) for n, sheet in enumerate(sheets)
    }
    known = [n for n, record in headings.items() if score(record.cells) >= COMPLETE]
    if not known:
        best = max(headings, key=lambda n: score(headings[n].cells), default=None)
        if best is None:
            return [refused_sheet(name, refusal(name, "empty_file"), 0)], []
        known = [best]
    opened: list[OpenSheet | ReadFile] = []
    for n in known:
        shown = name if len(known) == 1 else f"{name} [{sheets[n].name}]"
        opened.append(_open_sheet(shown, sheets[n], headings[n], words))
    notes = [
        Fault(name, None, None, "sheet_ignored", FaultSeverity.INFO, (("sheet", sheet.name),))
        for n, sheet in enumerate(sheets)
        if n not in known
    ]
    return opened, notes


def _open_sheet(
    name: str, source: BookSheet, heading: Record, words: Columns
) -> OpenSheet | ReadFile:
    width = len(heading.cells)

    def records(begin: Begin | None) -> Iterator[Record]:
        """The rows behind the headings; cells to the right of the table are dropped."""
        first = begin[0] if begin else heading.line + 1
        for record in source.records():
            if record.line >= first:
                cells = [*record.cells[:width], *[None] * (width - len(record.cells))]
                if any(cell is not None for cell in cells):
                    yield Record(record.line, record.offset, cells)

    try:
        sheet = recognise(name, heading.line, heading.cells, words)
    except Refused as refused:
        return refused_sheet(name, refused, sum(1 for _ in records(None)))
    above = sum(record.line < heading.line for record in source.head)
    if above:
        sheet.faults.append(sheet.fault(1, None, "title_lines", FaultSeverity.INFO, count=above))
    return OpenSheet(sheet, width, records)


def refused_sheet(name: str, refused: Refused, rows: int) -> ReadFile:
    return ReadFile(name, faults=[refused.fault], count=max(rows, 0), refused=True)


def open_text(name: str, stream: BinaryIO, words: Columns) -> OpenSheet | ReadFile:
    """A text file before its rows are read. A file that cannot be read at all is a refused sheet
    with the reason."""
    file = survey(stream, score_of(words))
    try:
        heading = None if file.empty else next(read_records(stream, file), None)
        if heading is None:
            raise refusal(name, "empty_file")
        if "\0" in "".join(heading.cells):
            raise refusal(name, "null_character", line=heading.line)
        sheet = recognise(name, heading.line, heading.cells, words)
    except Refused as refused:
        return refused_sheet(name, refused, counted_lines(stream, file.encoding) - 1)
    sheet.encoding, sheet.delimiter = file.encoding.name, file.dialect.delimiter
    sheet.faults += file_faults(sheet, file)
    return text_sheet(sheet, len(heading.cells), stream, file)


def text_sheet(sheet: ReadFile, width: int, stream: BinaryIO, file: TextFile) -> OpenSheet:
    """A text file that was surveyed before."""

    def records(begin: Begin | None) -> Iterator[Record]:
        if begin:
            return read_records(stream, file, begin=begin)
        found = read_records(stream, file)
        next(found)  # the headings
        return found

    return OpenSheet(sheet, width, records, file)
