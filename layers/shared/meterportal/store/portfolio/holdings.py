"""Companies with their contacts, contracts and machines: one partition each, read by one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from meterportal.domain.portfolio.contracts import (
    Company,
    Contact,
    Contract,
    Interval,
    PortalRights,
    ReadingChannel,
    to_carry_over,
)
from meterportal.domain.portfolio.holdings import Holding
from meterportal.store import keys
from meterportal.store.items import Item, day_of, iso_of
from meterportal.store.portfolio import machines, outlines
from meterportal.store.portfolio.order import Stand
from meterportal.store.table import HIGHEST, SHARDS, Table
from meterportal.store.writes import Write

TOMBSTONES_KEPT = timedelta(days=14)
"""Longer than any snapshot lives, and than a console may have slept."""


def load(table: Table, company_id: str) -> Holding | None:
    """Everything of a company, None if unknown. One query (more pages over 1 MB)."""
    return _gather(table.query(keys.company(company_id)[0]))


def outlined(table: Table, company_id: str) -> Holding | None:
    """The same with outlines in place of machines: for lists of many of which few are shown."""
    asked = table.query(keys.company(company_id)[0], only=outlines.OF_A_COMPANY)
    return _gather(asked, in_outline=True)


def people(table: Table, company_id: str) -> Holding | None:
    """Company, contacts and contracts without machines. One query."""
    return _gather(table.query(keys.company(company_id)[0], between=("COMPANY", "CONTRACT$")))


def stretch(table: Table, company_id: str, *, after: str, most: int) -> Holding | None:
    """Company, contacts, contracts, and the outlines of at most `most` machines by number, those after
    the number `after`. Two queries."""
    held = people(table, company_id)
    if held is not None:
        held.outlines += outlines.of_company(table, company_id, most=most, after=after)
    return held


def everybody(table: Table) -> Iterator[Holding]:
    """Every company with contacts and contracts, from the index: for lists, never for decisions."""
    return (holding for _, holding in everybody_behind(table, (0, "")))


def everybody_behind(
    table: Table, after: Stand, *, page: int | None = None, only: Iterable[str] | None = None
) -> Iterator[tuple[int, Holding]]:
    """(shard, company) of everybody behind a place; read as far as asked, `page` rows at a time, with
    these attributes `only`: the others have their defaults then."""
    begun, _ = after
    for number in range(begun, SHARDS):
        listed = _listed(table, number, after, page=page, only=only)
        for _, rows in groupby(listed, itemgetter("pk")):
            if holding := _gather(rows):
                yield number, holding


def company_ids(table: Table, *, after: tuple[int, str] = (0, "")) -> Iterator[tuple[int, str]]:
    """(shard, company id) of every company after a place, from the index: for lists."""
    begun, _ = after
    for number in range(begun, SHARDS):
        for pk, _ in groupby(_listed(table, number, after), key=lambda item: item["pk"]):
            yield number, pk.partition("#")[2]


def _listed(table: Table, number: int, after: tuple[int, str], **how: Any) -> Iterator[Item]:
    """The rows of a shard in the index, behind a company where that is in this shard."""
    begun, company_id = after
    low = f"{company_id}#{HIGHEST}" if company_id and number == begun else "!"
    return table.query(f"PORTFOLIO#{number}", index="lists", between=(low, HIGHEST), **how)


def companies_of(table: Table, kind: str, numbers: Iterable[str]) -> dict[str, str]:
    """Company id by number of contracts, contacts or machines (`kind` as in the pointer's key)."""
    return {n: home for n, home in pointed(table, kind, numbers).items() if home is not None}


def pointed(table: Table, kind: str, numbers: Iterable[str]) -> dict[str, str | None]:
    """The same with the contacts that were erased: for these None."""
    found = table.batch_get(keys.pointer(kind, number) for number in numbers)
    return {pk.partition("#")[2]: item.get("company_id") for (pk, _), item in found.items()}


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


def _gather(items: Iterable[Item], *, in_outline: bool = False) -> Holding | None:
    """`items` in the order of their keys: a company stands before what belongs to it."""
    holding: Holding | None = None
    for item in items:
        kind = item["sk"].partition("#")[0]
        if kind == "COMPANY":
            holding = Holding(unpack_company(item))
        if holding is None:
            continue
        match kind:
            case "CONTACT":
                contact = unpack_contact(item)
                holding.contacts[contact.id] = contact
            case "CONTRACT":
                contract = unpack_contract(item)
                holding.contracts[contract.id] = contract
            case "MACHINE" if in_outline:
                holding.outlines.append(outlines.outline(item))
            case "MACHINE":
                machine = machines.unpack(item)
                holding.machines[machine.id] = machine
    return holding


def _fields(item: Item, prefix: str) -> tuple[str, str]:
    return item["pk"].partition("#")[2], item["sk"].removeprefix(prefix)


def company_master(company: Company) -> dict[str, Any]:
    """The attributes that the import writes."""
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
        "former_mailboxes": list(contact.former_mailboxes),
        "role": contact.role,
        "language": contact.language,
        "active": contact.active,
        "main": contact.main,
        "phone": contact.phone,
        "email_in_erp": contact.email_in_erp,
        "phone_in_erp": contact.phone_in_erp,
        "active_in_erp": contact.active_in_erp,
        **corrected(contact),
    }


