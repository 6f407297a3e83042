"""A contact works in a session, changes to another company, chooses a language, logs out.

Every request reads session, mailbox, account, link and contact again. `open_session` opens a
session.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access.accounts import Account
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import entitled, reachable, spoken
from meterportal.domain.access.sessions import Session
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contact, PortalRights
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import NotFound, NotSignedIn
from meterportal.settings import Moment
from meterportal.store.access import accounts, sessions
from meterportal.store.access.sessions import Surroundings
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed

Member = tuple[Company, Contact]


@frozen
class SignedIn:
    """Who works in a session: the contact at the current company, and all companies to choose from.

    `holding` is the current company with its machines' outlines, if the caller asked for it. `link_until` is the
    last day on which the link that led here opens, at each of the companies; None for a password.
    """

    session: Session
    account: Account
    company: Company
    contact: Contact
    companies: tuple[Company, ...]
    holding: Holding | None = None
    link_until: date | None = None

    @property
    def rights(self) -> PortalRights:
        return self.contact.rights or PortalRights()

    @property
    def language(self) -> str:
        return spoken(self.contact, self.company, self.account.language)

    @property
    def email_masked(self) -> str:
        """m***@muster.example: the owner recognises the address, others cannot collect it."""
        name, _, host = self.session.mailbox.partition("@")
        return f"{name[:1]}***@{host}"

    @property
    def has_password(self) -> bool:
        return self.account.has_password


def who(adapters: Adapters, at: Moment, cookie: str | None, *, whole: bool = False) -> SignedIn:
    """Who is signed in; `whole`: with the company's holding. Three reads; with `whole` and several
    companies four.
    """
    session = session_of(adapters, at, cookie)
    found = _present(adapters, session, session.company_id, whole=whole)
    keep_alive(adapters, at, session)
    return found


def switch_company(
    adapters: Adapters, at: Moment, cookie: str | None, company_id: str, *, whole: bool = False
) -> SignedIn:
    """Changes to another company of the same mailbox; raises NotFound for every other company."""
    session = session_of(adapters, at, cookie)
    found = _present(adapters, session, company_id, whole=whole)
    try:
        sessions.switch(adapters.table, session, company_id, now=at.now)
    except ConditionFailed:
        raise NotSignedIn from None
    return found


def choose_language(adapters: Adapters, at: Moment, cookie: str | None, language: str) -> SignedIn:
    """Keeps the language that the contact chose, "de" or "en", for pages and mails to this mailbox."""
    found = who(adapters, at, cookie)
    chosen = accounts.choose_language(found.session.mailbox, language)
    try:
        # An account is made where none is: not of who is erased at this moment, whose session ends, too.
        adapters.table.transact([chosen, sessions.touched(found.session, now=at.now)])
    except ConditionFailed:
        raise NotSignedIn from None
    return replace(found, account=replace(found.account, language=language))


def close_session(adapters: Adapters, at: Moment, cookie: str | None) -> None:
    """Logs out. A contact who has lost all rights may log out, too."""
    session = session_of(adapters, at, cookie)
    sessions.end_session(adapters.table, session.fingerprint, now=at.now)


def session_of(adapters: Adapters, at: Moment, cookie: str | None) -> Session:
    """The open session of a cookie; raises NotSignedIn. One read."""
    if cookie is None:
        raise NotSignedIn(reasons=["no_cookie"])
    fingerprint = named_by(cookie)
    session = sessions.load(adapters.table, fingerprint) if fingerprint else None
    if session is None or session.ended(at.now):
        raise NotSignedIn
    return session


def named_by(cookie: str | None) -> str | None:
    """The fingerprint of the session that a cookie names; None if it names none."""
    if cookie is None:
        return None
    try:
        return crypto.fingerprint(crypto.from_cookie(cookie))
    except InvalidToken:
        return None


def contact_of(surroundings: Surroundings, held: Holding) -> Contact:
    """The session's contact at a company, as stored now; raises NotSignedIn.

    A revoked link, a new password, a mailbox that bounced or complained, a changed address, a
    deactivated contact and revoked rights all end the session.
    """
    contact = held.contacts.get(surroundings.mailbox.claims.get(held.company.id, ""))
    if surroundings.over or not reachable(surroundings.mailbox) or contact is None:
        raise NotSignedIn
    if not entitled(contact, surroundings.mailbox):
        raise NotSignedIn
    return contact


def keep_alive(adapters: Adapters, at: Moment, session: Session) -> None:
    """Notes every few minutes that the session is in use; raises NotSignedIn if it was closed."""
    if not session.stale(at.now):
        return
    try:
        sessions.touch(adapters.table, session, now=at.now)
    except ConditionFailed:
        raise NotSignedIn from None


def members(
    adapters: Adapters, mailbox: Mailbox, company_id: str, *, whole: bool = False
) -> tuple[list[Member], Holding | None]:
    """The companies where this mailbox may work now, by name, and one company's holding if `whole`.

    One read, none without claims; with `whole` one for the holding and one for other companies, if
    any.
    """
    if not reachable(mailbox):
        return [], None
    claims, held = dict(mailbox.claims), None
    pairs: list[Member] = []
    if whole and company_id in claims:
        contact_id = claims.pop(company_id)
        held = holdings.outlined(adapters.table, company_id)
        if held is not None and contact_id in held.contacts:
            pairs.append((held.company, held.contacts[contact_id]))
    if claims:
        pairs += sessions.memberships(adapters.table, claims)
    allowed = [pair for pair in pairs if entitled(pair[1], mailbox)]
    return sorted(allowed, key=lambda pair: (pair[0].name.casefold(), pair[0].id)), held


def _present(adapters: Adapters, session: Session, company_id: str, *, whole: bool) -> SignedIn:
    """Who is signed in, working at `company_id`. Raises NotSignedIn when they may no longer work at
    the session's own company, NotFound when they may not work at `company_id`.
    """
    surroundings = sessions.surroundings(adapters.table, session)
    if surroundings.over:
        raise NotSignedIn
    found, held = members(adapters, surroundings.mailbox, company_id, whole=whole)
    by_id = {company.id: (company, contact) for company, contact in found}
    if session.company_id not in by_id:
        raise NotSignedIn
    if company_id not in by_id:
        raise NotFound(field="company_id")
    company, contact = by_id[company_id]
    now = replace(session, company_id=company_id)
    everywhere = tuple(company for company, _ in found)
    return SignedIn(
        now, surroundings.account, company, contact, everywhere, held, surroundings.link_until
    )
