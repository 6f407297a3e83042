"""Successors that contacts have named: one row each, kept for good, listed by the index.

An approval is one transaction: the request, the new contact with pointer, rights and the claim on
the address, and every contract that is handed over. One item per contact holds its open requests;
its condition limits their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import Contact, Contract, PortalRights
from meterportal.domain.reporting.successors import MOST_OPEN, Successor, SuccessorState
from meterportal.store import keys, runs
from meterportal.store.access import mailboxes
from meterportal.store.exchange import imports
from meterportal.store.items import Item
from meterportal.store.portfolio import holdings
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, number: str) -> Successor | None:
    """One request, or None. One read."""
    item = table.get(*keys.run("SUCCESSOR", number))
    return _unpack(item) if item else None


def newest(
    table: Table, *, waits: bool, before: str | None = None
) -> Iterator[tuple[str, Successor]]:
    """(place in the list, request), newest first; starts after the place `before`."""
    kind = f"SUCCESSOR#{'open' if waits else 'decided'}"
    for item in runs.newest(table, kind, before=before):
        yield runs.place(item), _unpack(item)


def create(asked: Successor) -> list[Write]:
    """Stores a new request. The part "request" fails when the id is taken, "open" when the contact
    has the highest allowed number of open requests.
    """
    pk, sk = keys.run("SUCCESSOR", asked.id)
    moment = asked.asked_at.isoformat(timespec="milliseconds")
    item: Item = {
        "pk": pk,
        "sk": sk,
        "company_id": asked.company_id,
        "contact_id": asked.contact_id,
        "name": asked.name,
        "mailbox": asked.mailbox,
        "contract_ids": list(asked.contract_ids),
        "text": asked.text,
        "state": asked.state.value,
        "asked_at": moment,
        **keys.staff_list("SUCCESSOR", waits=True, at=moment, number=asked.id),
    }
    counted = Write(
        key=keys.open_successors(asked.company_id, asked.contact_id),
        update="ADD #open :asked",
        condition="attribute_not_exists(#open) OR size(#open) < :most",
        values={"asked": {asked.id}, "most": MOST_OPEN},
    )
    fresh = Write(put=item, condition="attribute_not_exists(pk)")
    return [fresh.named("request"), counted.named("open")]


def reword(number: str, texts: Mapping[str, str]) -> Write:
    """Other texts (name, mailbox, text, note) for a request; fails when it is gone."""
    return Write(
        key=keys.run("SUCCESSOR", number),
        update="SET " + ", ".join(f"#{name} = :{name}" for name in texts),
        condition="attribute_exists(pk)",
        values=dict(texts),
    )


def forget_open(company_id: str, contact_id: str) -> Write:
    """Deletes the set of a contact's open requests."""
    return Write(key=keys.open_successors(company_id, contact_id), delete=True)


def decide(
    asked: Successor,
    state: SuccessorState,
    *,
    by: str,
    at: datetime,
    note: str = "",
    person_id: str = "",
    handed_over: Sequence[str] = (),
) -> list[Write]:
    """Closes an open request; the first write fails when it is not open."""
    moment = at.isoformat(timespec="milliseconds")
    listed = keys.staff_list("SUCCESSOR", waits=False, at=moment, number=asked.id)
    ended = Write(
        key=keys.run("SUCCESSOR", asked.id),
        update="SET #state = :state, #decided_at = :at, #decided_by = :by, #note = :note,"
        " #person_id = :person, #handed_over = :contracts,"
        " #lists_pk = :lists_pk, #lists_sk = :lists_sk",
        condition="#state = :open",
        values={
            "state": state.value,
            "at": moment,
            "by": by,
            "note": note,
            "person": person_id,
            "contracts": list(handed_over),
            "open": SuccessorState.OPEN.value,
            **listed,
        },
    )
    counted = Write(
        key=keys.open_successors(asked.company_id, asked.contact_id),
        update="DELETE #open :asked",
        values={"asked": {asked.id}},
    )
    return [ended, counted]


def settle_person(
    person: Contact,
    rights: PortalRights,
    box: Mailbox,
    *,
    new: bool,
    instead_of: str | None,
    at: datetime,
) -> list[Write]:
    """Creates the contact (or gives rights to an existing one), with the claim on the address;
    `box` is the mailbox as just read.

    `instead_of` is a contact that holds the claim but no longer has the address.
    """
    moment = at.isoformat(timespec="seconds")
    writes = [mailboxes.enter(person, box, instead_of=instead_of)]
    if new:
        writes += [
            holdings.make_contact(person, rights, at=moment),
            imports.point("CONTACT", person.id, person.company_id),
        ]
    else:
        writes.append(holdings.grant(person, rights, at=moment))
    if instead_of is not None:
        writes.append(holdings.left(person.company_id, instead_of, box.address))
    return writes


def _unpack(item: Item) -> Successor:
    decided_at = item.get("decided_at")
    return Successor(
        id=item["pk"].partition("#")[2],
        company_id=item["company_id"],
        contact_id=item["contact_id"],
        name=item["name"],
        mailbox=item["mailbox"],
        contract_ids=tuple(item["contract_ids"]),
        asked_at=datetime.fromisoformat(item["asked_at"]),
        text=item.get("text", ""),
        state=SuccessorState(item["state"]),
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        decided_by=item.get("decided_by", ""),
        note=item.get("note", ""),
        person_id=item.get("person_id", ""),
        handed_over=tuple(item.get("handed_over", ())),
    )


def reporters(contract: Contract, *, seen: Contract) -> Write:
    """Changes the reporters of a contract; fails when they were changed since it was read."""
    master = holdings.contract_master(contract)
    values = {name: master[name] for name in ("reporters", "reporters_in_erp")}
    values |= holdings.corrected(contract)
    return Write(
        key=keys.contract(contract.company_id, contract.id),
        update=holdings.set_to(values),
        condition="#reporters = :before",
        values=values | {"before": list(seen.reporters)},
        change=keys.change(contract.company_id, f"CONTRACT#{contract.id}"),
    )
