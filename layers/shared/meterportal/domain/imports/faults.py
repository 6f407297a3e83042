"""What is wrong or worth knowing about a row or a file, as data; the words are made when read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from meterportal.domain.imports.texts import TEXTS, name_of


class Severity(StrEnum):
    """error: the row (or file) was not taken; warning: taken, but doubtful; info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` is the physical line in which the row begins (the first line of a file is 1).

    `field` is the column's heading as it stands in the file. `facts` are pairs of name and value
    that fill the sentence.
    """

    file: str
    line: int | None
    field: str | None
    code: str
    severity: Severity
    facts: tuple[tuple[str, str | int], ...] = ()

    def text(self, language: str) -> str:
        """The sentence for people, `language` being "de" or "en"."""
        facts = {name: name_of(value, language) for name, value in self.facts}
        sentence = TEXTS[self.code][language == "en"].format(**facts)
        if "meant" in facts:
            sentence += " " + TEXTS["meant"][language == "en"].format(**facts)
        return sentence

    def packed(self) -> list[Any]:
        return [self.file, self.line, self.field, self.code, self.severity.value, list(self.facts)]

    @classmethod
    def unpacked(cls, row: Sequence[Any]) -> Fault:
        file, line, field, code, severity, facts = row
        return cls(file, line, field, code, Severity(severity), tuple((n, v) for n, v in facts))


class Refused(Exception):
    """A file, or a whole import, that cannot be taken; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def refusal(
    file: str, code: str, *, line: int | None = None, field: str | None = None, **facts: str | int
) -> Refused:
    return Refused(Fault(file, line, field, code, Severity.ERROR, tuple(facts.items())))


def in_order(faults: Iterable[Fault], files: Sequence[str]) -> list[Fault]:
    """Each fault once: errors first, then warnings, then notes; by file as named, then by line."""
    places = {name: n for n, name in enumerate(files, start=1)}
    ranks = {severity: n for n, severity in enumerate(Severity)}
    return sorted(
        dict.fromkeys(faults),
        key=lambda f: (ranks[f.severity], places.get(f.file, 0), f.line or 0, f.code),
    )
