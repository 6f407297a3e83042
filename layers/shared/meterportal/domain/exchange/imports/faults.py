"""What is wrong or worth knowing about a row or a file, as data; sentences are made when it is
read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from meterportal.domain.exchange.imports.texts import TEXTS, name_of
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.texts import finding_text


class FaultSeverity(StrEnum):
    """error: the row (or file) was not accepted; warning: accepted, but doubtful; info: worth
    knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@frozen
class Fault:
    """`line` is the physical line in which the row begins (the first line of a file is 1).

    `field` is the column's heading as the file has it. `facts` are pairs of name and value that
    fill the sentence.
    """

    file: str
    line: int | None
    field: str | None
    code: str
    severity: FaultSeverity
    facts: tuple[tuple[str, str | int], ...] = ()

    def text(self, language: str) -> str:
        """The sentence for people, `language` being "de" or "en"."""
        if self.code not in TEXTS:
            return finding_text(Finding("", self.code, Severity.WARN, dict(self.facts)), language)
        facts = {name: name_of(value, language) for name, value in self.facts}
        sentence = TEXTS[self.code][language == "en"].format(**facts)
        for code in ("meant", "sign"):
            if code in facts and f"{{{code}}}" not in TEXTS[self.code][0]:
                sentence += " " + TEXTS[code][language == "en"].format(**facts)
        return sentence

    def packed(self) -> list[Any]:
        return [self.file, self.line, self.field, self.code, self.severity.value, list(self.facts)]

    @classmethod
    def unpacked(cls, row: Sequence[Any]) -> Fault:
        file, line, field, code, severity, facts = row
        return cls(
            file, line, field, code, FaultSeverity(severity), tuple((n, v) for n, v in facts)
        )


class Refused(Exception):
    """A file, or a whole import, that cannot be accepted; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def refusal(
    file: str, code: str, *, line: int | None = None, field: str | None = None, **facts: str | int
) -> Refused:
    return Refused(Fault(file, line, field, code, FaultSeverity.ERROR, tuple(facts.items())))


def in_order(faults: Iterable[Fault], files: Sequence[str]) -> list[Fault]:
    """Each fault once: errors first, then warnings, then notes; by file as named, then by line."""
    places = {name: n for n, name in enumerate(files, start=1)}
    ranks = {severity: n for n, severity in enumerate(FaultSeverity)}
    return sorted(
        dict.fromkeys(faults),
        key=lambda f: (ranks[f.severity], places.get(f.file, 0), f.line or 0, f.code),
    )
