"""Who may see machines, who may report, who can be reached by mail, and in which language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import (
    Company,
    Contact,
    Contract,
    Delivery,
    ReadingChannel,
    reporters_of,
)
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Listed, Machine, walking_order

_Listed = TypeVar("_Listed", bound=Listed)


def entrusted(contact: Contact, held: Holding) -> list[Machine]:
    """The machines that a contact reports for, in walking order."""
    return entrusted_of(held.machines.values(), contact, held)


def entrusted_of(machines: Iterable[_Listed], contact: Contact, held: Holding) -> list[_Listed]:
    """Of a company's machines those that a contact reports for, in walking order."""
    open_to_them = {
        contract.id
        for contract in held.contracts.values()
        if reports(contact, contract, held.contacts)
    }
    return sorted(
        (m for m in machines if m.asked_for and m.contract_id in open_to_them),
        key=walking_order,
    )


def visible_of(machines: Iterable[_Listed], contact: Contact, held: Holding) -> list[_Listed]:
    """Of a company's machines those that a contact may look at, in walking order: the active machines of
    contracts for which they report; with the right "machines" all active machines of the company."""
    open_to_them = {
        contract.id
        for contract in held.contracts.values()
        if sees_all(contact) or reports(contact, contract, held.contacts)
    }
    return sorted(
        (m for m in machines if m.active and m.contract_id in open_to_them),
        key=walking_order,
    )


def sees_all(contact: Contact) -> bool:
    """Whether a contact may look at every machine of their company."""
    return contact.rights is not None and contact.rights.machines


def reports(contact: Contact, contract: Contract, contacts: dict[str, Contact]) -> bool:
    """Whether a contact may report for a contract: it is reported in the portal, they are one of
    its reporters, and they have the right."""
    return (
        contract.reading_channel is ReadingChannel.PORTAL
        and contact.rights is not None
        and contact.rights.readings
        and any(reporter.id == contact.id for reporter in reporters_of(contract, contacts))
    )


def granted(contact: Contact, post: Mailbox | None) -> bool:
    """Whether a contact has what a Portal Ready check gives: the right to report, and the claim on their
    address. It says nothing about a contract; for which ones they report, `reports` says."""
    return bool(
        contact.rights
        and contact.rights.readings
        and post is not None
        and post.claims.get(contact.company_id) == contact.id
    )


def spoken(contact: Contact, company: Company, chosen: str = "") -> str:
    """The language of a contact, "de" or "en": the chosen one, else the contact's, else the
    company's."""
    language = (chosen or contact.language or company.language).casefold()[:2]
    return "en" if language == "en" else "de"


def reachable(mailbox: Mailbox) -> bool:
    return mailbox.delivery is Delivery.OK


def entitled(contact: Contact, mailbox: Mailbox) -> bool:
    """Whether a contact may use the portal with this mailbox, by the current data."""
    rights = contact.rights
    return (
        contact.active
        and contact.mailbox == mailbox.address
        and rights is not None
        and (rights.readings or rights.machines)
    )
