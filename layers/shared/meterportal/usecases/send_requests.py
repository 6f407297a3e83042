"""Sending one mail: claimed, sent, marked. SES cannot recognise a mail sent twice, so a mail whose
sender broke off in between is never sent again by itself: it stays in doubt until an event tells.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from meterportal.crypto import digest, fingerprint
from meterportal.domain.mails import MailState, OutboxMail
from meterportal.domain.readiness import Reason
from meterportal.domain.refusals import Unavailable
from meterportal.domain.requests import (
    Request,
    Terms,
    asked_in_slot,
    keeps_its_mark,
    still_wanted,
)
from meterportal.doors import Doors
from meterportal.mail.layout import Access, Sender
from meterportal.mail.message import Message
from meterportal.mail.render import Part, request_mail
from meterportal.mail.sender import InDoubt, TryLater, Undeliverable
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment, Settings
from meterportal.store import links, mailboxes, portfolio, rounds
from meterportal.store.table import ConditionFailed, Write

LEASE = timedelta(minutes=2)
"""Longer than the function may run: a claim older than this belongs to nobody any more."""

LINK_LIFE = timedelta(days=45)
"""How long a link opens after the latest due date that it covers."""

_WRITES = 98
"""Marks that fit into the transaction beside the outbox row and the link."""


def send_request(doors: Doors, round_id: str, mailbox: str, at: Moment) -> MailState:
    """Send one planned mail; the state it has come to. Two write requests.

    Reads row, mailbox and each company once. Raises `UnknownMessage` (no such mail) and `TryLater`
    (the mail system took nothing, the mail waits for its next delivery).
    """
    for _ in range(3):
        waiting = rounds.mail(doors.table, round_id, mailbox)
        if waiting is None:
            raise UnknownMessage("no such mail")
        if waiting.state is MailState.UNDELIVERABLE:
            rounds.unmark_all(doors.table, waiting)  # an earlier try may have broken off before it
        if waiting.state is not MailState.PLANNED:
            return waiting.state_at(at.now)
        letter = _compose(doors, waiting, at)
        if not letter.parts:
            if _skip(doors, waiting, letter):
                return MailState.SKIPPED
            continue
        link_id = doors.new_secret_id()
        message = _message(doors, letter, mailbox, link_id)
        claimed = _claim(doors, waiting, letter, fingerprint(link_id), at)
        if claimed is not None:
            return _send(doors, claimed, message, at)
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a mail is about now: its parts, the requests that fell out since it was planned, and the
    marks to take back because a later round shall ask for those."""

    parts: tuple[Part, ...]
    dropped: tuple[tuple[str, tuple[Reason, ...]], ...]
    unmark: tuple[Request, ...]


def _compose(doors: Doors, waiting: OutboxMail, at: Moment) -> _Letter:
    posts = {waiting.mailbox: mailboxes.load(doors.table, waiting.mailbox)}
    settings = doors.settings
    terms = Terms(waiting.round_id, at.today, settings.lead_days, settings.grace_days)
    numbers = dict.fromkeys(request.company_id for request in waiting.requests)
    holdings = {number: portfolio.load(doors.table, number) for number in numbers}
    parts: list[Part] = []
    dropped: list[tuple[str, tuple[Reason, ...]]] = []
    unmark: list[Request] = []
    for request in waiting.requests:
        holding = holdings[request.company_id]
        contract = holding.contracts.get(request.contract_id) if holding else None
        if holding is None or contract is None:
            dropped.append((request.contract_id, (Reason("contract_unknown"),)))
            continue
        own = [m for m in holding.machines.values() if m.contract_id == contract.id]
        machines, why = still_wanted(request, contract, holding.contacts, own, posts, terms)
        if machines:
            contact = holding.contacts[request.contact_id]
            parts.append(Part(holding.company, contact, contract, request.due_on, tuple(machines)))
            continue
        dropped.append((request.contract_id, tuple(why)))
        ours = asked_in_slot(contract, request.contact_id) == waiting.round_id
        if ours and not keeps_its_mark(why):
            unmark.append(request)
    return _Letter(tuple(parts), tuple(dropped), tuple(unmark))


def _skip(doors: Doors, waiting: OutboxMail, letter: _Letter) -> bool:
    return _change(doors, [rounds.skip(waiting, dropped=letter.dropped)], letter, waiting)


def _claim(
    doors: Doors, waiting: OutboxMail, letter: _Letter, link: str, at: Moment
) -> OutboxMail | None:
    """The mail as claimed by us, with its link made; None when somebody was faster."""
    until = at.now + LEASE
    latest = max(part.due_on for part in letter.parts)
    writes = [
        rounds.claim(waiting, lease_until=until, link=link, dropped=letter.dropped),
        links.new(
            link,
            mailbox=waiting.mailbox,
            company_id=letter.parts[0].company.id,
            round_id=waiting.round_id,
            # Overdue readings are asked for too: their link must live as well.
            expires_on=max(latest, at.today) + LINK_LIFE,
        ),
    ]
    if not _change(doors, writes, letter, waiting):
        return None
    attempts = waiting.attempts + 1
    return replace(
        waiting, state=MailState.SENDING, attempts=attempts, lease_until=until, link=link
    )


def _change(doors: Doors, writes: list[Write], letter: _Letter, waiting: OutboxMail) -> bool:
    """The writes and the marks taken back, in one transaction; False when anything has changed."""
    unmark = [rounds.unmark(request, waiting.round_id) for request in letter.unmark]
    try:
        for write in unmark[_WRITES:]:
            doors.table.write(write)
        doors.table.transact([*writes, *unmark[:_WRITES]])
    except ConditionFailed:
        return False
    return True


def _send(doors: Doors, claimed: OutboxMail, message: Message, at: Moment) -> MailState:
    tags = {"round": claimed.round_id, "mailbox": tag_of(claimed.mailbox)}
    try:
        message_id = doors.sender.send(message, at=at.now, tags=tags)
    except TryLater:
        # An event may have told meanwhile that it was taken after all: then it stays sent.
        with suppress(ConditionFailed):
            doors.table.write(rounds.put_back(claimed))
        raise
    except Undeliverable as refusal:
        with suppress(ConditionFailed):
            doors.table.write(rounds.mark_undeliverable(claimed, str(refusal.args[0])))
        rounds.unmark_all(doors.table, claimed)
        return MailState.UNDELIVERABLE
    except InDoubt:
        return MailState.IN_DOUBT
    with suppress(ConditionFailed):  # its event was faster
        doors.table.write(rounds.mark_sent(claimed, message_id, at=at.now))
    return MailState.SENT


def tag_of(mailbox: str) -> str:
    """How a mail's tag names its mailbox: tags are no place for addresses."""
    return digest(mailbox)[:32]


def _message(doors: Doors, letter: _Letter, mailbox: str, link_id: bytes) -> Message:
    settings = doors.settings
    access = Access(f"{settings.public_url}/#t={doors.keys.seal_link(link_id)}")
    return request_mail(letter.parts, to=mailbox, access=access, sender=sender_of(settings))


def sender_of(settings: Settings) -> Sender:
    """In whose name this installation writes."""
    return Sender(
        settings.dealer_name, settings.sender_address, settings.reply_to, settings.public_url
    )
