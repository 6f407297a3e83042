"""An import that is too long for one go: how far it has come, as it is kept between two of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, field
from datetime import date
from enum import StrEnum
from itertools import repeat
from typing import Any

from meterportal.domain.exchange.imports.cells import Column
from meterportal.domain.exchange.imports.columns import KINDS, Columns
from meterportal.domain.exchange.imports.faults import Fault, in_order
from meterportal.domain.exchange.imports.fields import FIELDS
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow
from meterportal.domain.tables.dialect import Dialect
from meterportal.domain.tables.encoding import Encoding
from meterportal.domain.tables.forms import DayForm, NumberForm
from meterportal.domain.tables.text_files import TextFile

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_json(value: Any) -> bytes:
    return _encode(value).encode()


class Stage(StrEnum):
    """examine: the sheets and the forms of their columns. sort: rows are read and sorted into
    parts. apply: part after part is compared with the table and written. told: all that is left is
    the report."""

    EXAMINE = "examine"
    SORT = "sort"
    APPLY = "apply"
    TOLD = "told"


@dataclass(slots=True)
class LongSheet:
    """A sheet of a long import. `path` is its file in the archive, "" for the upload itself;
    `number` its place among the known sheets of that file. `count` are the rows that were
    examined, `read` those that were read; `begin` is where to go on, None for the first row.
    """

    path: str
    number: int
    name: str
    kind: str
    headings: dict[str, str]
    places: dict[str, int]
    encoding: str = ""
    delimiter: str = ""
    headings_line: int = 0
    width: int = 0
    text: list[Any] | None = None
    refused: bool = False
    count: int = 0
    read: int = 0
    rejected: int = 0
    nameless: int = 0
    begin: list[int] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, list[Any]] | None = None
    notes: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, path: str, number: int, sheet: ReadFile) -> LongSheet:
        return cls(
            *(path, number, sheet.name, sheet.kind, sheet.headings, sheet.places),
            *(sheet.encoding, sheet.delimiter, sheet.headings_line),
            refused=sheet.refused,
            count=sheet.count if sheet.refused else 0,
        )

    def empty(self) -> ReadFile:
        """The sheet without rows and faults."""
        return ReadFile(
            *(self.name, self.kind, dict(self.headings), dict(self.places)),
            encoding=self.encoding,
            delimiter=self.delimiter,
            headings_line=self.headings_line,
        )

    @property
    def file(self) -> TextFile:
        assert self.text is not None, "a sheet of a text file"
        encoding, dialect, empty = self.text
        return TextFile(Encoding(*encoding), Dialect(*dialect), empty)

    @file.setter
    def file(self, file: TextFile) -> None:
        self.text = [list(astuple(file.encoding)), list(astuple(file.dialect)), file.empty]

    def columns(self, words: Columns) -> dict[str, Column]:
        return {
            name: Column(words, NumberForm(decimal, unclear), DayForm(days), tails)
            for name, (decimal, unclear, days, tails) in (self.forms or {}).items()
        }

    def decide(self, columns: dict[str, Column]) -> None:
        """Keeps the forms of the columns; what led to them is of no use any more."""
        self.forms = {
            name: [one.numbers.decimal, one.numbers.unclear, one.days.value, one.tails]
            for name, one in columns.items()
        }
        self.evidence, self.begin = {}, None


@dataclass(slots=True)
class LongImport:
    """How far a long import has come. `step` counts the goes; `etag` is the file's version.

    `sheet` is the sheet that is being worked on, `part` the part. `sorted_rows` are files with rows and,
    for each, where in it every part begins; `entered` files of what the directory got, `told` files of
    findings. `causes` are [example, count]; `counts` by kind and status; `outcome` is what a dry run tells.
    """

    step: int = 0
    stage: Stage = Stage.EXAMINE
    etag: str = ""
    opened: int = 0
    sheets: list[LongSheet] = field(default_factory=list)
    sheet: int = 0
    parts: int = 0
    part: int = 0
    applied: int = 0
    sorted_rows: list[tuple[str, list[int]]] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    causes: list[Any] = field(default_factory=list)
    findings: int = 0
    outcome: dict[str, Any] = field(default_factory=dict)

    def packed(self) -> bytes:
        return as_json(asdict(self))

    @classmethod
    def unpacked(cls, content: bytes) -> LongImport:
        kept = json.loads(content)
        kept["stage"] = Stage(kept["stage"])
        kept["sheets"] = [LongSheet(**sheet) for sheet in kept["sheets"]]
        return cls(**kept)

    @property
    def taken(self) -> list[LongSheet]:
        """The sheets whose rows count, in the order in which they are read: what others refer to
        first."""
        known = [sheet for sheet in self.sheets if not sheet.refused]
        return sorted(known, key=lambda sheet: KINDS.index(sheet.kind))

    @property
    def rows(self) -> int:
        return sum(sheet.count for sheet in self.taken)


def packed_rows(number: int, rows: Sequence[SheetRow]) -> bytes:
    """Rows of the sheet with this number, one at least, as one line: their values by column."""
    columns = [*map(list, zip(*[row.values for row in rows], strict=True))]
    for at in _apart(rows[0].sheet)[0]:
        columns[at] = [None if day is None else day.isoformat() for day in columns[at]]
    lines = [row.line for row in rows]
    spoilt = {n: sorted(row.spoilt) for n, row in enumerate(rows) if row.spoilt}
    return as_json({"sheet": number, "lines": lines, "columns": columns, "spoilt": spoilt}) + b"\n"


def unpacked_rows(
    sheets: Sequence[LongSheet], content: Iterable[bytes], order: Callable[[ReadFile], None]
) -> list[ReadFile]:
    """The rows of a part in the sheets to which they belong, in their order. `order` gives a sheet the
    order of its rows' values."""
    found: dict[int, tuple[ReadFile, list[int], list[int]]] = {}
    days: dict[str | None, date | None] = {None: None}
    for line in (line for lines in content for line in lines.splitlines()):
        kept = json.loads(line)
        rows = kept if isinstance(kept, dict) else _by_column(*kept)
        number: int = rows["sheet"]
        if number not in found:
            made = sheets[number].empty()
            order(made)
            found[number] = made, *_apart(made)
        sheet, dated, several = found[number]
        columns, spoilt = rows["columns"], rows["spoilt"]
        for at in dated:
            days |= {text: date.fromisoformat(text) for text in {*columns[at]} - days.keys()}
            columns[at] = [days[text] for text in columns[at]]
        for at in several:
            columns[at] = [None if texts is None else tuple(texts) for texts in columns[at]]
        begin = len(sheet.rows)
        sheet.rows += map(SheetRow, repeat(sheet), rows["lines"], zip(*columns, strict=True))
        for at, names in spoilt.items():
            sheet.rows[begin + int(at)].spoilt = frozenset(names)
    return [found[number][0] for number in sorted(found)]


