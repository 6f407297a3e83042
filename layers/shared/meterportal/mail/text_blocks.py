"""Text blocks: the dealer's words of a mail, by name and language, with placeholders.

A block is three files in `templates/`: `<name>.<language>.html` (the inner part, set into the
frame), `.txt` and `.subject.txt`. No template language, only these placeholders:

    #URL#        the personal link (required in both parts)
    #ANREDE#     salutation: "Sehr geehrte Frau Schäfer", "Guten Tag" when the name is not certain
    #FIRMA#      the company, or "4 Firmen"
    #FAELLIG#    the earliest due date
    #ANZAHL#     the number of machines, with the noun: "7 Geräte"
    #MASCHINEN#  the machines, up to ten, by company and contract, then "und n weitere"
    #HAENDLER#   the dealer's name
    #ANTWORT#    the address for answers
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from meterportal.mail.layout import TEMPLATES

PLACEHOLDERS = frozenset(
    {"URL", "ANREDE", "FIRMA", "FAELLIG", "ANZAHL", "MASCHINEN", "HAENDLER", "ANTWORT"}
)
LARGEST = 500_000
_PLACEHOLDER = re.compile(r"#([A-ZÄÖÜ_]{2,30})#")
_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|object|embed|form|meta|link|base)\b|\son\w+\s*=|javascript:",
    re.IGNORECASE,
)
_TEMPLATE_CODE = re.compile(r"\{\{|\{%|\{#|<%|<\?|\$\{")


@dataclass(frozen=True, slots=True)
class TextBlock:
    name: str
    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a block: in which part, at which character (from 0), and the spot itself."""

    part: str
    position: int
    code: str
    spot: str = ""


class Trusted(str):
    """HTML of our own making: goes into a block as it is."""

    __slots__ = ()


@cache
def text_block(name: str, language: str) -> TextBlock:
    """A shipped block; `language` is "de" or "en"."""

    def part(ending: str) -> str:
        return (TEMPLATES / f"{name}.{language}.{ending}").read_text(encoding="utf-8")

    return TextBlock(name, language, part("subject.txt").strip(), part("txt"), part("html"))


def lint(block: TextBlock) -> list[Fault]:
    """Why a block cannot be used; empty means it can."""
    faults: list[Fault] = []
    for part in ("subject", "text", "html"):
        content: str = getattr(block, part)
        if not content.strip():
            faults.append(Fault(part, 0, "empty"))
        if len(content.encode()) > LARGEST:
            faults.append(Fault(part, LARGEST, "too_large"))
        for code, pattern in (("active_content", _ACTIVE), ("template_code", _TEMPLATE_CODE)):
            faults += [Fault(part, m.start(), code, m[0]) for m in pattern.finditer(content)]
        faults += [
            Fault(part, match.start(), "unknown_placeholder", match[0])
            for match in _PLACEHOLDER.finditer(content)
            if match[1] not in PLACEHOLDERS
        ]
        if part != "subject" and "#URL#" not in content:
            faults.append(Fault(part, 0, "url_missing"))
    newline = re.search(r"[\r\n]", block.subject)
    if newline:
        faults.append(Fault("subject", newline.start(), "newline"))
    return faults


def fill_text(content: str, values: Mapping[str, str]) -> str:
    """Plain text: every placeholder replaced once; what was inserted is not looked at again."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), content)


def fill_html(content: str, values: Mapping[str, str]) -> str:
    """HTML: the same, everything escaped but what is `Trusted`."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match[1], match[0])
        return given if isinstance(given, Trusted) else html.escape(given)

    return _PLACEHOLDER.sub(value, content)
