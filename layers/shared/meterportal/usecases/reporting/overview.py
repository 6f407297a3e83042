"""The overview of a contact's machines in the current company: what is due, what is reported.

Also the list of all machines that the contact may see there, even if others report them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access.permissions import entrusted, spoken, visible
from meterportal.domain.access.sessions import Session
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import reported_of, still_missing
from meterportal.domain.refusals import BadPage, NotSignedIn
from meterportal.domain.reporting import periods
from meterportal.domain.reporting.overviews import Overview
from meterportal.settings import Moment
from meterportal.store.access import sessions
from meterportal.store.portfolio import holdings
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.sign_in import SignedIn


def overview(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    *,
    cursor: str | None,
    limit: int,
    whole_company: bool = False,
) -> Overview:
    """The contact's machines, `limit` at a time. Three reads. Raises NotSignedIn, BadPage.

    `whole_company`: all that the contact may see; due date and progress are still about the
    machines that the contact reports for.
    """
    session = sign_in.session_of(adapters, at, cookie)
    surroundings = sessions.surroundings(adapters.table, session)
    held = holdings.load(adapters.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(surroundings, held)
    sign_in.keep_alive(adapters, at, session)
    language = spoken(contact, held.company, surroundings.account.language)
    return _seen(
        adapters,
        at,
        session,
        held,
        contact,
        language,
        cursor=cursor,
        limit=limit,
        whole_company=whole_company,
    )


def first_page(adapters: Adapters, at: Moment, signed_in: SignedIn, *, limit: int) -> Overview:
    """The first page for a contact whose sign-in has already loaded the company's
    holding. No read.
    """
    held = signed_in.holding
    assert held is not None, "asked for without a holding"
    session, contact = signed_in.session, signed_in.contact
    return _seen(adapters, at, session, held, contact, signed_in.language, cursor=None, limit=limit)


def _seen(
    adapters: Adapters,
    at: Moment,
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
    page, next_cursor = page_of(adapters, session, name, listed, cursor, limit)
    found = shown(adapters, at, held, contact, language, mine, page)
    reportable = frozenset(machine.id for machine in mine) if whole_company else None
    return replace(found, next_cursor=next_cursor, reportable=reportable)


def shown(
    adapters: Adapters,
    at: Moment,
    held: Holding,
    contact: Contact,
    language: str,
    mine: Sequence[Machine],
    page: Sequence[Machine],
) -> Overview:
    """The overview with a page of machines; `mine` are all that the contact reports for. No read."""
    waiting = periods.waiting(
        mine, held.contracts, today=at.today, grace_days=adapters.settings.grace_days
    )
    missing = still_missing(mine, waiting)
    reported, total = reported_of(mine, waiting)
    days = [machine.due_on for machine in missing or mine if machine.due_on]
    return Overview(
        company=held.company,
        language=language,
        due_on=min(days, default=None),
        reported=reported,
        total=total,
        machines=tuple(page),
        next_cursor=None,
        people={person.id: person.name for person in held.contacts.values()},
        contact_id=contact.id,
        waiting=waiting,
    )


def page_of(
    adapters: Adapters,
    session: Session,
    listed: str,
    machines: list[Machine],
    cursor: str | None,
    limit: int,
) -> tuple[tuple[Machine, ...], str | None]:
    """One page, and the cursor of the next. A cursor is valid only for this session, this company
    and the list of that name. Raises BadPage.
    """
    owner = f"{listed}/{session.fingerprint}/{session.company_id}"
    start = 0
    if cursor is not None:
        try:
            last = adapters.keys.open_cursor(owner, cursor)["after"]
        except InvalidToken:
            raise BadPage(field="cursor") from None
        places = {machine.id: place for place, machine in enumerate(machines)}
        if last not in places:
            raise BadPage(field="cursor")
        start = places[last] + 1
    page = tuple(machines[start : start + limit])
    if start + limit >= len(machines):
        return page, None
    return page, adapters.keys.seal_cursor(owner, {"after": page[-1].id})
