"""Findings: what the plausibility check noticed, as data. Texts are rendered when read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """block: not stored; warn: correct or confirm with a reason; info: note; ok: explained, a note."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names the rule's fact, `numbers` fill its sentence, `suggestion` maps meter id to value."""

    meter_id: str
    code: str
    severity: Severity
    numbers: Mapping[str, int | str | None] = field(default_factory=dict)
    suggestion: Mapping[str, int] | None = None
