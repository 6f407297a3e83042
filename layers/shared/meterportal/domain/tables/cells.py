"""Cells as the file's format has them: only text in text files; also numbers and days in
workbooks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any

_LIKE_A_GROUP = re.compile(r"[0-9]{1,3}\.[0-9]{3}")


class Marker(Enum):
    """A cell that is not empty but has no value."""

    UNCALCULATED = "formula without a stored value"


def as_text(cell: object) -> str:
    """A cell's text as a text file would have it. A whole number has no fraction, a day at midnight
    no time, and a fraction never looks like a group of three digits."""
    match cell:
        case str():
            return cell
        case None | Marker():
            return ""
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            return f"{cell!r}0" if _LIKE_A_GROUP.fullmatch(repr(cell)) else repr(cell)
        case datetime() if cell.time() == time.min:
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
    return str(cell)


def all_digits(found: Sequence[Any]) -> bool:
    """Whether all cells together are texts of the digits 0 to 9 only; single ones may be empty."""
    if {*map(type, found)} != {str}:
        return False
    joint = "".join(found)
    return joint.isdecimal() and joint.isascii()
