"""How a text file separates its cells and where its headings are; decided once for the file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence

from meterportal.domain.frozen import frozen

Score = Callable[[Sequence[str]], int]
"""How well a row of cells fits as headings: 0 if none of them is known."""

DELIMITERS = "\t;|,"
"""The most reliable first: a comma may be part of a number, a tab may not."""

HEADINGS_WITHIN = 20
"""The headings are looked for in so many rows that are not empty: titles may come before them."""

_LOOKED_AT = 20_000
"""Characters of a line that are enough to recognise headings."""


@frozen
class Dialect:
    """`line` is the line of the headings (from 1), 0 if there are none; `above` is the number of
    title rows before them. `width` is the number of cells of the headings, or of most rows."""

    delimiter: str
    line: int
    above: int
    width: int


def dialect_of(lines: Sequence[str], score: Score) -> Dialect:
    """The dialect of a file that begins with these lines (with their line ends).

    The delimiter is the one that makes the most known headings. In a table without headings it is
    the one that gives the most rows the same width. A first line `sep=;` names it.
    """
    named = _named(lines[0]) if lines else ""
    tried = [_tried(lines, delimiter, score) for delimiter in named or DELIMITERS]
    # max takes the first of equals: the most reliable delimiter.
    return max(tried, key=lambda result: result[0])[1]


def separator(cells: Sequence[str]) -> bool:
    """Whether the first record of a file only names the delimiter, as in files for Excel."""
    return cells[0].strip("\ufeff ").casefold() in {"sep=", "sep"} and not any(cells[1:])


def _named(line: str) -> str:
    bare = line.strip("\r\n \ufeff")
    return bare[4] if len(bare) == 5 and bare[:4].casefold() == "sep=" else ""


def _tried(lines: Sequence[str], delimiter: str, score: Score) -> tuple[tuple[int, int], Dialect]:
    """How well a delimiter fits (known headings, then rows of equal width), and its dialect."""
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        cells = next(csv.reader([line[:_LOOKED_AT]], delimiter=delimiter), [])
        if any(cell.strip() for cell in cells) and not (number == 1 and _named(line)):
            rows.append((number, cells))
        if len(rows) == HEADINGS_WITHIN:
            break
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    width, alike = max(widths.items(), key=lambda counted: (counted[1], counted[0]), default=(1, 0))
    best, place = max(((score(cells), -n) for n, (_, cells) in enumerate(rows)), default=(0, 0))
    if not best:
        return (0, alike), Dialect(delimiter, 0, 0, width)
    found, cells = rows[-place]
    return (best, alike), Dialect(delimiter, found, -place, len(cells))
