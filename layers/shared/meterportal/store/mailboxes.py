"""Mailboxes: one item per normalised e-mail address; who stands behind it, and whether mail arrives.

`listed` ("company/contact") is kept by the import and is only a list; `claims` ({company: contact})
is the authority: one contact per company and address, given by Portal Ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from meterportal.domain.contracts import Contact, Delivery
from meterportal.store import keys
from meterportal.store.table import Item, Table, Write

_UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`known`: there is an item for it; else nobody has ever stood there."""

    address: str
    listed: frozenset[tuple[str, str]] = frozenset()
    claims: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.OK
    delivery_at: str | None = None
    known: bool = False


def load(table: Table, address: str) -> Mailbox:
    """The mailbox of an address; an unknown one is empty. One read."""
    return unpack(address, table.get(*keys.mailbox(address)))


def unreachable(table: Table) -> frozenset[str]:
    """Addresses that mail does not reach, from the index: for lists, never for decisions."""
    found = table.query(_UNREACHABLE, index="lists")
    return frozenset(item["lists_sk"] for item in found)


def load_many(table: Table, addresses: Iterable[str]) -> dict[str, Mailbox]:
    """Mailboxes by address, unknown ones empty. One read per hundred."""
    wanted = set(addresses)
    found = table.batch_get(keys.mailbox(address) for address in sorted(wanted))
    return {address: unpack(address, found.get(keys.mailbox(address))) for address in wanted}


def unpack(address: str, item: Item | None) -> Mailbox:
    if item is None:
        return Mailbox(address)
    listed = (entry.partition("/") for entry in item.get("listed", ()))
    return Mailbox(
        address,
        frozenset((company, contact) for company, _, contact in listed),
        dict(item.get("claims", {})),
        Delivery(item.get("delivery", Delivery.OK)),
        item.get("delivery_at"),
        known=True,
    )


def list_contact(contact: Contact) -> Write:
    """Note that a contact stands at this address. `contact.mailbox` must be set."""
    return Write(
        key=keys.mailbox(contact.mailbox or ""),
        update="SET #claims = if_not_exists(#claims, :none) ADD #listed :who",
        values={"none": {}, "who": {f"{contact.company_id}/{contact.id}"}},
    )


def unlist_contact(company_id: str, contact_id: str, address: str) -> Write:
    return Write(
        key=keys.mailbox(address),
        update="DELETE #listed :who",
        values={"who": {f"{company_id}/{contact_id}"}},
    )


def claim(contact: Contact, *, instead_of: str | None = None) -> Write:
    """Claim (company, address) for a contact; fails when another contact of the company holds it.

    `instead_of` names a holder whose own row no longer carries the address: `portfolio.left` checks
    that in the same transaction.
    """
    allowed = "attribute_not_exists(#claims.#company) OR #claims.#company = :contact"
    values = {"contact": contact.id}
    if instead_of is not None:
        allowed += " OR #claims.#company = :former"
        values["former"] = instead_of
    return Write(
        key=keys.mailbox(contact.mailbox or ""),
        update="SET #claims.#company = :contact",
        condition=f"attribute_exists(#claims) AND ({allowed})",
        values=values,
        names={"company": contact.company_id},
    )


def enter(contact: Contact, seen: Mailbox, *, instead_of: str | None = None) -> Write:
    """List a contact at an address and claim it there in one; fails when anybody's place in the list
    has changed since `seen`, or another contact of the company holds the claim (see `claim`).
    """
    who = {f"{contact.company_id}/{contact.id}"}
    if not seen.known:
        pk, sk = keys.mailbox(seen.address)
        claims = {contact.company_id: contact.id}
        item = {"pk": pk, "sk": sk, "listed": who, "claims": claims}
        return Write(put=item, condition="attribute_not_exists(pk)")
    claiming = claim(contact, instead_of=instead_of)
    values = {**claiming.values, "who": who}
    unchanged = "attribute_not_exists(#listed)"
    if seen.listed:
        unchanged = "#listed = :seen"
        values["seen"] = {f"{company}/{person}" for company, person in seen.listed}
    return replace(
        claiming,
        update=f"{claiming.update} ADD #listed :who",
        condition=f"{claiming.condition} AND {unchanged}",
        values=values,
    )


def note_failure(address: str, delivery: Delivery, *, at: str) -> Write:
    """Mail to an address fails for good, or is unwanted; fails when that is known already.

    A complaint outweighs a bounce, the earliest event gives the time (`at`, ISO, UTC), and nothing
    here leads back to ok: so events may come in any order and number.
    """
    known = "attribute_not_exists(#delivery) OR #delivery = :ok"
    known += " OR (#delivery = :new AND #delivery_at > :at)"
    values: dict[str, object] = {
        "new": delivery.value,
        "at": at,
        "ok": Delivery.OK.value,
        "none": {},
        "list": _UNREACHABLE,
        "address": address,
    }
    if delivery is Delivery.COMPLAINED:
        known += " OR #delivery = :bounced"
        values["bounced"] = Delivery.BOUNCED.value
    return Write(
        key=keys.mailbox(address),
        update="SET #delivery = :new, #delivery_at = :at, #claims = if_not_exists(#claims, :none),"
        " #lists_pk = :list, #lists_sk = :address",
        condition=known,
        values=values,
    )
