"""Staff look at the portal as a contact sees it: without a session, read-only, noted in the journal."""

from __future__ import annotations

from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.access.permissions import (
    entitled,
    entrusted_of,
    reachable,
    spoken,
    visible_of,
)
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.refusals import NotFound
from meterportal.domain.reporting.overviews import Overview
from meterportal.settings import Moment
from meterportal.store.access import journal, owners
from meterportal.store.portfolio import holdings
from meterportal.usecases.reporting.overview import shown

_LONGEST_ID = 64


@frozen
class ContactView:
    """`may_enter`: the contact may use the portal now; if not, the contact sees none of it. `rest` is
    the machine behind which the next page starts, None on the last one."""

    contact: Contact
    may_enter: bool
    overview: Overview
    rest: str | None


def view_as_contact(
    adapters: Adapters,
    at: Moment,
    contact_id: str,
    *,
    limit: int,
    after: str | None,
    whole_company: bool,
    by: StaffMember,
) -> ContactView:
    """The contact's overview, `limit` machines at a time behind the machine `after`. It marks nothing
    as opened; the first page puts a row into the journal. Two reads, one query, one transaction.
    Raises NotFound."""
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    held = holdings.outlined(adapters.table, company_id) if company_id else None
    contact = held.contacts.get(contact_id) if held else None
    if held is None or contact is None:
        raise NotFound
    may_enter, chosen = False, ""
    if contact.mailbox:
        box, account = owners.load(adapters.table, contact.mailbox)
        claimed = box.claims.get(held.company.id) == contact.id
        may_enter = claimed and reachable(box) and entitled(contact, box)
        chosen = account.language
    mine = entrusted_of(held.outlines, contact, held)
    listed = visible_of(held.outlines, contact, held) if whole_company else mine
    places = {machine.id: place for place, machine in enumerate(listed, start=1)}
    start = places.get(after or "", 0)
    page = listed[start : start + limit]
    language = spoken(contact, held.company, chosen)
    found = shown(adapters, at, held, contact, language, mine, page)
    if whole_company:
        found = replace(found, reportable=frozenset(machine.id for machine in mine))
    if after is None:
        _note(adapters, at, contact, by)
    rest = page[-1].id if start + limit < len(listed) else None
    return ContactView(contact, may_enter, found, rest)


def _note(adapters: Adapters, at: Moment, contact: Contact, by: StaffMember) -> None:
    deed = Deed(
        Action.VIEWED_AS_CONTACT,
        "contact",
        contact.id,
        contact.company_id,
        contact_id=contact.id,
    )
    adapters.table.transact(journal.entries(adapters.new_number(), by, at.now, deed))
