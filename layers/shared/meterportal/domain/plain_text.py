"""Plain text typed by people: cleaned, of limited length, without control characters."""

from __future__ import annotations

import unicodedata

from meterportal.domain.refusals import Refusal
from meterportal.domain.tables.cleaning import clean, clean_lines, odd_sign

_LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")
_LONGER = 4
"""Cleaning makes a text shorter. A text more than so many times too long is refused without
cleaning."""


class TextRefused(Refusal):
    """A text that cannot be accepted. Facts: `longest` in characters."""

    code = "text_refused"
    de = "Bitte geben Sie hier einen Text mit höchstens {longest} Zeichen an, ohne Steuerzeichen."
    en = "Please give a text of at most {longest} characters here, without control characters."


class SignRefused(TextRefused):
    """A text with a control character, or with a line end where one line is allowed. Facts: `sign`,
    its number and name."""

    de = "In diesem Text steht das Zeichen {sign}, das nicht gespeichert werden kann. Bitte entfernen Sie es."
    en = "This text holds the sign {sign}, which cannot be stored. Please remove it."


def plain(text: str, *, field: str, longest: int, lines: bool = False, needed: bool = True) -> str:
    """The text as it is stored. `lines` keeps line breaks, `needed` forbids an empty text.

    Raises TextRefused naming the field.
    """
    if len(text) > _LONGER * longest:
        raise TextRefused(field=field, longest=longest)
    for sign in text.strip():
        allowed = sign in _LINE_ENDS if lines else False
        if not allowed and unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}:
            raise SignRefused(field=field, sign=odd_sign(sign))
    taken = clean_lines(text) if lines else clean(text)
    if len(taken) > longest or (needed and not taken):
        raise TextRefused(field=field, longest=longest)
    return taken
