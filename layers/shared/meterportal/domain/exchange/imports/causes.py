"""Findings by their cause: the same code in the same file, with how many there are and one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.frozen import frozen

MOST = 300
"""Causes that are told: more than any import of real files has."""

CauseKey = tuple[str, str, FaultSeverity]
"""File, code and severity of a finding."""


@frozen
class FaultCause:
    """Findings with one code in one file. `first` is the first page of the report that has one."""

    example: Fault
    count: int = 1
    first: int = 0

    @property
    def key(self) -> CauseKey:
        return key_of(self.example)


def key_of(fault: Fault) -> CauseKey:
    return fault.file, fault.code, fault.severity


def causes_of(faults: Iterable[Fault]) -> list[FaultCause]:
    """The causes of findings, in their order."""
    return added_up(FaultCause(fault) for fault in faults)


def added_up(causes: Iterable[FaultCause]) -> list[FaultCause]:
    """What is rejected first, then warnings, then notes; of these the most frequent first."""
    found: dict[CauseKey, FaultCause] = {}
    for cause in causes:
        before = found.get(cause.key)
        found[cause.key] = replace(before, count=before.count + cause.count) if before else cause
    ranks = {severity: n for n, severity in enumerate(FaultSeverity)}
    ordered = sorted(found.values(), key=lambda cause: (ranks[cause.key[2]], -cause.count))
    return ordered[:MOST]
