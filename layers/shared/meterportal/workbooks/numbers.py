"""Numbers of a workbook's cells, and the days and times that they stand for."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from meterportal.domain.sheets import ZONE

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST = 100
_LONGEST_FORMAT = 255
_EXACT = 10**15
"""Whole numbers below it are exact in a spreadsheet, which has 15 digits."""
_NO_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]")
_GENERAL = {"general", "standard", "@"}
_DAYS = re.compile(r"[dmyhstj]")
"""German programs write T and J for day and year into files, too, where it is wrong."""
_BUILT_IN = {str(n) for n in (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))}
"""Numbers of formats for days and times that need no definition (ECMA-376, 18.8.30)."""
_LAST = 2_958_466
"""The first day that a spreadsheet does not know: 1 January 10000."""
_FROM_1904 = 1462
_LEAP = 60
"""29 February 1900, which Excel counts as Lotus did; there was no such day."""


def number(text: str) -> int | float:
    """A cell's number; a whole one is an int. Raises ValueError."""
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    bare = text.strip()
    if len(bare) > _LONGEST or not _NUMBER.fullmatch(bare):
        raise ValueError("no number")
    found = float(bare)
    if found in {float("inf"), float("-inf")}:
        raise ValueError("no number that a spreadsheet knows")
    return int(found) if found.is_integer() and abs(found) < _EXACT else found


def shows_days(code: str) -> bool:
    """Whether a format shows a number as a day or a time of day; durations are numbers."""
    if len(code) > _LONGEST_FORMAT:
        return False
    first = _NO_LETTERS.sub("", code.casefold()).partition(";")[0]
    if first.strip() in _GENERAL or _DURATION.search(first):
        return False
    return _DAYS.search(first) is not None


def is_built_in(format_id: str) -> bool:
    """Whether a format that stands in no file shows days or times."""
    return format_id in _BUILT_IN


def day_of(serial: float, *, from_1904: bool) -> date | datetime | str | int | float:
    """What a serial number shows: a day, a moment, or a time of day as text; the number itself
    where it stands for no day.

    0 is the day before the first, with which programs mean that there is none.
    """
    if 0 < serial < 1:
        return _time(serial).isoformat()
    days = serial + _FROM_1904 if from_1904 else serial
    if not 0 <= days < _LAST:
        return serial
    first = 31 if 0 < days < _LEAP else 30
    start = datetime(1899, 12, first)  # noqa: DTZ001 - a sheet knows no zone
    moment = start + timedelta(days=int(days), seconds=round(days % 1 * 86_400))
    return moment if moment.time() != time.min else moment.date()


def day_from(text: str) -> date | datetime:
    """A day or moment as ISO writes it; one with an offset becomes ours. Raises ValueError."""
    bare = text.strip()
    if len(bare) == 10:
        return date.fromisoformat(bare)
    moment = datetime.fromisoformat(bare)
    if moment.tzinfo:
        moment = moment.astimezone(ZONE).replace(tzinfo=None)
    return moment if moment.time() != time.min else moment.date()


def time_from(text: str) -> str:
    """A time of day out of a duration as XML writes it: PT08H30M00S. Raises ValueError."""
    found = re.fullmatch(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:\.\d+)?S", text.strip(), re.ASCII)
    if not found:
        raise ValueError("no duration")
    hours, minutes, seconds = found.groups()
    return f"{int(hours):02}:{int(minutes):02}:{int(seconds):02}"


def _time(share: float) -> time:
    seconds = min(round(share * 86_400), 86_399)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
