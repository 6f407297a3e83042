"""Looking after rounds: what was written but never queued, and which rounds have come to their end.

Every run of the planner begins with it. Mails in doubt are left alone: only an event of the mail
system can tell whether they went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from meterportal.domain.mails import MailState, OutboxMail, totals
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import rounds
from meterportal.usecases.send_notices import sweep_notices

_UNQUEUED = timedelta(minutes=1)
_UNPLANNED = timedelta(minutes=10)
_WATCHED = timedelta(days=14)


def sweep(doors: Doors, at: Moment, *, but: str | None = None) -> None:
    """Look after the rounds of the last two weeks, except one that is being planned right now.

    Rounds never planned are queued again after ten minutes, mails waiting longer than a minute too
    (a message too many harms nobody); rounds whose mails have all ended keep their totals. Notices
    that were never queued are.
    """
    sweep_notices(doors, at)
    for _, found in rounds.newest(doors.table):
        if found.created_at < at.now - _WATCHED:
            return
        if found.id == but or found.problem or found.settled is not None:
            continue
        if found.planned_at is None:
            if found.created_at < at.now - _UNPLANNED:
                doors.queues.send(doors.settings.plan_queue, [{"round_id": found.id}])
        elif not found.dry_run:
            mails = list(rounds.mails(doors.table, found.id))
            queue_stale(doors, mails, at)
            numbers = totals(mails, at.now)
            if not numbers["waiting"] and not numbers["in_doubt"]:
                doors.table.write(rounds.settle(found.id, numbers))


def queue_stale(doors: Doors, mails: Iterable[OutboxMail], at: Moment) -> None:
    """Queue mails that have been planned for longer than a minute."""
    since = at.now - _UNQUEUED
    for mail in mails:
        if mail.state is MailState.PLANNED and mail.planned_at < since:
            queue_mails(doors, mail.round_id, [mail.mailbox])


def queue_mails(doors: Doors, round_id: str, mailboxes: Sequence[str]) -> None:
    messages = [{"round_id": round_id, "mailbox": mailbox} for mailbox in mailboxes]
    doors.queues.send(doors.settings.mail_queue, messages)
