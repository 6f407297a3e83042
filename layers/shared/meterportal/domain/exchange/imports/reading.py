"""Files to rows: every row is accepted or rejected, every doubtful cell is reported."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice, repeat
from typing import Any

from meterportal.domain.exchange.imports import cells
from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.cells import Column
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.contradictions import contradiction, may_contradict
from meterportal.domain.exchange.imports.decisions import (
    Examination,
    Notes,
    form_faults,
)
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, refusal
from meterportal.domain.exchange.imports.fields import FIELDS, KEY
from meterportal.domain.exchange.imports.row_reading import (
    Address,
    ColumnCells,
    RowReading,
    RowRules,
    all_plain,
    unknown_of,
)
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow, person
from meterportal.domain.exchange.imports.sheets import (
    BookSheet,
    OpenSheet,
    open_book,
    open_text,
    refused_sheet,
)
from meterportal.domain.portfolio.contracts import METER_REPORTING
from meterportal.domain.tables.cells import as_text
from meterportal.domain.tables.forms import ReadDay
from meterportal.domain.tables.records import LONGEST_FIELD, Record

_TOTAL_ENDS = re.compile(r"[:=0-9(]")
_TOGETHER = 2_000
"""Rows whose columns are read at once."""
_SPAN = 2**20
"""Bytes of a text file in which they lie: rows may be as long as somebody likes."""
MINUTE = "minute"
"""An additional value of a row: the minute of the day of a reading, None without a time."""


def read_book(
    name: str, sheets: Sequence[BookSheet], words: Columns, *, today: date, address: Address
) -> list[ReadFile]:
    """The sheets of a workbook with their rows; the first one also has the notes on the others."""
    opened, notes = open_book(name, sheets, words)
    read = [_with_rows(one, words, today, address) for one in opened]
    read[0].faults += notes
    return read


def read_text(source: SourceFile, words: Columns, *, today: date, address: Address) -> ReadFile:
    """A text file with its rows."""
    opened = open_text(source.name, io.BytesIO(source.content), words)
    return _with_rows(opened, words, today, address)


def _with_rows(
    opened: OpenSheet | ReadFile, words: Columns, today: date, address: Address
) -> ReadFile:
    if isinstance(opened, ReadFile):
        return opened
    return _read_sheet(opened, words, today=today, address=address)


def _read_sheet(opened: OpenSheet, words: Columns, *, today: date, address: Address) -> ReadFile:
    """Fills a sheet with its rows. The records are read twice: the first time to determine the forms
    of the columns."""
    sheet = opened.sheet
    examined = Examination(sheet, words)
    for chunk, _ in chunked(opened.records(None)):
        examined.add(chunk)
    columns = examined.columns()
    sheet.faults += form_faults(sheet, columns)
    reader = RowReader(opened, words, columns, today=today, address=address)
    for chunk, last in chunked(opened.records(None)):
        sheet.rows += reader.read(chunk, last=last)
    sheet.faults += reader.notes.faults(sheet)
    if not sheet.count:
        refused = refusal(sheet.name, "no_rows", line=sheet.headings_line)
        return refused_sheet(sheet.name, refused, 0)
    return sheet


def chunked(
    records: Iterator[Record], size: int = _TOGETHER
) -> Iterator[tuple[list[Record], bool]]:
    """The records, so many together or as many as lie in `_SPAN`, and whether they are the last ones."""
    waiting = _next(records, size)
    while waiting:
        following = _next(records, size)
        yield waiting, not following
        waiting = following


def _next(records: Iterator[Record], size: int) -> list[Record]:
    found: list[Record] = []
    for record in islice(records, size):
        found.append(record)
        if record.offset - found[0].offset > _SPAN:
            break
    return found


def order_values(sheet: ReadFile) -> None:
    """Decides the order of the values that every row of a sheet has."""
    sheet.order = {target: n for n, target in enumerate(sheet.places)}
    for extra, needs in (("mailbox", "email"), (MINUTE, "read_on")):
        if needs in sheet.places:
            sheet.order[extra] = len(sheet.order)


class RowReader:
    """Reads the rows of a sheet, and notes in it what becomes of each. Texts that were read before are
    looked up column by column; the other rows are read one by one."""

    def __init__(
        self,
        opened: OpenSheet,
        words: Columns,
        columns: Mapping[str, Column],
        *,
        today: date,
        address: Address,
        notes: Notes | None = None,
    ) -> None:
        self.notes = notes or Notes()
        self._sheet, self._width, self._words = opened.sheet, opened.width, words
        fields, never_empty = FIELDS[self._sheet.kind], not any(map(str.isdecimal, words.empty))
        cells_of = [
            ColumnCells(name, place, fields[name].read is cells.counter and never_empty)
            for name, place in self._sheet.places.items()
        ]
        self._how = RowRules(
            *(columns, words, today, address, self.notes, cells_of),
            days=[at for at, one in enumerate(cells_of) if fields[one.name].form == "day"],
        )
        order_values(self._sheet)

    def read(self, records: Sequence[Record], *, last: bool) -> list[SheetRow]:
        """The rows that are not rejected. If they are the last ones, the last line may be a total."""
        sheet = self._sheet
        sheet.count += len(records)
        whole = [
            record for record in records if not record.fault and len(record.cells) == self._width
        ]
        if last and whole and whole[-1] is records[-1]:
            whole.pop()
        known, checked = self._known(whole) if whole else ({}, False)
        if len(known) == len(records) and not checked:
            return [*map(SheetRow, repeat(sheet), known.keys(), known.values())]
        rows = []
        for record in records:
            line = record.line
            faults: Sequence[Fault] = ()
            row: SheetRow | None = None
            if values := known.get(line):
                row = SheetRow(sheet, line, values)
                if checked:
                    faults, row = _checked(row, self._how)
            elif last and record is records[-1] and _is_total(sheet, record.cells, self._words):
                faults = [sheet.fault(line, None, "total_line")]
            else:
                faults, row = _read_row(sheet, record, self._width, self._how)
            sheet.faults += faults
            if row is None:
                sheet.rejected.add(line)
            else:
                rows.append(row)
        return rows

    def _known(self, records: Sequence[Record]) -> tuple[dict[int, tuple[Any, ...]], bool]:
        """By line, the values of the rows of which every text is known; and whether a value of one may
        contradict another."""
        sheet, how = self._sheet, self._how
        found = [*zip(*[record.cells for record in records], strict=True)]
        columns, odd = list[list[Any]](), set[int]()
        for column in how.cells:
            texts = found[column.place]
            if column.plain and all_plain(texts):
                columns.append([*map(int, texts)])
                continue
            if unknown := unknown_of(sheet, how, column, set(texts)):
                odd.update([n for n, text in enumerate(texts) if text in unknown])
            columns.append([*map(column.known.get, texts)])
        minutes: list[int | None] = [None] * len(records)
        for at in how.days:
            days: list[ReadDay | None] = columns[at]
            minutes = [
                before if one is None else one.minute
                for before, one in zip(minutes, days, strict=True)
            ]
            columns[at] = [None if one is None else one.day for one in days]
        numbers = columns[sheet.order[KEY[sheet.kind][0]]]
        sheet.named.update([number for number in numbers if number is not None])
        if MINUTE in sheet.order:
            columns.append(minutes)
        rows = zip([record.line for record in records], zip(*columns, strict=True), strict=True)
        checked = "email" in sheet.places or may_contradict(sheet, columns, how.today)
        if not odd:
            return dict(rows), checked
        return {line: row for n, (line, row) in enumerate(rows) if n not in odd}, checked


def _is_total(sheet: ReadFile, found: Sequence[Any], words: Columns) -> bool:
    """Whether a last line begins with a word for totals in place of a record's number."""
    texts = [as_text(cell) for cell in found]
    begins = next((cell for cell in texts if cell.strip()), "")
    if not words.word("total_line", _TOTAL_ENDS.split(begins)[0]):
        return False
    place = sheet.places[KEY[sheet.kind][0]]
    key = texts[place] if place < len(texts) else ""
    return not key.strip() or key == begins


