"""CSV as German spreadsheet programs open it: semicolons, CRLF, UTF-8 with a byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

BOM = "\ufeff"
Cell = str | int | date | None

ZONE = ZoneInfo("Europe/Berlin")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_as_csv(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """One text per row, with its line end. Who writes the file puts `BOM` before the first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cell(value: Cell) -> str:
    """A cell's text. Dates are written in German, moments in the business's time zone.

    Text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case datetime():
            return f"{value.astimezone(ZONE):%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{value:%d.%m.%Y}"
    return f"'{value}" if value.startswith(_FORMULA) else value
