"""Who wrote a message, about which machines: by the mail that it answers, else by its sender."""

from __future__ import annotations

from dataclasses import field
from datetime import date

from meterportal.adapters import Adapters
from meterportal.domain.access.links import Link
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import entitled, reports
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.answers import authentication, devices
from meterportal.domain.mailing.answers.addresses import DEVICES, fingerprints_in
from meterportal.domain.mailing.answers.messages import ReceivedMail
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine, walking_order
from meterportal.settings import Moment
from meterportal.store.access import links, mailboxes
from meterportal.store.exchange import imports
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.mailing.arrived_notice import ArrivedNotice

_MOST_LINKS = 3
_MOST_COMPANIES = 5


@frozen
class Answerer:
    """`machines` are those that the message may report; `doubts` keep it from doing so. `known`: somebody
    of a company of ours; `due_on` are the days that were asked for, by contract."""

    known: bool = False
    mailbox: str = ""
    contacts: dict[str, Contact] = field(default_factory=dict)
    held: dict[str, Holding] = field(default_factory=dict)
    machines: tuple[Machine, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def contact(self) -> Contact | None:
        """The first of the contacts at the mailbox, by company."""
        return next(iter(self.contacts.values()), None)


def is_for_devices(adapters: Adapters, notice: ArrivedNotice) -> bool:
    domain = adapters.settings.inbound_domain
    return f"{DEVICES}@{domain}" in {one.strip("<> ").casefold() for one in notice.recipients}


def answered_link(adapters: Adapters, notice: ArrivedNotice, mail: ReceivedMail) -> Link | None:
    """The link of the mail that a message answers: named by the address it went to, by References, or by
    the id that SES gave our mail. At most four reads."""
    domain = adapters.settings.inbound_domain
    named = [*fingerprints_in(notice.recipients, domain), *fingerprints_in(mail.answers, domain)]
    for fingerprint in dict.fromkeys(named[:_MOST_LINKS]):
        if link := links.load(adapters.table, fingerprint):
            return link
    for number in mail.answers[:_MOST_LINKS]:
        given, _, at = number.partition("@")
        if at.endswith("amazonses.com"):
            sent = rounds.sent_as(adapters.table, given)
            if sent and sent.link and (link := links.load(adapters.table, sent.link)):
                return link
    return None


def answerer_of(
    adapters: Adapters, mail: ReceivedMail, link: Link | None, authentic: bool, at: Moment
) -> Answerer:
    """The person who wrote; without a link whoever has the sender's address, if just one company asks
    there. A read for the mailbox, one for the mail, one for each company."""
    address = link.mailbox if link else mail.sender
    box = mailboxes.load(adapters.table, address) if address else Mailbox("")
    doubts = []
    if not authentic:
        doubts.append("not_authentic")
    if link is not None:
        if mail.sender != link.mailbox:
            doubts.append("other_sender")
        if link.revoked or link.expires_on < at.today:
            doubts.append("old_round")
    elif len(box.claims) != 1:
        return Answerer(bool(box.claims), doubts=(*doubts, "sender_unknown"))
    asked = _asked(adapters, link, box)
    found: list[Machine] = []
    contacts: dict[str, Contact] = {}
    held: dict[str, Holding] = {}
    for company_id in list(asked)[:_MOST_COMPANIES]:
        holding = holdings.load(adapters.table, company_id)
        contact = holding.contacts.get(box.claims.get(company_id, "")) if holding else None
        if holding is None or contact is None or not entitled(contact, box):
            doubts.append("not_entitled")
            continue
        held[company_id], contacts[company_id] = holding, contact
        own, old = _machines(holding, contact, asked[company_id])
        found += own
        doubts += ["old_round"] if old else []
    if len(asked) > _MOST_COMPANIES:
        doubts.append("many_companies")
    if not found:
        doubts.append("nothing_asked")
    return Answerer(True, address, contacts, held, tuple(found), tuple(dict.fromkeys(doubts)))


def _asked(
    adapters: Adapters, link: Link | None, box: Mailbox
) -> dict[str, dict[str, date] | None]:
    """The contracts that were asked about with their due dates, by company; None: those that are asked
    about now."""
    if link is None:
        return dict.fromkeys(box.claims)
    sent = rounds.mail(adapters.table, link.round_id, link.mailbox)
    if sent is None or not sent.requests:
        return {link.company_id: None}
    found: dict[str, dict[str, date] | None] = {}
    for request in sent.requests:
        of_company = found.setdefault(request.company_id, {})
        if of_company is not None:
            of_company[request.contract_id] = request.due_on
    return found


def _machines(
    holding: Holding, contact: Contact, asked: dict[str, date] | None
) -> tuple[list[Machine], bool]:
    """The machines that were asked for, and whether it was for an earlier period."""
    found: list[Machine] = []
    old = False
    for machine in sorted(holding.machines.values(), key=walking_order):
        contract = holding.contracts.get(machine.contract_id)
        if contract is None or not machine.asked_for:
            continue
        if not reports(contact, contract, holding.contacts):
            continue
        if asked is None:
            if contact.id in contract.asked and contract.asked_for == machine.due_on:
                found.append(machine)
        elif contract.id in asked:
            found.append(machine)
            old = old or asked[contract.id] != contract.due_on
    return found, old


def device_of(adapters: Adapters, mail: ReceivedMail, authentic: bool) -> Answerer:
    """The machine that a device's mail names by its serial number, if its sender belongs to the company.
    Three reads."""
    serials = devices.possible_serials(mail.subject, mail.text)
    holders = imports.holders(adapters.table, serials)
    numbers = sorted({number for found in holders.values() for number in found})
    found = machines.find(adapters.table, numbers) if numbers else {}
    companies = {machine.company_id for machine in found.values()}
    doubts = [] if authentic else ["not_authentic"]
    if len(companies) != 1:
        return Answerer(doubts=tuple(doubts))
    (company_id,) = companies
    people = holdings.people(adapters.table, company_id)
    addresses = [one.mailbox for one in people.contacts.values() if one.mailbox] if people else []
    if people is None or not authentication.of_one_house(mail.sender, addresses):
        doubts.append("other_sender")
    held = {company_id: people} if people else {}
    return Answerer(
        "other_sender" not in doubts,
        held=held,
        machines=tuple(found[number] for number in sorted(found)),
        doubts=tuple(doubts),
    )
