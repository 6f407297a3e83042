"""Addresses that no mail reaches, with whom they are on file for: somebody has to mend or lift them."""

from __future__ import annotations

from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contact, Delivery
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings


@frozen
class UnreachableAddress:
    """A mailbox that bounced or complained, with the active contacts who have it, and their companies."""

    mailbox: Mailbox
    people: tuple[tuple[Contact, Company], ...]


def list_unreachable(
    adapters: Adapters, *, limit: int, after: str
) -> tuple[list[UnreachableAddress], str | None]:
    """Up to `limit` addresses behind `after`, in their order, and the place where the next answer goes on
    (None: this is the end). One query, three reads per hundred.

    The list comes from an index, what it tells from the records themselves: an address that was lifted
    a moment ago, or that nobody has any more, is left out. An answer may hold fewer than `limit`.
    """
    table = adapters.table
    found = list(islice(mailboxes.unreachable_from(table, after=after, page=limit + 2), limit + 1))
    shown = found[:limit]
    boxes = mailboxes.load_many(table, shown)
    listed = [boxes[address] for address in shown if boxes[address].delivery is not Delivery.OK]
    places = {place for box in listed for place in box.listed}
    contacts = holdings.contacts(table, sorted(places))
    companies = holdings.companies(table, {company_id for company_id, _ in places})
    told = []
    for box in listed:
        people = tuple(
            (contact, companies[contact.company_id])
            for place in sorted(box.listed)
            if (contact := contacts.get(place)) is not None
            and contact.active
            and contact.mailbox == box.address
            and contact.company_id in companies
        )
        if people:
            told.append(UnreachableAddress(box, people))
    return told, shown[-1] if len(found) > limit else None
