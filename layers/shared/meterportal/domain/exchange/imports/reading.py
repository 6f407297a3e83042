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
from meterportal.domain.exchange.imports.decisions import (
    Notes,
    columns_of,
    file_faults,
    form_faults,
)
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, Refused, refusal
from meterportal.domain.exchange.imports.fields import FIELDS, KEY, NOT_STORED
from meterportal.domain.exchange.imports.recognising import COMPLETE, recognise, score_of
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow, person
from meterportal.domain.portfolio.contracts import METER_REPORTING
from meterportal.domain.tables.cells import Marker, as_text
from meterportal.domain.tables.cleaning import clean_cell
from meterportal.domain.tables.forms import ReadDay
from meterportal.domain.tables.records import LONGEST_FIELD, Record
from meterportal.domain.tables.text_files import counted_lines, read_records, survey

Address = Callable[[str], tuple[str | None, str]]
"""An e-mail as typed -> its normal form, or None and the code of the fault."""

_TOTAL_ENDS = re.compile(r"[:=0-9(]")
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#x[0-9A-Fa-f]{1,5});")
MINUTE = "minute"
"""An additional value of a row: the minute of the day of a reading, None without a time."""


@dataclass(frozen=True, slots=True)
class _How:
    columns: Mapping[str, Column]
    words: Columns
    today: date
    address: Address
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class BookSheet:
    """A sheet of a workbook: its first rows that are not empty, and all of its rows; each call of
    `records` reads them from the start."""

    name: str
    head: tuple[Record, ...]
    records: Callable[[], Iterator[Record]]


def read_book(
    name: str, sheets: Sequence[BookSheet], words: Columns, *, today: date, address: Address
) -> list[ReadFile]:
    """The sheets of a workbook whose headings are known, each as a separate file.

    A note reports the others (covers, instructions). If there is no such sheet, one refused file is
    returned.
    """
    score = score_of(words)
    headings = {
        n: max(sheet.head, key=lambda record: score(record.cells)) for n, sheet in enumerate(sheets)
    }
    known = [n for n, record in headings.items() if score(record.cells) >= COMPLETE]
    if not known:
        best = max(headings, key=lambda n: score(headings[n].cells), default=None)
        if best is None:
            return [_refused(name, refusal(name, "empty_file"), 0)]
        known = [best]
    read = []
    for n in known:
        shown = name if len(known) == 1 else f"{name} [{sheets[n].name}]"
        read.append(_read_sheet(shown, sheets[n], headings[n], words, today, address))
    for n, sheet in enumerate(sheets):
        if n not in known:
            note = Fault(
                name, None, None, "sheet_ignored", FaultSeverity.INFO, (("sheet", sheet.name),)
            )
            read[0].faults.append(note)
    return read


def _read_sheet(
    name: str, source: BookSheet, heading: Record, words: Columns, today: date, address: Address
) -> ReadFile:
    width = len(heading.cells)

    def records() -> Iterator[Record]:
        """The rows from the headings on; cells to the right of the table are dropped."""
        for record in source.records():
            if record.line >= heading.line:
                cells = [*record.cells[:width], *[None] * (width - len(record.cells))]
                if record.line == heading.line or any(cell is not None for cell in cells):
                    yield Record(record.line, record.offset, cells)

    try:
        sheet = recognise(name, heading.line, heading.cells, words)
        above = sum(record.line < heading.line for record in source.head)
        if above:
            sheet.faults.append(
                sheet.fault(1, None, "title_lines", FaultSeverity.INFO, count=above)
            )
        _read(sheet, records, width, words, today, address)
    except Refused as refused:
        return _refused(name, refused, sum(1 for _ in records()) - 1)
    return sheet


def _refused(name: str, refused: Refused, rows: int) -> ReadFile:
    return ReadFile(name, faults=[refused.fault], count=max(rows, 0), refused=True)


def read_text(source: SourceFile, words: Columns, *, today: date, address: Address) -> ReadFile:
    """A text file with its rows. A file that cannot be read at all is a refused sheet with the
    reason."""
    name, stream = source.name, io.BytesIO(source.content)
    file = survey(stream, score_of(words))
    try:
        heading = None if file.empty else next(read_records(stream, file), None)
        if heading is None:
            raise refusal(name, "empty_file")
        if "\0" in "".join(heading.cells):
            raise refusal(name, "null_character", line=heading.line)
        sheet = recognise(name, heading.line, heading.cells, words)
        sheet.encoding, sheet.delimiter = file.encoding.name, file.dialect.delimiter
        sheet.faults += file_faults(sheet, file)
        _read(sheet, lambda: read_records(stream, file), len(heading.cells), words, today, address)
    except Refused as refused:
        return _refused(name, refused, counted_lines(stream, file.encoding) - 1)
    return sheet


