"""Telling an address that its password was set."""

from __future__ import annotations

from datetime import timedelta

from meterportal.crypto import digest
from meterportal.domain.contracts import Company, Contact
from meterportal.domain.mails import MailState
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.mail.letters import Reader, password_notice_mail
from meterportal.queues import moment_in
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store import accounts, keys, letters, mailboxes, notices, rounds
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases import sign_in
from meterportal.usecases.hand_over import LEASE, hand_over
from meterportal.usecases.personal_access import sender_of

_UNQUEUED = timedelta(minutes=1)


def queue_notice(doors: Doors, mailbox: str, set_at: str) -> None:
    message = {"kind": "password_notice", "mailbox": mailbox, "set_at": set_at}
    doors.queues.send(doors.settings.mail_queue, [message])


def sweep_notices(doors: Doors, at: Moment) -> None:
    """Queue what was written and never sent."""
    for mailbox, set_at in notices.waiting(doors.table, until=at.now - _UNQUEUED):
        queue_notice(doors, mailbox, set_at)


def send_notice(doors: Doors, mailbox: str, set_at: str, at: Moment) -> MailState | None:
    """Tell an address of the password set at a moment (ISO, with zone); None when no mail may go
    there. Claimed, sent, marked: a second delivery sends nothing.

    Raises `UnknownMessage` for a moment that is none, `TryLater` (the mail system took nothing).
    """
    moment = moment_in("set_at", set_at)
    letter_id = f"notice-{digest(f'{mailbox} {moment.isoformat()}')[:32]}"
    for _ in range(3):
        earlier = rounds.mail(doors.table, letter_id, mailbox)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        reader = _reader(doors, mailbox)
        if reader is None:
            return None
        claimed, claim = letters.claim(
            letter_id, mailbox, earlier, link="", at=at.now, lease_until=at.now + LEASE
        )
        writes: list[Write] = [claim]
        if earlier is None:
            writes.append(notices.close(mailbox, set_at=moment))
        try:
            doors.table.transact(writes)
        except ConditionFailed as failed:
            if 1 in failed.failed and 0 not in failed.failed:
                return None  # a later password was set meanwhile: its own notice says so
            continue
        message = password_notice_mail(
            reader, set_at=moment.astimezone(BUSINESS_ZONE), sender=sender_of(doors)
        )
        return hand_over(doors, claimed, message, at, put_back=[rounds.put_back(claimed)])
    raise Unavailable


def _reader(doors: Doors, mailbox: str) -> Reader | None:
    places = keys.mailbox(mailbox), keys.account(mailbox)
    found = doors.table.batch_get(places)
    post = mailboxes.unpack(mailbox, found.get(places[0]))
    if not sign_in.reachable(post):
        return None
    # Also who has lost every right since is told.
    members: list[tuple[Company, Contact]] = sign_in.members(doors, post, "")[0]
    chosen = accounts.unpack(mailbox, found.get(places[1])).language
    language = sign_in.spoken(members[0][1], members[0][0], chosen) if members else chosen or "de"
    return Reader(mailbox, [contact for _, contact in members], language)
