"""The rows of one file of an import, its faults, and how the file was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.fields import KEY


@dataclass(slots=True)
class ReadFile:
    """A file that was read: its headings, its accepted rows, and its faults.

    `headings` and `places` are by field: the heading as written and the column's position. `order`
    are the fields whose values every row has. `count` is the number of all rows of the file,
    `rejected` the lines of those that were not accepted; of a refused file nothing is accepted.
    `encoding` and `delimiter` are how a text file was read ("" for a workbook), `headings_line` is
    the line of its headings. `named` are the numbers of the records in all its rows, `nameless` the
    lines of rows without a readable one.
    """

    name: str
    kind: str = ""
    headings: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    rows: list[SheetRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    rejected: set[int] = field(default_factory=set)
    refused: bool = False
    encoding: str = ""
    delimiter: str = ""
    headings_line: int = 0
    named: set[str] = field(default_factory=set)
    nameless: set[int] = field(default_factory=set)
    _pickers: dict[tuple[str, ...], Callable[[tuple[Any, ...]], tuple[Any, ...]]] = field(
        default_factory=dict, repr=False
    )

    def picker(self, names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
        """What gives, of the values of a row, those of two fields or more; None for columns that the file
        does not have. Where they stand is looked up once for a file."""
        picker = self._pickers.get(names)
        if picker is None:
            places = [self.order.get(name, len(self.order)) for name in names]
            found = itemgetter(*places)
            complete = len(self.order) not in places
            picker = found if complete else lambda values: found((*values, None))
            self._pickers[names] = picker
        return picker

    @property
    def taken(self) -> int:
        return 0 if self.refused else self.count - len(self.rejected)

    def fault(
        self,
        line: int | None,
        field_name: str | None,
        code: str,
        severity: FaultSeverity = FaultSeverity.ERROR,
        **facts: str | int,
    ) -> Fault:
        heading = self.headings.get(field_name, field_name) if field_name else None
        return Fault(self.name, line, heading, code, severity, tuple(facts.items()))


NOTHING_SPOILT = frozenset[str]()


@dataclass(slots=True)
class SheetRow:
    """An accepted row: the values in the order of `sheet.order`; an empty cell is None.

    `spoilt` are the fields whose cells lost letters or digits: their values never replace correct
    ones.
    """

    sheet: ReadFile
    line: int
    values: tuple[Any, ...]
    spoilt: frozenset[str] = NOTHING_SPOILT

    def __getitem__(self, name: str) -> Any:
        """The value of a field, None if the cell is empty or the file has no such column."""
        place = self.sheet.order.get(name)
        return None if place is None else self.values[place]

    def has(self, name: str) -> bool:
        """Whether the file has such a column."""
        return name in self.sheet.order

    def pick(self, names: tuple[str, ...]) -> tuple[Any, ...]:
        """The values of two fields or more, faster than one by one."""
        return self.sheet.picker(names)(self.values)

    @property
    def key(self) -> tuple[Any, ...]:
        names = KEY[self.sheet.kind]
        return self.pick(names) if len(names) > 1 else (self[names[0]],)

    def fault(
        self,
        field_name: str | None,
        code: str,
        severity: FaultSeverity = FaultSeverity.ERROR,
        **facts: str | int,
    ) -> Fault:
        return self.sheet.fault(self.line, field_name, code, severity, **facts)

    def reject(self, fault: Fault) -> Fault:
        """Count the row as rejected; the caller has to report the fault."""
        self.sheet.rejected.add(self.line)
        return fault


def person(row: SheetRow) -> str:
    return f"{row['first_name'] or ''} {row['last_name'] or ''}".strip() or str(row["id"])
