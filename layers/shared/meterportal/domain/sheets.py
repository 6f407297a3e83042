"""CSV as spreadsheets of this country open it: semicolons, CRLF, UTF-8 with a byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

BOM = "\ufeff"
Cell = str | int | date | None

_ZONE = ZoneInfo("Europe/Berlin")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_as_csv(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """One text a row, line end included; whoever writes the file puts `BOM` before the first."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield held.getvalue()
        held.seek(0)
        held.truncate()


def cell(value: Cell) -> str:
    """A cell's text. Dates are German, moments in the business's time.

    Text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case datetime():
            return f"{value.astimezone(_ZONE):%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{value:%d.%m.%Y}"
    return f"'{value}" if value.startswith(_FORMULA) else value
