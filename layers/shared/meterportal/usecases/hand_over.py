"""Handing a claimed mail to the mail system, and marking what became of it.

SES cannot recognise a mail sent twice, so a mail whose sender broke off after the claim is never
sent again by itself: it stays in doubt until an event tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from meterportal.crypto import digest
from meterportal.domain.mails import MailState, OutboxMail
from meterportal.doors import Doors
from meterportal.mail.message import Message
from meterportal.mail.sender import InDoubt, TryLater, Undeliverable
from meterportal.settings import Moment
from meterportal.store import marks, rounds
from meterportal.store.table import ConditionFailed, Write

LEASE = timedelta(minutes=2)
"""Longer than the function may run: a claim older than this belongs to nobody any more."""


def hand_over(
    doors: Doors, claimed: OutboxMail, message: Message, at: Moment, *, put_back: Sequence[Write]
) -> MailState:
    """Send a mail that is ours; the state it has come to. One write.

    Raises `TryLater` when the mail system took nothing: then `put_back` has undone the claim.
    """
    tags = {"round": claimed.round_id, "mailbox": tag_of(claimed.mailbox)}
    try:
        message_id = doors.sender.send(message, at=at.now, tags=tags)
    except TryLater:
        # An event may have told meanwhile that it was taken after all: then it stays sent.
        with suppress(ConditionFailed):
            doors.table.transact(put_back)
        raise
    except Undeliverable as refusal:
        with suppress(ConditionFailed):
            doors.table.write(rounds.mark_undeliverable(claimed, str(refusal.args[0])))
        marks.unmark_all(doors.table, claimed)
        return MailState.UNDELIVERABLE
    except InDoubt:
        return MailState.IN_DOUBT
    with suppress(ConditionFailed):  # its event was faster
        doors.table.write(rounds.mark_sent(claimed, message_id, at=at.now))
    return MailState.SENT


def tag_of(mailbox: str) -> str:
    """How a mail's tag names its mailbox: tags are no place for addresses."""
    return digest(mailbox)[:32]
