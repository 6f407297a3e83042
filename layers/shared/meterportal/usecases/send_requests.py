"""Sending one mail of a round: composed by current data, claimed with its link, sent, marked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from meterportal.domain.mails import MailState, OutboxMail
from meterportal.domain.marks import stands
from meterportal.domain.readiness import Reason
from meterportal.domain.refusals import Unavailable
from meterportal.domain.requests import Request, Terms, keeps_its_mark, still_wanted
from meterportal.doors import Doors
from meterportal.mail.render import REMINDER, REQUEST, Part, request_mail
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store import accounts, keys, mailboxes, marks, portfolio, rounds
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases.hand_over import LEASE, hand_over
from meterportal.usecases.personal_access import NewAccess, new_access, sender_of

_WRITES = 97
"""Marks that fit into the transaction beside the outbox row, the link and its code."""


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
            marks.unmark_all(doors.table, waiting)  # an earlier try may have broken off before it
        if waiting.state is not MailState.PLANNED:
            return waiting.state_at(at.now)
        letter = _compose(doors, waiting, at)
        if not letter.parts:
            if _skip(doors, waiting, letter):
                return MailState.SKIPPED
            continue
        made = new_access(
            doors,
            mailbox=mailbox,
            company_id=letter.parts[0].company.id,
            round_id=round_id,
            latest_due=max(part.due_on for part in letter.parts),
            at=at,
        )
        message = request_mail(
            letter.parts,
            to=mailbox,
            access=made.access,
            sender=sender_of(doors),
            chosen=letter.language,
            block=REMINDER if any(request.reminder for request in waiting.requests) else REQUEST,
        )
        claimed = _claim(doors, waiting, letter, made, at)
        if claimed is not None:
            return hand_over(doors, claimed, message, at, put_back=[rounds.put_back(claimed)])
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a mail is about now: its parts, the requests that fell out since it was planned, and the
    marks to take back because a later round shall ask for those. `language` is what the mailbox's
    owner chose, "" without a choice."""

    language: str
    parts: tuple[Part, ...]
    dropped: tuple[tuple[str, tuple[Reason, ...]], ...]
    unmark: tuple[Request, ...]


def _compose(doors: Doors, waiting: OutboxMail, at: Moment) -> _Letter:
    post, account = keys.mailbox(waiting.mailbox), keys.account(waiting.mailbox)
    around = doors.table.batch_get([post, account])
    posts = {waiting.mailbox: mailboxes.unpack(waiting.mailbox, around.get(post))}
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
        ours = stands(contract, request.contact_id, request.reminder, waiting.round_id)
        if ours and not keeps_its_mark(why):
            unmark.append(request)
    chosen = accounts.unpack(waiting.mailbox, around.get(account)).language
    return _Letter(chosen, tuple(parts), tuple(dropped), tuple(unmark))


def _skip(doors: Doors, waiting: OutboxMail, letter: _Letter) -> bool:
    return _change(doors, [rounds.skip(waiting, dropped=letter.dropped)], letter, waiting)


def _claim(
    doors: Doors, waiting: OutboxMail, letter: _Letter, made: NewAccess, at: Moment
) -> OutboxMail | None:
    """The mail as claimed by us, with its link made; None when somebody was faster."""
    until = at.now + LEASE
    claim = rounds.claim(waiting, lease_until=until, link=made.link, dropped=letter.dropped)
    if not _change(doors, [claim, *made.writes], letter, waiting):
        return None
    attempts = waiting.attempts + 1
    return replace(
        waiting, state=MailState.SENDING, attempts=attempts, lease_until=until, link=made.link
    )


def _change(doors: Doors, writes: list[Write], letter: _Letter, waiting: OutboxMail) -> bool:
    """The writes and the marks taken back, in one transaction; False when anything has changed."""
    unmark = [marks.unmark(request, waiting.round_id) for request in letter.unmark]
    try:
        for write in unmark[_WRITES:]:
            doors.table.write(write)
        doors.table.transact([*writes, *unmark[:_WRITES]])
    except ConditionFailed:
        return False
    return True
