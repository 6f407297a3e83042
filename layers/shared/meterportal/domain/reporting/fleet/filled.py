"""A fleet sheet that was handed in: its rows become lines, each with the value of one meter.

Cells are what the file's format provides: only text in CSV; also numbers and dates in a workbook.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from meterportal.domain.exchange.imports.cells import BadCell, Column, day
from meterportal.domain.exchange.imports.columns import default_columns
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.numbers import NotANumber
from meterportal.domain.refusals import Refusal
from meterportal.domain.reporting.fleet.headings import Layout, Role, bare_layout, layout_of
from meterportal.domain.reporting.fleet.refusals import (
    DayUnreadable,
    NumberUnclear,
    RowBroken,
    RowRefused,
    SheetRefused,
    Uncalculated,
)
from meterportal.domain.tables.cells import Marker, as_text
from meterportal.domain.tables.cleaning import clean_cell
from meterportal.domain.tables.dialect import HEADINGS_WITHIN
from meterportal.domain.tables.forms import (
    DayEvidence,
    DayForm,
    NumberEvidence,
    NumberForm,
    separator,
    without_fraction,
)
from meterportal.domain.tables.records import Record
from meterportal.domain.tables.text_files import read_records, survey

MOST_ROWS = 20_000
"""Rows that are not empty. The sheet handed out for 2,000 machines has 16,000."""

MOST_VALUES = 5_000
"""New values in one upload."""

_SHOWN = 120
_LONGEST_DAY = 64


@frozen
class FilledLine:
    """One value as it was filled in; None for a row without a value.

    `meter` is a meter's number, `label` its name or kind. `of_column`: the label is the heading of
    a column for one kind of meter, which applies to every machine of the table. `text` is the row
    in short, `fault` a reason to refuse the line, whatever it means.
    """

    number: int
    machine: str
    serial: str
    meter: str
    label: str
    value: object
    read_on: date | None
    text: str
    of_column: bool = False
    fault: Refusal | None = None


@frozen
class Filled:
    """`lines` have a value, `blank` have none. `headings` are the table's, () if it has none, `used`
    those of the columns that were read; `separator` is the sign between their groups of digits.
    `rows` are the cells of every row, by row number."""

    lines: tuple[FilledLine, ...]
    blank: tuple[FilledLine, ...]
    headings: tuple[str, ...]
    rows: Mapping[int, Sequence[object]]
    used: tuple[str, ...] = ()
    separator: str = ""


def read_text(content: bytes, labels: Iterable[str]) -> Filled:
    """The lines of a CSV file, or of cells pasted as text. Raises SheetRefused."""
    known = list(labels)
    stream = io.BytesIO(content)
    file = survey(stream, _score(known))
    return filled([] if file.empty else read_records(stream, file), known)


def score_of(labels: Iterable[str]) -> Callable[[Sequence[object]], int]:
    """How well a row of cells fits as headings; 0: none of them is known."""
    return _score(list(labels))


def _score(labels: list[str]) -> Callable[[Sequence[object]], int]:
    return lambda cells: layout_of(cells, labels).fit


def filled(rows: Iterable[Record], labels: Iterable[str]) -> Filled:
    """The lines of a sheet; `labels` are the meters' names, which may be headings of columns.

    A few rows of title may stand above the headings; a table of two or three columns needs no
    headings. Raises SheetRefused.
    """
    found = list(_bounded(rows))
    if not found:
        raise SheetRefused(de="Die Tabelle ist leer.", en="The table is empty.")
    layout, behind = _layout(found[:HEADINGS_WITHIN], list(labels))
    headings = tuple(map(as_text, found[behind - 1].cells)) if behind else ()
    forms = _Forms.of(found[behind:], layout)
    lines: list[FilledLine] = []
    blank: list[FilledLine] = []
    for row in islice(found, behind, None):
        of_row = list(_lines(row, layout, forms))
        lines += of_row
        if not of_row:
            blank.append(_line(row, layout))
        if len(lines) > MOST_VALUES:
            raise SheetRefused(
                de=f"Mehr als {MOST_VALUES} neue Zählerstände auf einmal gehen nicht. Bitte teilen Sie die Tabelle auf; Zeilen ohne neuen Stand zählen nicht.",
                en=f"More than {MOST_VALUES} new readings at once are not possible. Please split the table; rows without a new reading do not count.",
                line=row.line,
            )
    cells = {row.line: row.cells for row in found[behind:]}
    places = sorted({*layout.roles.values(), *layout.meters}) if headings else []
    used = tuple(clean_cell(headings[place]) for place in places)
    return Filled(tuple(lines), tuple(blank), headings, cells, used, forms.separator)


def _bounded(rows: Iterable[Record]) -> Iterator[Record]:
    """The rows that are not empty; raises SheetRefused when there are too many."""
    number = 0
    for row in rows:
        if not row.fault and not any(map(_filled, row.cells)):
            continue
        number += 1
        if number > MOST_ROWS:
            raise SheetRefused(
                de=f"Die Tabelle hat mehr als {MOST_ROWS} Zeilen. Bitte teilen Sie sie auf.",
                en=f"The table has more than {MOST_ROWS} rows. Please split it.",
                line=row.line,
            )
        yield row


def _layout(begin: Sequence[Record], labels: Sequence[str]) -> tuple[Layout, int]:
    """The layout, and how many rows come before the first record."""
    for place, row in enumerate(begin):
        found = layout_of(row.cells, labels)
        if found.usable:
            return found, place + 1
    half = layout_of(begin[0].cells, labels)
    bare = bare_layout(max(_width(row.cells) for row in begin))
    if bare is None or half.roles:
        raise SheetRefused(
            de="Die Überschriften sagen nicht, was in den Spalten steht. Gebraucht werden eine Spalte „Seriennummer“ oder „Maschinennummer“ und eine Spalte „Neuer Stand“.",
            en="The headings do not tell what the columns hold. Needed are a column “Serial number” or “Machine number” and a column “New reading”.",
            line=begin[0].line,
        )
    return bare, 0


def _width(cells: Sequence[object]) -> int:
    """The number of columns up to the last one that is not empty."""
    return max((place + 1 for place, cell in enumerate(cells) if _filled(cell)), default=0)


@frozen
class _Forms:
    """How the columns write numbers (by place) and days."""

    numbers: Mapping[int, NumberForm]
    days: DayForm
    separator: str

    @classmethod
    def of(cls, rows: Sequence[Record], layout: Layout) -> _Forms:
        places = [
            *layout.meters,
            *([layout.roles[Role.VALUE]] if Role.VALUE in layout.roles else []),
        ]
        numbers = {place: NumberEvidence() for place in places}
        days, place_of_day = DayEvidence(), layout.roles.get(Role.READ_ON, -1)
        for row in rows:
            for place, evidence in numbers.items():
                if place < len(row.cells) and isinstance(row.cells[place], str):
                    cell = _text(row.cells[place])
                    if cell:
                        evidence.add(cell)
            if 0 <= place_of_day < len(row.cells) and isinstance(row.cells[place_of_day], str):
                cell = _text(row.cells[place_of_day])
                if cell:
                    days.add(cell)
        form = DayForm.MONTH_FIRST if layout.month_first else days.form()
        shown = {p: e.form(numbers.values(), by_program=False) for p, e in numbers.items()}
        return cls(shown, form, separator((numbers[place], shown[place]) for place in places))


def _lines(row: Record, layout: Layout, forms: _Forms) -> Iterator[FilledLine]:
    line = _line(row, layout)
    if row.fault:
        yield replace(line, value="", fault=RowBroken())
        return
    values = [
        (place, replace(line, meter="", label=heading, of_column=True))
        for place, heading in layout.meters.items()
    ]
    if Role.VALUE in layout.roles:
        values.append((layout.roles[Role.VALUE], line))
    filled_in = [(place, line_) for place, line_ in values if _held(row.cells, place)]
    if not filled_in:
        return
    read_on: date | None = None
    fault: Refusal | None = None
    try:
        read_on = _day(_at(row.cells, layout.roles.get(Role.READ_ON)), forms.days)
    except RowRefused as unreadable:
        fault = unreadable
    for place, line_ in filled_in:
        value, wrong = _value(row.cells[place], forms.numbers[place])
        yield replace(line_, value=value, read_on=read_on, fault=wrong or fault)


def _line(row: Record, layout: Layout) -> FilledLine:
    """The row as a line without a value."""
    cells = row.cells

    def cell_text(role: Role) -> str:
        return _text(_at(cells, layout.roles.get(role)))

    shown = "; ".join(part for part in map(_text, cells) if part)
    return FilledLine(
        number=row.line,
        machine=cell_text(Role.MACHINE),
        serial=cell_text(Role.SERIAL),
        meter=cell_text(Role.METER),
        label=cell_text(Role.LABEL),
        value=None,
        read_on=None,
        text=shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…",
    )


def _at(cells: Sequence[object], place: int | None) -> object:
    return cells[place] if place is not None and place < len(cells) else None


def _held(cells: Sequence[object], place: int) -> bool:
    return place < len(cells) and _filled(cells[place])


def _filled(cell: object) -> bool:
    """Whether a cell is not empty. A formula without a stored result counts as not empty."""
    return isinstance(cell, Marker) or bool(_text(cell))


def _text(cell: object) -> str:
    """A cell as text; "" for a word that means "empty"."""
    text = clean_cell(as_text(cell)).removeprefix("'")
    return "" if isinstance(cell, str) and text.casefold() in default_columns().empty else text


def _value(cell: object, form: NumberForm) -> tuple[object, Refusal | None]:
    """A value as typed, as text or number. Its fraction is never taken for a group of digits."""
    if cell is Marker.UNCALCULATED:
        return None, Uncalculated()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell), None
    if not isinstance(cell, str):
        return cell, None
    text = _text(cell)
    number = without_fraction(text, form)
    if number is None:
        return text, NumberUnclear(value=text[:_SHOWN]) if form.unclear else NotANumber()
    return number, None


def _day(cell: object, form: DayForm) -> date | None:
    """A cell's date, None for an empty cell. Raises DayUnreadable."""
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case Marker():
            raise Uncalculated
    text = _text(cell)
    if not text:
        return None
    try:
        read = day(text, Column(default_columns(), days=form))
    except BadCell:
        raise DayUnreadable(day=text[:_LONGEST_DAY]) from None
    return read.day if read else None
