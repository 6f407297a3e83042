"""Sheets to rows: what kind of file it is, which column is which field, which row is sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from meterportal.domain.contracts import METER_REPORTING
from meterportal.domain.imports.archives import SourceFile
from meterportal.domain.imports.cells import BadCell, clean, letters_lost
from meterportal.domain.imports.columns import KINDS, Columns, fold
from meterportal.domain.imports.faults import Fault, Refused, Severity, refusal
from meterportal.domain.imports.fields import FIELDS, KEY, NOT_STORED
from meterportal.domain.imports.sheets import Record, counted_lines, decode, records

Address = Callable[[str], tuple[str | None, str]]
"""An e-mail as typed to its normal form; or None, and the code of the fault."""

_TOTAL_ENDS = re.compile(r"[:=0-9(]")


@dataclass(slots=True)
class Sheet:
    """A file as read: its headings, its sound rows, and what was wrong.

    `headings` and `places` are by field: the heading as written and the column's position.
    `order` are the fields whose values every row holds. `count` is all rows of the file,
    `rejected` the lines of those that were not taken; of a refused file nothing is taken.
    """

    name: str
    kind: str = ""
    headings: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    rejected: set[int] = field(default_factory=set)
    refused: bool = False

    @property
    def taken(self) -> int:
        return 0 if self.refused else self.count - len(self.rejected)

    def fault(
        self,
        line: int,
        field_name: str | None,
        code: str,
        severity: Severity = Severity.ERROR,
        **facts: str | int,
    ) -> Fault:
        heading = self.headings.get(field_name, field_name) if field_name else None
        return Fault(self.name, line, heading, code, severity, tuple(facts.items()))


@dataclass(slots=True)
class Row:
    """A sound row: the values in the order of `sheet.order`; an empty cell is None."""

    sheet: Sheet
    line: int
    values: tuple[Any, ...]

    def __getitem__(self, name: str) -> Any:
        """The value of a field, None when the cell is empty or the file has no such column."""
        place = self.sheet.order.get(name)
        return None if place is None else self.values[place]

    def has(self, name: str) -> bool:
        """Whether the file has such a column."""
        return name in self.sheet.order

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(self[name] for name in KEY[self.sheet.kind])

    def fault(
        self,
        field_name: str | None,
        code: str,
        severity: Severity = Severity.ERROR,
        **facts: str | int,
    ) -> Fault:
        return self.sheet.fault(self.line, field_name, code, severity, **facts)

    def reject(self, fault: Fault) -> Fault:
        """Take the row back; the fault is the caller's to report."""
        self.sheet.rejected.add(self.line)
        return fault


def read_file(source: SourceFile, columns: Columns, *, today: date, address: Address) -> Sheet:
    """A file with its rows. What cannot be read as a whole is a refused sheet with the reason."""
    text = ""
    try:
        text = decode(source.name, source.content)
        found = records(source.name, text, columns)
        heading = next(found, None)
        if heading is None:
            raise refusal(source.name, "empty_file")
        sheet = _recognise(source.name, heading, columns)
        _read_rows(sheet, len(heading[1]), found, _Reading(columns, today, address))
        if not sheet.count:
            raise refusal(source.name, "no_rows", line=heading[0])
    except Refused as refused:
        lines = counted_lines(text or source.content.decode("latin-1"))
        return Sheet(source.name, faults=[refused.fault], count=max(lines - 1, 0), refused=True)
    return sheet


def _recognise(name: str, heading: Record, columns: Columns) -> Sheet:
    """What a file holds: the kind whose needed columns are all there and whose headings fit most."""
    line, shown = heading[0], [clean(part) for part in heading[1]]
    folded = [fold(part) for part in shown]
    fits = {
        kind: {columns.headings[kind][head] for head in folded if head in columns.headings[kind]}
        for kind in KINDS
    }
    missing = {
        kind: [n for n, spec in FIELDS[kind].items() if spec.needed and n not in fits[kind]]
        for kind in KINDS
    }
    by_name = _kind_by_name(name, columns)
    complete = [kind for kind in KINDS if not missing[kind]]
    if not complete:
        nearest = by_name or max(KINDS, key=lambda kind: len(fits[kind]) - len(missing[kind]))
        if not fits[nearest]:
            listed = ", ".join(part for part in shown if part)[:200]
            raise refusal(name, "unknown_file", line=line, headings=listed)
        column = columns.named[nearest][missing[nearest][0]]
        raise refusal(name, "missing_column", line=line, field=column, column=column)
    kind = max(complete, key=lambda kind: (len(fits[kind]), kind == by_name))
    sheet = Sheet(name, kind)
    for place, (head, part) in enumerate(zip(folded, shown, strict=True)):
        target = columns.headings[kind].get(head)
        if target in sheet.headings:
            first = sheet.headings[target]
            raise refusal(name, "doubled_column", line=line, field=part, first=first, second=part)
        if target:
            sheet.headings[target], sheet.places[target] = part, place
        elif head:
            sheet.faults.append(Fault(name, line, part, "unknown_column", Severity.WARNING))
    sheet.order = {target: n for n, target in enumerate(sheet.places)}
    if kind == "contacts" and "email" in sheet.places:
        sheet.order["mailbox"] = len(sheet.order)
    return sheet


