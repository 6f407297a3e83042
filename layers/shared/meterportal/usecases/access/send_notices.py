"""Tells the owner of an address by mail that its password was set, or that staff took it off a contact."""

from __future__ import annotations

from datetime import timedelta

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.notices import Notice
from meterportal.domain.access.permissions import reachable, spoken
from meterportal.domain.mailing.mails import MailKind, MailState
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.refusals import Unavailable
from meterportal.mail.letters import Reader, address_notice_mail, password_notice_mail
from meterportal.mail.message import Message
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.access import notices, owners
from meterportal.store.mailing import letters, rounds
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access import sign_in
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.stationery import branded_sender

_UNQUEUED = timedelta(minutes=1)


def queue_notice(adapters: Adapters, notice: Notice) -> None:
    message = {"mailbox": notice.mailbox, "set_at": notice.set_at.isoformat()}
    if notice.company_id:
        message |= {"kind": "address_notice", "company_id": notice.company_id}
    else:
        message |= {"kind": "password_notice"}
    adapters.queues.send(adapters.settings.mail_queue, [message])


def sweep_notices(adapters: Adapters, at: Moment) -> None:
    """Queues notices that are stored but not sent."""
    for notice in notices.waiting(adapters.table, until=at.now - _UNQUEUED):
        queue_notice(adapters, notice)


def send_notice(adapters: Adapters, notice: Notice, at: Moment) -> MailState | None:
    """Sends a notice; None when no mail may go to the address. Claimed, sent, marked: a second delivery
    sends nothing.

    Raises `TryLater` (the mail system took nothing).
    """
    about = f"{notice.mailbox} {notice.set_at.isoformat()} {notice.company_id}".rstrip()
    letter_id = f"notice-{digest(about)[:32]}"
    for _ in range(3):
        earlier = rounds.mail(adapters.table, letter_id, notice.mailbox)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        message = _message(adapters, notice)
        if message is None:
            return None
        claimed, row = letters.claim(
            letter_id, notice.mailbox, earlier, link="", at=at.now, lease_until=at.now + LEASE
        )
        writes: list[Write] = [row]
        if earlier is None:
            writes.append(notices.close(notice).named("notice"))
            writes.append(notices.sent(notice.mailbox, letter_id, at=at.now))
        try:
            claim(adapters, claimed, writes, at)
        except ConditionFailed as failed:
            if failed.only_on("notice"):
                return None  # a later one has its own mail
            continue
        put_back = [rounds.put_back(claimed)]
        return hand_over(adapters, claimed, message, at, kind=MailKind.NOTICE, put_back=put_back)
    raise Unavailable


def _message(adapters: Adapters, notice: Notice) -> Message | None:
    box, account = owners.load(adapters.table, notice.mailbox)
    if not reachable(box):
        return None
    local, sender = notice.set_at.astimezone(BUSINESS_ZONE), branded_sender(adapters)
    if notice.company_id:
        company = holdings.companies(adapters.table, [notice.company_id]).get(notice.company_id)
        if company is None:
            return None
        # Nobody by name: whom the address belongs to now is not known.
        language = spoken(Contact("", company.id), company, account.language)
        reader = Reader(notice.mailbox, [], language)
        return address_notice_mail(reader, company, left_at=local, sender=sender)
    # Contacts who have lost all rights since get the notice, too.
    members: list[tuple[Company, Contact]] = sign_in.members(adapters, box, "")[0]
    chosen = account.language
    language = spoken(members[0][1], members[0][0], chosen) if members else chosen or "de"
    reader = Reader(notice.mailbox, [contact for _, contact in members], language)
    return password_notice_mail(reader, set_at=local, sender=sender)
