"""How a column writes its numbers, days and record numbers: decided once for the column.

A single cell does not show whether `345.000` is 345 with three decimals or a grouped 345,000; the
other cells do. So the whole column is examined before its first cell is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from meterportal.domain.frozen import frozen

_ZONE = ZoneInfo("Europe/Berlin")

# ---- numbers

_SEPARATED = re.compile(r"[0-9]+[.,][0-9]+")
_MAYBE_GROUP = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
_GROUPS = re.compile(r"[0-9]{1,3}([.,'’ ])[0-9]{3}(?:\1[0-9]{3})*")
_FRACTION = re.compile(r"([0-9][0-9.,'’ ]*)([.,])([0-9]+)")
_MANY_ALIKE = 3
"""If so many numbers have three zeros after the separator, and no number has other digits there,
the zeros are decimals."""


@frozen
class NumberForm:
    """`decimal` is the sign before decimals: "." or ",", "" if the column has none.

    `unclear`: the column contradicts itself, so a number like 1.234 may be either.
    """

    decimal: str = ""
    unclear: bool = False


WHOLE = NumberForm()
"""A column without decimals: separators are groups."""


@dataclass(slots=True)
class NumberEvidence:
    """What the cells of a column (clean, not empty) show about its form."""

    decimals: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    maybe: dict[str, set[str]] = field(default_factory=dict)

    def add(self, cell: str) -> None:
        if cell.isdecimal() or len(cell) > 40:
            return
        if found := _MAYBE_GROUP.fullmatch(cell):
            seen = self.maybe.setdefault(found[1], set())
            if len(seen) < 1000:
                seen.add(cell)
        elif found := _GROUPS.fullmatch(cell):
            if cell.startswith("0"):
                self.decimals.add(found[1])
            else:
                self.groups.add(found[1])
        elif _SEPARATED.fullmatch(cell):
            self.decimals.add("." if "." in cell else ",")
        elif found := _FRACTION.fullmatch(cell):
            before, sign = found[1], found[2]
            if (grouped := _GROUPS.fullmatch(before)) and grouped[1] != sign:
                self.groups.add(grouped[1])
                self.decimals.add(sign)

    def form(self, others: Iterable[NumberEvidence] = (), *, by_program: bool = True) -> NumberForm:
        """The column's form. If the column itself does not show it, `others` (the file's other
        columns) do. If nothing shows decimals, separators are groups.

        `by_program`: a program wrote the column; if it has only round thousands, the zeros are
        decimals.
        """
        decimals, groups = set(self.decimals), self.groups & {".", ","}
        if not decimals and not groups:
            for other in others:
                decimals |= other.decimals
                groups |= other.groups & {".", ","}
        if by_program and not decimals and not groups:
            decimals = {sign for sign, seen in self.maybe.items() if _all_zeros(seen)}
        if len(decimals) > 1 or decimals & groups:
            return NumberForm(unclear=True)
        return NumberForm(decimals.pop() if decimals else "")


def separator(columns: Iterable[tuple[NumberEvidence, NumberForm]]) -> str:
    """The one sign that separates groups of digits in these columns; "" if there is none, or several."""
    signs = {
        sign
        for evidence, form in columns
        for sign in (*evidence.groups, *evidence.maybe)
        if sign != form.decimal and not form.unclear
    }
    return signs.pop() if len(signs) == 1 else ""


def _all_zeros(cells: set[str]) -> bool:
    return len(cells) >= _MANY_ALIKE and all(cell.endswith("000") for cell in cells)


def without_fraction(cell: str, form: NumberForm) -> str | None:
    """A number of the column without its decimals if all of them are zero. None if they are not, or
    if it is unclear whether they are decimals. Any other text is returned as it is."""
    found = _FRACTION.match(cell) if form.decimal or form.unclear else None
    if found is None:
        return cell
    if form.unclear:
        return None if _MAYBE_GROUP.match(cell) or _SEPARATED.match(cell) else cell
    if found[2] != form.decimal:
        return cell
    if found[3].strip("0"):
        return None
    return found[1] + cell[found.end() :]


# ---- days


class DayForm(StrEnum):
    """How a column writes its days. `28.11.2026` and `2026-11-28` are read in every column.
    Two-digit years, `28/11/2026` and `20261128` are read if the whole column is written so; the
    month comes first only if the heading says so. If a column does not show which comes first,
    neither form is read."""

    USUAL = "usual"
    SHORT_YEAR = "28.11.26"
    DAY_FIRST = "28/11/2026"
    MONTH_FIRST = "11/28/2026"
    UNCLEAR = "05/06/2026"
    DIGITS = "20261128"


_GERMAN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_SHORT = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
_DIGITS = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])")
_TIME = re.compile(
    r"(?:[ T]| um )([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r" ?(AM|PM|Uhr)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_CENTURY = 70
"""Two-digit years from this one on belong to the last century."""


class NoDay(ValueError):
    """The text is not written like a day, or not like the other days of its column."""


class ImpossibleDay(ValueError):
    """The text is written like a day, but the calendar has no such day."""


@dataclass(slots=True)
class DayEvidence:
    """How the cells of a column write days (clean cells, not empty, and not a word for "no
    date")."""

    short: bool = True
    slashed: bool = True
    digits: bool = True
    first_over: bool = False
    second_over: bool = False
    seen: bool = False

    def add(self, cell: str) -> None:
        bare = _TIME.sub("", cell)
        self.seen = True
        if self.short and not _SHORT.fullmatch(bare):
            self.short = False
        if self.digits and not _DIGITS.fullmatch(bare):
            self.digits = False
        if self.slashed:
            found = _SLASHED.fullmatch(bare)
            self.slashed = found is not None
            if found:
                self.first_over = self.first_over or int(found[1]) > 12
                self.second_over = self.second_over or int(found[3]) > 12

    def form(self) -> DayForm:
        if not self.seen:
            return DayForm.USUAL
        if self.short:
            return DayForm.SHORT_YEAR
        if self.digits:
            return DayForm.DIGITS
        if not self.slashed:
            return DayForm.USUAL
        return DayForm.DAY_FIRST if self.first_over > self.second_over else DayForm.UNCLEAR


@frozen
class ReadDay:
    """A day and, if a time follows it, the minute of the day (else None)."""

    day: date
    minute: int | None = None


def without_time(cell: str) -> str:
    """The day of a cell, without a time after it."""
    return _TIME.sub("", cell)


def read_day(cell: str, form: DayForm) -> ReadDay:
    """The day of a cell, in Berlin's time. Raises NoDay or ImpossibleDay."""
    timed = _TIME.search(cell)
    bare = cell[: timed.start()] if timed else cell
    try:
        day = _day(bare, form)
        return _at(day, timed) if timed else ReadDay(day)
    except (ValueError, OverflowError) as error:
        if isinstance(error, NoDay):
            raise
        raise ImpossibleDay(cell) from None


def _day(bare: str, form: DayForm) -> date:
    if found := _GERMAN.fullmatch(bare):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := _ISO.fullmatch(bare):
        return date(int(found[1]), int(found[3]), int(found[4]))
    match form:
        case DayForm.SHORT_YEAR if found := _SHORT.fullmatch(bare):
            year = int(found[3])
            century = 1900 if year >= _CENTURY else 2000
            return date(century + year, int(found[2]), int(found[1]))
        case DayForm.DAY_FIRST if found := _SLASHED.fullmatch(bare):
            return date(int(found[4]), int(found[3]), int(found[1]))
        case DayForm.MONTH_FIRST if found := _SLASHED.fullmatch(bare):
            return date(int(found[4]), int(found[1]), int(found[3]))
        case DayForm.DIGITS if found := _DIGITS.fullmatch(bare):
            return date(int(found[1]), int(found[2]), int(found[3]))
    raise NoDay(bare)


def _at(day: date, timed: re.Match[str]) -> ReadDay:
    hour, minute, second = int(timed[1]), int(timed[2]), int(timed[3] or 0)
    half = (timed[4] or "").upper()
    if half in {"AM", "PM"}:
        if not 1 <= hour <= 12:
            raise ImpossibleDay
        hour = hour % 12 + (12 if half == "PM" else 0)
    moment = datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}:{second:02}")
    if zone := timed[5]:
        offset = "+00:00" if zone.upper() == "Z" else zone
        moment = datetime.fromisoformat(f"{moment.isoformat()}{offset}").astimezone(_ZONE)
    elif hour == minute == second == 0:
        # Programs write midnight for a day without a time.
        return ReadDay(day)
    return ReadDay(moment.date(), moment.hour * 60 + moment.minute)


# ---- numbers of records

_WITH_TAIL = re.compile(r"([0-9]+)[.,]0+")
_DOTTED = re.compile(r"[0-9]+[.,][0-9]*[1-9]")


@dataclass(slots=True)
class KeyEvidence:
    """Whether a program took record numbers for decimal numbers and wrote `97001.0`."""

    tails: int = 0
    dotted: bool = False

    def add(self, cell: str) -> None:
        if cell.isdecimal():
            return
        if _WITH_TAIL.fullmatch(cell):
            self.tails += 1
        elif _DOTTED.fullmatch(cell):
            self.dotted = True

    @property
    def strip(self) -> bool:
        """Whether the `.0` means nothing: no number of the column has other decimals."""
        return self.tails > 0 and not self.dotted


def without_tail(cell: str) -> str:
    """`97001.0` as `97001`."""
    found = _WITH_TAIL.fullmatch(cell)
    return found[1] if found else cell
