"""Rounds for staff: who gets a mail, who is left out and why, what became of each mail."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain import runs
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import MailState, OutboxMail, totals
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunProblem, RunState
from meterportal.settings import Moment
from meterportal.store.mailing import left_out, rounds


@frozen
class ListedRound:
    """A round with its totals."""

    round: Round
    state: RunState
    numbers: Mapping[str, int]


@frozen
class RoundPage:
    """One round with one page of its mails and of its left-out contracts."""

    listed: ListedRound
    mails: tuple[OutboxMail, ...]
    left_out: tuple[tuple[str, list[Reason]], ...]
    more: bool


def newest_rounds(
    adapters: Adapters, at: Moment, *, limit: int, before: str | None
) -> tuple[list[ListedRound], str | None]:
    """Rounds, newest first, and the place where the next page starts. Rounds that have ended have
    stored totals; the others are counted from their mails.
    """
    found = list(islice(rounds.newest(adapters.table, before=before), limit + 1))
    page = []
    for _, header in found[:limit]:
        if header.settled is not None:
            page.append(ListedRound(header, RunState("done"), header.settled))
        else:
            page.append(listed(adapters, header, at))
    return page, found[limit - 1][0] if len(found) > limit else None


def round_page(
    adapters: Adapters, round_id: str, at: Moment, *, start: int, limit: int
) -> RoundPage:
    """One round; raises `NotFound`. Mails and left-out contracts from `start` on, up to `limit` of
    each.
    """
    found = rounds.load(adapters.table, round_id)
    if found is None:
        raise NotFound
    mails = list(rounds.mails(adapters.table, round_id))
    rows = list(islice(left_out.listed(adapters.table, found), start, start + limit + 1))
    return RoundPage(
        _listed(found, mails, at),
        tuple(mails[start : start + limit]),
        tuple(rows[:limit]),
        more=len(mails) > start + limit or len(rows) > limit,
    )


def listed(adapters: Adapters, found: Round, at: Moment) -> ListedRound:
    """A round with its current totals. One query."""
    return _listed(found, list(rounds.mails(adapters.table, found.id)), at)


def _listed(found: Round, mails: list[OutboxMail], at: Moment) -> ListedRound:
    numbers = totals(mails, at.now)
    state = runs.state_of(
        finished=found.planned_at is not None,
        broken=found.broken,
        created_at=found.created_at,
        now=at.now,
        late=bool(found.problem),
    )
    if found.halt.stopped is not None and any(mail.state is MailState.PLANNED for mail in mails):
        state = RunState("stopped")
    elif state.state == "done" and numbers["left"]:
        state = RunState("failed", RunProblem.MAILS_LEFT)
    elif state.state == "done" and numbers["waiting"]:
        state = RunState("running")
    return ListedRound(found, state, numbers)
