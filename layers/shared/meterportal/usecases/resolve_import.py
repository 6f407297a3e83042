"""An import's rows against what the table knows: where each record lives, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from meterportal.domain.imports.batch import (
    Batch,
    Known,
    Portion,
    moved_contracts,
    portions,
    settle_people,
)
from meterportal.domain.imports.doubts import (
    fold_serial,
    mailbox_doubts,
    mailboxes_of,
    postcode_doubts,
    serial_doubts,
)
from meterportal.domain.imports.planning import Stored
from meterportal.store import imports, machines, mailboxes, portfolio
from meterportal.store.table import Table


@dataclass(frozen=True, slots=True)
class Moving:
    """Records that change their company, each with the one that they come to."""

    contacts: dict[str, str]
    contracts: dict[str, str]
    machines: dict[str, str]


def resolve(table: Table, batch: Batch) -> tuple[list[Portion], Known, Moving]:
    """The import by company. Rows that refer to nothing are rejected, doubts are reported."""
    known = _look_up(table, batch)
    settle_people(batch, known)
    contracts = moved_contracts(batch, known)
    known.followers = _followers(table, batch, contracts)
    _doubt(table, batch)
    parts = portions(batch, known)
    moving = Moving(
        contacts={
            row["id"]: part.company_id
            for part in parts
            for row in part.contacts
            if known.contacts.get(row["id"], part.company_id) != part.company_id
        },
        contracts={number: to for number, (_, to) in contracts.items()},
        machines={
            row["id"]: part.company_id
            for part in parts
            for row in part.machines
            if known.machines.get(row["id"], part.company_id) != part.company_id
        }
        | {number: part.company_id for part in parts for number in part.followers},
    )
    return parts, known, moving


def load_stored(
    table: Table, part: Portion, known: Known, moving: Moving
) -> tuple[Stored, dict[str, str]]:
    """What the table holds of a company now, and what is still to come to it from others.

    Also the company that each of the machines coming is leaving.
    """
    holding = portfolio.load(table, part.company_id)
    stored = Stored()
    if holding:
        stored.company = holding.company
        stored.contacts, stored.contracts = holding.contacts, holding.contracts
        stored.machines = holding.machines
    leaving: dict[str, str] = {}
    for kind, coming in (
        ("CONTACT", moving.contacts),
        ("CONTRACT", moving.contracts),
        ("MACHINE", moving.machines),
    ):
        expected = [number for number, to in coming.items() if to == part.company_id]
        if not expected:
            continue
        # Looked up anew: they may have come already, by the run before this one was cut off.
        found = imports.pointers(table, kind, expected)
        places = [
            (pointer.company_id, number)
            for number, pointer in found.items()
            if pointer.company_id != part.company_id
        ]
        if kind == "CONTACT":
            stored.coming_contacts = {
                number: contact
                for (_, number), contact in portfolio.contacts(table, places).items()
            }
        elif kind == "CONTRACT":
            stored.coming_contracts = portfolio.contracts(table, places)
        else:
            stored.coming_machines = machines.load_many(table, places)
            leaving = {number: company_id for company_id, number in places}
            known.since |= {n: pointer.since for n, pointer in found.items() if pointer.since}
    return stored, leaving


def ever_released(table: Table, places: Iterable[tuple[str, str]]) -> dict[tuple[str, date], int]:
    """Every reading of ours that was ever released, from the histories at (company, machine)."""
    return {
        (entry["meter_id"], date.fromisoformat(entry["read_on"])): entry["value"]
        for place in places
        for event in machines.history(table, *place)
        if event["event"] == "released"
        for entry in event["entries"]
    }


def _look_up(table: Table, batch: Batch) -> Known:
    companies = batch.numbers("contacts", "company_id") | batch.numbers("contracts", "company_id")
    contacts = batch.numbers("contacts")
    for row in batch.of("contracts"):
        contacts |= set(row["reporters"] or ())
    contracts = batch.numbers("contracts") | batch.numbers("machines", "contract_id")
    numbers = (
        batch.numbers("machines") | batch.numbers("meters", "machine_id") | set(batch.readings)
    )
    places = imports.pointers(table, "MACHINE", numbers)
    return Known(
        companies=set(portfolio.companies(table, companies - batch.numbers("companies"))),
        contacts=portfolio.companies_of(table, "CONTACT", sorted(contacts)),
        contracts=portfolio.companies_of(table, "CONTRACT", sorted(contracts)),
        machines={number: pointer.company_id for number, pointer in places.items()},
        since={number: pointer.since for number, pointer in places.items() if pointer.since},
    )


def _followers(table: Table, batch: Batch, contracts: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Machines that no row names but whose contract goes to another company: they go along."""
    named = batch.numbers("machines")
    found: dict[str, tuple[str, str]] = {}
    for home in sorted({home for home, _ in contracts.values()}):
        holding = portfolio.load(table, home)
        for machine in holding.machines.values() if holding else ():
            move = contracts.get(machine.contract_id)
            if move and move[0] == home and machine.id not in named:
                found[machine.id] = move
    places = imports.pointers(table, "MACHINE", found)
    return {
        number: to
        for number, (home, to) in found.items()
        if number in places and places[number].company_id == home
    }


def _doubt(table: Table, batch: Batch) -> None:
    listed = {
        place
        for mailbox in mailboxes.load_many(table, mailboxes_of(batch)).values()
        for place in mailbox.listed
    }
    own = batch.numbers("contacts")
    others = portfolio.contacts(table, sorted(place for place in listed if place[1] not in own))
    batch.faults += mailbox_doubts(batch, others.values())
    rows = list(batch.of("machines"))
    serials = {fold_serial(row["serial"]) for row in rows if row["serial"]}
    held = imports.holders(table, serials)
    batch.faults += serial_doubts(rows, batch.numbers("machines"), held)
    batch.faults += postcode_doubts(batch)
