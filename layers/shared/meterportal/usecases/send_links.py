"""Sending a link that somebody asked for: to the address on file of an entitled contact, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from meterportal.domain.contracts import Company, Contact
from meterportal.domain.mails import MailState
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.mail.letters import Reader, new_link_mail
from meterportal.settings import Moment
from meterportal.store import (
    accounts,
    keys,
    letters,
    links,
    mailboxes,
    portfolio,
    rounds,
)
from meterportal.store.table import ConditionFailed
from meterportal.usecases import sign_in
from meterportal.usecases.attempts import LINKS_BY_ADDRESS, counted
from meterportal.usecases.hand_over import LEASE, hand_over
from meterportal.usecases.overview import entrusted
from meterportal.usecases.personal_access import LINK_LIFE, new_access, sender_of

_COUNTED = 1
"""Where the count of an address's links stands in the transaction."""


def send_new_link(
    doors: Doors, request_id: str, at: Moment, *, mailbox: str, link: str
) -> MailState | None:
    """Send what one request asked for; None when there is nobody to send it to, or there were as
    many for this address as allowed. Claimed, sent, marked: a second delivery sends nothing.

    `mailbox` is the address that asked; without it (""), `link` is the fingerprint of the link whose
    owner did. Raises `TryLater` (the mail system took nothing).
    """
    letter_id = f"link-{request_id}"
    for _ in range(3):
        letter = _compose(doors, at, mailbox, link)
        if letter is None:
            return None
        address = letter.reader.mailbox
        earlier = rounds.mail(doors.table, letter_id, address)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        made = new_access(
            doors,
            mailbox=address,
            company_id=letter.companies[0].id,
            round_id=letter_id,
            latest_due=letter.latest_due,
            at=at,
        )
        claimed, claim = letters.claim(
            letter_id, address, earlier, link=made.link, at=at.now, lease_until=at.now + LEASE
        )
        # A second try is the same request's and not counted again.
        counts = [] if earlier else [counted(doors, at, LINKS_BY_ADDRESS, address)]
        try:
            doors.table.transact([claim, *counts, *made.writes])
        except ConditionFailed as failed:
            if counts and failed.failed == (_COUNTED,):
                return None
            continue
        message = new_link_mail(
            letter.reader,
            letter.companies,
            until=letter.latest_due + LINK_LIFE,
            access=made.access,
            sender=sender_of(doors),
        )
        return hand_over(doors, claimed, message, at, put_back=[rounds.put_back(claimed)])
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Letter:
    """For whom, to which companies (the first is opened), and the latest due date it covers."""

    reader: Reader
    companies: tuple[Company, ...]
    latest_due: date


def _compose(doors: Doors, at: Moment, mailbox: str, link: str) -> _Letter | None:
    company_id = ""
    if not mailbox:
        mailbox, company_id = _on_file(doors, link)
    if not mailbox:
        return None
    places = keys.mailbox(mailbox), keys.account(mailbox)
    found = doors.table.batch_get(places)
    post = mailboxes.unpack(mailbox, found.get(places[0]))
    if not sign_in.reachable(post):
        return None
    holdings = {number: portfolio.load(doors.table, number) for number in sorted(post.claims)}
    members: list[tuple[Company, Contact]] = []
    latest = at.today
    horizon = at.today + timedelta(days=doors.settings.lead_days)
    for number, held in holdings.items():
        contact = held.contacts.get(post.claims[number]) if held else None
        if held is None or contact is None or not sign_in.entitled(contact, post):
            continue
        members.append((held.company, contact))
        missing = (m.due_on for m in entrusted(contact, held) if m.due_on and not m.complete)
        latest = max([latest, *(due_on for due_on in missing if due_on <= horizon)])
    if not members:
        return None
    # The company of the old link first, else by name.
    members.sort(key=lambda pair: (pair[0].id != company_id, pair[0].name.casefold(), pair[0].id))
    chosen = accounts.unpack(mailbox, found.get(places[1])).language
    language = sign_in.spoken(members[0][1], members[0][0], chosen)
    reader = Reader(mailbox, [contact for _, contact in members], language)
    return _Letter(reader, tuple(company for company, _ in members), latest)


def _on_file(doors: Doors, named: str) -> tuple[str, str]:
    """The present address of the contact whom a link was made for, and the link's company.

    An address that has changed since is the present one; "" where there is nobody any more.
    """
    link = links.load(doors.table, named) if named else None
    if link is None:
        return "", ""
    claims = mailboxes.load(doors.table, link.mailbox).claims
    contact_id = claims.get(link.company_id)
    place = (link.company_id, contact_id or "")
    contact = portfolio.contacts(doors.table, [place]).get(place) if contact_id else None
    address = contact.mailbox if contact and contact.mailbox else link.mailbox
    return address, link.company_id
