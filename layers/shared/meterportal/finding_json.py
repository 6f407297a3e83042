"""Findings as JSON: the sentence, rendered now, and what a page can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.plausibility.texts import finding_text, reasons

_WHOLE = {"type": "integer"}
_TEXT = {"type": "string"}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "meter_id": {"type": ["string", "null"], "description": "null: about the whole machine"},
        "code": {"type": "string", "description": "Stable; texts may change"},
        "severity": {"type": "string", "enum": [severity.value for severity in Severity]},
        "text": _TEXT,
        "suggestion": {
            "description": "Values of this machine's meters that are probably meant",
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"values": {"type": "object", "additionalProperties": _WHOLE}},
                    "required": ["values"],
                    "additionalProperties": False,
                },
                {"type": "null"},
            ],
        },
        "or_meant": {**_WHOLE, "description": "The second likeliest value of this meter"},
        "expected": {
            "type": "object",
            "description": "Pages expected since the last reading, and the range not asked about",
            "properties": {"pages": _WHOLE, "low": _WHOLE, "high": _WHOLE},
            "required": ["pages", "low", "high"],
            "additionalProperties": False,
        },
        "machine_id": {**_TEXT, "description": "Another machine whose value this seems to be"},
        "machine_serial": _TEXT,
        "machine_model": _TEXT,
        "machine_meter_id": {**_TEXT, "description": "The other machine's meter"},
        "reasons": {
            "type": "array",
            "items": _TEXT,
            "description": "Usual reasons to confirm the value with; own words are taken, too",
        },
    },
    "required": ["meter_id", "code", "severity", "text", "suggestion"],
    "additionalProperties": False,
}
"""What `findings_as_json` gives: the required fields always, the others where there is anything."""

_ELSEWHERE = {
    "machine_id": "machine",
    "machine_serial": "machine_serial",
    "machine_model": "machine_model",
    "machine_meter_id": "machine_meter",
}


def findings_as_json(
    findings: Sequence[Finding], language: str, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Findings in the shape of `SCHEMA`. `labels` are the meters' names by id."""
    return [
        {
            "meter_id": finding.meter_id,
            "code": finding.code,
            "severity": finding.severity.value,
            "text": finding_text(finding, language, labels.get(finding.meter_id, "")),
            "suggestion": {"values": dict(finding.suggestion)} if finding.suggestion else None,
            **_more(finding, language),
        }
        for finding in findings
    ]


def _more(finding: Finding, language: str) -> dict[str, Any]:
    numbers = finding.numbers
    more: dict[str, Any] = {}
    if "or_meant" in numbers:
        more["or_meant"] = numbers["or_meant"]
    if "expected" in numbers:
        more["expected"] = {
            "pages": numbers["expected"],
            "low": numbers.get("low"),
            "high": numbers.get("high"),
        }
    if "machine_meter" in numbers:
        more |= {name: numbers.get(told, "") for name, told in _ELSEWHERE.items()}
    usual = reasons(finding.code, language) if finding.severity is Severity.WARN else ()
    if usual:
        more["reasons"] = list(usual)
    return more
