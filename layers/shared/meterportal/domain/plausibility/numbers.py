"""P1: what people type for a counter, as a whole number.

Displays and people group digits ("12.345", "12 345", "12'345"), pad with zeros ("012345") and
write the unit behind. Anything that could mean a fraction is refused, never rounded.
"""

from __future__ import annotations

import re

from meterportal.domain.refusals import Refusal


class ValueRefused(Refusal):
    """A counter value that cannot be taken. `field` is the caller's to set."""

    code = "value_refused"
    de = "Dieser Zählerstand kann nicht übernommen werden."
    en = "This reading cannot be taken."


class ValueMissing(ValueRefused):
    code = "value_missing"
    de = "Bitte geben Sie den Zählerstand ein."
    en = "Please enter the reading."


class NotANumber(ValueRefused):
    code = "not_a_whole_number"
    de = "Bitte geben Sie den Zählerstand als ganze Zahl ein, zum Beispiel 12345 oder 12.345."
    en = "Please enter the reading as a whole number, for example 12345 or 12,345."


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
"""Longer than any counter with its unit; keeps the patterns away from floods."""

_EDGES = "\u200b\u200e\u200f\u2060\ufeff"
"""Invisible characters that copying out of mails and tables brings along."""

_UNITS = (
    "ausdrucke|blatt|copies|copy|clicks?|drucke?|impressions?|klicks?|kopien?|pages?|pgs?|prints?|"
    "scans?|seiten?|sheets?|st(?:ü|ue)ck|stk|p|s"
)
_SEPARATORS = ".,'’\x20\xa0\u2009\u202f"
_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(rf"[0-9]{{1,3}}([{_SEPARATORS}])[0-9]{{3}}(?:\1[0-9]{{3}})*")
_TRAILING_UNIT = re.compile(rf"(?<=[0-9])\s*(?:{_UNITS})\.?$", re.IGNORECASE)
_SIGN = re.compile(r"[-−–]\s*(?=[0-9])")


def normalise(text: object, *, digits: int) -> int:
    """The counter value 0 ≤ n < 10 ** digits that was meant by a JSON integer or a text.

    Takes groups of exactly three digits behind a first group of one to three, all separated alike
    by a full stop, comma, space (also non-breaking) or apostrophe; leading zeros; a unit behind.
    Raises ValueMissing, NotANumber, Negative or TooManyDigits. Costs linear time in the text.
    """
    if isinstance(text, bool) or not isinstance(text, int | str | None):
        raise NotANumber
    if text is None:
        raise ValueMissing
    if isinstance(text, int):
        return _bounded(text, digits)
    return _parsed(text.strip().strip(_EDGES).strip(), digits)


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
    """The bare ASCII digits of a plain or grouped number, None if it is neither."""
    if _PLAIN.fullmatch(text):
        return text
    grouped = _GROUPED.fullmatch(text)
    return text.replace(grouped[1], "") if grouped else None