def _read(
    sheet: ReadFile,
    records: Callable[[], Iterator[Record]],
    width: int,
    words: Columns,
    today: date,
    address: Address,
) -> None:
    """Fill a sheet with its rows. The records (headings first) are read twice: the first time to
    determine the forms of the columns."""

    def behind_headings() -> Iterator[Record]:
        found = records()
        next(found)
        return found

    columns = columns_of(sheet, behind_headings(), words)
    sheet.faults += form_faults(sheet, columns)
    sheet.order = {target: n for n, target in enumerate(sheet.places)}
    for extra, needs in (("mailbox", "email"), (MINUTE, "read_on")):
        if needs in sheet.places:
            sheet.order[extra] = len(sheet.order)
    how = _How(columns, words, today, address)
    last: tuple[Record, list[Fault]] | None = None
    for record in behind_headings():
        sheet.count += 1
        faults, row = _read_row(sheet, record, width, how)
        if row is None:
            sheet.rejected.add(record.line)
        else:
            sheet.rows.append(row)
        sheet.faults += faults
        last = record, faults
    if last and _is_total(sheet, last[0].cells, words):
        record, faults = last
        del sheet.faults[len(sheet.faults) - len(faults) :]
        sheet.faults.append(sheet.fault(record.line, None, "total_line"))
        if sheet.rows and sheet.rows[-1].line == record.line:
            del sheet.rows[-1]
        sheet.rejected.add(record.line)
        sheet.nameless.discard(record.line)
    sheet.faults += how.notes.faults(sheet)
    if not sheet.count:
        raise refusal(sheet.name, "no_rows", line=sheet.headings_line)


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
    reading = _RowReading(sheet, line, how)
    values = [reading.value(name, found[place]) for name, place in sheet.places.items()]
    faults = reading.faults
    if isinstance(number := values[sheet.order[KEY[sheet.kind][0]]], str):
        sheet.named.add(number)
    else:
        sheet.nameless.add(line)
    row = SheetRow(sheet, line, tuple(values), frozenset(reading.spoilt))
    if "email" in sheet.places:
        faults += _add_mailbox(row, how)
    if MINUTE in sheet.order:
        row.values = (*row.values, reading.minute)
    if reading.sound and (wrong := _contradiction(row, how.today)):
        return [*faults, wrong], None
    return faults, row if reading.sound else None


@dataclass(slots=True)
class _RowReading:
    """A row while its cells are read. `sound`: no fault so far forbids accepting it."""

    sheet: ReadFile
    line: int
    how: _How
    faults: list[Fault] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    minute: int | None = None
    sound: bool = True

    def value(self, name: str, raw: object) -> Any:
        """The value of a field, None if the cell is empty or cannot be read."""
        spec, cell = FIELDS[self.sheet.kind][name], self._cell(name, raw)
        try:
            value = spec.read(cell, self.how.columns[name]) if cell else None
        except BadCell as bad:
            facts: dict[str, Any] = bad.facts
            return self._refuse(name, bad.code, **facts)
        if value is None and cell:
            self.how.notes.add(self.line, name, "no_date_read", value=cell)
        if isinstance(value, ReadDay):
            self.minute = value.minute
            return value.day
        if value is None and spec.needed == "value" and raw is not Marker.UNCALCULATED:
            return self._refuse(name, "missing_value")
        if isinstance(value, str) and cell:
            self._doubt(name, cell, value)
        return value

    def _refuse(self, name: str, code: str, **facts: Any) -> None:
        self.sound = False
        self.faults.append(self.sheet.fault(self.line, name, code, **facts))

    def _cell(self, name: str, raw: object) -> str:
        """A cell's text, cleaned; "" for a word that means "empty"."""
        if raw is Marker.UNCALCULATED:
            self._refuse(name, "uncalculated")
            return ""
        cell, notes = clean_cell(as_text(raw)), self.how.notes
        if not cell:
            return ""
        if cell.casefold() in self.how.words.empty:
            notes.add(self.line, name, "empty_read", value=cell)
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
            notes.add(self.line, name, "entities_read")
            cell = read
        if name == "email" and (address := unwrapped(cell)) != cell:
            notes.add(self.line, name, "address_unwrapped")
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
        self.faults.append(self.sheet.fault(self.line, name, code, weight, value=value))


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


def _contradiction(row: SheetRow, today: date) -> Fault | None:
    """A fault if two values of a row cannot both be true."""
    if row.sheet.kind == "contracts":
        return contradiction_of_days(row, row["starts_on"], row["ends_on"], row["next_billing_on"])
    if row.sheet.kind == "readings":
        if row["read_on"] > today:
            return row.fault("read_on", "date_in_future", value=row["read_on"].isoformat())
        if row["reset_start"] is not None and row["reset_end"] is None:
            place = "reset_end" if row.has("reset_end") else "reset_start"
            return row.fault(place, "reset_without_end")
    return None


def contradiction_of_days(
    row: SheetRow, start: date | None, end: date | None, billing: date | None
) -> Fault | None:
    """A fault if a contract ends, or is billed next, before it starts."""
    if start and end and end < start:
        return row.fault(
            "ends_on", "ends_before_start", start=start.isoformat(), end=end.isoformat()
        )
    if start and billing and billing < start:
        return row.fault(
            "next_billing_on",
            "billed_before_start",
            start=start.isoformat(),
            value=billing.isoformat(),
        )
    return None
