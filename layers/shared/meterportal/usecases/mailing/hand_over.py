"""Claims a mail, gives it to the mail system, and stores the result.

SES cannot recognise a mail that is sent twice. So a mail whose sender stopped after the claim is
not sent again: it stays in doubt until an event shows what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.mails import MailKind, MailState, OutboxMail, Stream
from meterportal.domain.refusals import Unavailable
from meterportal.mail.message import Message
from meterportal.mail.sender import Halted, InDoubt, TryLater, Undeliverable
from meterportal.settings import Moment
from meterportal.store.mailing import letters, marks, rounds
from meterportal.store.writes import ConditionFailed, Write

LEASE = timedelta(minutes=2)
"""Longer than the function may run: after this time no worker has the claim any more."""


def claim(adapters: Adapters, mine: OutboxMail, writes: Sequence[Write], at: Moment) -> None:
    """Carries out the transaction that claims a mail, when it is the mail's turn; `mine` is the mail as claimed. Raises
    `ConditionFailed` when another worker was faster, or something has changed.

    When the answer to the claim was lost, one read shows whether it succeeded: nothing has been
    sent under it yet, and no other worker would send the mail.
    """
    await_turn(adapters, at)
    try:
        adapters.table.transact(writes)
    except (ConditionFailed, Unavailable):
        found = rounds.mail(adapters.table, mine.round_id, mine.mailbox)
        if found is None or _as_claimed(found) != _as_claimed(mine):
            raise


def await_turn(adapters: Adapters, at: Moment) -> None:
    """Waits until the account may send one more mail, all workers together. It waits before the claim: a worker
    that ends while it waits leaves nothing in doubt. Where SES does not tell the pace, its own refusals set
    it. About one write for half a second's mails. Raises Unavailable."""
    account = adapters.account.look(at.now)
    if account is not None and account.rate is not None:
        adapters.pace.await_turn(account.rate)


def _as_claimed(mail: OutboxMail) -> object:
    """The fields that differ from one claim to the next."""
    return mail.state, mail.attempts, mail.lease_until, mail.link


def hand_over(
    adapters: Adapters,
    claimed: OutboxMail,
    message: Message,
    at: Moment,
    *,
    kind: MailKind,
    put_back: Sequence[Write],
) -> MailState:
    """Sends a claimed mail; returns its new state. One write.

    Raises `TryLater` when the mail system took nothing: then `put_back` has undone the claim. Outside a
    round, which stops instead, a mail that the sandbox keeps from its address is undeliverable: nobody
    would ever end its tries.
    """
    tags = {
        "round": claimed.round_id,
        "mailbox": tag_of(claimed.mailbox),
        "kind": kind.value,
        "language": message.headers["Content-Language"],
    }
    try:
        message_id = adapters.sender.send(
            message,
            at=at.now,
            stream=kind.stream,
            tags=tags,
            await_turn=lambda: await_turn(adapters, at),
        )
    except TryLater as refusal:
        alone = kind.stream is Stream.SINGLE
        if alone and isinstance(refusal, Halted) and refusal.reason is Stop.SANDBOX:
            return _undeliverable(adapters, claimed, refusal)
        # If an event has shown meanwhile that SES took the mail, it stays sent.
        with suppress(ConditionFailed):
            adapters.table.transact(put_back)
        raise
    except Undeliverable as refusal:
        return _undeliverable(adapters, claimed, refusal)
    except InDoubt:
        return MailState.IN_DOUBT
    with suppress(ConditionFailed):  # an event has set it before
        rounds.mark_sent(adapters.table, claimed, message_id, at=at.now)
    return MailState.SENT


def _undeliverable(adapters: Adapters, claimed: OutboxMail, refusal: Exception) -> MailState:
    with suppress(ConditionFailed):
        rounds.mark_undeliverable(adapters.table, claimed, str(refusal.args[0]))
    marks.unmark_all(adapters.table, claimed)
    return MailState.UNDELIVERABLE


def send_to_oneself(
    adapters: Adapters,
    letter_id: str,
    mailbox: str,
    at: Moment,
    compose: Callable[[], Message | None],
) -> MailState | None:
    """Sends a test mail; None when `compose` finds nothing to send. Claimed, sent, marked: a second
    delivery sends nothing. Raises `TryLater` (the mail system took nothing).
    """
    for _ in range(3):
        earlier = rounds.mail(adapters.table, letter_id, mailbox)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        message = compose()
        if message is None:
            return None
        claimed, row = letters.claim(
            letter_id, mailbox, earlier, link="", at=at.now, lease_until=at.now + LEASE
        )
        try:
            claim(adapters, claimed, [row], at)
        except ConditionFailed:
            continue
        put_back = [rounds.put_back(claimed)]
        return hand_over(adapters, claimed, message, at, kind=MailKind.TEST, put_back=put_back)
    raise Unavailable


def tag_of(mailbox: str) -> str:
    """The mailbox in a mail's tag: a digest, because tags must not contain addresses."""
    return digest(mailbox)[:32]
