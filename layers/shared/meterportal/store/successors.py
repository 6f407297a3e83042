"""Successors that contacts have named: one row each, kept for good, listed by the index.

An approval is one transaction: the request, the person with pointer, rights and the claim on the
address, and every contract that is handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from meterportal.domain.contracts import Contact, Contract, PortalRights
from meterportal.domain.successors import Successor, SuccessorState
from meterportal.store import imports, keys, mailboxes, portfolio, runs
from meterportal.store.mailboxes import Mailbox
from meterportal.store.table import Item, Table, Write


def load(table: Table, number: str) -> Successor | None:
    """One request, or None. One read."""
    item = table.get(*keys.run("SUCCESSOR", number))
    return _unpack(item) if item else None


def newest(
    table: Table, *, waits: bool, before: str | None = None
) -> Iterator[tuple[str, Successor]]:
    """(place in the list, request), newest first; `before` is such a place, left out itself."""
    kind = f"SUCCESSOR#{'open' if waits else 'decided'}"
    for item in runs.newest(table, kind, before=before):
        yield runs.place(item), _unpack(item)


def create(asked: Successor) -> Write:
    """A new request; fails when there is one under its id already."""
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
        **keys.desk_list("SUCCESSOR", waits=True, at=moment, number=asked.id),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def decide(
    asked: Successor,
    state: SuccessorState,
    *,
    by: str,
    at: datetime,
    note: str = "",
    person_id: str = "",
    handed_over: Sequence[str] = (),
) -> Write:
    """End an open request; fails when it is not open."""
    moment = at.isoformat(timespec="milliseconds")
    listed = keys.desk_list("SUCCESSOR", waits=False, at=moment, number=asked.id)
    return Write(
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


def settle_person(
    person: Contact,
    rights: PortalRights,
    box: Mailbox,
    *,
    new: bool,
    instead_of: str | None,
    at: datetime,
) -> list[Write]:
    """Make the person (or give them rights) with the claim on the address, as `box` was just read.

    `instead_of` is a holder of the claim who no longer stands at the address.
    """
    moment = at.isoformat(timespec="seconds")
    writes = [mailboxes.enter(person, box, instead_of=instead_of)]
    if new:
        writes += [
            portfolio.make_contact(person, rights, at=moment),
            imports.point("CONTACT", person.id, person.company_id),
        ]
    else:
        writes.append(portfolio.grant(person, rights, at=moment))
    if instead_of is not None:
        writes.append(portfolio.left(person.company_id, instead_of, box.address))
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
    """Other reporters for a contract; fails when somebody else changed them since it was read."""
    return Write(
        key=keys.contract(contract.company_id, contract.id),
        update="SET #reporters = :after, #reporters_in_erp = :erp",
        condition="#reporters = :before",
        values={
            "after": list(contract.reporters),
            "erp": None if contract.reporters_in_erp is None else list(contract.reporters_in_erp),
            "before": list(seen.reporters),
        },
    )
