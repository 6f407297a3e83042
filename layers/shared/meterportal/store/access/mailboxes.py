"""Mailboxes: one item per normalised e-mail address, with the contacts at it, and whether mail
arrives.

`listed` ("company/contact") is written by the import and is only a list. `claims` ({company:
contact}) decides who may use the address: one contact per company and address, written by Portal
Ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.portfolio.contracts import Contact, Delivery
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import HIGHEST, Table
from meterportal.store.writes import Write

_UNREACHABLE = "UNREACHABLE"


def load(table: Table, address: str) -> Mailbox:
    """The mailbox of an address; an unknown one is empty. One read."""
    return unpack(address, table.get(*keys.mailbox(address)))


def unreachable(table: Table) -> frozenset[str]:
    """Addresses that mail does not reach, from the index: for lists, never for decisions."""
    found = table.query(_UNREACHABLE, index="lists")
    return frozenset(item["lists_sk"] for item in found)


def unreachable_from(table: Table, *, after: str, page: int) -> Iterator[str]:
    """The same in order, behind the address `after`; a request reads `page` of them at most."""
    span = after or "!", HIGHEST
    for item in table.query(_UNREACHABLE, index="lists", between=span, page=page):
        if item["lists_sk"] != after:
            yield item["lists_sk"]


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
        lifted_at=item.get("lifted_at"),
        lifted_reason=item.get("lifted_reason", ""),
    )


def list_contact(contact: Contact) -> Write:
    """Lists a contact at its address. `contact.mailbox` must be set."""
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


def forget(contact: Contact, seen: Mailbox) -> Write:
    """Takes a contact out of the list of its address, with its claim; the last one takes the whole
    row. Fails when the list has changed since `seen`."""
    place = (contact.company_id, contact.id)
    listed = {f"{company}/{person}" for company, person in seen.listed}
    unchanged = "#listed = :seen" if listed else "attribute_not_exists(#listed)"
    values: dict[str, object] = {"seen": listed} if listed else {}
    if not seen.listed - {place}:
        return Write(
            key=keys.mailbox(seen.address),
            delete=True,
            condition=f"attribute_not_exists(pk) OR {unchanged}",
            values=values,
        )
    removes = ""
    if seen.claims.get(contact.company_id) == contact.id:
        removes = "REMOVE #claims.#company "
    return Write(
        key=keys.mailbox(seen.address),
        update=f"{removes}DELETE #listed :who",
        condition=unchanged,
        values={**values, "who": {f"{contact.company_id}/{contact.id}"}},
        names={"company": contact.company_id},
    )


def reword_reason(seen: Mailbox, reason: str) -> Write:
    """Replaces the words with which staff lifted a block; fails when it was lifted again since."""
    return Write(
        key=keys.mailbox(seen.address),
        update="SET #lifted_reason = :reason",
        condition="#lifted_reason = :seen",
        values={"reason": reason, "seen": seen.lifted_reason},
    )


def nobody_else(contact: Contact, address: str) -> Write:
    """Checks that at most this contact is listed at an address."""
    return Write(
        key=keys.mailbox(address),
        condition="attribute_not_exists(#listed) OR #listed = :mine",
        values={"mine": _who(contact)},
    )


def claim(contact: Contact, *, instead_of: str | None = None) -> Write:
    """Claims (company, address) for a contact; fails when another contact of the company holds the
    claim.

    `instead_of` is a former holder whose row no longer has the address: `holdings.left` checks that
    in the same transaction.
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
    """Lists a contact at an address and claims the address for it, in one write. Fails when the
    list has changed since `seen`, or another contact of the company holds the claim (see `claim`).
    """
    if not seen.known:
        return _first(contact, {contact.company_id: contact.id})
    claiming = claim(contact, instead_of=instead_of)
    unchanged, values = _listed_as(seen)
    return claiming._replace(
        update=f"{claiming.update} ADD #listed :who",
        condition=f"{claiming.condition} AND {unchanged}",
        values={**claiming.values, **values, "who": _who(contact)},
    )


def enter_without_claim(contact: Contact, seen: Mailbox) -> Write:
    """Lists a contact at an address that it may not use yet. Fails when the list has changed since
    `seen`."""
    if not seen.known:
        return _first(contact, {})
    unchanged, values = _listed_as(seen)
    return Write(
        key=keys.mailbox(seen.address),
        update="ADD #listed :who",
        condition=f"attribute_exists(pk) AND {unchanged}",
        values=values | {"who": _who(contact)},
    )


def leave(contact: Contact, seen: Mailbox) -> Write:
    """Takes a contact off the list of an address that it had, with its claim. Fails when the claim has
    changed since `seen`."""
    values: dict[str, object] = {"who": _who(contact), "contact": contact.id}
    held = seen.claims.get(contact.company_id) == contact.id
    others = "attribute_not_exists(#claims.#company) OR #claims.#company <> :contact"
    return Write(
        key=keys.mailbox(seen.address),
        update=("REMOVE #claims.#company " if held else "") + "DELETE #listed :who",
        condition="#claims.#company = :contact" if held else others,
        values=values,
        names={"company": contact.company_id},
    )


def _who(contact: Contact) -> set[str]:
    return {f"{contact.company_id}/{contact.id}"}


def _first(contact: Contact, claims: dict[str, str]) -> Write:
    """An address that nobody has had before."""
    pk, sk = keys.mailbox(contact.mailbox or "")
    item = {"pk": pk, "sk": sk, "listed": _who(contact), "claims": claims}
    return Write(put=item, condition="attribute_not_exists(pk)")


def _listed_as(seen: Mailbox) -> tuple[str, dict[str, object]]:
    if not seen.listed:
        return "attribute_not_exists(#listed)", {}
    return "#listed = :seen", {"seen": {f"{company}/{person}" for company, person in seen.listed}}


def note_failure(address: str, delivery: Delivery, *, at: str) -> Write:
    """Notes that mail to an address bounced for good or that its owner complained; fails when this
    is known already.

    A complaint replaces a bounce, the time is that of the earliest event (`at`, ISO, UTC), and no
    event sets the address back to ok: so events may arrive in any order and more than once. What
    happened before staff lifted a block does not block the address again.
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
        condition=f"({known}) AND (attribute_not_exists(#lifted_at) OR #lifted_at < :at)",
        values=values,
    )


def lift(seen: Mailbox, *, at: datetime, reason: str) -> Write:
    """Sets an address that mail did not reach back to ok; fails when its state has changed since
    `seen`."""
    return Write(
        key=keys.mailbox(seen.address),
        update="SET #delivery = :ok, #lifted_at = :at, #lifted_reason = :reason"
        " REMOVE #delivery_at, #lists_pk, #lists_sk",
        condition="#delivery = :seen",
        values={
            "ok": Delivery.OK.value,
            "at": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "reason": reason,
            "seen": seen.delivery.value,
        },
    )
