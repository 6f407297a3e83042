"""P1: the text that people type for a counter, as a whole number.

Displays and people group digits ("12.345", "12 345", "12'345"), put zeros in front ("012345") and
write the unit behind. Whatever could be a fraction is refused, never rounded.
"""

from __future__ import annotations

import re

from meterportal.domain.refusals import Refusal
from meterportal.domain.tables.cleaning import clean


class ValueRefused(Refusal):
    """A counter value that cannot be accepted. The caller sets `field`."""

    code = "value_refused"
    de = "Dieser Zählerstand kann nicht übernommen werden."
    en = "This reading cannot be taken."


class ValueMissing(ValueRefused):
    code = "value_missing"
    de = "Bitte geben Sie den Zählerstand ein."
    en = "Please enter the reading."


class NotANumber(ValueRefused):
    code = "not_a_whole_number"
    de = "Bitte eine ganze Zahl ohne Komma, wie 12.345."
    en = "Please enter a whole number, like 12,345."


class Negative(ValueRefused):
    code = "negative"
    de = "Ein Zählerstand kann nicht negativ sein."
    en = "A reading cannot be negative."


class TooManyDigits(ValueRefused):
    """Facts: `digits`, how many the meter has."""

    code = "too_many_digits"
    de = "Dieser Zähler hat höchstens {digits} Stellen. Bitte prüfen Sie, ob eine Ziffer doppelt ist."
    en = "This meter has at most {digits} digits. Please check whether a digit is doubled."


_LONGEST = 80
"""Longer than any counter with its unit, in characters; longer texts never reach the patterns."""

_UNITS = (
    "ausdrucke|blatt|copies|copy|clicks?|drucke?|impressions?|klicks?|kopien?|pages?|pgs?|prints?|"
    "scans?|seiten?|sheets?|st(?:ü|ue)ck|stk|p|s"
)
_SEPARATORS = ".,'’‘´`\x20"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Two numbers on two lines are no grouped number."""
_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(rf"[0-9]{{1,3}}([{_SEPARATORS}])[0-9]{{3}}(?:\1[0-9]{{3}})*")
_TRAILING_UNIT = re.compile(rf"(?<=[0-9])\s*(?:{_UNITS})\.?$", re.IGNORECASE)
_SIGN = re.compile(r"[-−–]\s*(?=[0-9])")


def normalise(text: object, *, digits: int) -> int:
    """The counter value 0 ≤ n < 10 ** digits that a JSON integer or a text means.

    Accepts groups of exactly three digits after a first group of one to three, all with the same
    separator: a full stop, comma, any space or apostrophe; leading zeros; a unit behind. Invisible
    signs are ignored. Raises ValueMissing, NotANumber, Negative or TooManyDigits. Takes time linear
    in the length of the text.
    """
    if isinstance(text, bool) or not isinstance(text, int | str | None):
        raise NotANumber
    if text is None:
        raise ValueMissing
    if isinstance(text, int):
        return _bounded(text, digits)
    if len(text) > 4 * _LONGEST:
        return _parsed(text.strip(), digits)
    if _CONTROL.search(text.strip()):
        raise NotANumber
    return _parsed(clean(text), digits)


def _bounded(value: int, digits: int) -> int:
    if value < 0:
        raise Negative
    if value >= 10**digits:
        raise TooManyDigits(digits=digits)
    return value


def _parsed(text: str, digits: int) -> int:
    if not text:
        raise ValueMissing
    if len(text) > _LONGEST:
        raise TooManyDigits(digits=digits) if _PLAIN.fullmatch(text) else NotANumber
    number = _TRAILING_UNIT.sub("", text)
    if _SIGN.match(number) and _digits(_SIGN.sub("", number, count=1)):
        raise Negative
    found = _digits(number)
    if not found:
        raise NotANumber
    counted = found.lstrip("0") or "0"
    if len(counted) > digits:
        raise TooManyDigits(digits=digits)
    return int(counted)


def _digits(text: str) -> str | None:
    """The ASCII digits of a plain or grouped number, None if the text is neither."""
    if _PLAIN.fullmatch(text):
        return text
    grouped = _GROUPED.fullmatch(text)
    return text.replace(grouped[1], "") if grouped else None
