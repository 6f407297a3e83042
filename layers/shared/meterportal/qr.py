"""QR codes as drawings: the only module that imports segno, and only when a code is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

_QUIET = 4
"""Modules that stay empty on each side of a code, as ISO/IEC 18004 requires."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG path data of the dark modules in a square of `size` units, one unit per module, including
    the quiet zone."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    """The code of a text, with error correction M: it can be read with 15 % of it damaged."""
    import segno

    code = segno.make(text, error="m", micro=False, boost_error=False)
    rows = list(code.matrix)
    drawn = "".join(_row(row, _QUIET + y) for y, row in enumerate(rows))
    return Drawing(len(rows) + 2 * _QUIET, drawn)


def _row(row: bytes | bytearray, y: int) -> str:
    """A row's runs of dark modules as boxes, each one unit high."""
    boxes, x = [], _QUIET
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            boxes.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(boxes)
