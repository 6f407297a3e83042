"""The cells of rows to values, and what there is to say about them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports import cells
from meterportal.domain.exchange.imports.addresses import unwrapped
from meterportal.domain.exchange.imports.cells import BadCell, Column
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.decisions import Notes
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.fields import FIELDS, NOT_STORED
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.frozen import frozen
from meterportal.domain.tables.cells import Marker, all_digits, as_text
from meterportal.domain.tables.cleaning import clean_cell

Address = Callable[[str], tuple[str | None, str]]
"""An e-mail as typed -> its normal form, or None and the code of the fault."""

_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#x[0-9A-Fa-f]{1,5});")
_UNREAD = object()
_KEPT = 5_000
"""So many texts of a column are kept with what they mean: columns repeat themselves."""


@frozen
class RowRules:
    """How the rows of a sheet are read. `days`: where in a row's values the days are."""

    columns: Mapping[str, Column]
    words: Columns
    today: date
    address: Address
    notes: Notes
    cells: Sequence[ColumnCells] = ()
    days: Sequence[int] = ()


@frozen
class ColumnCells:
    """The cells of a column: its field and position. `plain`: a text of digits only is its value.
    `known`: text -> what was read without a word to say about it."""

    name: str
    place: int
    plain: bool
    known: dict[str, Any] = field(default_factory=dict)


def all_plain(found: Sequence[Any]) -> bool:
    """Whether all cells are numbers without anything to decide about their form."""
    if not all_digits(found):
        return False
    lengths = {*map(len, found)}
    return min(lengths) > 0 and max(lengths) <= cells.MAX_DIGITS


def _is_plain(raw: object) -> bool:
    """Whether a cell is a number without anything to decide about its form."""
    return (
        isinstance(raw, str) and raw.isdecimal() and len(raw) <= cells.MAX_DIGITS and raw.isascii()
    )


def unknown_of(sheet: ReadFile, how: RowRules, column: ColumnCells, texts: set[Any]) -> set[Any]:
    """Those of a column's cells that are no texts, or about which there is something to say in each
    row; what all others mean is known now."""
    known = column.known
    new = texts - known.keys()
    if len(known) + len(new) > _KEPT:
        known.clear()
        new = texts
    if not new:
        return new
    # Nothing is noted here: it is, with the line, when the row is read.
    reading = RowReading(sheet, 0, replace(how, notes=Notes()))
    for text in new:
        if isinstance(text, str):
            reading.value(column, text)
    return new - known.keys()


@dataclass(slots=True)
class RowReading:
    """A row while its cells are read. `sound`: no fault so far forbids accepting it; `told`: something
    was said of the present cell."""

    sheet: ReadFile
    line: int
    how: RowRules
    faults: list[Fault] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    sound: bool = True
    told: bool = False

    def values(self, found: Sequence[Any]) -> list[Any]:
        """The values of the fields, None where the cell is empty or cannot be read; days with their
        times."""
        return [self.value(column, found[column.place]) for column in self.how.cells]

    def value(self, column: ColumnCells, raw: object) -> Any:
        """The value of a cell. What a text means is kept unless there was something to say of it."""
        if not isinstance(raw, str):
            return self._read(column.name, raw)
        if (value := column.known.get(raw, _UNREAD)) is not _UNREAD:
            return value
        self.told = False
        value = int(raw) if column.plain and _is_plain(raw) else self._read(column.name, raw)
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
