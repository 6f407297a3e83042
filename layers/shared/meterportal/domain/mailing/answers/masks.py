"""What stands in a line with digits and is no counter: dates, times, telephones, addresses, serials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jan",
            "februar february feb",
            "märz maerz march mär mar mrz",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    r"(?<![\w.])(?:"
    r"(?P<iso>\d{4}[-/]\d{1,2}[-/]\d{1,2})"
    r"(?:T\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    rf"|(?P<long>\d{{1,2}}(?:\.|st|nd|rd|th)?\s?(?:of\s)?(?:{_MONTH})\b\.?,?(?:\s\d{{4}})?)"
    rf"|(?P<us>(?:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?(?!\w))"
    r"|(?P<dotted>\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4}|\s?\d{2}(?!\d))?)(?![.\d])"
    r"|(?P<slashed>\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?!\d))"
    r")",
    re.IGNORECASE,
)
_PHONE = r"tel|telefon|telefax|phone|fon|fax|mobil|mobile|handy|durchwahl|dw|cell|direct|zentrale|hotline"
_NUMBERED = (
    r"plz|nr|no|nummer|number|rechnung|rechnungs-?nr|invoice|ust|ustid|vat|hrb|hra|pr|iban|bic|kd|kunden-?nr"
    r"|kundennummer|auftrag|order|vertrag|vertrags-?nr|contract|ticket|mandanten?-?nr|raum|room|zimmer|etage"
    r"|code|serien-?nr|seriennummer|serial|s/n|sn|id|postfach|ag|mac|ip|halle|tor|gate|version|az|bestell-?nr|bestellung"
    r"|lieferschein|referenz|reference|zeichen|angebot|vorgang"
)
_OTHERS = re.compile(
    r"https?://\S+|www\.\S+"
    r"|(?<![^\s@<>])[^\s@<>]{1,80}@[^\s@<>]{1,120}"
    r"|(?<![\w.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]m\b)?(?:\s?uhr)?"
    rf"|\b(?:{_PHONE})\b\.?\s?[:.]?\s?[+(]?\d[\d\s/()-]{{2,24}}\d"
    rf"|\b(?:{_NUMBERED})\b\.?\s?(?:nr\b\.?|no\b\.?)?\s?[:.#]?\s?[a-z]{{0,4}}\d[\w/-]*"
    r"|\+\d{1,3}[\s(][\d\s/()-]{5,24}\d"
    r"|(?<![\w.,])0\d{1,5}\s?[/-]\s?\d[\d\s-]{2,14}\d"
    r"|(?<![\w.,])\d{1,2}\.\s?(?:og|ug|eg|dg|stock|etage|obergeschoss|untergeschoss|floor)\b"
    r"|(?<!\w)\d{1,3}(?:st|nd|rd|th)\b"
    r"|(?<![\w.,])\d+(?:[.,]\d+)?\s?(?:%|€|eur\b|euro\b)"
    r"|(?<![\w.,])\d{1,3}\s?(?:ger(?:ä|ae)te?n?|maschinen?|machines?|devices?|drucker|kopierer|uhr|tage?n?|days?"
    r"|wochen?|weeks?|monate?n?|months?|jahre?n?|years?)\b"
    r"|(?<!\w)(?=[\w-]{0,40}[a-z])(?=[\w-]{0,40}\d)(?!\d+(?:seiten?|pages?|stk|s|p)\b)[a-z0-9]+(?:[-_][a-z0-9]+)*",
    re.IGNORECASE,
)
MASK = "\x1a"


def dates_in(line: str) -> Iterator[tuple[date | None, int, int]]:
    """The days in a line with their places; None for one without a year, or that does not exist."""
    for found in _DATE.finditer(line):
        yield _day(found), found.start(), found.end()


@lru_cache(maxsize=64)
def masked(line: str) -> str:
    """The line with a mask in place of everything that has digits and is no counter; places stay."""
    for pattern in (_DATE, _OTHERS):
        line = pattern.sub(lambda found: MASK * len(found[0]), line)
    return line


def _day(found: re.Match[str]) -> date | None:
    text = found[0]
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    try:
        if found["iso"]:
            return date(*numbers[:3])
        if found["long"] or found["us"]:
            word = next(w for w in re.findall(r"[^\W\d_]+", text.casefold()) if w in _MONTHS)
            return date(numbers[1], _MONTHS[word], numbers[0])
        year = numbers[2] + (2000 if numbers[2] < 100 else 0)
        if found["slashed"] and numbers[1] > 12:
            return date(year, numbers[0], numbers[1])
        return date(year, numbers[1], numbers[0])
    except (ValueError, IndexError, StopIteration):
        return None
