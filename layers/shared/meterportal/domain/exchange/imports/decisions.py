"""Decisions about a file and its columns, for the report: how it was read, and what was ignored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from meterportal.domain.exchange.imports.cells import Column
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.fields import FIELDS
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.tables.cleaning import clean_cell
from meterportal.domain.tables.forms import (
    DayEvidence,
    DayForm,
    KeyEvidence,
    NumberEvidence,
    without_time,
)
from meterportal.domain.tables.records import Record
from meterportal.domain.tables.text_files import TextFile

_USUAL_ENCODINGS = {"UTF-8", "UTF-16", "UTF-32", "Windows-1252"}


@dataclass(slots=True)
class Notes:
    """Notes that many cells have in common: reported once, with the first line and the number of
    cells."""

    _found: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[int]] = field(
        default_factory=dict
    )

    def add(self, line: int, field_name: str, code: str, **facts: str) -> None:
        first_and_count = self._found.setdefault(
            (code, field_name, tuple(facts.items())), [line, 0]
        )
        first_and_count[1] += 1

    def faults(self, sheet: ReadFile) -> Iterable[Fault]:
        for (code, name, facts), (line, count) in self._found.items():
            weight = FaultSeverity.WARNING if code in _WARNINGS else FaultSeverity.INFO
            yield sheet.fault(line, name, code, weight, **dict(facts), count=count)


_WARNINGS = {"entities_read"}


def columns_of(sheet: ReadFile, records: Iterable[Record], columns: Columns) -> dict[str, Column]:
    """How each column is read, by field. The records are read once to determine in which form each
    column writes numbers, days and record numbers."""
    fields = FIELDS[sheet.kind]
    seen: dict[str, NumberEvidence | DayEvidence | KeyEvidence] = {}
    for name in sheet.places:
        match fields[name].form:
            case "number":
                seen[name] = NumberEvidence()
            case "day":
                seen[name] = DayEvidence()
            case "key":
                seen[name] = KeyEvidence()
    examined = [(sheet.places[name], evidence) for name, evidence in seen.items()]
    for record in records:
        cells = record.cells
        for place, evidence in examined:
            # A workbook's numbers and days need no form; only its texts do.
            if place >= len(cells) or not isinstance(cells[place], str):
                continue
            cell = clean_cell(cells[place]).removeprefix("'")
            if cell and cell.casefold() not in columns.empty:
                if isinstance(evidence, DayEvidence) and without_time(cell) in columns.no_date:
                    continue
                evidence.add(cell)
    numbers = [evidence for evidence in seen.values() if isinstance(evidence, NumberEvidence)]
    found_columns: dict[str, Column] = {}
    for name in sheet.places:
        match seen.get(name):
            case NumberEvidence() as found:
                found_columns[name] = Column(columns, numbers=found.form(numbers))
            case DayEvidence() as found:
                found_columns[name] = Column(columns, days=found.form())
            case KeyEvidence() as found:
                found_columns[name] = Column(columns, tails=found.strip)
            case _:
                found_columns[name] = Column(columns)
    return found_columns


def form_faults(sheet: ReadFile, columns: dict[str, Column]) -> Iterable[Fault]:
    """Notes on columns whose form is not the usual one."""
    line = sheet.headings_line
    for name, column in columns.items():
        if column.numbers.decimal:
            yield sheet.fault(
                line, name, "decimals_read", FaultSeverity.INFO, sign=column.numbers.decimal
            )
        if column.days not in {DayForm.USUAL, DayForm.UNCLEAR}:
            yield sheet.fault(line, name, "days_read", FaultSeverity.INFO, form=column.days.value)
        if column.tails:
            yield sheet.fault(line, name, "tails_cut", FaultSeverity.INFO)


def file_faults(sheet: ReadFile, file: TextFile) -> Iterable[Fault]:
    """Notes on how the text of a file was read, if not in the usual way."""
    encoding, above = file.encoding, file.dialect.above
    if encoding.mixed:
        yield sheet.fault(
            encoding.first_mixed,
            None,
            "encoding_mixed",
            FaultSeverity.WARNING,
            count=encoding.mixed,
            first=encoding.first_mixed,
            encoding=encoding.single_name,
        )
    elif encoding.unmarked or encoding.name not in _USUAL_ENCODINGS:
        yield sheet.fault(None, None, "encoding_read", FaultSeverity.INFO, encoding=encoding.name)
    if above:
        yield sheet.fault(1, None, "title_lines", FaultSeverity.INFO, count=above)
