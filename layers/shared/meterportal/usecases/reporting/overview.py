"""The overview of a contact's machines in the current company: what is due, what is reported.

Also the list of all machines that the contact may see there, even if others report them. The first
page needs the whole company, for the order and the facts; each page behind it reads its own stretch of
machines only, so that all pages together read the company twice, however large it is. Order and facts
are taken from outlines; of a machine's body is made what a page shows of it, and no machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access.permissions import entrusted_of, spoken, visible_of
from meterportal.domain.access.sessions import Session
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Listed
from meterportal.domain.portfolio.outlines import Outline
from meterportal.domain.portfolio.progress import reported_of, still_missing
from meterportal.domain.refusals import BadPage, NotSignedIn
from meterportal.domain.reporting import periods
from meterportal.domain.reporting.overviews import Behind, Facts, Overview
from meterportal.settings import Moment
from meterportal.store.access import sessions
from meterportal.store.portfolio import holdings
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.sign_in import SignedIn
from meterportal.usecases.mailing.schedule_now import grace_now


def overview(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    *,
    cursor: str | None,
    limit: int,
    whole_company: bool = False,
) -> tuple[Overview, str | None]:
    """The contact's machines, `limit` at a time, and the cursor of the next page. Three reads, four
    behind the first page. Raises NotSignedIn, BadPage.

    `whole_company`: all that the contact may see; due date and progress are still about the
    machines that the contact reports for.
    """
    session = sign_in.session_of(adapters, at, cookie)
    surroundings = sessions.surroundings(adapters.table, session)
    behind = _opened(adapters, session, cursor, whole_company=whole_company)
    held = _read(adapters, session.company_id, behind, limit)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(surroundings, held)
    sign_in.keep_alive(adapters, at, session)
    language = spoken(contact, held.company, surroundings.account.language)
    found = _page(
        adapters, at, held, contact, language, behind, limit=limit, whole_company=whole_company
    )
    return found, _sealed(adapters, session, found.behind, whole_company=whole_company)


def first_page(
    adapters: Adapters, at: Moment, signed_in: SignedIn, *, limit: int
) -> tuple[Overview, str | None]:
    """The first page for a contact whose sign-in has already loaded the company's
    holding. No read.
    """
    held = signed_in.holding
    assert held is not None, "asked for without a holding"
    contact, language = signed_in.contact, signed_in.language
    found = _page(adapters, at, held, contact, language, None, limit=limit)
    return found, _sealed(adapters, signed_in.session, found.behind)


def _read(adapters: Adapters, company_id: str, behind: Behind | None, limit: int) -> Holding | None:
    if behind is None:
        return holdings.outlined(adapters.table, company_id)
    # One more than the page shows says whether there is another page.
    return holdings.stretch(adapters.table, company_id, after=behind.after, most=limit + 1)


def _page(
    adapters: Adapters,
    at: Moment,
    held: Holding,
    contact: Contact,
    language: str,
    behind: Behind | None,
    *,
    limit: int,
    whole_company: bool = False,
) -> Overview:
    """One page of what `_read` has read."""
    more = behind is not None and len(held.outlines) > limit
    if more:
        held.outlines.pop()
    mine = entrusted_of(held.outlines, contact, held)
    listed = visible_of(held.outlines, contact, held) if whole_company else mine
    page, facts = (listed, behind.facts) if behind else (listed[:limit], None)
    found = shown(adapters, at, held, contact, language, mine, page, facts)
    if whole_company:
        found = replace(found, reportable=frozenset(machine.id for machine in mine))
    if behind is not None:
        after = replace(behind, after=held.outlines[-1].id) if more else None
        return replace(found, behind=after)
    if rest := tuple(machine.id for machine in listed[limit:]):
        return replace(found, order=rest, behind=Behind("", found.facts))
    return found


def shown(
    adapters: Adapters,
    at: Moment,
    held: Holding,
    contact: Contact,
    language: str,
    mine: Sequence[Outline],
    page: Sequence[Outline],
    facts: Facts | None = None,
) -> Overview:
    """The overview with a page of machines; `mine` are all that the contact reports for, or, where the
    `facts` are known already, those of a stretch. No read."""
    waiting = periods.waiting(mine, held.contracts, today=at.today, grace=grace_now(adapters))
    return Overview(
        company=held.company,
        language=language,
        facts=facts or _facts(mine, waiting),
        machines=[outline.shown() for outline in page],
        people={person.id: person.name for person in held.contacts.values()},
        contact_id=contact.id,
        waiting=waiting,
    )


def _facts(mine: Sequence[Listed], waiting: Mapping[str, date]) -> Facts:
    missing = still_missing(mine, waiting)
    reported, total = reported_of(mine, waiting)
    days = [machine.due_on for machine in missing or mine if machine.due_on]
    opens_on = min(waiting.values(), default=None)
    return Facts(min(days, default=None), opens_on, reported, total)


def _owner(session: Session, *, whole_company: bool) -> str:
    """A cursor is valid only for this session, this company and this list."""
    name = "company" if whole_company else "machines"
    return f"{name}/{session.fingerprint}/{session.company_id}"


def _opened(
    adapters: Adapters, session: Session, cursor: str | None, *, whole_company: bool
) -> Behind | None:
    if cursor is None:
        return None
    try:
        place = adapters.keys.open_cursor(_owner(session, whole_company=whole_company), cursor)
        due_on, opens_on, reported, total = place["facts"]
    except (InvalidToken, KeyError):  # not ours, or of a version that told no facts
        raise BadPage(field="cursor") from None
    return Behind(place["after"], Facts(_day(due_on), _day(opens_on), reported, total))


def _sealed(
    adapters: Adapters, session: Session, behind: Behind | None, *, whole_company: bool = False
) -> str | None:
    if behind is None:
        return None
    facts = behind.facts
    days = [day.isoformat() if day else None for day in (facts.due_on, facts.opens_on)]
    place = {"after": behind.after, "facts": [*days, facts.reported, facts.total]}
    return adapters.keys.seal_cursor(_owner(session, whole_company=whole_company), place)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
