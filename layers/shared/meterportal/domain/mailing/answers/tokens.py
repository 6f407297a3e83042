"""The words for counters in a line, and the numbers beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.masks import MASK, masked
from meterportal.domain.plausibility.numbers import ValueRefused, normalise
from meterportal.domain.portfolio.machines import MeterKind

_KINDS: tuple[tuple[MeterKind, str], ...] = (
    (
        MeterKind.BW,
        r"s\s?[/&+.-]\s?w|sw|schwarz\s?[-/&+]?\s?(?:und\s|u\.\s?)?\s?-?wei(?:ß|ss)|schwarz|b\s?[/&+]\s?w|bw"
        r"|black\s?(?:and|&|/|\+|n)\s?white|black|monochrome?|mono|einfarbig|nero|noir",
    ),
    (
        MeterKind.COLOUR,
        r"vollfarb|farb|full[\s-]?colou?r|colou?r|colou?red|col(?![^\W_])|bunt|cmyk",
    ),
    (MeterKind.SCAN, r"scan|gescannt"),
    (MeterKind.TOTAL, r"gesamt|insgesamt|total|summe|overall|all(?:e)?(?=\s*[:=])"),
)
_WORD = re.compile(
    "|".join(
        [rf"(?<![^\W_])(?P<{kind}>(?:{words}))[^\W\d_]*" for kind, words in _KINDS]
        + [
            r"(?<![^\W_])(?P<OLD>letzt|alt(?:er|e|en|es)?(?![^\W_])|bisher|vorher|vormonat|vorjahr|vorquartal"
            r"|previous|last|old(?![^\W_])|before|damals|zuvor|startwert|anfangs)[^\W\d_]*",
            r"(?<![^\W_])(?P<NEW>neu(?:er|e|en|es)?(?![^\W_])|aktuell|jetzt|heute|new(?![^\W_])|current|now|today"
            r"|endstand)[^\W\d_]*",
            r"(?<![^\W_])(?P<ABOUT>ca(?:\.|\b)|circa|etwa(?![^\W_])|ungef(?:ä|ae)hr|about|approx|roughly|around"
            r"|gesch(?:ä|ae)tzt|estimat)[^\W\d_]*",
        ]
    ),
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?:"
    r"(?P<grouped>\d{1,3}(?P<sign>[.,'’ ])\d{3}(?:(?P=sign)\d{3})*(?![\d'’]|[.,]\d))"
    r"|(?P<odd>\d+[.,]\d+(?:[.,]\d+)*)"
    rf"|(?P<plain>\d+(?![.,][\d{MASK}]))"
    r")(?=(?:seiten?|pages?|stk|s|p)?(?![^\W_]))",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?<![^\W_])(s/?w|b/?w|farbe?|colou?r|schwarz(?:wei(?:ß|ss))?|black|scans?|total|gesamt|mono)"
    r"(?:[-–—](?=\d{3})|(?=\d))",
    re.IGNORECASE,
)
_INFINITE = 12
"""Digits of the largest number that is read at all; what a meter can show is asked later."""


@frozen
class Token:
    """A word for a counter (`kind`), a number (`value`, None where it is no whole one), or a word that
    says something of a number (`word`: OLD, NEW, ABOUT)."""

    start: int
    end: int
    kind: MeterKind | None = None
    value: int | None = None
    word: str = ""
    number: bool = False


def spread(line: str) -> str:
    """The line with a space between a counter's name and digits glued to it."""
    return _GLUED.sub(r"\1 ", line)


def tokens_in(line: str) -> list[Token]:
    """The tokens of a line in their order, as places in `masked(line)`."""
    bare = masked(line)
    found = [_word(match) for match in _WORD.finditer(bare)]
    found += [_number(match) for match in _NUMBER.finditer(bare)]
    return sorted(found, key=lambda one: one.start)


def _word(match: re.Match[str]) -> Token:
    name = match.lastgroup or ""
    kind = MeterKind(name) if name in MeterKind.__members__ else None
    return Token(match.start(), match.end(), kind, word="" if kind else name)


def _number(match: re.Match[str]) -> Token:
    try:
        value = None if match["odd"] else normalise(match[0], digits=_INFINITE)
    except ValueRefused:
        value = None
    return Token(match.start(), match.end(), value=value, number=True)


def labels_of(line: str, tokens: Sequence[Token]) -> list[tuple[MeterKind, int, int]]:
    """The counters that a line names, with their places. Of names in a row without anything between the
    more exact one counts: "Gesamt Farbe" is the colour counter."""
    labels: list[tuple[MeterKind, int, int]] = []
    before: Token | None = None
    for token in tokens:
        if token.kind is None:
            before = None if token.number else before
            continue
        if before is not None and labels:
            kind, start, end = labels[-1]
            between = line[end : token.start]
            if re.fullmatch(
                r"[ .\-(]*|[ ]?(?:pages?|seiten|zähler|count(?:er)?)[ ]?", between, re.I
            ) and (MeterKind.TOTAL in (kind, token.kind) or kind is token.kind):
                exact = token.kind if kind is MeterKind.TOTAL else kind
                labels[-1] = (exact, start, token.end)
                before = token
                continue
        labels.append((token.kind, token.start, token.end))
        before = token
    return labels


def current(tokens: Sequence[Token]) -> list[Token]:
    """The numbers that are not said to be old ones: "alt 48210, neu 51340"."""
    marks = [one for one in tokens if one.number or one.word in {"OLD", "NEW"}]
    numbers = [one for one in marks if one.number]
    words = [one for one in marks if not one.number]
    if not words:
        return numbers
    behind = marks[0].number and not marks[-1].number and len(words) == len(numbers)
    kept = []
    for place, one in enumerate(marks):
        if not one.number:
            continue
        if behind:
            word = marks[place + 1].word if place + 1 < len(marks) else ""
        else:
            word = next((w.word for w in reversed(marks[:place]) if not w.number), "")
        if word != "OLD":
            kept.append(one)
    return kept


@lru_cache(maxsize=64)
def bare_words(line: str) -> tuple[str, ...]:
    """The words of a line without what is masked, numbers and names of counters."""
    bare = _NUMBER.sub(" ", _WORD.sub(" ", masked(line))).replace(MASK, " ")
    return tuple(re.findall(r"[^\W\d_]{2,}", bare.casefold()))
