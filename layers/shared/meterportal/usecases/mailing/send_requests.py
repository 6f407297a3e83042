"""Sends one mail of a round: composed from current data, claimed with its link, sent, marked."""

from __future__ import annotations

from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers.addresses import answer_address
from meterportal.domain.mailing.mails import BLOCKS, MailState, OutboxMail
from meterportal.domain.mailing.marks import noted_on, stands
from meterportal.domain.mailing.requests import RoundDay, keeps_its_mark, still_wanted
from meterportal.domain.mailing.text_blocks import LANGUAGES
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.refusals import Unavailable
from meterportal.mail.message import Message
from meterportal.mail.render import MailPart, language_for, request_mail
from meterportal.mail.sender import Halted
from meterportal.mail.text_blocks import text_block
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store.mailing import marks, rounds, sending
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.personal_access import NewAccess, new_access
from meterportal.usecases.mailing.announced_estimates import announced
from meterportal.usecases.mailing.asked_machines import asked_in
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.schedule_now import usual
from meterportal.usecases.mailing.stationery import stationery_of
from meterportal.usecases.mailing.stop_rounds import hindered, stop_round

_WRITES = 97
"""Marks that fit into the transaction besides the outbox row, the link and its code."""
_BLOCKS = [(name, language) for name in BLOCKS.values() for language in LANGUAGES]


def send_request(adapters: Adapters, round_id: str, mailbox: str, at: Moment) -> MailState:
    """Sends one planned mail; returns its new state. Two write requests. A mail whose round has stopped,
    or stops now, stays planned, and its message is done: whoever lets the round go on queues it.

    Reads row, mailbox and words in one request, then each company once; about once a minute the account. Raises `UnknownMessage` (no such mail) and `TryLater`
    (the mail system took nothing, the mail waits for its next delivery).
    """
    for _ in range(3):
        found = sending.load(adapters.table, round_id, mailbox, _BLOCKS, usual(adapters))
        waiting = found.mail
        if waiting is None:
            raise UnknownMessage("no such mail")
        if waiting.state is MailState.UNDELIVERABLE:
            marks.unmark_all(adapters.table, waiting)  # an earlier try may have stopped before this
        if waiting.state is not MailState.PLANNED:
            return waiting.state_at(at.now)
        if hindered(adapters, found.header, at):
            return waiting.state
        letter = _compose(adapters, waiting, found, at)
        if not letter.parts:
            if _skip(adapters, waiting, letter):
                return MailState.SKIPPED
            continue
        made = new_access(
            adapters,
            mailbox=mailbox,
            company_id=letter.parts[0].company.id,
            round_id=round_id,
            latest_due=max(part.due_on for part in letter.parts),
            at=at,
        )
        words = waiting.block, language_for(letter.parts, letter.language)
        block, sender = stationery_of(
            adapters, found.blocks.get(words) or text_block(*words), found.brand
        )
        message = request_mail(
            letter.parts, block=block, to=mailbox, access=made.access, sender=sender
        )
        message = _answered_here(adapters, message, made)
        claimed = _claim(adapters, waiting, letter, made, at)
        if claimed is None:
            continue
        try:
            put_back = [rounds.put_back(claimed)]
            return hand_over(adapters, claimed, message, at, kind=waiting.kind, put_back=put_back)
        except Halted as halted:
            stop_round(adapters, round_id, halted.reason, at)
            return MailState.PLANNED
    raise Unavailable


@frozen
class _RequestMail:
    """The current content of a mail: its parts, the requests dropped since it was planned, and what
    becomes of the marks: removed, so that a later round asks for the dropped ones, or moved to the day
    of sending. `language` is the choice of the mailbox's owner, "" without a choice.
    """

    language: str
    parts: tuple[MailPart, ...]
    dropped: tuple[tuple[str, tuple[Reason, ...]], ...]
    marks: tuple[Write, ...]


def _answered_here(adapters: Adapters, message: Message, made: NewAccess) -> Message:
    """The mail with an address for answers that names it, where answers are received. The same stands in
    References, for programs that answer to From."""
    domain = adapters.settings.inbound_domain
    if not domain:
        return message
    address = answer_address(made.link, domain)
    return replace(
        message, reply_to=address, headers={**message.headers, "References": f"<{address}>"}
    )


def _compose(
    adapters: Adapters, waiting: OutboxMail, found: sending.MailToSend, at: Moment
) -> _RequestMail:
    (box, account), schedule = found.owner, found.schedule
    boxes = {waiting.mailbox: box}
    terms = RoundDay(waiting.round_id, at.today, schedule)
    parts: list[MailPart] = []
    dropped: list[tuple[str, tuple[Reason, ...]]] = []
    changed: list[Write] = []
    for request, asked in asked_in(adapters, waiting):
        if asked is None:
            dropped.append((request.contract_id, (Reason("contract_unknown"),)))
            continue
        holding, contract, own = asked
        machines, why = still_wanted(request, contract, holding.contacts, own, boxes, terms)
        if machines:
            contact = holding.contacts[request.contact_id]
            part = MailPart(holding.company, contact, contract, request.due_on, tuple(machines))
            estimate_on = None
            if waiting.announces:
                estimate_on = schedule.estimated_on(at.today)
                part = announced(part, schedule, today=at.today, estimate_on=estimate_on)
            parts.append(part)
            mark = contract, contact.id, request.reminder, waiting.round_id
            days = noted_on(*mark)
            if days is not None and days != (at.today, estimate_on):
                changed.append(marks.put_off(request, contract, at.today, estimate_on=estimate_on))
            continue
        dropped.append((request.contract_id, tuple(why)))
        ours = stands(contract, request.contact_id, request.reminder, waiting.round_id)
        if ours and not keeps_its_mark(why):
            changed.append(marks.unmark(request, waiting.round_id))
    return _RequestMail(account.language, tuple(parts), tuple(dropped), tuple(changed))


def _skip(adapters: Adapters, waiting: OutboxMail, letter: _RequestMail) -> bool:
    """Marks the mail as skipped; False when something has changed."""
    skip = rounds.skip(waiting, dropped=letter.dropped)
    try:
        adapters.table.transact([skip, *_marks(adapters, letter)])
    except ConditionFailed:
        return False
    return True


def _claim(
    adapters: Adapters, waiting: OutboxMail, letter: _RequestMail, made: NewAccess, at: Moment
) -> OutboxMail | None:
    """The mail as claimed, with its link; None when something has changed."""
    mine = replace(
        waiting,
        state=MailState.SENDING,
        attempts=waiting.attempts + 1,
        lease_until=at.now + LEASE,
        link=made.link,
    )
    row = rounds.claim(waiting, lease_until=at.now + LEASE, link=made.link, dropped=letter.dropped)
    try:
        claim(adapters, mine, [row, *made.writes, *_marks(adapters, letter)], at)
    except ConditionFailed:
        return None
    return mine


def _marks(adapters: Adapters, letter: _RequestMail) -> tuple[Write, ...]:
    """The writes of marks; of very many only the first ones, the others are carried out here."""
    for write in letter.marks[_WRITES:]:
        adapters.table.write(write)
    return letter.marks[:_WRITES]
