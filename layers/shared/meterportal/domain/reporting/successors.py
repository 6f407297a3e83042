"""Successors: a contact names who reports from now on; staff approve or refuse.

An approved successor replaces the contact who named them in the contracts. The portal does not
write this to the ERP; people do. So a contract remembers, beside its reporters, whom the ERP names,
and an import does not change the reporters as long as the ERP still names the same contacts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact, Contract, Delivery, reporters_of
from meterportal.domain.refusals import Conflict, Refusal

LONGEST_NAME, LONGEST_TEXT = 120, 500
MOST_OPEN = 5
"""Requests of one contact that may wait for a decision at the same time."""

MOST_CONTRACTS = 90
"""Contracts in one request: one transaction changes all of them, the new contact and the
request."""


class SuccessorState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@frozen
class Successor:
    """A request: `contact_id` of the company names a person who reports for the contracts.

    Once approved, `person_id` is the contact who reports, and `handed_over` are the contracts for
    which the asking contact still reported at that moment. `decided_by` is a staff id.
    """

    id: str
    company_id: str
    contact_id: str
    name: str
    mailbox: str
    contract_ids: tuple[str, ...]
    asked_at: datetime
    text: str = ""
    state: SuccessorState = SuccessorState.OPEN
    decided_at: datetime | None = None
    decided_by: str = ""
    note: str = ""
    person_id: str = ""
    handed_over: tuple[str, ...] = ()


class SuccessorIsYou(Refusal):
    code = "successor_is_you"
    de = "Das ist Ihre eigene E-Mail-Adresse. Bitte nennen Sie die Person, die künftig meldet."
    en = "This is your own e-mail address. Please name the person who reports from now on."


class TooManyContracts(Refusal):
    """Facts: `most`."""

    code = "too_many_contracts"
    de = "Bitte geben Sie höchstens {most} Verträge auf einmal ab."
    en = "Please hand over at most {most} contracts at a time."


class TooManySuccessors(Conflict):
    """Facts: `most`."""

    code = "too_many_successors"
    de = "Von Ihnen warten schon {most} Vorschläge auf eine Entscheidung. Bitte warten Sie, bis Ihr Händler darüber entschieden hat."
    en = "{most} of your proposals are waiting for a decision already. Please wait until your dealer has decided about them."


class NothingToHandOver(Conflict):
    code = "nothing_to_hand_over"
    de = "Für diese Verträge meldet der bisherige Ansprechpartner nicht (mehr)."
    en = "The contact does not report for these contracts (any more)."


class SuccessorDecided(Conflict):
    """Facts: `state`."""

    code = "successor_decided"
    de = "Über diese Nachfolge ist bereits entschieden."
    en = "This succession has been decided already."


class AddressTaken(Conflict):
    """Other contacts have the address, so it cannot be used. Facts: `email`, `people`."""

    code = "address_taken"
    de = (
        "Die E-Mail-Adresse {email} steht schon bei {people}. Bitte klären Sie das zuerst im "
        "Warenwirtschaftssystem."
    )
    en = "The e-mail address {email} stands at {people} already. Please settle this in the ERP first."


class AddressUnreachable(Conflict):
    """Facts: `email`."""

    code = "address_unreachable"
    de = "E-Mails an {email} kommen nicht an oder sind unerwünscht."
    en = "E-mails to {email} do not arrive or are unwanted."


class ReportingWithdrawn(Conflict):
    """Facts: `people`."""

    code = "reporting_withdrawn"
    de = "{people} darf nach den Portalrechten keine Zählerstände melden."
    en = "By the portal rights {people} may not report readings."


def person_at(mailbox: str, contacts: Iterable[Contact], post: Mailbox) -> Contact | None:
    """The company's contact who has an address, None if a new contact is needed.

    Raises AddressTaken when several active contacts have it, or only inactive ones (the ERP made
    them so); AddressUnreachable; ReportingWithdrawn. `post` is the mailbox of the address.
    """
    if post.delivery is not Delivery.OK:
        raise AddressUnreachable(email=mailbox)
    there = [contact for contact in contacts if contact.mailbox == mailbox]
    active = [contact for contact in there if contact.active]
    if len(active) > 1 or (there and not active):
        people = ", ".join(f"{c.id} {c.name}" for c in sorted(active or there, key=lambda c: c.id))
        raise AddressTaken(email=mailbox, people=people)
    if not active:
        return None
    person = active[0]
    if person.rights is not None and not person.rights.readings:
        raise ReportingWithdrawn(people=f"{person.id} {person.name}")
    return person


def new_person(number: str, asked: Successor) -> Contact:
    """A contact that the portal creates, until the ERP has one with this address."""
    first, _, last = asked.name.rpartition(" ")
    return Contact(
        id=number,
        company_id=asked.company_id,
        first_name=first,
        last_name=last,
        email=asked.mailbox,
        mailbox=asked.mailbox,
        from_portal=True,
    )


def hand_over(
    asked: Successor,
    contracts: Mapping[str, Contract],
    contacts: Mapping[str, Contact],
    person_id: str,
) -> list[Contract]:
    """The contracts of a request, with the successor in place of the contact who named them.

    Contracts for which that contact does not report any more are left out: the ERP may have changed
    them meanwhile. Raises NothingToHandOver when none is left.
    """
    changed = []
    for number in asked.contract_ids:
        contract = contracts.get(number)
        reporting = [c.id for c in reporters_of(contract, dict(contacts))] if contract else []
        if contract is None or asked.contact_id not in reporting:
            continue
        # Named contacts keep their places. Where contacts reported by role or as the main contact,
        # they are named now: only the asking contact is to be replaced.
        before = list(contract.reporters) or reporting
        after = [person_id if number == asked.contact_id else number for number in before]
        erp = contract.reporters_in_erp
        changed.append(
            replace(
                contract,
                reporters=tuple(dict.fromkeys(after)),
                reporters_in_erp=contract.reporters if erp is None else erp,
            )
        )
    if not changed:
        raise NothingToHandOver
    return changed


def to_carry_over(asked: Successor, contracts: Iterable[Contract]) -> list[str]:
    """The numbers of the contracts whose new reporter still has to be entered in the ERP."""
    return [
        contract.id
        for contract in contracts
        if contract.id in asked.handed_over
        and contract.reporters_in_erp is not None
        and asked.person_id in contract.reporters
    ]


# what an import changes


def reporters_said(contract: Contract, named: tuple[str, ...]) -> Contract:
    """The contract with the reporters that the ERP names, if these differ from what it named
    last."""
    if named == contract.reporters_in_erp:
        return contract
    return replace(contract, reporters=named, reporters_in_erp=None)


def without_successors(contract: Contract) -> Contract:
    """The contract with the ERP's reporters, for a contract that moves to another company: the
    successors are contacts of the old one."""
    if contract.reporters_in_erp is None:
        return contract
    return replace(contract, reporters=contract.reporters_in_erp, reporters_in_erp=None)


def heirs(contacts: Collection[Contact], arriving: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Contacts created by the portal whose address now belongs to a contact of the ERP: id -> that
    contact.

    `arriving` are (contact id, mailbox) of the ERP's active contacts. An address of two of them is
    left out: the ERP has to correct that first.
    """
    by_mailbox: dict[str, set[str]] = {}
    for number, mailbox in arriving:
        by_mailbox.setdefault(mailbox, set()).add(number)
    found = {}
    for contact in contacts:
        there = by_mailbox.get(contact.mailbox or "", set()) - {contact.id}
        if contact.from_portal and contact.active and len(there) == 1:
            found[contact.id] = next(iter(there))
    return found


def inherited(contract: Contract, heirs: Mapping[str, str]) -> Contract:
    """The contract with the ERP's contacts in place of those that the portal created."""
    if not any(number in heirs for number in contract.reporters):
        return contract
    after = (heirs.get(number, number) for number in contract.reporters)
    return replace(contract, reporters=tuple(dict.fromkeys(after)))
