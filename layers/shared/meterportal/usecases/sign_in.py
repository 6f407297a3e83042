"""A contact works in a session, turns to another company, chooses a language, logs out.

Every request reads session, mailbox, account, link and contact again. How a session is opened
stands in `open_session`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from meterportal import crypto
from meterportal.crypto import InvalidToken
from meterportal.domain.contracts import Company, Contact, Delivery, PortalRights
from meterportal.domain.refusals import NotFound, NotSignedIn
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, portfolio, sessions
from meterportal.store.accounts import Account
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.store.sessions import Session, Surroundings
from meterportal.store.table import ConditionFailed

Member = tuple[Company, Contact]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who works in a session: the contact of the current company, and all companies to choose from.

    `holding` is the current company with everything, where it was asked for.
    """

    session: Session
    account: Account
    company: Company
    contact: Contact
    companies: tuple[Company, ...]
    holding: Holding | None = None

    @property
    def rights(self) -> PortalRights:
        return self.contact.rights or PortalRights()

    @property
    def language(self) -> str:
        return spoken(self.contact, self.company, self.account.language)

    @property
    def email_masked(self) -> str:
        """m***@muster.example: enough to recognise, too little to collect."""
        name, _, host = self.session.mailbox.partition("@")
        return f"{name[:1]}***@{host}"

    @property
    def has_password(self) -> bool:
        return bool(self.account.password)


def who(doors: Doors, at: Moment, cookie: str | None, *, whole: bool = False) -> SignedIn:
    """Who is signed in; `whole`: with the company's holding. Three reads, or one more for a mailbox
    of several companies when `whole`.
    """
    session = session_of(doors, at, cookie)
    found = _present(doors, session, session.company_id, whole=whole)
    keep_alive(doors, at, session)
    return found


def switch_company(
    doors: Doors, at: Moment, cookie: str | None, company_id: str, *, whole: bool = False
) -> SignedIn:
    """Turn to another company of the same mailbox; raises NotFound for every other."""
    session = session_of(doors, at, cookie)
    found = _present(doors, session, company_id, whole=whole)
    try:
        doors.table.write(sessions.switch(session, company_id, now=at.now))
    except ConditionFailed:
        raise NotSignedIn from None
    return found


def choose_language(doors: Doors, at: Moment, cookie: str | None, language: str) -> SignedIn:
    """Keep an explicit choice, "de" or "en", for pages and mails to this mailbox."""
    found = who(doors, at, cookie)
    doors.table.write(accounts.choose_language(found.session.mailbox, language))
    return replace(found, account=replace(found.account, language=language))


def close_session(doors: Doors, at: Moment, cookie: str | None) -> None:
    """Log out. Also who has lost every right may do this."""
    doors.table.write(sessions.close(session_of(doors, at, cookie)))


def session_of(doors: Doors, at: Moment, cookie: str | None) -> Session:
    """The living session of a cookie; raises NotSignedIn. One read."""
    if cookie is None:
        raise NotSignedIn
    try:
        session_id = crypto.from_cookie(cookie)
    except InvalidToken:
        raise NotSignedIn from None
    session = sessions.load(doors.table, crypto.fingerprint(session_id))
    if session is None or session.ended(at.now):
        raise NotSignedIn
    return session


def contact_of(around: Surroundings, held: Holding) -> Contact:
    """The session's contact at a company, as the records say at this moment; raises NotSignedIn.

    A revoked link, a new password, a mailbox that bounced or complained, a changed address, a
    deactivated contact and revoked rights all end it.
    """
    contact = held.contacts.get(around.mailbox.claims.get(held.company.id, ""))
    if around.over or not reachable(around.mailbox) or contact is None:
        raise NotSignedIn
    if not entitled(contact, around.mailbox):
        raise NotSignedIn
    return contact


def keep_alive(doors: Doors, at: Moment, session: Session) -> None:
    """Note every few minutes that the session is in use; raises NotSignedIn if it was closed."""
    if not session.stale(at.now):
        return
    try:
        doors.table.write(sessions.touch(session, now=at.now))
    except ConditionFailed:
        raise NotSignedIn from None


def spoken(contact: Contact, company: Company, chosen: str = "") -> str:
    """The language of a contact: as chosen, else their own, else the company's; "de" or "en"."""
    language = (chosen or contact.language or company.language).casefold()[:2]
    return "en" if language == "en" else "de"


def members(
    doors: Doors, mailbox: Mailbox, company_id: str, *, whole: bool = False
) -> tuple[list[Member], Holding | None]:
    """Where this mailbox may work now, by the companies' names, and one company's holding if `whole`.

    One read, none without claims; `whole` one for the holding and one for other companies, if any.
    """
    if not reachable(mailbox):
        return [], None
    claims, held = dict(mailbox.claims), None
    pairs: list[Member] = []
    if whole and company_id in claims:
        contact_id = claims.pop(company_id)
        held = portfolio.load(doors.table, company_id)
        if held is not None and contact_id in held.contacts:
            pairs.append((held.company, held.contacts[contact_id]))
    if claims:
        pairs += sessions.memberships(doors.table, claims)
    allowed = [pair for pair in pairs if entitled(pair[1], mailbox)]
    return sorted(allowed, key=lambda pair: (pair[0].name.casefold(), pair[0].id)), held


def reachable(mailbox: Mailbox) -> bool:
    return mailbox.delivery is Delivery.OK


def entitled(contact: Contact, mailbox: Mailbox) -> bool:
    """Whether a contact may use the portal by this mailbox, as the records say now."""
    rights = contact.rights
    return (
        contact.active
        and contact.mailbox == mailbox.address
        and rights is not None
        and (rights.readings or rights.machines)
    )


def _present(doors: Doors, session: Session, company_id: str, *, whole: bool) -> SignedIn:
    """Who is signed in, seen at `company_id`. Raises NotSignedIn when the session's own company is
    closed to them, NotFound when that one is.
    """
    around = sessions.surroundings(doors.table, session)
    if around.over:
        raise NotSignedIn
    found, held = members(doors, around.mailbox, company_id, whole=whole)
    by_id = {company.id: (company, contact) for company, contact in found}
    if session.company_id not in by_id:
        raise NotSignedIn
    if company_id not in by_id:
        raise NotFound(field="company_id")
    company, contact = by_id[company_id]
    now = replace(session, company_id=company_id)
    everywhere = tuple(company for company, _ in found)
    return SignedIn(now, around.account, company, contact, everywhere, held)
