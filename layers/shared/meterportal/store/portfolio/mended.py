"""What staff corrected at contracts and contacts, and the list of what the ERP has to learn of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.portfolio.corrections import MendedKind, MendedRecord
from meterportal.store import keys
from meterportal.store.items import Key
from meterportal.store.portfolio import holdings
from meterportal.store.table import HIGHEST, Table
from meterportal.store.writes import Write

_PERSON = (
    "email",
    "mailbox",
    "former_mailboxes",
    "phone",
    "active",
    "email_in_erp",
    "phone_in_erp",
    "active_in_erp",
)
_PAPER = ("reading_channel", "channel_in_erp", "reporters", "reporters_in_erp")


def contract(now: Contract, *, seen: Contract) -> Write:
    """Stores what staff set at a contract; fails when it was written since it was read."""
    master = holdings.contract_master(now)
    values = {name: master[name] for name in _PAPER} | holdings.corrected(now)
    return _written(keys.contract(now.company_id, now.id), values, rev=seen.rev)


def contact(now: Contact, *, seen: Contact) -> Write:
    """Stores what staff set at a contact; fails when it was written since it was read."""
    master = holdings.contact_master(now)
    values = {name: master[name] for name in _PERSON} | holdings.corrected(now)
    if now.rights is not None:
        values["rights"] = holdings.packed_rights(now.rights)
    return _written(keys.contact(now.company_id, now.id), values, rev=seen.rev)


def _written(key: Key, values: dict[str, Any], *, rev: int) -> Write:
    company_id = key[0].partition("#")[2]
    return Write(
        key=key,
        update=holdings.set_to(values),
        condition="#rev = :seen" if rev else "attribute_exists(pk) AND attribute_not_exists(#rev)",
        values=values | ({"seen": rev} if rev else {}),
        change=keys.change(company_id, key[1]),
    )


def waiting(table: Table, *, after: str, page: int) -> Iterator[tuple[str, MendedRecord]]:
    """What the ERP has to learn, each with its place in the list, the oldest first, behind a place; `page`
    is how many a request reads. From the index: for lists, never for decisions."""
    listed = keys.correction_list("", "", "")["machines_pk"]
    for item in table.query(listed, index="machines", between=(after or "!", HIGHEST), page=page):
        if item["machines_sk"] != after:
            kind, _, number = item["sk"].partition("#")
            company_id = item["pk"].partition("#")[2]
            yield item["machines_sk"], MendedRecord(MendedKind(kind), company_id, number)
