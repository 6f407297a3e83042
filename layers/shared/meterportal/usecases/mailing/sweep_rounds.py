"""The sweep over rounds: queues what was stored but not queued, and stores the totals of rounds
that have ended.

Every run of the planner begins with it. Mails in doubt are not changed: only an event of the mail
system can show whether they were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice, takewhile

from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState, OutboxMail, totals
from meterportal.domain.mailing.requests import Waiting
from meterportal.domain.mailing.rounds import HELD, Round
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.usecases.access.send_notices import sweep_notices
from meterportal.usecases.mailing.send_questions import sweep_questions

_UNQUEUED = timedelta(minutes=1)
_UNPLANNED = timedelta(minutes=10)
"""Longer than a planner may run."""


def sweep(adapters: Adapters, at: Moment, *, but: str | None = None) -> None:
    """Checks the rounds that are watched, except the one (`but`) that is being planned now.

    Unplanned rounds are queued again after ten minutes, planned mails after one minute (a message
    too many does no harm). For rounds whose mails have all ended the totals are stored. Notices
    and questions that were never queued are queued, too.
    """
    sweep_notices(adapters, at)
    sweep_questions(adapters, at)
    for _, found in rounds.newest(adapters.table):
        if found.created_at < at.now - HELD:
            return
        if found.id == but or found.problem or found.settled is not None:
            continue
        if not found.watched(at.now):
            continue
        if found.planned_at is None:
            if found.created_at < at.now - _UNPLANNED:
                adapters.queues.send(adapters.settings.plan_queue, [{"round_id": found.id}])
        elif not found.dry_run:
            mails = list(rounds.mails(adapters.table, found.id))
            if found.halt.ended and any(mail.state is MailState.PLANNED for mail in mails):
                adapters.queues.send(adapters.settings.plan_queue, [{"round_id": found.id}])
            queue_stale(adapters, found, mails, at)
            if _may_grow(found, at):
                continue
            numbers = totals(mails, at.now)
            if not numbers["waiting"] and not numbers["in_doubt"] and not numbers["left"]:
                rounds.settle(adapters.table, found.id, numbers)


def _may_grow(found: Round, at: Moment) -> bool:
    """Whether a planner that began before staff ended the round may add mails yet."""
    stopped = found.halt.stopped
    return found.halt.ended and stopped is not None and stopped.at > at.now - _UNPLANNED


def mails_that_wait(adapters: Adapters, at: Moment) -> frozenset[Waiting]:
    """What rounds have planned and not sent: of those that are looked after, and of those that have
    stopped longer ago. One query, and one for each round that has not ended."""
    recent = takewhile(
        lambda one: one.created_at >= at.now - HELD,
        (found for _, found in rounds.newest(adapters.table)),
    )
    return frozenset(
        (found.id, request.contract_id, request.contact_id)
        for found in recent
        if found.settled is None and not found.dry_run
        if found.halt.stopped is not None or found.watched(at.now)
        for mail in rounds.mails(adapters.table, found.id)
        if mail.state is MailState.PLANNED
        for request in mail.requests
    )


def queue_stale(
    adapters: Adapters,
    found: Round,
    mails: Iterable[OutboxMail],
    at: Moment,
    most: int | None = None,
) -> int:
    """Queues mails that were planned more than a minute ago, or before their round went on after a
    stop, at most so many; mails marked as left wait again. A round that has stopped is let be. Returns their number.
    """
    if found.halt.stopped is not None:
        return 0
    since = max(at.now - _UNQUEUED, found.halt.resumed_at or found.created_at)
    waiting: list[str] = []
    stale = (one for one in mails if one.state is MailState.PLANNED and one.planned_at < since)
    for mail in islice(stale, most):
        if mail.left:
            rounds.wait_again(adapters.table, mail)
        waiting.append(mail.mailbox)
    queue_mails(adapters, found.id, waiting)
    return len(waiting)


def queue_mails(adapters: Adapters, round_id: str, mailboxes: Sequence[str]) -> None:
    messages = [{"round_id": round_id, "mailbox": mailbox} for mailbox in mailboxes]
    adapters.queues.send(adapters.settings.mail_queue, messages)
