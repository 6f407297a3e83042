"""Decisions about a file and its columns, for the report: how it was read, and what was ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from meterportal.domain.exchange.imports.cells import Column
from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.fields import FIELDS
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.tables.cells import all_digits
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

_KEPT = 2_000
"""So many texts of a column are kept, because columns repeat themselves."""
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

    def packed(self) -> list[Any]:
        """For JSON."""
        return [[*key, *found] for key, found in self._found.items()]

    @classmethod
    def unpacked(cls, rows: Iterable[Sequence[Any]]) -> Notes:
        return cls(
            {
                (code, name, tuple((n, v) for n, v in facts)): [line, count]
                for code, name, facts, line, count in rows
            }
        )

    def faults(self, sheet: ReadFile) -> Iterable[Fault]:
        for (code, name, facts), (line, count) in self._found.items():
            weight = FaultSeverity.WARNING if code in _WARNINGS else FaultSeverity.INFO
            yield sheet.fault(line, name, code, weight, **dict(facts), count=count)


_WARNINGS = {"entities_read"}


class Examination:
    """What the cells of a sheet show about the forms in which its columns write numbers, days and
    record numbers; all rows are added before the first one is read."""

    def __init__(self, sheet: ReadFile, words: Columns) -> None:
        self._words, self._places = words, sheet.places
        fields = FIELDS[sheet.kind]
        self._seen: dict[str, NumberEvidence | DayEvidence | KeyEvidence] = {
            name: _EVIDENCE[fields[name].form]()
            for name in sheet.places
            if fields[name].form in _EVIDENCE
        }
        self._examined = [
            (sheet.places[name], found, set[str]()) for name, found in self._seen.items()
        ]

    def add(self, records: Iterable[Record]) -> None:
        rows = [record.cells for record in records]
        for place, evidence, known in self._examined:
            digits = not isinstance(evidence, DayEvidence)
            column = [cells[place] for cells in rows if place < len(cells)]
            if digits and all_digits(column):
                continue
            for text in dict.fromkeys(column):
                # A workbook's numbers and days need no form; only its texts do.
                if not isinstance(text, str) or text in known:
                    continue
                if digits and text.isdecimal() and text.isascii():
                    continue
                if len(known) >= _KEPT:
                    known.clear()
                known.add(text)
                self._show(evidence, text)

    def _show(self, evidence: NumberEvidence | DayEvidence | KeyEvidence, text: str) -> None:
        """A text of a column; the same one again shows nothing new, plain digits nothing but a day."""
        cell = clean_cell(text).removeprefix("'")
        if cell and cell.casefold() not in self._words.empty:
            if isinstance(evidence, DayEvidence) and without_time(cell) in self._words.no_date:
                return
            evidence.add(cell)

    def columns(self) -> dict[str, Column]:
        """How each column is read, by field."""
        words = self._words
        numbers = [one for one in self._seen.values() if isinstance(one, NumberEvidence)]
        found_columns: dict[str, Column] = {}
        for name in self._places:
            match self._seen.get(name):
                case NumberEvidence() as found:
                    found_columns[name] = Column(words, numbers=found.form(numbers))
                case DayEvidence() as found:
                    found_columns[name] = Column(words, days=found.form())
                case KeyEvidence() as found:
                    found_columns[name] = Column(words, tails=found.strip)
                case _:
                    found_columns[name] = Column(words)
        return found_columns

    def packed(self) -> dict[str, Any]:
        """For JSON, so that a long file can be examined in several goes."""
        return {name: _listed(asdict(evidence)) for name, evidence in self._seen.items()}

    def go_on(self, packed: Mapping[str, Any]) -> None:
        """Takes up what an earlier go has seen."""
        for name, kept in packed.items():
            evidence = self._seen[name]
            for part, value in kept.items():
                setattr(evidence, part, _as_sets(value))


_EVIDENCE: Mapping[str, type[NumberEvidence | DayEvidence | KeyEvidence]] = {
    "number": NumberEvidence,
    "day": DayEvidence,
    "key": KeyEvidence,
}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(part) for name, part in value.items()}
    return sorted(value) if isinstance(value, set) else value


def _as_sets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_sets(part) for name, part in value.items()}
    return set(value) if isinstance(value, list) else value


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
