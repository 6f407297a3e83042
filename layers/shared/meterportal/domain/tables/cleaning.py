"""The one cleaning rule for everything that people and files hand in.

Format characters (Unicode category Cf: zero-width signs, marks of direction, the soft hyphen) are
removed, every space sign (Zs) becomes a space, letters are composed (NFC). Numbers, words,
addresses, serial numbers, codes, cells and form fields are all cleaned here.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_COMPOSED = 1_000
"""A longer text (in characters) is not composed: the time grows with the square of a run of
combining marks. Every field refuses a text of that length."""

_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_BREAKS = re.compile(r"\r\n?|\x85|\u2028|\u2029")


class _Signs(dict[int, int | None]):
    """A table for `str.translate`. A sign without an entry stays as it is."""

    def __init__(self, breaks: str) -> None:
        super().__init__()
        self._breaks = breaks

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        if category == "Cf":
            self[code] = None
        elif category == "Zs" or (category in {"Cc", "Zl", "Zp"} and chr(code) not in self._breaks):
            self[code] = 32
        else:
            return code
        return self[code]


_LINE, _LINES = _Signs(""), _Signs("\n")


def clean(text: str) -> str:
    """The text on one line: no invisible signs, no control characters, no space at its ends."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    return _composed(text.translate(_LINE).strip(" "))


def clean_lines(text: str) -> str:
    """The same for a text of several lines: each line end becomes a line feed."""
    return _composed(_BREAKS.sub("\n", text).translate(_LINES).strip(" \n"))


def clean_cell(text: str) -> str:
    """A table's cell on one line; of a spreadsheet's `="..."` only the content."""
    cleaned = clean(text)
    formula = _FORMULA.fullmatch(cleaned)
    return formula[1].strip(" ") if formula else cleaned


def odd_sign(text: str) -> str:
    """The first sign that nobody types on purpose, by its number and its Unicode name, or "".

    For texts of refusals: `U+0661 ARABIC-INDIC DIGIT ONE` names a sign that looks correct on a
    screen.
    """
    for sign in text:
        if not (sign.isascii() and sign.isprintable()) and not (sign.isalpha() and sign < "\u0250"):
            name = unicodedata.name(sign, "").strip() or unicodedata.category(sign)
            return f"U+{ord(sign):04X} {name}"
    return ""


def _composed(text: str) -> str:
    if len(text) > LONGEST_COMPOSED or text.isascii():
        return text
    return unicodedata.normalize("NFC", text)
