"""What came back on a spreadsheet: rows of cells to lines that each claim one meter's value.

Cells are what the file's format knows: text alone in CSV, numbers and dates too in a workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from meterportal.domain.fleet.headings import Layout, Role, bare_layout, layout_of
from meterportal.domain.fleet.refusals import SheetRefused
from meterportal.domain.imports.cells import clean
from meterportal.domain.imports.columns import default_columns
from meterportal.domain.imports.faults import Refused
from meterportal.domain.imports.sheets import decode, records

MOST_ROWS = 20_000
"""Rows with anything in them: the blank sheet of 2,000 machines has 16,000."""

MOST_VALUES = 5_000
"""New values in one upload."""

_HEADINGS_WITHIN = 20
_SHOWN = 120
_DELIMITERS = "\t;|,"
"""In the order in which they are believed: a comma may stand inside a number, a tab may not."""

Row = tuple[int, Sequence[object]]
"""The line of the file, or the row of the sheet (from 1), and its cells."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value that somebody filled in, as it stands there. `meter` is a meter's number, `label`
    its name or kind; `text` is the row in short."""

    number: int
    machine: str
    serial: str
    meter: str
    label: str
    value: object
    read_on: object
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """`blank` rows name a machine or a meter but no new value."""

    lines: tuple[Line, ...]
    blank: int


def text_rows(content: bytes) -> Iterator[Row]:
    """The rows of a CSV file or of cells pasted as text. Raises SheetRefused."""
    try:
        text = decode("", content)
        begin = "".join(islice(text.splitlines(keepends=True), _HEADINGS_WITHIN))
        delimiter = next((sign for sign in _DELIMITERS if sign in begin), ";")
        if begin.casefold().startswith("sep="):
            delimiter = begin[4:5].strip() or delimiter
        yield from records("", text, default_columns(), delimiter=delimiter)
    except Refused as refused:
        fault = refused.fault
        raise SheetRefused(de=fault.text("de"), en=fault.text("en"), line=fault.line or 1) from None


def filled(rows: Iterable[Row], labels: Iterable[str]) -> Filled:
    """The lines of a sheet; `labels` are the names of the meters that may be columns of their own.

    Headings may stand behind a few rows of title; a table of two or three columns needs none.
    Raises SheetRefused.
    """
    left = _bounded(rows)
    begin = list(islice(left, _HEADINGS_WITHIN))
    if not begin:
        raise SheetRefused(de="Die Tabelle ist leer.", en="The table is empty.")
    layout, behind = _layout(begin, list(labels))
    lines: list[Line] = []
    blank = 0
    for row in (*begin[behind:], *left):
        found = list(_lines(row, layout))
        lines += found
        blank += not found
        if len(lines) > MOST_VALUES:
            raise SheetRefused(
                de=f"Mehr als {MOST_VALUES} neue Zählerstände auf einmal gehen nicht. Bitte teilen Sie die Tabelle auf; Zeilen ohne neuen Stand zählen nicht.",
                en=f"More than {MOST_VALUES} new readings at once are not possible. Please split the table; rows without a new reading do not count.",
                line=row[0],
            )
    return Filled(tuple(lines), blank)


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows with anything in them; raises SheetRefused when there are too many."""
    number = 0
    for row in rows:
        if not any(_text(cell) for cell in row[1]):
            continue
        number += 1
        if number > MOST_ROWS:
            raise SheetRefused(
                de=f"Die Tabelle hat mehr als {MOST_ROWS} Zeilen. Bitte teilen Sie sie auf.",
                en=f"The table has more than {MOST_ROWS} rows. Please split it.",
                line=row[0],
            )
        yield row


def _layout(begin: Sequence[Row], labels: Sequence[str]) -> tuple[Layout, int]:
    """The layout, and how many of the first rows stand before the first record."""
    for place, (_, cells) in enumerate(begin):
        found = layout_of(cells, labels)
        if found.usable:
            return found, place + 1
    line, cells = begin[0]
    half = layout_of(cells, labels)
    bare = bare_layout(max(_width(row) for _, row in begin))
    if bare is None or half.roles:
        raise SheetRefused(
            de="Die Überschriften sagen nicht, was in den Spalten steht. Gebraucht werden eine Spalte „Seriennummer“ oder „Maschinennummer“ und eine Spalte „Neuer Stand“.",
            en="The headings do not tell what the columns hold. Needed are a column “Serial number” or “Machine number” and a column “New reading”.",
            line=line,
        )
    return bare, 0


def _width(cells: Sequence[object]) -> int:
    """Columns up to the last one that holds anything."""
    return max((place + 1 for place, cell in enumerate(cells) if _text(cell)), default=0)


def _lines(row: Row, layout: Layout) -> Iterator[Line]:
    number, cells = row

    def cell(role: Role) -> object:
        place = layout.roles.get(role, len(cells))
        return cells[place] if place < len(cells) else None

    shown = "; ".join(part for part in map(_text, cells) if part)
    text = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    values: list[tuple[str, str, object]] = [
        ("", heading, cells[place])
        for place, heading in layout.meters.items()
        if place < len(cells)
    ]
    if Role.VALUE in layout.roles:
        values.append((_text(cell(Role.METER)), _text(cell(Role.LABEL)), cell(Role.VALUE)))
    for meter, label, value in values:
        if _text(value):
            yield Line(
                number=number,
                machine=_text(cell(Role.MACHINE)),
                serial=_text(cell(Role.SERIAL)),
                meter=meter,
                label=label,
                value=_counter(value),
                read_on=cell(Role.READ_ON),
                text=text,
            )


def _text(cell: object) -> str:
    """A cell as text; a number of a workbook without the fraction that it does not have."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell)
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date():
            return cell.isoformat()[:10]
    escaped = clean(str(cell))
    return escaped[1:] if escaped[:1] == "'" else escaped


def _counter(cell: object) -> object:
    """A value as typed: text, or a number, whose fraction is not mistaken for grouped digits."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return _text(cell) if isinstance(cell, str) else cell