def _by_column(number: int, *kept: Any) -> dict[str, Any]:
    """Rows as earlier versions kept them: [line, values, spoilt if any] of each, or of one alone."""
    rows = kept[0] if isinstance(kept[0], list) else [kept]
    return {
        "sheet": number,
        "lines": [row[0] for row in rows],
        "columns": [*zip(*[row[1] for row in rows], strict=True)],
        "spoilt": {n: row[2] for n, row in enumerate(rows) if len(row) > 2},
    }


def _apart(sheet: ReadFile) -> tuple[list[int], list[int]]:
    """The places of values that JSON has no form for: days, and several numbers in one cell."""
    fields, order = FIELDS[sheet.kind], sheet.order
    dated = [at for name, at in order.items() if name in fields and fields[name].form == "day"]
    return dated, [at for name, at in order.items() if name == "reporters"]


def merged(one: list[Fault], other: list[Fault], files: Sequence[str], most: int) -> list[Fault]:
    """The first findings of two ordered lists."""
    return in_order([*one, *other], files)[:most]


def lines_of_faults(faults: Iterable[Fault]) -> bytes:
    return b"\n".join(as_json(fault.packed()) for fault in faults)


def faults_of_lines(content: bytes) -> list[Fault]:
    return [Fault.unpacked(json.loads(line)) for line in content.splitlines()]
