"""Plain text as people write it: trimmed, of bounded length, with nothing that hides or misleads."""

from __future__ import annotations

import re
import unicodedata

from meterportal.domain.refusals import Refusal

_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_BREAKS = re.compile(r"\r\n?|\u2028|\u2029")


class TextRefused(Refusal):
    """A text that cannot be taken. Facts: `longest` in characters."""

    code = "text_refused"
    de = "Bitte geben Sie hier einen Text mit höchstens {longest} Zeichen an, ohne Steuerzeichen."
    en = "Please give a text of at most {longest} characters here, without control characters."


def hidden(character: str) -> bool:
    """Controls, line ends, half characters, and what turns the direction of text around."""
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
        return True
    return unicodedata.bidirectional(character) in _TURNING


def plain(text: str, *, field: str, longest: int, lines: bool = False, needed: bool = True) -> str:
    """The text as it is stored. `lines` allows line breaks, `needed` forbids an empty one.

    Raises TextRefused naming the field.
    """
    taken = _BREAKS.sub("\n", text).strip() if lines else text.strip()
    seen = taken.replace("\n", "") if lines else taken
    if len(taken) > longest or (needed and not taken) or any(map(hidden, seen)):
        raise TextRefused(field=field, longest=longest)
    return taken
