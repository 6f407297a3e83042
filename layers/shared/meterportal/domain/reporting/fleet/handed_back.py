"""The rows of a fleet sheet that were refused, as a table to be corrected and handed in again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from meterportal.domain.reporting.fleet.filled import Filled
from meterportal.domain.reporting.fleet.handed_out import HEADINGS
from meterportal.domain.reporting.fleet.matching import Left
from meterportal.domain.sheets import Cell
from meterportal.domain.tables.cells import as_text

_ADDED = {"de": ("Zeile der Datei", "Grund"), "en": ("Row of the file", "Why not taken")}
_BARE = {2: (1, 10), 3: (1, 6, 10)}
"""For tables without headings: which of the handed-out headings fit them (serial number, meter, new
reading), by number of columns."""


def table(sheet: Filled, left: Iterable[Left], language: str) -> Iterator[Sequence[Cell]]:
    """Headings and rows as they were handed in, each row once, with its number and the reasons
    added."""
    reasons: dict[int, list[str]] = {}
    for refused in left:
        of_row = reasons.setdefault(refused.line.number, [])
        if (reason := refused.reason.text(language)) not in of_row:
            of_row.append(reason)
    rows = [(number, sheet.rows[number]) for number in sorted(reasons)]
    width = max((len(cells) for _, cells in rows), default=0)
    headings = sheet.headings or tuple(HEADINGS[language][n] for n in _BARE.get(width, ()))
    width = max(width, len(headings))
    yield *headings, *[""] * (width - len(headings)), *_ADDED[language]
    for number, cells in rows:
        texts = [as_text(cell) or None for cell in cells]
        yield *texts, *[None] * (width - len(texts)), number, " ".join(reasons[number])
