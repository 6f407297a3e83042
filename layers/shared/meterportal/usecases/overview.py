"""The overview of a contact's machines in the current company: what is due, what is reported.

And the list of all that the contact may see there, whoever reports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from meterportal.crypto import InvalidToken
from meterportal.domain.contracts import Company, Contact, Contract, ReadingChannel, reporters_of
from meterportal.domain.machines import Machine, walking_order
from meterportal.domain.refusals import BadPage, NotSignedIn
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio, sessions
from meterportal.store.portfolio import Holding
from meterportal.store.sessions import Session
from meterportal.usecases import sign_in
from meterportal.usecases.sign_in import SignedIn


@dataclass(frozen=True, slots=True)
class Overview:
    """`machines` is one page in walking order; all other facts are about all machines.

    `reported` and `total` leave out what is set aside for a problem and not reported. `due_on` is
    the earliest day for which something is missing, or, if nothing is, the earliest.
    `people` are the names of the company's contacts by id, `contact_id` is who looks.
    `reportable` are the ids of those they may report for; None: all that are listed.
    """

    company: Company
    language: str
    due_on: date | None
    reported: int
    total: int
    machines: tuple[Machine, ...]
    next_cursor: str | None
    people: Mapping[str, str]
    contact_id: str
    reportable: Set[str] | None = None


def overview(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    *,
    cursor: str | None,
    limit: int,
    whole_company: bool = False,
) -> Overview:
    """The contact's machines, `limit` at a time. Three reads. Raises NotSignedIn, BadPage.

    `whole_company`: all that they may see; due date and progress stay those of what they report for.
    """
    session = sign_in.session_of(doors, at, cookie)
    around = sessions.surroundings(doors.table, session)
    held = portfolio.load(doors.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(around, held)
    sign_in.keep_alive(doors, at, session)
    language = sign_in.spoken(contact, held.company, around.account.language)
    return _seen(
        doors,
        session,
        held,
        contact,
        language,
        cursor=cursor,
        limit=limit,
        whole_company=whole_company,
    )


def first_page(doors: Doors, signed_in: SignedIn, *, limit: int) -> Overview:
    """The same for who has just been recognised together with their company's holding. No read."""
    held = signed_in.holding
    assert held is not None, "asked for without a holding"
    session, contact = signed_in.session, signed_in.contact
    return _seen(doors, session, held, contact, signed_in.language, cursor=None, limit=limit)


def _seen(
    doors: Doors,
    session: Session,
    held: Holding,
    contact: Contact,
    language: str,
    *,
    cursor: str | None,
    limit: int,
    whole_company: bool = False,
) -> Overview:
    mine = entrusted(contact, held)
    listed, name = (visible(contact, held), "company") if whole_company else (mine, "machines")
    page, next_cursor = page_of(doors, session, name, listed, cursor, limit)
    missing = [m for m in mine if not m.complete and not m.set_aside]
    reported = sum(machine.complete for machine in mine)
    days = [machine.due_on for machine in missing or mine if machine.due_on]
    return Overview(
        company=held.company,
        language=language,
        due_on=min(days, default=None),
        reported=reported,
        total=reported + len(missing),
        machines=page,
        next_cursor=next_cursor,
        people={person.id: person.name for person in held.contacts.values()},
        contact_id=contact.id,
        reportable=frozenset(machine.id for machine in mine) if whole_company else None,
    )


def entrusted(contact: Contact, held: Holding) -> list[Machine]:
    """The machines that a contact reports for, in walking order."""
    open_to_them = {
        contract.id
        for contract in held.contracts.values()
        if reports(contact, contract, held.contacts)
    }
    return sorted(
        (m for m in held.machines.values() if m.asked_for and m.contract_id in open_to_them),
        key=walking_order,
    )


def visible(contact: Contact, held: Holding) -> list[Machine]:
    """The machines that a contact may look at, in walking order: the active ones of contracts that
    they report for, with the right "machines" every active one of the company."""
    open_to_them = {
        contract.id
        for contract in held.contracts.values()
        if sees_all(contact) or reports(contact, contract, held.contacts)
    }
    return sorted(
        (m for m in held.machines.values() if m.active and m.contract_id in open_to_them),
        key=walking_order,
    )


def sees_all(contact: Contact) -> bool:
    """Whether a contact may look at every machine of their company."""
    return contact.rights is not None and contact.rights.machines


def reports(contact: Contact, contract: Contract, contacts: dict[str, Contact]) -> bool:
    """Whether a contact may report for a contract: on the portal, one of its reporters, entitled."""
    return (
        contract.reading_channel is ReadingChannel.PORTAL
        and contact.rights is not None
        and contact.rights.readings
        and any(reporter.id == contact.id for reporter in reporters_of(contract, contacts))
    )


def page_of(
    doors: Doors,
    session: Session,
    listed: str,
    machines: list[Machine],
    cursor: str | None,
    limit: int,
) -> tuple[tuple[Machine, ...], str | None]:
    """One page, and the cursor of the next: only this session can use it, only at this company and
    for the list of that name. Raises BadPage."""
    owner = f"{listed}/{session.fingerprint}/{session.company_id}"
    start = 0
    if cursor is not None:
        try:
            last = doors.keys.open_cursor(owner, cursor)["after"]
        except InvalidToken:
            raise BadPage(field="cursor") from None
        places = {machine.id: place for place, machine in enumerate(machines)}
        if last not in places:
            raise BadPage(field="cursor")
        start = places[last] + 1
    page = tuple(machines[start : start + limit])
    if start + limit >= len(machines):
        return page, None
    return page, doors.keys.seal_cursor(owner, {"after": page[-1].id})
