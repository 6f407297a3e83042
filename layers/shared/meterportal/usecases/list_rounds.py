"""Rounds as staff see them: who gets a mail, who is left out and why, what became of each mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from meterportal.domain.mails import OutboxMail, totals
from meterportal.domain.readiness import Reason
from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import rounds
from meterportal.store.rounds import Round


@dataclass(frozen=True, slots=True)
class Listed:
    """A round with its numbers. `state` is running, done or failed."""

    round: Round
    state: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """One round with a part of its mails and of its left-out contracts."""

    listed: Listed
    mails: tuple[OutboxMail, ...]
    left_out: tuple[tuple[str, list[Reason]], ...]
    more: bool


def newest_rounds(
    doors: Doors, at: Moment, *, limit: int, before: str | None
) -> tuple[list[Listed], str | None]:
    """Rounds, newest first, and the place to go on from. Rounds that have ended bring their totals
    along; the others are counted from their mails."""
    found = list(islice(rounds.newest(doors.table, before=before), limit + 1))
    listed = []
    for _, one in found[:limit]:
        if one.settled is not None:
            listed.append(Listed(one, "done", one.settled))
        else:
            listed.append(_listed(one, list(rounds.mails(doors.table, one.id)), at))
    return listed, found[limit - 1][0] if len(found) > limit else None


def round_page(doors: Doors, round_id: str, at: Moment, *, start: int, limit: int) -> Page:
    """One round; raises `NotFound`. Mails and left-out contracts from `start` on, up to `limit` of each."""
    found = rounds.load(doors.table, round_id)
    if found is None:
        raise NotFound
    mails = list(rounds.mails(doors.table, round_id))
    left_out = list(islice(rounds.left_out(doors.table, found), start, start + limit + 1))
    return Page(
        _listed(found, mails, at),
        tuple(mails[start : start + limit]),
        tuple(left_out[:limit]),
        more=len(mails) > start + limit or len(left_out) > limit,
    )


def _listed(found: Round, mails: list[OutboxMail], at: Moment) -> Listed:
    numbers = totals(mails, at.now)
    if found.problem:
        state = "failed"
    elif found.planned_at is None or numbers["waiting"]:
        state = "running"
    else:
        state = "done"
    return Listed(found, state, numbers)
