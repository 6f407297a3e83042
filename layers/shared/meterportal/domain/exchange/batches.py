"""Export batches: released readings that go to the ERP together, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meterportal.domain.exchange.exports import ExportLine
from meterportal.domain.runs import NOT_BROKEN, BrokenOff


class BatchState(StrEnum):
    GATHERING = "gathering"
    SEALED = "sealed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file of a batch: its name, size in bytes and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How many readings of a batch the ERP accepted and refused so far."""

    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Export:
    """A batch's header. `rows`, `count` (readings), `total` (sum of values) and `files` are set
    once it is done.

    `already_billed`: readings left out because an import had acknowledged them; final once sealed.
    `gathered`: rows taken so far, one for what a machine had released together; 0 for exports of earlier
    releases.
    """

    id: str
    by: str
    created_at: datetime
    state: BatchState = BatchState.GATHERING
    rows: int = 0
    count: int = 0
    total: int = 0
    files: tuple[BatchFile, ...] = ()
    answered: AnswerCounts = AnswerCounts(0, 0)
    answered_at: datetime | None = None
    already_billed: int = 0
    gathered: int = 0
    broken: BrokenOff = NOT_BROKEN


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """The readings of one machine that were released together. `answers` maps reading ids to the
    ERP's answer: "" for billed, else its reason for refusing."""

    sk: str
    company_id: str
    lines: tuple[ExportLine, ...]
    answers: Mapping[str, str]

    @property
    def machine_id(self) -> str:
        return self.sk.rpartition("#")[0].removeprefix("LINE#")
