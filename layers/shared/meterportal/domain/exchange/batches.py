"""Export batches: released readings that go to the ERP together, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from meterportal.domain.exchange.exports import ExportLine, Place, places
from meterportal.domain.frozen import frozen
from meterportal.domain.runs import NOT_BROKEN, BrokenOff


class BatchState(StrEnum):
    GATHERING = "gathering"
    SEALED = "sealed"
    DONE = "done"


@frozen
class BatchFile:
    """A file of a batch: its name, size in bytes and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@frozen
class AnswerCounts:
    """How many readings of a batch the ERP accepted and refused so far."""

    accepted: int
    refused: int


@frozen
class Writing:
    """How far the files of a sealed batch are written: `pieces` of them, up to the row `after`, with
    these sums; `rows` are machines. `uploads` and `sizes` are those of CSV and JSON; `ended`: all rows are in them.
    """

    pieces: int = 0
    after: str = ""
    rows: int = 0
    count: int = 0
    total: int = 0
    uploads: tuple[str, str] = ("", "")
    sizes: tuple[int, int] = (0, 0)
    ended: bool = False


@frozen
class Export:
    """A batch's header. `rows` (machines), `count` (readings), `total` (sum of values) and `files` are set
    once it is done.

    `already_billed`: readings left out because an import had acknowledged them; final once sealed.
    `gathered`: machines whose lines were moved into it so far. `writing`: how far its files have come, where they
    are written in pieces.
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
    broken: BrokenOff = NOT_BROKEN
    gathered: int = 0
    writing: Writing = Writing()


@frozen
class ReleasedRow:
    """Readings of some machines that were released together; `texts` are the same lines as JSON.
    `answers` maps reading ids to the ERP's answer: "" for billed, else its reason for refusing; `held` are
    the same as they are stored."""

    sk: str
    lines: tuple[ExportLine, ...]
    texts: tuple[str, ...]
    answers: Mapping[str, str]
    held: object = None

    @property
    def places(self) -> list[Place]:
        return places(self.lines)