def _read_row(
    sheet: ReadFile, record: Record, width: int, how: RowRules
) -> tuple[list[Fault], SheetRow | None]:
    """The row, or None if a fault forbids accepting it; every faulty cell is reported."""
    line, found = record.line, record.cells
    facts: dict[str, Any] = {}
    if record.fault:
        facts = {"limit": LONGEST_FIELD} if record.fault == "huge_field" else {}
        sheet.nameless.add(line)
        return [sheet.fault(line, None, record.fault, **facts)], None
    if len(found) != width and (len(found) < width or any(as_text(c) for c in found[width:])):
        facts = {"found": len(found), "expected": width}
        sheet.nameless.add(line)
        return [sheet.fault(line, None, "wrong_field_count", **facts)], None
    reading = RowReading(sheet, line, how)
    values = reading.values(found)
    minute = _without_times(values, how)
    if isinstance(number := values[sheet.order[KEY[sheet.kind][0]]], str):
        sheet.named.add(number)
    else:
        sheet.nameless.add(line)
    if MINUTE in sheet.order:
        values.append(minute)
    row = SheetRow(sheet, line, tuple(values), frozenset(reading.spoilt))
    return _checked(row, how, reading.faults, sound=reading.sound)


def _checked(
    row: SheetRow, how: RowRules, faults: Sequence[Fault] = (), *, sound: bool = True
) -> tuple[list[Fault], SheetRow | None]:
    """A row with its mailbox, None if a fault forbids accepting it; and all of its faults."""
    found = [*faults, *(_add_mailbox(row, how) if "email" in row.sheet.places else ())]
    if sound and (wrong := contradiction(row, how.today)):
        return [*found, wrong], None
    return found, row if sound else None


def _without_times(values: list[Any], how: RowRules) -> int | None:
    """Makes the days of a row's values days only; returns the minute of the last one."""
    minute = None
    for at in how.days:
        if (read := values[at]) is not None:
            minute, values[at] = read.minute, read.day
    return minute


def _add_mailbox(row: SheetRow, how: RowRules) -> list[Fault]:
    """Add the e-mail's normal form to the row's values; a fault in it is a warning."""
    typed: str | None = row["email"]
    mailbox, code = how.address(typed) if typed else (None, "")
    if typed and "email" in row.spoilt:
        mailbox, code = None, ""
    row.values = (*row.values, mailbox)
    if typed and code:
        return [row.fault("email", code, FaultSeverity.WARNING, value=typed)]
    if not typed and row["role"] == METER_REPORTING and row["active"] is not False:
        return [row.fault("email", "email_missing", FaultSeverity.WARNING, name=person(row))]
    return []