def contract_master(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.name,
        "starts_on": iso_of(contract.starts_on),
        "ends_on": iso_of(contract.ends_on),
        "interval": contract.interval.value if contract.interval else None,
        "next_billing_on": iso_of(contract.next_billing_on),
        "reading_channel": contract.reading_channel.value,
        "reporters": list(contract.reporters),
        "reporters_in_erp": None
        if contract.reporters_in_erp is None
        else list(contract.reporters_in_erp),
        "channel_in_erp": contract.channel_in_erp.value if contract.channel_in_erp else None,
        **corrected(contract),
    }


def save_master(key: tuple[str, str], master: Mapping[str, Any]) -> Write:
    """Sets master data of a company, contact or contract; other attributes stay unchanged."""
    company_id = key[0].partition("#")[2]
    values = dict(master) | keys.portfolio_list(company_id, key[1])
    return Write(
        key=key,
        update=set_to(values),
        values=values,
        change=keys.change(company_id, key[1]),
    )


def set_to(values: Mapping[str, Any]) -> str:
    """An update that sets these attributes. A record without a place among the corrections has none."""
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    return update if "machines_pk" in values else f"{update} REMOVE #machines_pk, #machines_sk"


def corrected(record: Contact | Contract) -> dict[str, Any]:
    """When and by whom a record was corrected here, and its place among those that the ERP has to
    learn of; no place where it knows all."""
    kind = "CONTACT" if isinstance(record, Contact) else "CONTRACT"
    told = {"mended_at": record.mended_at, "mended_by": record.mended_by}
    if not to_carry_over(record):
        return told
    sk = f"{kind}#{record.id}"
    return told | keys.correction_list(record.mended_at, record.company_id, sk)


def make(key: tuple[str, str], master: Mapping[str, Any], *, rev: int, **more: Any) -> Write:
    """Put a company, contact or contract that is new where it stands; fails when there is one.

    `rev` is that of its former self at another company, 0 where it has none; `more` are attributes
    that are not master data.
    """
    pk, sk = key
    company_id = pk.partition("#")[2]
    item = {"pk": pk, "sk": sk, **master, **keys.portfolio_list(company_id, sk), **more}
    return Write(
        put=item | {"rev": rev + 1},
        condition="attribute_not_exists(pk)",
        change=keys.change(company_id, sk),
    )


