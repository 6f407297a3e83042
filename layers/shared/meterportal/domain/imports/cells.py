"""Cells to values: dates, numbers, flags, words and keys, each refused with its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from meterportal.domain.imports.columns import Columns
from meterportal.domain.plausibility import numbers

LONGEST = 200
"""Characters of a text cell that are kept: names, addresses, labels."""

MAX_DIGITS = 12
"""No counter of a machine has more."""


class BadCell(Exception):
    """A cell that gives no value: a code of the report and its facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


Reader = Callable[[str, Columns], Any]
"""Cell text (clean, not empty) to value; raises `BadCell`."""

_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u2060\ufeff\x00-\x1f\x7f]+")
_KEY = re.compile(r"[\w-]{1,40}")
_WIDE_KEY = re.compile(r"[\w./-]{1,40}")
_GERMAN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"[ T]0{1,2}:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$")
_NO_DATE = {"00.00.0000", "0000-00-00", "0"}
_LETTERS_LOST = re.compile(
    r"[^\W\d_]\?[^\W\d_]|\ufffd|Ã[\x80-\xbf\u0192\u2018-\u2039\u0152-\u017e¡-¿]|â€"
)


def clean(text: str) -> str:
    """A cell without edges, line breaks, invisible characters and a spreadsheet's `="..."`."""
    trimmed = text.strip()
    if formula := _FORMULA.fullmatch(trimmed):
        trimmed = formula[1]
    return unicodedata.normalize("NFC", _INVISIBLE.sub(" ", trimmed)).strip()


def letters_lost(text: str) -> bool:
    """Whether a code page has eaten letters: `Ay?e`, U+FFFD, UTF-8 read as Windows-1252."""
    return _LETTERS_LOST.search(text) is not None


def text(cell: str, _: Columns) -> str:
    if len(cell) > LONGEST:
        raise BadCell("too_long", limit=LONGEST)
    return cell


def key(cell: str, _: Columns) -> str:
    """A number of the ERP: letters, digits, hyphen, underscore; it becomes part of ours."""
    if not _KEY.fullmatch(cell):
        raise BadCell("bad_key", value=_short(cell))
    return cell


def wide_key(cell: str, _: Columns) -> str:
    """A number that stands in no address of ours may hold full stops and slashes too."""
    if not _WIDE_KEY.fullmatch(cell):
        raise BadCell("bad_key", value=_short(cell))
    return cell


def keys(cell: str, columns: Columns) -> tuple[str, ...]:
    """Several numbers in one cell, separated by comma, semicolon, bar or space."""
    parts = [part for part in re.split(r"[,;|\s]+", cell) if part]
    return tuple(dict.fromkeys(wide_key(part, columns) for part in parts))


def day(cell: str, _: Columns) -> date | None:
    """A date as 28.11.2026 or 2026-11-28, None for an ERP's zero date; 11/28/2026 is refused."""
    return _day(cell)


@lru_cache(maxsize=4096)
def _day(cell: str) -> date | None:
    bare = _TIME.sub("", cell)
    if bare in _NO_DATE:
        return None
    if german := _GERMAN.fullmatch(bare):
        parts = int(german[3]), int(german[2]), int(german[1])
    elif iso := _ISO.fullmatch(bare):
        parts = int(iso[1]), int(iso[2]), int(iso[3])
    else:
        raise BadCell("bad_date", value=_short(cell))
    try:
        return date(*parts)
    except ValueError:
        raise BadCell("impossible_date", value=_short(cell)) from None


def flag(cell: str, columns: Columns) -> bool:
    if columns.word("yes", cell):
        return True
    if columns.word("no", cell):
        return False
    raise BadCell("bad_flag", value=_short(cell))


def word(of: str) -> Reader:
    """A reader for one of the lists of words; what the list does not know is refused."""

    def read(cell: str, columns: Columns) -> str:
        found = columns.word(of, cell)
        if found is None:
            raise BadCell("unknown_word", value=_short(cell))
        return found

    return read


def role(cell: str, columns: Columns) -> str:
    """The role that reports counters by our word for it, any other as it stands."""
    return columns.word("role", cell) or text(cell, columns)


def language(cell: str, columns: Columns) -> str:
    """ "de" or "en"; an unknown one is "" here and a warning of the row."""
    return columns.word("language", cell) or ""


def counter(cell: str, _: Columns) -> int:
    """A counter's value ≥ 0, groups of three allowed; how many digits it may have is the meter's."""
    try:
        return numbers.normalise(cell, digits=MAX_DIGITS)
    except numbers.TooManyDigits:
        raise BadCell("too_many_digits", value=_short(cell), digits=MAX_DIGITS) from None
    except numbers.ValueRefused:
        raise BadCell("not_a_whole_number", value=_short(cell)) from None


def between(low: int, high: int) -> Reader:
    """A reader for whole numbers in a range."""

    def read(cell: str, columns: Columns) -> int:
        value = counter(cell, columns)
        if not low <= value <= high:
            raise BadCell("number_out_of_range", value=value, low=low, high=high)
        return value

    return read


def _short(cell: str) -> str:
    return cell if len(cell) <= 60 else cell[:59] + "…"
