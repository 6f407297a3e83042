"""Cells to values: dates, numbers, flags, words and keys. A refused cell has its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from meterportal.domain.exchange.imports.columns import Columns
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility import numbers
from meterportal.domain.tables.cleaning import odd_sign
from meterportal.domain.tables.forms import (
    WHOLE,
    DayForm,
    ImpossibleDay,
    NoDay,
    NumberForm,
    ReadDay,
    read_day,
    without_fraction,
    without_tail,
    without_time,
)

LONGEST = 200
"""The longest text in a cell, in characters: names, addresses, labels."""

MAX_DIGITS = 12
"""No counter of a machine has more."""


class BadCell(Exception):
    """A cell without a usable value: a code of the report and its facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@frozen
class Column:
    """How a column's cells are read: by the dealer's words, and in the column's form. `tails`: its
    record numbers end in `.0`, which means nothing."""

    columns: Columns
    numbers: NumberForm = WHOLE
    days: DayForm = DayForm.USUAL
    tails: bool = False


Reader = Callable[[str, Column], Any]
"""Cell text (clean, not empty) to value; raises `BadCell`."""

_KEY = re.compile(r"(?:[0-9_-]|(?!\d)\w){1,40}")
_WIDE_KEY = re.compile(r"(?:[0-9_./-]|(?!\d)\w){1,40}")
_BETWEEN = re.compile(r"[,;|\s]+")
_LETTERS_LOST = re.compile(
    # A question mark between letters, U+FFFD, UTF-8 read as Windows-1252.
    r"[^\W\d_]\?[^\W\d_]|\ufffd|Ã[\x80-\xbf\u0192\u2018-\u2039\u0152-\u017e¡-¿]|â€"
    # What other code pages leave between letters when they are read as Windows-1252 or the reverse.
    r"|(?<=[^\W\d_])[„”‚…†‡ˆ‰‹›™¢£¤¥¦¨©¬®¯°±²³´¶·¸¹º»¼½¾÷ƒ\u2500-\u25ff]+(?=[^\W\d_])"
    r"|(?<=[a-zß-ÿ])[ŠŽŸ](?=[a-zß-ÿ])|[aeoä]á(?=[a-z])"
)
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_NO_RESULT = re.compile(
    r"#(?:N/?A|NV|NAME\?|REF!|BEZUG!|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!|#+)",
    re.IGNORECASE,
)


def letters_lost(text: str) -> bool:
    """Whether letters were lost by a wrong code page: `Ay?e`, U+FFFD, `Sch„fer`, `BÃ¤ckerei`."""
    return _LETTERS_LOST.search(text) is not None


def shortened(text: str) -> bool:
    """Whether a spreadsheet took the text for a number and shortened it: `1,23457E+11`."""
    return _EXPONENT.fullmatch(text) is not None


def no_result(text: str) -> bool:
    """Whether a formula had no result (`#NV`, `#REF!`), or the column was too narrow to show it."""
    return text.startswith("#") and _NO_RESULT.fullmatch(text) is not None


def text(cell: str, _: Column) -> str:
    if len(cell) > LONGEST:
        raise BadCell("too_long", limit=LONGEST)
    return cell


def key(cell: str, column: Column) -> str:
    """A record number of the ERP: letters, digits, hyphen, underscore; it becomes part of our
    ids."""
    return _matched(_KEY, cell, column)


def wide_key(cell: str, column: Column) -> str:
    """A record number that is not part of a URL of ours; it may have full stops and slashes,
    too."""
    return _matched(_WIDE_KEY, cell, column)


def _matched(allowed: re.Pattern[str], cell: str, column: Column) -> str:
    bare = cell.removeprefix("'")
    number = without_tail(bare) if column.tails else bare
    if not allowed.fullmatch(number):
        raise _bad("bad_key", cell)
    return number


def keys(cell: str, column: Column) -> tuple[str, ...]:
    """Several record numbers in one cell, separated by comma, semicolon, bar or space."""
    if column.tails:
        cell = without_tail(cell)
    parts = [part for part in _BETWEEN.split(cell) if part]
    return tuple(dict.fromkeys(wide_key(part, column) for part in parts))


def day(cell: str, column: Column) -> ReadDay | None:
    """A date in the form of its column, None for a word that means "no date"."""
    return _day(cell.removeprefix("'"), column.days, column.columns.no_date)


@lru_cache(maxsize=4096)
def _day(cell: str, form: DayForm, no_date: frozenset[Any]) -> ReadDay | None:
    if without_time(cell).casefold() in no_date:
        return None
    try:
        read = read_day(cell, form)
    except NoDay:
        code = "unclear_date" if form is DayForm.UNCLEAR else "bad_date"
        raise _bad(code, cell) from None
    except ImpossibleDay:
        raise BadCell("impossible_date", value=_short(cell)) from None
    return None if read.day in no_date else read


def flag(cell: str, column: Column) -> bool:
    if column.columns.word("yes", cell):
        return True
    if column.columns.word("no", cell):
        return False
    raise _bad("bad_flag", cell)


def word(of: str) -> Reader:
    """A reader for one of the lists of words; a word that is not in the list is refused."""

    def read(cell: str, column: Column) -> str:
        found = column.columns.word(of, cell)
        if found is None:
            raise _bad("unknown_word", cell)
        return found

    return read


def role(cell: str, column: Column) -> str:
    """The role: our word for the one that reports counters; any other text as it is."""
    return column.columns.word("role", cell) or text(cell, column)


def language(cell: str, column: Column) -> str:
    """ "de" or "en"; "" for an unknown language, about which the row gets a warning."""
    return column.columns.word("language", cell) or ""


def counter(cell: str, column: Column) -> int:
    """A counter's value ≥ 0 in the form of its column: groups of three digits, and decimals that
    are all zero if the column has decimals. The number of digits is checked later, by the
    meter's."""
    number = without_fraction(cell.removeprefix("'"), column.numbers)
    if number is None:
        raise _bad("unclear_number" if column.numbers.unclear else "not_a_whole_number", cell)
    try:
        return numbers.normalise(number, digits=MAX_DIGITS)
    except numbers.TooManyDigits:
        raise BadCell("too_many_digits", value=_short(cell), digits=MAX_DIGITS) from None
    except numbers.ValueRefused:
        raise _bad("not_a_whole_number", cell) from None


def between(low: int, high: int) -> Reader:
    """A reader for whole numbers in a range."""

    def read(cell: str, column: Column) -> int:
        value = counter(cell, column)
        if not low <= value <= high:
            raise BadCell("number_out_of_range", value=value, low=low, high=high)
        return value

    return read


def _bad(code: str, cell: str) -> BadCell:
    """The refusal of a cell; it names the sign that cannot be seen, if that is the cause."""
    sign = odd_sign(cell)
    return BadCell(code, value=_short(cell), **({"sign": sign} if sign else {}))


def _short(cell: str) -> str:
    return cell if len(cell) <= 60 else cell[:59] + "…"
