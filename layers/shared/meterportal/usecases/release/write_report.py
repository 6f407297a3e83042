"""The release report as a workbook. Handlers import this only when one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meterportal.domain.sheets import Cell
from meterportal.workbooks.writing import workbook

_TITLES = {"de": "Protokoll", "en": "Report"}
_WIDTHS = (32, 14, 14, 8, 12, 11, 11, 12, 16, 60, 40, 40)


def as_workbook(table: Iterable[Sequence[Cell]], language: str) -> bytes:
    """One sheet; the first row is the headings."""
    return workbook(table, title=_TITLES[language], widths=_WIDTHS)
