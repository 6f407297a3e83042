"""Sends a link that somebody asked for: only to the current address of an entitled contact."""

from __future__ import annotations

from datetime import date, timedelta

from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import entitled, entrusted, reachable, spoken
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import MailKind, MailState
from meterportal.domain.mailing.text_blocks import NEW_LINK
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.refusals import Unavailable
from meterportal.mail.letters import Reader, new_link_mail
from meterportal.settings import Moment
from meterportal.store.access import links, mailboxes, owners
from meterportal.store.mailing import letters, rounds
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access.attempts import counted_mails
from meterportal.usecases.access.mail_link import BY_STAFF
from meterportal.usecases.access.personal_access import LINK_LIFE, new_access
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.mailing.stationery import stationery


def send_new_link(
    adapters: Adapters,
    request_id: str,
    at: Moment,
    *,
    mailbox: str,
    link: str,
    way: str,
    company_id: str = "",
) -> MailState | None:
    """Sends the link of one request. None when no entitled contact is found, or this address has
    reached the limit of mails. Claimed, sent, marked: a second delivery sends nothing.

    `mailbox` is the address that asked; if it is "", `link` is the fingerprint of the link whose
    owner asked. `way` says who asked (see `counted_mails`); what staff send was counted when they
    asked. The link opens `company_id` first, if it is the owner's. Raises `TryLater` (the mail system
    took nothing).
    """
    letter_id = f"link-{request_id}"
    for _ in range(3):
        letter = _compose(adapters, at, mailbox, link, company_id)
        if letter is None:
            return None
        address = letter.reader.mailbox
        earlier = rounds.mail(adapters.table, letter_id, address)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        block, sender = stationery(adapters, NEW_LINK, letter.reader.language)
        made = new_access(
            adapters,
            mailbox=address,
            company_id=letter.companies[0].id,
            round_id=letter_id,
            latest_due=letter.latest_due,
            at=at,
        )
        claimed, row = letters.claim(
            letter_id, address, earlier, link=made.link, at=at.now, lease_until=at.now + LEASE
        )
        # A second try belongs to the same request and is not counted again.
        counted = earlier is not None or way == BY_STAFF
        counts = [] if counted else counted_mails(adapters, at, address, way)
        try:
            claim(adapters, claimed, [*counts, row, *made.writes], at)
        except ConditionFailed as failed:
            if failed.only_on("count"):
                return None
            continue
        message = new_link_mail(
            letter.reader,
            letter.companies,
            block=block,
            until=letter.latest_due + LINK_LIFE,
            access=made.access,
            sender=sender,
        )
        put_back = [rounds.put_back(claimed)]
        return hand_over(adapters, claimed, message, at, kind=MailKind.NEW_LINK, put_back=put_back)
    raise Unavailable


@frozen
class _LinkMail:
    """The recipients, their companies (the first is opened), and the latest due date that the link
    covers.
    """

    reader: Reader
    companies: tuple[Company, ...]
    latest_due: date


def _compose(
    adapters: Adapters, at: Moment, mailbox: str, link: str, company_id: str
) -> _LinkMail | None:
    if not mailbox:
        mailbox, company_id = _on_file(adapters, link)
    if not mailbox:
        return None
    box, account = owners.load(adapters.table, mailbox)
    if not reachable(box):
        return None
    by_company = {number: holdings.load(adapters.table, number) for number in sorted(box.claims)}
    members: list[tuple[Company, Contact]] = []
    latest = at.today
    horizon = at.today + timedelta(days=schedule_now(adapters).lead_days)
    for number, held in by_company.items():
        contact = held.contacts.get(box.claims[number]) if held else None
        if held is None or contact is None or not entitled(contact, box):
            continue
        members.append((held.company, contact))
        missing = (m.due_on for m in entrusted(contact, held) if m.due_on and not m.complete)
        latest = max([latest, *(due_on for due_on in missing if due_on <= horizon)])
    if not members:
        return None
    # The company of the old link, or of who sends it, first, then by name.
    members.sort(key=lambda pair: (pair[0].id != company_id, pair[0].name.casefold(), pair[0].id))
    language = spoken(members[0][1], members[0][0], account.language)
    reader = Reader(mailbox, [contact for _, contact in members], language)
    return _LinkMail(reader, tuple(company for company, _ in members), latest)


def _on_file(adapters: Adapters, named: str) -> tuple[str, str]:
    """The current address of the contact for whom a link was made, and the link's company.

    The address is the contact's new one if it has changed, and "" if the contact is gone.
    """
    link = links.load(adapters.table, named) if named else None
    if link is None:
        return "", ""
    claims = mailboxes.load(adapters.table, link.mailbox).claims
    contact_id = claims.get(link.company_id)
    place = (link.company_id, contact_id or "")
    contact = holdings.contacts(adapters.table, [place]).get(place) if contact_id else None
    address = contact.mailbox if contact and contact.mailbox else link.mailbox
    return address, link.company_id
