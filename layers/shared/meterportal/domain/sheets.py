"""CSV as German spreadsheet programs open it: semicolons, CRLF, UTF-8 with a byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

BOM = "\ufeff"
Cell = str | int | date | None

ZONE = ZoneInfo("Europe/Berlin")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(rows: Iterable[Sequence[Cell]]) -> str:
    """The text of some rows, each with its line end. Who writes the file puts `BOM` before the first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def cell(value: Cell) -> str:
    """A cell's text. Dates are written in German, moments in the business's time zone.

    Text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case datetime():
            return _moment(value)
    return _day(value)


# A file has few days and moments, many times each.
@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    return f"{value.astimezone(ZONE):%d.%m.%Y %H:%M:%S}"


@lru_cache(maxsize=4096)
def _day(value: date) -> str:
    return f"{value:%d.%m.%Y}"