def _kind_by_name(name: str, columns: Columns) -> str | None:
    stem = fold(PurePosixPath(name).stem)
    fits = [
        (len(begin), kind)
        for kind, begins in columns.files.items()
        for begin in begins
        if stem.startswith(begin)
    ]
    return max(fits)[1] if fits else None


@dataclass(frozen=True, slots=True)
class _Reading:
    columns: Columns
    today: date
    address: Address


def _read_rows(sheet: Sheet, width: int, found: Iterator[Record], how: _Reading) -> None:
    last: tuple[Record, list[Fault]] | None = None
    for record in found:
        sheet.count += 1
        faults, row = _read_row(sheet, record, width, how)
        if row is None:
            sheet.rejected.add(record[0])
        else:
            sheet.rows.append(row)
        sheet.faults += faults
        last = record, faults
    if last and _is_total(sheet, last[0][1], how.columns):
        (line, _), faults = last
        del sheet.faults[len(sheet.faults) - len(faults) :]
        sheet.faults.append(sheet.fault(line, None, "total_line"))
        if sheet.rows and sheet.rows[-1].line == line:
            del sheet.rows[-1]
        sheet.rejected.add(line)


def _is_total(sheet: Sheet, cells: list[str], columns: Columns) -> bool:
    """A last line that begins with a word for totals where a record has its number."""
    begins = next((cell for cell in cells if cell.strip()), "")
    if not columns.word("total_line", _TOTAL_ENDS.split(begins)[0]):
        return False
    place = sheet.places[KEY[sheet.kind][0]]
    key = cells[place] if place < len(cells) else ""
    return not key.strip() or key == begins


def _read_row(
    sheet: Sheet, record: Record, width: int, how: _Reading
) -> tuple[list[Fault], Row | None]:
    """The row, or None when a fault forbids to take it; every faulty cell is reported."""
    line, cells = record
    if len(cells) != width and (len(cells) < width or any(c.strip() for c in cells[width:])):
        fault = sheet.fault(line, None, "wrong_field_count", found=len(cells), expected=width)
        return [fault], None
    values: list[Any] = []
    faults: list[Fault] = []
    sound = True
    for name, place in sheet.places.items():
        spec, cell, value = FIELDS[sheet.kind][name], clean(cells[place]), None
        try:
            value = spec.read(cell, how.columns) if cell else None
        except BadCell as bad:
            sound = False
            facts: dict[str, Any] = bad.facts
            faults.append(sheet.fault(line, name, bad.code, **facts))
        else:
            if value is None and spec.needed == "value":
                sound = False
                faults.append(sheet.fault(line, name, "missing_value"))
        if isinstance(value, str) and ("?" in cell or not cell.isascii()) and letters_lost(cell):
            weight = Severity.INFO if name in NOT_STORED else Severity.WARNING
            faults.append(sheet.fault(line, name, "letters_lost", weight, value=cell[:60]))
        if name == "language" and cell and not value:
            faults.append(sheet.fault(line, name, "unknown_language", Severity.WARNING, value=cell))
        values.append(value)
    row = Row(sheet, line, tuple(values))
    if sheet.kind == "contacts" and row.has("email"):
        faults += _add_mailbox(row, how.address)
    if sound and (wrong := _contradiction(row, how.today)):
        sound = False
        faults.append(wrong)
    return faults, row if sound else None


def _add_mailbox(row: Row, address: Address) -> list[Fault]:
    """The e-mail's normal form becomes a value of the row; what is wrong with it is a warning."""
    typed: str | None = row["email"]
    mailbox, code = address(typed) if typed else (None, "")
    if typed and letters_lost(typed):
        mailbox, code = None, ""
    row.values = (*row.values, mailbox)
    if typed and code:
        return [row.fault("email", code, Severity.WARNING, value=typed)]
    if not typed and row["role"] == METER_REPORTING and row["active"] is not False:
        return [row.fault("email", "email_missing", Severity.WARNING, name=person(row))]
    return []


def person(row: Row) -> str:
    return f"{row['first_name'] or ''} {row['last_name'] or ''}".strip() or str(row["id"])


def _contradiction(row: Row, today: date) -> Fault | None:
    """What cannot be true within a row."""
    if row.sheet.kind == "contracts":
        start, end = row["starts_on"], row["ends_on"]
        if start and end and end < start:
            return row.fault(
                "ends_on", "ends_before_start", start=start.isoformat(), end=end.isoformat()
            )
    if row.sheet.kind == "readings":
        if row["read_on"] > today:
            return row.fault("read_on", "date_in_future", value=row["read_on"].isoformat())
        if row["reset_start"] is not None and row["reset_end"] is None:
            place = "reset_end" if row.has("reset_end") else "reset_start"
            return row.fault(place, "reset_without_end")
    return None
