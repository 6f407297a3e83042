"""Companies with their contacts, contracts and machines: one partition each, read by one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from meterportal.domain.contracts import (
    Company,
    Contact,
    Contract,
    Interval,
    PortalRights,
    ReadingChannel,
)
from meterportal.domain.machines import Machine
from meterportal.store import keys, machines
from meterportal.store.table import HIGHEST, SHARDS, Item, Table, Write


@dataclass(slots=True)
class Holding:
    """A company and what belongs to it; `machines` is empty when only people and contracts were read."""

    company: Company
    contacts: dict[str, Contact] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)


def load(table: Table, company_id: str) -> Holding | None:
    """Everything of a company, None if unknown. One query (more pages over 1 MB)."""
    return _gather(table.query(keys.company(company_id)[0]))


def people(table: Table, company_id: str) -> Holding | None:
    """Company, contacts and contracts without machines. One query."""
    return _gather(table.query(keys.company(company_id)[0], between=("COMPANY", "CONTRACT$")))


def everybody(table: Table) -> Iterator[Holding]:
    """Every company with contacts and contracts, from the index: for lists, never for decisions."""
    for number in range(SHARDS):
        rows: list[Item] = []
        for item in table.query(f"PORTFOLIO#{number}", index="lists"):
            if rows and rows[0]["pk"] != item["pk"]:
                yield from _whole(rows)
                rows = []
            rows.append(item)
        yield from _whole(rows)


def company_ids(table: Table, *, after: tuple[int, str] = (0, "")) -> Iterator[tuple[int, str]]:
    """(shard, company id) of every company behind a place, from the index: for lists."""
    begun, company_id = after
    for number in range(begun, SHARDS):
        low = f"{company_id}#{HIGHEST}" if company_id and number == begun else "!"
        rows = table.query(f"PORTFOLIO#{number}", index="lists", between=(low, HIGHEST))
        for pk, _ in groupby(rows, key=lambda item: item["pk"]):
            yield number, pk.partition("#")[2]


def companies_of(table: Table, kind: str, numbers: Iterable[str]) -> dict[str, str]:
    """Company id by number of contracts, contacts or machines (`kind` as in the pointer's key)."""
    found = table.batch_get(keys.pointer(kind, number) for number in numbers)
    return {pk.partition("#")[2]: item["company_id"] for (pk, _), item in found.items()}


def contacts(table: Table, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    """Contacts by (company id, contact id)."""
    found = table.batch_get(keys.contact(*place) for place in places)
    rows = (unpack_contact(item) for item in found.values())
    return {(contact.company_id, contact.id): contact for contact in rows}


def contracts(table: Table, places: Iterable[tuple[str, str]]) -> dict[str, Contract]:
    """Contracts by number, from (company id, contract id)."""
    found = table.batch_get(keys.contract(*place) for place in places)
    return {contract.id: contract for contract in map(unpack_contract, found.values())}


def companies(table: Table, numbers: Iterable[str]) -> dict[str, Company]:
    found = table.batch_get(keys.company(number) for number in numbers)
    return {company.id: company for company in map(unpack_company, found.values())}


def _whole(rows: list[Item]) -> Iterator[Holding]:
    holding = _gather(rows)
    if holding:
        yield holding


def _gather(items: Iterable[Item]) -> Holding | None:
    holding: Holding | None = None
    loose: list[Item] = []
    for item in items:
        kind = item["sk"].partition("#")[0]
        if kind == "COMPANY":
            holding = Holding(unpack_company(item))
        else:
            loose.append(item)
    if holding is None:
        return None
    for item in loose:
        match item["sk"].partition("#")[0]:
            case "CONTACT":
                contact = unpack_contact(item)
                holding.contacts[contact.id] = contact
            case "CONTRACT":
                contract = unpack_contract(item)
                holding.contracts[contract.id] = contract
            case "MACHINE":
                machine = machines.unpack(item)
                holding.machines[machine.id] = machine
    return holding


def _fields(item: Item, prefix: str) -> tuple[str, str]:
    return item["pk"].partition("#")[2], item["sk"].removeprefix(prefix)


def company_master(company: Company) -> dict[str, Any]:
    """The attributes that an import owns."""
    return {
        "name": company.name,
        "language": company.language,
        "street": company.street,
        "postcode": company.postcode,
        "city": company.city,
    }


def contact_master(contact: Contact) -> dict[str, Any]:
    return {
        "salutation": contact.salutation,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "mailbox": contact.mailbox,
        "role": contact.role,
        "language": contact.language,
        "active": contact.active,
        "main": contact.main,
        "phone": contact.phone,
    }


def contract_master(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.name,
        "starts_on": _iso(contract.starts_on),
        "ends_on": _iso(contract.ends_on),
        "interval": contract.interval.value if contract.interval else None,
        "next_billing_on": _iso(contract.next_billing_on),
        "reading_channel": contract.reading_channel.value,
        "reporters": list(contract.reporters),
        "reporters_in_erp": None
        if contract.reporters_in_erp is None
        else list(contract.reporters_in_erp),
    }


def save_master(key: tuple[str, str], master: Mapping[str, Any]) -> Write:
    """Set master data of a company, contact or contract; what is not master data stays untouched."""
    company_id = key[0].partition("#")[2]
    values = dict(master) | keys.portfolio_list(company_id, key[1])
    return Write(key=key, update="SET " + ", ".join(f"#{n} = :{n}" for n in values), values=values)


def grant(contact: Contact, rights: PortalRights, *, at: str) -> Write:
    """Give a contact portal rights, only while the address is the one that was checked."""
    return Write(
        key=keys.contact(contact.company_id, contact.id),
        update="SET #rights = :rights, #granted_at = if_not_exists(#granted_at, :at)",
        condition="#mailbox = :mailbox AND #active = :yes",
        values={
            "rights": _rights(rights),
            "at": at,
            "mailbox": contact.mailbox,
            "yes": True,
        },
    )


def make_contact(contact: Contact, rights: PortalRights, *, at: str) -> Write:
    """A contact that no import has brought, with its rights; fails when the number is taken."""
    pk, sk = keys.contact(contact.company_id, contact.id)
    item = {
        "pk": pk,
        "sk": sk,
        **contact_master(contact),
        **keys.portfolio_list(contact.company_id, sk),
        "rights": _rights(rights),
        "granted_at": at,
        "from_portal": contact.from_portal,
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def _rights(rights: PortalRights) -> dict[str, Any]:
    return {
        "readings": rights.readings,
        "machines": rights.machines,
        "service_orders": rights.service_orders,
    }


def left(company_id: str, contact_id: str, address: str) -> Write:
    """A check: this contact does not stand at this address (any more), or is not active."""
    return Write(
        key=keys.contact(company_id, contact_id),
        condition="attribute_not_exists(pk) OR #mailbox <> :address OR #active <> :yes",
        values={"address": address, "yes": True},
    )


def unpack_company(item: Item) -> Company:
    return Company(
        id=item["pk"].partition("#")[2],
        name=item["name"],
        language=item["language"],
        street=item.get("street", ""),
        postcode=item.get("postcode", ""),
        city=item.get("city", ""),
    )


def unpack_contact(item: Item) -> Contact:
    company_id, number = _fields(item, "CONTACT#")
    rights = item.get("rights")
    return Contact(
        id=number,
        company_id=company_id,
        salutation=item.get("salutation", ""),
        first_name=item.get("first_name", ""),
        last_name=item.get("last_name", ""),
        email=item.get("email", ""),
        mailbox=item.get("mailbox"),
        role=item.get("role", ""),
        language=item.get("language", ""),
        active=item.get("active", True),
        main=item.get("main", False),
        phone=item.get("phone", ""),
        rights=PortalRights(**rights) if rights else None,
        from_portal=item.get("from_portal", False),
    )


def unpack_contract(item: Item) -> Contract:
    company_id, number = _fields(item, "CONTRACT#")
    return Contract(
        id=number,
        company_id=company_id,
        name=item.get("name", ""),
        starts_on=_day(item.get("starts_on")),
        ends_on=_day(item.get("ends_on")),
        interval=Interval(item["interval"]) if item.get("interval") else None,
        next_billing_on=_day(item.get("next_billing_on")),
        reading_channel=ReadingChannel(item["reading_channel"]),
        reporters=tuple(item.get("reporters", ())),
        reporters_in_erp=None
        if item.get("reporters_in_erp") is None
        else tuple(item["reporters_in_erp"]),
        asked_for=_day(item.get("asked_for")),
        asked=dict(item.get("asked", {})),
        mailed=item.get("mailed"),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
