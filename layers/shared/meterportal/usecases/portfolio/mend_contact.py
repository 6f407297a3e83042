"""Staff correct a contact: the address, the phone number, whether the person is still there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.notices import Notice
from meterportal.domain.access.permissions import reachable
from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio import readiness
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.mending import (
    AddressKnownElsewhere,
    ContactChanged,
    MendedContact,
    mend_person,
)
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.reporting.successors import AddressTaken
from meterportal.settings import Moment
from meterportal.store.access import journal, mailboxes, notices
from meterportal.store.portfolio import holdings, mended
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.send_notices import queue_notice
from meterportal.usecases.access.typed_addresses import typed_address
from meterportal.usecases.mailing.latest_mails import LatestMail, latest_mails

_LONGEST_ID, _LONGEST_PHONE = 64, 60
_ATTEMPTS = 3


@frozen
class ShownContact:
    """A contact as it is now, with its company's people and contracts, the mailbox of its address and
    the newest mail to it."""

    contact: Contact
    held: Holding
    box: Mailbox | None
    mail: LatestMail | None


@frozen
class GivenContact:
    """What staff typed; None: unchanged, "": none."""

    email: str | None = None
    phone: str | None = None
    active: bool | None = None
    readings: bool | None = None
    machines: bool | None = None


def mend_contact(
    adapters: Adapters,
    at: Moment,
    contact_id: str,
    given: GivenContact,
    *,
    seen: int,
    confirmed: bool,
    by: StaffMember,
) -> ShownContact:
    """The contact as it is then. A new address opens the portal in place of the old one, at this company,
    in the same transaction; the old one is told by mail if it did so. Nothing is written where nothing
    changes, so a repeated request is no error.

    `seen` is the `rev` that the caller read; `confirmed`: the caller means an address that other
    companies have. Raises NotFound, TextRefused, EmailRefused, AddressTaken, AddressKnownElsewhere,
    RightsNotGranted, ContactChanged.
    """
    for _ in range(_ATTEMPTS):
        held, contact = _load(adapters, contact_id)
        after = mend_person(contact, _cleaned(contact, given))
        if after == contact:
            return _shown(adapters, held, contact)
        if seen != contact.rev:
            raise _changed(contact)
        if replace(after, rights=contact.rights) != contact:  # rights are no business of the ERP
            after = replace(after, mended_at=at.now.isoformat(timespec="seconds"), mended_by=by.id)
        boxes = mailboxes.load_many(
            adapters.table, {box for box in (contact.mailbox, after.mailbox) if box}
        )
        moves = after.mailbox is not None and after.mailbox != contact.mailbox
        if after.active and (moves or not contact.active):
            _refuse_taken(after, held)
        if after.mailbox and moves and not confirmed:
            _refuse_elsewhere(adapters, after, boxes[after.mailbox])
        notice = _notice(contact, after, boxes, at)
        noted = journal.entries(adapters.new_number(), by, at.now, _deed(contact, after, confirmed))
        writes = [
            mended.contact(after, seen=contact).named("contact"),
            *_moved(contact, after, held, boxes),
            *([notices.note(notice)] if notice else []),
            *noted,
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed as failed:
            if failed.on("contact"):
                raise _changed(_load(adapters, contact_id)[1]) from None
            continue  # the addresses are read and judged again
        if notice:
            with suppress(Unavailable):  # the next sweep queues it
                queue_notice(adapters, notice)
        held.contacts[contact_id] = after = replace(after, rev=contact.rev + 1)
        return _shown(adapters, held, after)
    raise Unavailable


def _load(adapters: Adapters, contact_id: str) -> tuple[Holding, Contact]:
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    held = holdings.people(adapters.table, company_id) if company_id else None
    contact = held.contacts.get(contact_id) if held else None
    if held is None or contact is None:
        raise NotFound
    return held, contact


def show_contact(adapters: Adapters, contact_id: str) -> ShownContact:
    """A contact as it is now. Raises NotFound."""
    return _shown(adapters, *_load(adapters, contact_id))


def _shown(adapters: Adapters, held: Holding, contact: Contact) -> ShownContact:
    box = mailboxes.load(adapters.table, contact.mailbox) if contact.mailbox else None
    mails = latest_mails(adapters, [contact], held.contracts)
    return ShownContact(contact, held, box, mails.get(contact.id))


def _changed(contact: Contact) -> ContactChanged:
    stands = {"email": contact.email, "phone": contact.phone, "active": contact.active}
    return ContactChanged(field="version", version=contact.rev, contact=stands)


def _cleaned(contact: Contact, given: GivenContact) -> MendedContact:
    """What was typed, in the form that is stored. The ERP's own words go back as they were, sound or
    not."""
    phone = given.phone
    if phone is not None and phone not in (contact.phone, contact.phone_in_erp):
        phone = plain(phone, field="phone", longest=_LONGEST_PHONE, needed=False)
    email, normal = given.email, None
    if email and email == contact.email_in_erp:
        from meterportal.mail.addresses import mailbox

        normal = mailbox(email)[0]
    elif email and email != contact.email:
        email, normal = typed_address(email)
    return MendedContact(email, normal, phone, given.active, given.readings, given.machines)


def _refuse_taken(contact: Contact, held: Holding) -> None:
    """An address is claimed once in a company."""
    there = [
        other
        for other in held.contacts.values()
        if other.id != contact.id and other.active and other.mailbox == contact.mailbox
    ]
    if contact.mailbox and there:
        people = ", ".join(f"{one.id} {one.name}" for one in sorted(there, key=lambda one: one.id))
        raise AddressTaken(field="email", email=contact.email, people=people)


def _refuse_elsewhere(adapters: Adapters, contact: Contact, box: Mailbox) -> None:
    places = sorted(place for place in box.listed if place[0] != contact.company_id)
    found = holdings.contacts(adapters.table, places)
    there = [found[place] for place in places if place in found and found[place].active]
    if not there:
        return
    companies = holdings.companies(adapters.table, {one.company_id for one in there})
    known_at = [
        {
            "company": {"id": one.company_id, "name": companies[one.company_id].name},
            "contact": {"id": one.id, "name": one.name},
        }
        for one in there
        if one.company_id in companies
    ]
    words = ", ".join(
        f"{companies[one.company_id].name} ({one.name})"
        for one in there
        if one.company_id in companies
    )
    raise AddressKnownElsewhere(field="email", known_at=known_at, places=words)


def _moved(
    before: Contact, after: Contact, held: Holding, boxes: Mapping[str, Mailbox]
) -> list[Write]:
    """The old address loses its claim at this company, the new one gets it if the person may use the
    portal. Each write fails when the mailbox has changed since it was read."""
    if before.mailbox == after.mailbox:
        return []
    writes = []
    if before.mailbox:
        writes.append(mailboxes.leave(before, boxes[before.mailbox]))
    if after.mailbox and after.rights and after.active:
        box = boxes[after.mailbox]
        former = readiness.stale_holder(after, held.contacts, box)
        writes.append(mailboxes.enter(after, box, instead_of=former))
        if former:
            writes.append(holdings.left(after.company_id, former, box.address))
    elif after.mailbox:
        writes.append(mailboxes.enter_without_claim(after, boxes[after.mailbox]))
    return writes


def _notice(
    before: Contact, after: Contact, boxes: Mapping[str, Mailbox], at: Moment
) -> Notice | None:
    """An address that never opened anything loses nothing, and hears nothing."""
    if not before.mailbox or before.mailbox == after.mailbox:
        return None
    box = boxes[before.mailbox]
    if box.claims.get(before.company_id) != before.id or not reachable(box):
        return None
    return Notice(before.mailbox, at.now, before.company_id)


def _deed(before: Contact, after: Contact, confirmed: bool) -> Deed:
    """Addresses and numbers themselves never stand in the journal."""
    changes = [
        FieldChange(name, None, "changed" if new else "removed")
        for name, old, new in (
            ("email", before.email, after.email),
            ("phone", before.phone, after.phone),
        )
        if old != new
    ]
    if before.active is not after.active:
        changes.append(FieldChange("active", before.active, after.active))
    if before.rights and after.rights:
        old, new = before.rights, after.rights
        rights = ("readings", old.readings, new.readings), ("machines", old.machines, new.machines)
        changes += [FieldChange(*one) for one in rights if one[1] is not one[2]]
    if confirmed and before.mailbox != after.mailbox:
        changes.append(FieldChange("confirm_shared", None, True))
    return Deed(
        Action.CONTACT_CHANGED,
        "contact",
        after.id,
        after.company_id,
        contact_id=after.id,
        changes=tuple(changes),
    )
