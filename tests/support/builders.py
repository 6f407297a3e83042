"""Builders with defaults: a company with its people, contracts and machines, as tests need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol

from meterportal.crypto import fingerprint
from meterportal.domain.portfolio.contracts import (
    Company,
    Contact,
    Contract,
    Interval,
    PortalRights,
)
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Effective, Location, Machine, Meter, MeterKind
from meterportal.store import keys
from meterportal.store.access import links, mailboxes
from meterportal.store.portfolio import holdings, machines
from meterportal.store.table import Table

DUE = date(2026, 11, 28)
"""When the builders' contracts are due: five days after the tests' today."""


class HasTable(Protocol):
    @property
    def table(self) -> Table: ...


def a_meter(
    number: str = "1",
    *,
    last_value: int | None = 10_000,
    a_month: int = 1_000,
    readings: int = 12,
    until: date = date(2026, 10, 28),
    **fields: Any,
) -> Meter:
    """A b/w meter with a steady history: `readings` monthly ones up to `last_value` on `until`.

    `last_value=None` leaves the history empty.
    """
    history: tuple[Effective, ...] = ()
    if last_value is not None:
        history = tuple(
            Effective(until - timedelta(days=30 * back), last_value - a_month * back, billed=True)
            for back in range(readings - 1, -1, -1)
            if last_value - a_month * back >= 0
        )
    given: dict[str, Any] = {
        "label": "S/W",
        "kind": MeterKind.BW,
        "display_label": "Drucke gesamt S/W",
        "history": history,
    }
    return Meter(id=number, **given | fields)


def a_colour_meter(number: str = "2", *, last_value: int | None = 4_000, **fields: Any) -> Meter:
    given: dict[str, Any] = {
        "label": "Farbe",
        "kind": MeterKind.COLOUR,
        "display_label": "Drucke gesamt Farbe",
        "a_month": 300,
    }
    return a_meter(number, last_value=last_value, **given | fields)


def a_machine(number: str = "200001", **fields: Any) -> Machine:
    """A machine of the builders' company and contract with one b/w and one colour meter."""
    given: dict[str, Any] = {
        "company_id": "10000",
        "contract_id": "70001",
        "serial": f"SN{number}",
        "maker": "Ricoh",
        "model": "IM C3000",
        "customer_no": "K-1",
        "location": Location("Zentrale", "A", "EG", "101"),
        "due_on": DUE,
        "meters": (a_meter(), a_colour_meter()),
    }
    return Machine(id=number, **given | fields)


def a_contact(number: str = "5001", **fields: Any) -> Contact:
    """An active contact with the right to report; `email` decides the mailbox."""
    given: dict[str, Any] = {
        "company_id": "10000",
        "salutation": "Frau",
        "first_name": "Clara",
        "last_name": "Schäfer",
        "email": "clara@muster.example",
        "language": "de",
        "rights": PortalRights(readings=True, machines=True),
    }
    made = Contact(id=number, **given | fields)
    return replace(made, mailbox=made.mailbox or made.email.casefold() or None)


def a_contract(number: str = "70001", **fields: Any) -> Contract:
    """A contract on the portal with contact 5001 as its reporter."""
    given: dict[str, Any] = {
        "company_id": "10000",
        "name": "Service Vollwartung",
        "starts_on": date(2023, 11, 28),
        "ends_on": date(2030, 6, 28),
        "interval": Interval.MONTHLY,
        "next_billing_on": DUE,
        "reporters": ("5001",),
    }
    return Contract(id=number, **given | fields)


def a_holding(
    company: Company | None = None,
    *,
    contacts: Sequence[Contact] | None = None,
    contracts: Sequence[Contract] | None = None,
    machines: Sequence[Machine] | None = None,
) -> Holding:
    """A company with one contact, contract and machine unless told otherwise; ids are made to fit."""
    company = company or Company("10000", "Muster GmbH", city="Bonn")

    people = [a_contact()] if contacts is None else contacts
    papers = [a_contract()] if contracts is None else contracts
    devices = [a_machine()] if machines is None else machines
    return Holding(
        company,
        {person.id: replace(person, company_id=company.id) for person in people},
        {paper.id: replace(paper, company_id=company.id) for paper in papers},
        {device.id: replace(device, company_id=company.id) for device in devices},
    )


def settle(adapters: HasTable, holding: Holding | None = None, *, claimed: bool = True) -> Holding:
    """Write a company as import and Portal Ready would leave it; `claimed=False`: before the latter.

    Contacts with rights get their address claimed. Gives back what was written.
    """
    table, held = adapters.table, holding or a_holding()
    table.write(
        holdings.save_master(keys.company(held.company.id), holdings.company_master(held.company))
    )
    for contact in held.contacts.values():
        _settle_contact(table, contact, claimed=claimed)
    for contract in held.contracts.values():
        place = keys.contract(contract.company_id, contract.id)
        table.write(holdings.save_master(place, holdings.contract_master(contract)))
        _point(table, "CONTRACT", contract.id, contract.company_id)
    for machine in held.machines.values():
        settle_machine(adapters, machine)
    return held


def settle_machine(adapters: HasTable, machine: Machine) -> Machine:
    """Write one new machine. Not in a transaction: moto copies all its tables for each of them."""
    for write in machines.save(machine, seen=None, event=None):
        adapters.table.write(write)
    _point(adapters.table, "MACHINE", machine.id, machine.company_id)
    return machine


def _settle_contact(table: Table, contact: Contact, *, claimed: bool) -> None:
    place = keys.contact(contact.company_id, contact.id)
    table.write(holdings.save_master(place, holdings.contact_master(contact)))
    _point(table, "CONTACT", contact.id, contact.company_id)
    if contact.mailbox is None:
        return
    table.write(mailboxes.list_contact(contact))
    if claimed and contact.rights and contact.active:
        table.write(holdings.grant(contact, contact.rights, at="2026-11-01T00:00:00+00:00"))
        table.write(mailboxes.claim(contact))


def _point(table: Table, kind: str, number: str, company_id: str) -> None:
    pk, sk = keys.pointer(kind, number)
    table.batch_write(puts=[{"pk": pk, "sk": sk, "company_id": company_id}])


class Mails(HasTable, Protocol):
    """Doors that can seal a link."""

    @property
    def keys(self) -> Any: ...

    @property
    def new_secret_id(self) -> Any: ...


def a_link(
    adapters: Mails,
    *,
    mailbox: str = "clara@muster.example",
    company_id: str = "10000",
    expires_on: date = DUE + timedelta(days=45),
) -> str:
    """A link as a mail would carry it: the row is written, the token comes back."""
    link_id: bytes = adapters.new_secret_id()
    adapters.table.write(
        links.new(
            fingerprint(link_id),
            mailbox=mailbox,
            company_id=company_id,
            round_id="round1",
            expires_on=expires_on,
        )
    )
    token: str = adapters.keys.seal_link(link_id)
    return token
