"""Compares an import's rows with the table: at which company each record is,
and what is doubtful.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from meterportal.adapters import Adapters
from meterportal.domain.exchange.imports.batch import (
    Batch,
    Known,
    Portion,
    moved_contracts,
    portions,
    refuse_changed_numbers,
    refuse_erased,
    settle_people,
)
from meterportal.domain.exchange.imports.changed_numbers import alike
from meterportal.domain.exchange.imports.directory import Directory
from meterportal.domain.exchange.imports.doubts import (
    mailbox_doubts,
    mailboxes_of,
    postcode_doubts,
    serial_doubts,
)
from meterportal.domain.exchange.imports.planning import StoredCompany
from meterportal.domain.exchange.imports.replacing import refuse_elsewhere
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import fold_serial
from meterportal.store.access import erasures, mailboxes
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings, machines, provisional

_TRIED = 100
"""Numbers that are looked up in other spellings first; all of them only if
one of these is found.
"""


@frozen
class Moving:
    """Records that change their company, each with its new company."""

    contacts: dict[str, str]
    contracts: dict[str, str]
    machines: dict[str, str]


def resolve(
    adapters: Adapters, batch: Batch, others: Directory | None = None
) -> tuple[list[Portion], Known, Moving]:
    """The import by company. Rows that refer to unknown records are rejected,
    doubts are reported. `others` are the import's other parts, if it has any.
    """
    others = others or Directory()
    known = _look_up(adapters, batch)
    for number in _reporters(batch) - batch.numbers("contacts") - known.contacts.keys():
        if number in others.homes["contacts"] and number not in known.erased:
            known.contacts[number] = others.homes["contacts"][number]
    refuse_erased(batch, known, _erased_addresses(adapters, batch, known))
    refuse_changed_numbers(batch, known)
    settle_people(batch, known)
    contracts = moved_contracts(batch, known)
    known.followers = _followers(adapters, batch, contracts)
    _doubt(adapters, batch, others)
    _look_for_replacements(adapters, batch, known)
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
    adapters: Adapters, part: Portion, known: Known, moving: Moving
) -> tuple[StoredCompany, dict[str, str]]:
    """The stored records of a company, and those that come to it from other companies.

    Also, by machine, the company that a coming machine leaves.
    """
    holding = holdings.load(adapters.table, part.company_id)
    stored = StoredCompany(reserved=known.reserved)
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
        # Read again: an interrupted earlier run may have moved them already.
        found = imports.pointers(adapters.table, kind, expected)
        places = [
            (pointer.company_id, number)
            for number, pointer in found.items()
            if pointer.company_id != part.company_id
        ]
        if kind == "CONTACT":
            stored.coming_contacts = {
                number: contact
                for (_, number), contact in holdings.contacts(adapters.table, places).items()
            }
        elif kind == "CONTRACT":
            stored.coming_contracts = holdings.contracts(adapters.table, places)
        else:
            stored.coming_machines = machines.load_many(adapters.table, places)
            leaving = {number: company_id for company_id, number in places}
            known.since |= {n: pointer.since for n, pointer in found.items() if pointer.since}
    return stored, leaving


def ever_released(
    adapters: Adapters, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, date], int]:
    """All readings that were ever released in the portal, from the histories at
    (company, machine), without those that were withdrawn or corrected since.
    """
    found: dict[tuple[str, date], int] = {}
    for place in places:
        for event in machines.history(adapters.table, *place):
            for entry in event["entries"] if event["event"] in _RELEASES else ():
                if before := entry.get("before"):
                    found.pop((entry["meter_id"], date.fromisoformat(before["read_on"])), None)
                if event["event"] != "withdrawn":
                    day = date.fromisoformat(entry["read_on"])
                    found[entry["meter_id"], day] = entry["value"]
    return found


_RELEASES = frozenset({"released", "withdrawn", "reversed"})


def _look_up(adapters: Adapters, batch: Batch) -> Known:
    companies = batch.numbers("contacts", "company_id") | batch.numbers("contracts", "company_id")
    contacts = batch.numbers("contacts") | _reporters(batch)
    contracts = batch.numbers("contracts") | batch.numbers("machines", "contract_id")
    numbers = (
        batch.numbers("machines") | batch.numbers("meters", "machine_id") | set(batch.readings)
    )
    places = imports.pointers(adapters.table, "MACHINE", numbers)
    people = holdings.pointed(adapters.table, "CONTACT", sorted(contacts))
    known = Known(
        companies=set(holdings.companies(adapters.table, companies | batch.numbers("companies"))),
        contacts={number: home for number, home in people.items() if home is not None},
        erased={number for number, home in people.items() if home is None},
        contracts=holdings.companies_of(adapters.table, "CONTRACT", sorted(contracts)),
        machines={number: pointer.company_id for number, pointer in places.items()},
        since={number: pointer.since for number, pointer in places.items() if pointer.since},
    )
    named = companies | batch.numbers("companies")
    known.meant = {
        "companies": _meant(
            named - known.companies, lambda wanted: holdings.companies(adapters.table, wanted)
        ),
        "contacts": _meant(contacts - people.keys(), _pointed(adapters, "CONTACT")),
        "contracts": _meant(contracts - known.contracts.keys(), _pointed(adapters, "CONTRACT")),
        "machines": _meant(numbers - known.machines.keys(), _pointed(adapters, "MACHINE")),
    }
    return known


def _reporters(batch: Batch) -> set[str]:
    return {number for row in batch.of("contracts") for number in row["reporters"] or ()}


def _erased_addresses(adapters: Adapters, batch: Batch, known: Known) -> set[str]:
    """The addresses of new contacts that an erased person had."""
    new = {
        row["mailbox"]
        for row in batch.of("contacts")
        if row["id"] not in known.contacts and row.has("mailbox") and row["mailbox"]
    }
    return erasures.marked(adapters.table, adapters.keys.erased_marks, new) if new else set()


def _pointed(adapters: Adapters, kind: str) -> Callable[[Iterable[str]], Collection[str]]:
    return lambda wanted: holdings.companies_of(adapters.table, kind, wanted)


def _meant(unknown: set[str], stored: Callable[[Iterable[str]], Collection[str]]) -> dict[str, str]:
    """Unknown numbers that are a known number in another spelling, changed by some program.

    In a large file a few are tried first: a program changes all numbers or none.
    """
    numbers = sorted(unknown)
    found = _made_of(numbers[:_TRIED], stored)
    return found | _made_of(numbers[_TRIED:], stored) if found else found


def _made_of(
    numbers: Iterable[str], stored: Callable[[Iterable[str]], Collection[str]]
) -> dict[str, str]:
    candidates = {number: list(alike(number)) for number in numbers}
    existing = stored(
        sorted({spelling for spellings in candidates.values() for spelling in spellings})
    )
    return {
        number: next(spelling for spelling in spellings if spelling in existing)
        for number, spellings in candidates.items()
        if any(spelling in existing for spelling in spellings)
    }


def _followers(
    adapters: Adapters, batch: Batch, contracts: dict[str, tuple[str, str]]
) -> dict[str, str]:
    """Machines without a row whose contract moves to another company: they move with it."""
    named = batch.numbers("machines")
    found: dict[str, tuple[str, str]] = {}
    for home in sorted({home for home, _ in contracts.values()}):
        holding = holdings.load(adapters.table, home)
        for machine in holding.machines.values() if holding else ():
            move = contracts.get(machine.contract_id)
            if move and move[0] == home and machine.id not in named:
                found[machine.id] = move
    places = imports.pointers(adapters.table, "MACHINE", found)
    return {
        number: to
        for number, (home, to) in found.items()
        if number in places and places[number].company_id == home
    }


def _look_for_replacements(adapters: Adapters, batch: Batch, known: Known) -> None:
    """Which rows have the serial number of a machine that staff put in place of another."""
    rows = {row["id"]: fold_serial(row["serial"]) for row in batch.of("machines") if row["serial"]}
    held = provisional.reserved(adapters.table, rows.values())
    known.reserved = {number: held[serial] for number, serial in rows.items() if serial in held}
    if held:
        refuse_elsewhere(batch, known, machines.find(adapters.table, held.values()).values())


def _doubt(adapters: Adapters, batch: Batch, elsewhere: Directory) -> None:
    """What a row of another part says of a record counts in place of what is stored."""
    listed = {
        place
        for mailbox in mailboxes.load_many(adapters.table, mailboxes_of(batch)).values()
        for place in mailbox.listed
    }
    own, told = batch.numbers("contacts"), elsewhere.homes["contacts"]
    others = holdings.contacts(
        adapters.table,
        sorted(place for place in listed if place[1] not in own and place[1] not in told),
    )
    batch.faults += mailbox_doubts(batch, [*others.values(), *elsewhere.people()])
    rows = list(batch.of("machines"))
    serials = {fold_serial(row["serial"]) for row in rows if row["serial"]}
    stored = imports.holders(adapters.table, serials)
    held = {
        serial: frozenset(n for n in stored.get(serial, ()) if n not in elsewhere.homes["machines"])
        | elsewhere.serials().get(serial, set())
        for serial in serials
    }
    batch.faults += serial_doubts(rows, batch.numbers("machines"), held)
    batch.faults += postcode_doubts(batch)