def take_away(key: tuple[str, str], *, rev: int, at: datetime) -> list[Write]:
    """Delete an item of a company, with a tombstone for snapshots; fails if it was written since `rev`."""
    pk, sk = key
    company_id = pk.partition("#")[2]
    seen = "#rev = :rev" if rev else "attribute_not_exists(#rev)"
    deleted = Write(
        key=key,
        delete=True,
        condition=f"attribute_not_exists(pk) OR {seen}",
        values={"rev": rev} if rev else {},
    )
    gone_pk, gone_sk = keys.gone(company_id, sk)
    tombstone = Write(
        put={
            "pk": gone_pk,
            "sk": gone_sk,
            "rev": rev + 1,
            "gone": True,
            "expires_at": int((at + TOMBSTONES_KEPT).timestamp()),
        },
        change=keys.change(company_id, sk),
    )
    return [deleted, tombstone]


def place_of(company_id: str, contact_id: str) -> tuple[str, str]:
    """Where a contact stands in the table."""
    return keys.contact(company_id, contact_id)


def shut_out(contact: Contact) -> Write:
    """Takes a contact's rights and marks it inactive; fails when anybody wrote since it was read."""
    unwritten = "attribute_exists(pk) AND attribute_not_exists(#rev)"
    return Write(
        key=keys.contact(contact.company_id, contact.id),
        update="SET #active = :no, #rights = :none",
        condition="#rev = :seen" if contact.rev else unwritten,
        values={"no": False, "none": None, **({"seen": contact.rev} if contact.rev else {})},
        change=keys.change(contact.company_id, f"CONTACT#{contact.id}"),
    )


def grant(contact: Contact, rights: PortalRights, *, at: str) -> Write:
    """Gives a contact portal rights; fails when its address is no longer the one that was checked."""
    return Write(
        key=keys.contact(contact.company_id, contact.id),
        update="SET #rights = :rights, #granted_at = if_not_exists(#granted_at, :at)",
        condition="#mailbox = :mailbox AND #active = :yes",
        values={
            "rights": packed_rights(rights),
            "at": at,
            "mailbox": contact.mailbox,
            "yes": True,
        },
        change=keys.change(contact.company_id, f"CONTACT#{contact.id}"),
    )


def make_contact(contact: Contact, rights: PortalRights, *, at: str) -> Write:
    """Creates a contact that comes from no import, with its rights; fails when the number is taken."""
    return make(
        keys.contact(contact.company_id, contact.id),
        contact_master(contact),
        rev=0,
        rights=packed_rights(rights),
        granted_at=at,
        from_portal=contact.from_portal,
    )


def packed_rights(rights: PortalRights) -> dict[str, Any]:
    return {
        "readings": rights.readings,
        "machines": rights.machines,
        "service_orders": rights.service_orders,
    }


def left(company_id: str, contact_id: str, address: str) -> Write:
    """Checks that this contact no longer has this address, does not exist, or is not active."""
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
        rev=item.get("rev", 0),
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
        email_in_erp=item.get("email_in_erp"),
        phone_in_erp=item.get("phone_in_erp"),
        active_in_erp=item.get("active_in_erp"),
        former_mailboxes=tuple(item.get("former_mailboxes", ())),
        mended_at=item.get("mended_at", ""),
        mended_by=item.get("mended_by", ""),
        rev=item.get("rev", 0),
    )


def unpack_contract(item: Item) -> Contract:
    company_id, number = _fields(item, "CONTRACT#")
    in_erp = item.get("channel_in_erp")
    return Contract(
        id=number,
        company_id=company_id,
        name=item.get("name", ""),
        starts_on=day_of(item.get("starts_on")),
        ends_on=day_of(item.get("ends_on")),
        interval=Interval(item["interval"]) if item.get("interval") else None,
        next_billing_on=day_of(item.get("next_billing_on")),
        reading_channel=ReadingChannel(item["reading_channel"]),
        reporters=tuple(item.get("reporters", ())),
        reporters_in_erp=None
        if item.get("reporters_in_erp") is None
        else tuple(item["reporters_in_erp"]),
        asked_for=day_of(item.get("asked_for")),
        asked=dict(item.get("asked", {})),
        mailed=item.get("mailed"),
        channel_in_erp=ReadingChannel(in_erp) if in_erp else None,
        mended_at=item.get("mended_at", ""),
        mended_by=item.get("mended_by", ""),
        rev=item.get("rev", 0),
    )
