"""QR codes as drawings: the only module that imports segno, and only when a code is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

_QUIET = 4
"""Modules that stay empty around a code, as ISO/IEC 18004 asks for."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG path data of the dark modules on a square of `size` units, one unit a module, with the
    quiet zone around it."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    """The code of a text with error correction M: it bears 15 % of damage."""
    import segno

    code = segno.make(text, error="m", micro=False, boost_error=False)
    rows = list(code.matrix)
    drawn = "".join(_row(row, _QUIET + y) for y, row in enumerate(rows))
    return Drawing(len(rows) + 2 * _QUIET, drawn)


def _row(row: bytes | bytearray, y: int) -> str:
    """Its runs of dark modules as boxes, each one unit high."""
    boxes, x = [], _QUIET
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            boxes.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(boxes)
