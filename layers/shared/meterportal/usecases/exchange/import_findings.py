"""What is to be told of an import."""

from __future__ import annotations

from dataclasses import dataclass

from meterportal.domain.exchange.import_runs import FileCount
from meterportal.domain.exchange.imports.causes import FaultCause
from meterportal.domain.exchange.imports.faults import Fault

MAX_FINDINGS = 50_000
"""Findings that are kept; the rest is counted."""


@dataclass(slots=True)
class Findings:
    """What is to be told of an import: its files, findings in their order (`total` of them, of which not
    all are kept) and their causes."""

    files: tuple[FileCount, ...] = ()
    kept: tuple[Fault, ...] = ()
    total: int = 0
    causes: tuple[FaultCause, ...] = ()
