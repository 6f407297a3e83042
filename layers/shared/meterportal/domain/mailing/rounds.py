"""Rounds of requests and reminders."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.requests import RoundKind
from meterportal.domain.runs import NOT_BROKEN, BrokenOff

WATCHED = timedelta(days=14)
"""How long a round that sends is looked after: what waits is queued again."""

HELD = timedelta(days=90)
"""So long a round that has stopped may go on by itself, and its mails keep the reminders back that come
after them."""


@frozen
class Stopped:
    """Why a round's mails wait, and since when."""

    reason: Stop
    at: datetime


@frozen
class Halt:
    """What a round's header says about stops: the one that lasts, when the last one ended, and what staff
    have let pass, which are the account's sandbox and the mails that came back of those sent up to
    `judged_from`."""

    stopped: Stopped | None = None
    resumed_at: datetime | None = None
    judged_from: datetime | None = None
    sandbox_accepted: bool = False

    @property
    def ended(self) -> bool:
        """Whether staff have ended the round for good."""
        return self.stopped is not None and self.stopped.reason is Stop.ENDED


NEVER_STOPPED = Halt()


@frozen
class Pieces:
    """How far a round's planning has come that is done in pieces: `done` of `count`, stored under the
    name `listing`."""

    listing: str
    count: int
    done: int


@frozen
class Round:
    """A round's header. `as_of` is the business date of its plan; `by` is a staff id or "schedule";
    `planned_at` is set when planning ended; `settled` holds its final totals. `early`: staff mean it that
    it reminds before the third day, too."""

    id: str
    by: str
    created_at: datetime
    as_of: date
    dry_run: bool = False
    due_by: date | None = None
    planned_at: datetime | None = None
    mails: int = 0
    left_out_rows: int = 0
    not_due: int = 0
    problem: str = ""
    settled: dict[str, int] | None = field(default=None)
    kind: RoundKind = RoundKind.REQUEST
    broken: BrokenOff = NOT_BROKEN
    halt: Halt = NEVER_STOPPED
    pieces: Pieces | None = None
    early: bool = False

    def watched(self, now: datetime) -> bool:
        """Whether what waits is queued again: for two weeks, of a round that went on after a stop from
        then on."""
        return max(self.created_at, self.halt.resumed_at or self.created_at) >= now - WATCHED
