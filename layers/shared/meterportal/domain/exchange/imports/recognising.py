"""Which kind of file a table is, and which column holds which field; recognised by the headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from meterportal.domain.exchange.imports.columns import KINDS, Columns, fold
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, refusal
from meterportal.domain.exchange.imports.fields import FIELDS
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.tables.cleaning import clean_cell

COMPLETE = 100
"""The weight of a kind whose needed columns are all there; a single known heading counts 1."""
_SHOWN = 200


def score_of(columns: Columns) -> Callable[[Sequence[object]], int]:
    """How well a row of cells fits as headings of any kind of file; 0: none of them is known."""

    def score(cells: Sequence[object]) -> int:
        heads = {fold(clean_cell(cell)) for cell in cells if isinstance(cell, str)} - {""}
        best = 0
        for kind in KINDS:
            found = {columns.headings[kind][head] for head in heads & columns.headings[kind].keys()}
            complete = found and not _missing(kind, found)
            best = max(best, len(found) + (COMPLETE if complete else 0))
        return best

    return score


def recognise(name: str, line: int, cells: Sequence[object], columns: Columns) -> ReadFile:
    """An empty sheet of the kind whose needed columns are all there and whose headings fit best.

    Of two columns with one meaning, the one that comes first in the mapping is read. Raises
    `Refused`.
    """
    shown = [clean_cell(cell) if isinstance(cell, str) else str(cell or "") for cell in cells]
    folded = [fold(part) for part in shown]
    kind = _kind(name, line, shown, folded, columns)
    known = columns.headings[kind]
    sheet = ReadFile(name, kind, headings_line=line)
    for place in sorted(
        (place for place, head in enumerate(folded) if head in known),
        key=lambda place: (columns.rank(kind, folded[place]), place),
    ):
        target, part = known[folded[place]], shown[place]
        if target not in sheet.places:
            sheet.headings[target], sheet.places[target] = part, place
            continue
        facts = (("first", sheet.headings[target]), ("second", part))
        sheet.faults.append(Fault(name, line, part, "doubled_column", FaultSeverity.WARNING, facts))
    sheet.places = dict(sorted(sheet.places.items(), key=lambda item: item[1]))
    sheet.headings = {target: sheet.headings[target] for target in sheet.places}
    for head, part in zip(folded, shown, strict=True):
        if head and head not in known:
            sheet.faults.append(Fault(name, line, part, "unknown_column", FaultSeverity.WARNING))
    return sheet


def _kind(
    name: str, line: int, shown: Sequence[str], folded: Sequence[str], columns: Columns
) -> str:
    fits = {
        kind: {columns.headings[kind][head] for head in folded if head in columns.headings[kind]}
        for kind in KINDS
    }
    by_name = _kind_by_name(name, columns)
    complete = [kind for kind in KINDS if not _missing(kind, fits[kind])]
    if complete:
        return max(complete, key=lambda kind: (len(fits[kind]), kind == by_name))
    nearest = by_name or max(
        KINDS, key=lambda kind: len(fits[kind]) - len(_missing(kind, fits[kind]))
    )
    if not fits[nearest]:
        listed = ", ".join(part for part in shown if part)[:_SHOWN]
        raise refusal(name, "unknown_file", line=line, headings=listed)
    column = columns.named[nearest][_missing(nearest, fits[nearest])[0]]
    raise refusal(name, "missing_column", line=line, field=column, column=column)


def _missing(kind: str, found: set[str]) -> list[str]:
    return [name for name, spec in FIELDS[kind].items() if spec.needed and name not in found]


def _kind_by_name(name: str, columns: Columns) -> str | None:
    stem = fold(PurePosixPath(name).stem)
    fits = [
        (len(begin), kind)
        for kind, begins in columns.files.items()
        for begin in begins
        if stem.startswith(begin)
    ]
    return max(fits)[1] if fits else None
