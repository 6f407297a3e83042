"""The newest mail to each contact about the current periods, and that mail as staff may look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.marks import mailed
from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.refusals import NotFound
from meterportal.mail.layout import Access
from meterportal.mail.message import Message
from meterportal.mail.render import language_for, request_mail
from meterportal.store.access import owners
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.announced_estimates import as_announced
from meterportal.usecases.mailing.asked_machines import parts_of
from meterportal.usecases.mailing.stationery import stationery

_LONGEST_ID = 64
_NO_CODE = "••••-••••"


@frozen
class LatestMail:
    """A mail with the day on which it was written to the contact."""

    mail: OutboxMail
    on: date


@frozen
class ShownMail:
    """A mail as composed from today's data, without what opens the portal; None where nothing of it is
    left to ask."""

    mail: OutboxMail
    message: Message | None


def latest_mails(
    adapters: Adapters, people: Iterable[Contact], contracts: Mapping[str, Contract]
) -> dict[str, LatestMail]:
    """By contact; nobody to whom no mail went, or only to another address. One read per hundred."""
    newest: dict[str, tuple[date, tuple[str, str]]] = {}
    for person in people:
        if not person.mailbox:
            continue
        for contract in contracts.values():
            for mail in mailed(contract, person.id):
                known = newest.get(person.id)
                if known is None or mail.on >= known[0]:
                    newest[person.id] = mail.on, (mail.round_id, person.mailbox)
    found = rounds.mails_at(adapters.table, {place for _, place in newest.values()})
    return {
        number: LatestMail(found[place], on)
        for number, (on, place) in newest.items()
        if place in found
    }


def show_mail(adapters: Adapters, contact_id: str, round_id: str) -> ShownMail:
    """The mail of a round to a contact's present address. Raises NotFound. Four reads, and one query
    for each company in the mail."""
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    people = holdings.contacts(adapters.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(people.values()), None)
    if contact is None or not contact.mailbox:
        raise NotFound(field="contact_id")
    mail = rounds.mail(adapters.table, round_id, contact.mailbox)
    if mail is None or all(request.company_id != company_id for request in mail.requests):
        raise NotFound(field="round_id")
    _, account = owners.load(adapters.table, contact.mailbox)
    parts = parts_of(adapters, mail, lambda machine: machine.asked_for)
    if not parts:
        return ShownMail(mail, None)
    parts = as_announced(adapters, mail, parts)
    block, sender = stationery(
        adapters,
        mail.block,
        language_for(parts, account.language),
    )
    message = request_mail(
        parts,
        block=block,
        to=contact.mailbox,
        access=Access(f"{adapters.settings.public_url}/#…", _NO_CODE),
        sender=sender,
    )
    return ShownMail(mail, message)
