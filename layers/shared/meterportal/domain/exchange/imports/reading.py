"""Files to rows: every row is accepted or rejected, every doubtful cell is reported."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports import cells
from meterportal.domain.exchange.imports.addresses import unwrapped
from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.cells import BadCell, Column
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.contradictions import contradiction
from meterportal.domain.exchange.imports.decisions import (
    Examination,
    Notes,
    form_faults,
)
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, refusal
from meterportal.domain.exchange.imports.fields import FIELDS, KEY, NOT_STORED
from meterportal.domain.exchange.imports.rows import NOTHING_SPOILT, ReadFile, SheetRow, person
from meterportal.domain.exchange.imports.sheets import (
    BookSheet,
    OpenSheet,
    open_book,
    open_text,
    refused_sheet,
)
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import METER_REPORTING
from meterportal.domain.tables.cells import Marker, as_text
from meterportal.domain.tables.cleaning import clean_cell
from meterportal.domain.tables.records import LONGEST_FIELD, Record

Address = Callable[[str], tuple[str | None, str]]
"""An e-mail as typed -> its normal form, or None and the code of the fault."""

_TOTAL_ENDS = re.compile(r"[:=0-9(]")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#x[0-9A-Fa-f]{1,5});")
_UNREAD = object()
_KEPT = 5_000
"""So many texts of a column are kept with what they mean: columns repeat themselves."""
MINUTE = "minute"
"""An additional value of a row: the minute of the day of a reading, None without a time."""


@frozen
class _How:
    columns: Mapping[str, Column]
    words: Columns
    today: date
    address: Address
    notes: Notes
    cells: Sequence[_Cells] = ()
    looked_up: Sequence[tuple[int, Callable[..., Any]]] = ()
    """Of each column its position and `known.get`."""
    plain: Sequence[tuple[int, int]] = ()
    """Of the columns that are plain, where the values of a row have them, and their position."""
    days: Sequence[int] = ()
    """Where in a row's values the days are."""


@frozen
class _Cells:
    """The cells of a column: its field and position. `plain`: a text of digits only is its value.
    `known`: text -> what was read without a word to say about it."""

    name: str
    place: int
    plain: bool
    known: dict[str, Any] = field(default_factory=dict)


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
    for record in opened.records(None):
        examined.add(record)
    columns = examined.columns()
    sheet.faults += form_faults(sheet, columns)
    reader = RowReader(opened, words, columns, today=today, address=address)
    for record, last in marked(opened.records(None)):
        if row := reader.read(record, last=last):
            sheet.rows.append(row)
    sheet.faults += reader.notes.faults(sheet)
    if not sheet.count:
        refused = refusal(sheet.name, "no_rows", line=sheet.headings_line)
        return refused_sheet(sheet.name, refused, 0)
    return sheet


def marked(records: Iterator[Record]) -> Iterator[tuple[Record, bool]]:
    """Each record, and whether it is the last one."""
    waiting = next(records, None)
    while waiting is not None:
        following = next(records, None)
        yield waiting, following is None
        waiting = following


def order_values(sheet: ReadFile) -> None:
    """Decides the order of the values that every row of a sheet has."""
    sheet.order = {target: n for n, target in enumerate(sheet.places)}
    for extra, needs in (("mailbox", "email"), (MINUTE, "read_on")):
        if needs in sheet.places:
            sheet.order[extra] = len(sheet.order)


class RowReader:
    """Reads the rows of a sheet one by one, and notes in it what becomes of each."""

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
            _Cells(name, place, fields[name].read is cells.counter and never_empty)
            for name, place in self._sheet.places.items()
        ]
        self._how = _How(
            *(columns, words, today, address, self.notes, cells_of),
            looked_up=[(one.place, one.known.get) for one in cells_of],
            plain=[(at, one.place) for at, one in enumerate(cells_of) if one.plain],
            days=[at for at, one in enumerate(cells_of) if fields[one.name].form == "day"],
        )
        order_values(self._sheet)

    def read(self, record: Record, *, last: bool) -> SheetRow | None:
        """The row, None if it is rejected. A last line may be a total."""
        sheet = self._sheet
        sheet.count += 1
        if last and _is_total(sheet, record.cells, self._words):
            faults, row = [sheet.fault(record.line, None, "total_line")], None
        else:
            faults, row = _read_row(sheet, record, self._width, self._how)
        if row is None:
            sheet.rejected.add(record.line)
        if faults:
            sheet.faults += faults
        return row


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
    sheet: ReadFile, record: Record, width: int, how: _How
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
    faults: list[Fault] = []
    spoilt, sound = NOTHING_SPOILT, True
    if (values := _known_values(found, how)) is None:
        reading = _RowReading(sheet, line, how)
        values = reading.values(found)
        faults, spoilt, sound = reading.faults, frozenset(reading.spoilt), reading.sound
    minute = _without_times(values, how)
    if isinstance(number := values[sheet.order[KEY[sheet.kind][0]]], str):
        sheet.named.add(number)
    else:
        sheet.nameless.add(line)
    if MINUTE in sheet.order:
        values.append(minute)
    row = SheetRow(sheet, line, tuple(values), spoilt)
    if "email" in sheet.places:
        faults += _add_mailbox(row, how)
    if sound and (wrong := contradiction(row, how.today)):
        return [*faults, wrong], None
    return faults, row if sound else None


