"""What stands in the way of contracts that are due, with the people who can be reached about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meterportal.adapters import Adapters
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio import standing
from meterportal.domain.portfolio.contracts import Contact, Contract, Delivery
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.portfolio.standing import ContractStanding
from meterportal.settings import Moment
from meterportal.usecases.portfolio.select_contracts import Chosen, grouped, people, places

MOST = 100
"""Contracts of one answer: as many companies at most, each a query."""


@frozen
class StandingContract:
    """A contract with where it stands, and why it is not asked by mail."""

    contract: Contract
    standing: ContractStanding
    reasons: tuple[Reason, ...]


@frozen
class NamedContact:
    """A contact whom a reason names, with the state of the address."""

    contact: Contact
    delivery: Delivery


def standing_of(
    adapters: Adapters, contract_ids: Sequence[str], at: Moment
) -> tuple[list[StandingContract], list[NamedContact]]:
    """Contracts in no special order, unknown ones left out; and everybody whom their reasons name."""
    selection = Selection(ids=tuple(contract_ids))
    shown: list[StandingContract] = []
    named: dict[str, NamedContact] = {}
    chosen = people(adapters, selection, places(adapters, selection)) if contract_ids else ()
    for group, boxes in grouped(adapters, chosen):
        for company in group:
            found = _standing(company, boxes, at)
            shown += found
            named |= _named(company.holding, found, boxes)
    return shown, list(named.values())


def _standing(chosen: Chosen, boxes: Mapping[str, Mailbox], at: Moment) -> list[StandingContract]:
    contacts = chosen.holding.contacts
    return [
        StandingContract(contract, *standing.standing_of(contract, contacts, boxes, at.today))
        for contract in chosen.contracts
    ]


def _named(
    holding: Holding, found: Sequence[StandingContract], boxes: Mapping[str, Mailbox]
) -> dict[str, NamedContact]:
    numbers = {reason.contact_id for one in found for reason in one.reasons}
    return {
        contact.id: NamedContact(contact, box.delivery if box else Delivery.OK)
        for contact in holding.contacts.values()
        if contact.id in numbers
        for box in [boxes.get(contact.mailbox or "")]
    }
