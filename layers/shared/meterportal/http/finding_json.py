"""Findings as JSON: the sentence, made now, and the data that a page needs to offer a
suggestion."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from meterportal.domain.plausibility.findings import Finding, Severity, expected_reading
from meterportal.domain.plausibility.texts import finding_text, reasons
from meterportal.domain.refusals import Refusal


class SuggestionJson(TypedDict):
    """Values of a machine's meters that are probably meant, by meter id."""

    values: dict[str, int]


class ExpectedReadingJson(TypedDict):
    """What the meter is expected to show."""

    value: int
    low: int
    high: int


class ExpectedJson(TypedDict):
    """Pages expected since the last reading, and the range not asked about; the same as a reading,
    where there is a last one."""

    pages: int
    low: int
    high: int
    reading: ExpectedReadingJson | None


class FindingJson(TypedDict):
    """What the plausibility check noticed about a value."""

    meter_id: Annotated[str | None, Field(description="null: about the whole machine")]
    code: Annotated[str, Field(description="Stable; texts may change")]
    severity: Severity
    text: str
    suggestion: SuggestionJson | None
    or_meant: NotRequired[
        Annotated[int, Field(description="The second likeliest value of this meter")]
    ]
    expected: NotRequired[ExpectedJson]
    machine_id: NotRequired[
        Annotated[str, Field(description="Another machine whose value this seems to be")]
    ]
    machine_serial: NotRequired[str]
    machine_model: NotRequired[str]
    machine_meter_id: NotRequired[Annotated[str, Field(description="The other machine's meter")]]
    reasons: NotRequired[
        Annotated[
            list[str],
            Field(description="Usual reasons to confirm the value with; own words are taken, too"),
        ]
    ]


def findings_as_json(
    findings: Sequence[Finding], language: str, labels: Mapping[str, str]
) -> list[FindingJson]:
    """Findings with their sentences. `labels` are the meters' names by id."""
    return [_finding(finding, language, labels) for finding in findings]


def note_as_json(meter_id: str | None, code: str, severity: Severity, text: str) -> FindingJson:
    """A finding that no rule made."""
    return {
        "meter_id": meter_id,
        "code": code,
        "severity": severity,
        "text": text,
        "suggestion": None,
    }


def fault_as_json(meter_id: str | None, fault: Refusal, language: str) -> FindingJson:
    """What was typed and cannot be judged at all."""
    return note_as_json(meter_id, fault.code, Severity.BLOCK, fault.text(language))


def _finding(finding: Finding, language: str, labels: Mapping[str, str]) -> FindingJson:
    text = finding_text(finding, language, labels.get(finding.meter_id, ""))
    told = note_as_json(finding.meter_id, finding.code, finding.severity, text)
    numbers = finding.numbers
    if finding.suggestion:
        told["suggestion"] = {"values": dict(finding.suggestion)}
    if "or_meant" in numbers:
        told["or_meant"] = _whole(numbers, "or_meant")
    if {"expected", "low", "high"} <= numbers.keys():
        told["expected"] = {
            "pages": _whole(numbers, "expected"),
            "low": _whole(numbers, "low"),
            "high": _whole(numbers, "high"),
            "reading": _reading(finding),
        }
    if "machine_meter" in numbers:
        told["machine_id"] = str(numbers.get("machine", ""))
        told["machine_serial"] = str(numbers.get("machine_serial", ""))
        told["machine_model"] = str(numbers.get("machine_model", ""))
        told["machine_meter_id"] = str(numbers["machine_meter"])
    usual = reasons(finding, language) if finding.severity is Severity.WARN else ()
    if usual:
        told["reasons"] = list(usual)
    return told


def _reading(finding: Finding) -> ExpectedReadingJson | None:
    found = expected_reading(finding)
    return {"value": found.value, "low": found.low, "high": found.high} if found else None


def _whole(numbers: Mapping[str, int | str | None], name: str) -> int:
    number = numbers[name]
    assert isinstance(number, int), f"{name} is a number"
    return number