def _known_values(found: Sequence[Any], how: _How) -> list[Any] | None:
    """The values of a row whose texts were all read before; most are such. None for others."""
    values = [look_up(found[place], _UNREAD) for place, look_up in how.looked_up]
    for at, place in how.plain:
        if _is_plain(raw := found[place]):
            values[at] = int(raw)
    return None if _UNREAD in values else values


def _is_plain(raw: object) -> bool:
    """Whether a cell is a number without anything to decide about its form."""
    return (
        isinstance(raw, str) and raw.isdecimal() and len(raw) <= cells.MAX_DIGITS and raw.isascii()
    )


def _without_times(values: list[Any], how: _How) -> int | None:
    """Makes the days of a row's values days only; returns the minute of the last one."""
    minute = None
    for at in how.days:
        if (read := values[at]) is not None:
            minute, values[at] = read.minute, read.day
    return minute


@dataclass(slots=True)
class _RowReading:
    """A row while its cells are read. `sound`: no fault so far forbids accepting it; `told`: something
    was said of the present cell."""

    sheet: ReadFile
    line: int
    how: _How
    faults: list[Fault] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    sound: bool = True
    told: bool = False

    def values(self, found: Sequence[Any]) -> list[Any]:
        """The values of the fields, None where the cell is empty or cannot be read; days with their
        times."""
        values: list[Any] = []
        for column in self.how.cells:
            raw = found[column.place]
            if not isinstance(raw, str):
                value = self._read(column.name, raw)
            elif column.plain and _is_plain(raw):
                value = int(raw)
            elif (value := column.known.get(raw, _UNREAD)) is _UNREAD:
                value = self._read_text(column, raw)
            values.append(value)
        return values

    def _read_text(self, column: _Cells, raw: str) -> Any:
        self.told = False
        value = self._read(column.name, raw)
        if not self.told:
            if len(column.known) >= _KEPT:
                column.known.clear()
            column.known[raw] = value
        return value

    def _read(self, name: str, raw: object) -> Any:
        spec, cell = FIELDS[self.sheet.kind][name], self._cell(name, raw)
        try:
            value = spec.read(cell, self.how.columns[name]) if cell else None
        except BadCell as bad:
            facts: dict[str, Any] = bad.facts
            return self._refuse(name, bad.code, **facts)
        if value is None and cell:
            self._note(name, "no_date_read", value=cell)
        if value is None and spec.needed == "value" and raw is not Marker.UNCALCULATED:
            return self._refuse(name, "missing_value")
        if isinstance(value, str) and cell:
            self._doubt(name, cell, value)
        return value

    def _refuse(self, name: str, code: str, **facts: Any) -> None:
        self.sound, self.told = False, True
        self.faults.append(self.sheet.fault(self.line, name, code, **facts))

    def _cell(self, name: str, raw: object) -> str:
        """A cell's text, cleaned; "" for a word that means "empty"."""
        if raw is Marker.UNCALCULATED:
            self._refuse(name, "uncalculated")
            return ""
        cell = clean_cell(as_text(raw))
        if not cell:
            return ""
        if cell.casefold() in self.how.words.empty:
            self._note(name, "empty_read", value=cell)
            return ""
        if cells.no_result(cell):
            self.spoilt.add(name)
            self._warn(name, "no_result", cell)
            return ""
        if (
            "&" in cell
            and _ENTITY.search(cell)
            and (read := clean_cell(html.unescape(cell))) != cell
        ):
            self._note(name, "entities_read")
            cell = read
        if name == "email" and (address := unwrapped(cell)) != cell:
            self._note(name, "address_unwrapped")
            cell = address
        return cell

    def _doubt(self, name: str, cell: str, value: str) -> None:
        """Report what a text has lost on its way: letters or digits."""
        if (not cell.isascii() or "?" in cell) and cells.letters_lost(cell):
            self.spoilt.add(name)
            weight = FaultSeverity.INFO if name in NOT_STORED else FaultSeverity.WARNING
            self._warn(name, "letters_lost", cell[:60], weight)
        elif cells.shortened(cell):
            self.spoilt.add(name)
            self._warn(name, "serial_spoilt" if name == "serial" else "cell_spoilt", cell)
        if name == "language" and not value:
            self._warn(name, "unknown_language", cell)

    def _warn(
        self, name: str, code: str, value: str, weight: FaultSeverity = FaultSeverity.WARNING
    ) -> None:
        self.told = True
        self.faults.append(self.sheet.fault(self.line, name, code, weight, value=value))

    def _note(self, name: str, code: str, **facts: str) -> None:
        self.told = True
        self.how.notes.add(self.line, name, code, **facts)


def _add_mailbox(row: SheetRow, how: _How) -> list[Fault]:
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
