"""Findings: what the plausibility check noticed, as data. The sentences are made when they are
read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from meterportal.domain.frozen import frozen


class Severity(StrEnum):
    """block: not stored; warn: correct or confirm with a reason; info: note; ok: explained, a
    note."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"
    OK = "ok"


@frozen
class Finding:
    """`code` names the finding, `numbers` fill its sentence, `suggestion` maps meter id to
    value."""

    meter_id: str
    code: str
    severity: Severity
    numbers: Mapping[str, int | str | None] = field(default_factory=dict)
    suggestion: Mapping[str, int] | None = None


@frozen
class ExpectedReading:
    """What the meter is expected to show: the likeliest number, and the range not asked about."""

    value: int
    low: int
    high: int


def expected_reading(finding: Finding) -> ExpectedReading | None:
    """The last reading and the usage expected since, together; None without a last reading or
    without anything to expect."""
    last, *usage = (finding.numbers.get(name) for name in ("last", "expected", "low", "high"))
    if not isinstance(last, int):
        return None
    readings = [last + pages for pages in usage if isinstance(pages, int)]
    return ExpectedReading(*readings) if len(readings) == len(usage) else None
