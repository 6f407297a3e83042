"""A contact opens the link of a mail, works in a session, turns to another company, logs out.

The token opens nothing by itself: link, mailbox and contact are read, and every later request
reads session, mailbox, link and contact again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from meterportal import crypto
from meterportal.crypto import InvalidToken
from meterportal.domain.contracts import Company, Contact, Delivery, PortalRights
from meterportal.domain.refusals import LinkExpired, LinkInvalid, NotFound, NotSignedIn
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import links, mailboxes, sessions
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.store.sessions import Session, Surroundings
from meterportal.store.table import ConditionFailed

_AROUND_TOKENS = ".,;:>)]}\"'"
"""What mail programs and people leave hanging behind a link."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who works in a session: the contact of the current company, and all companies to choose from."""

    session: Session
    company: Company
    contact: Contact
    companies: tuple[Company, ...]

    @property
    def rights(self) -> PortalRights:
        return self.contact.rights or PortalRights()

    @property
    def language(self) -> str:
        return spoken(self.contact, self.company)

    @property
    def email_masked(self) -> str:
        """m***@muster.example: enough to recognise, too little to collect."""
        name, _, host = self.session.mailbox.partition("@")
        return f"{name[:1]}***@{host}"


def open_session(doors: Doors, at: Moment, token: str) -> tuple[str, SignedIn]:
    """The cookie's value and who is signed in. Raises LinkExpired for a genuine link past its end
    and LinkInvalid for everything else, whatever the reason.
    """
    try:
        link_id = doors.keys.open_link("".join(token.split()).rstrip(_AROUND_TOKENS))
    except InvalidToken:
        raise LinkInvalid from None
    link = links.load(doors.table, crypto.fingerprint(link_id))
    if link is None:
        raise LinkInvalid
    if link.ended(at.today):
        raise LinkExpired
    mailbox = mailboxes.load(doors.table, link.mailbox)
    members = _memberships(doors, mailbox)
    if not members:
        raise LinkInvalid
    chosen = next((pair for pair in members if pair[0].id == link.company_id), members[0])
    session_id = doors.new_secret_id()
    session = Session(
        fingerprint=crypto.fingerprint(session_id),
        mailbox=link.mailbox,
        company_id=chosen[0].id,
        link=link.fingerprint,
        created_at=at.now,
        seen_at=at.now,
    )
    doors.table.write(sessions.new(session))
    return crypto.as_cookie(session_id), _signed_in(session, members, chosen)


def who(doors: Doors, at: Moment, cookie: str | None) -> SignedIn:
    """Who is signed in. Three reads."""
    session, members, current = _present(doors, at, cookie)
    keep_alive(doors, at, session)
    return _signed_in(session, members, current)


def switch_company(doors: Doors, at: Moment, cookie: str | None, company_id: str) -> SignedIn:
    """Turn to another company of the same mailbox; raises NotFound for every other."""
    session, members, _ = _present(doors, at, cookie)
    chosen = next((pair for pair in members if pair[0].id == company_id), None)
    if chosen is None:
        raise NotFound(field="company_id")
    try:
        doors.table.write(sessions.switch(session, company_id, now=at.now))
    except ConditionFailed:
        raise NotSignedIn from None
    return _signed_in(replace(session, company_id=company_id), members, chosen)


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

    A revoked link, a mailbox that bounced or complained, a changed address, a deactivated contact
    and revoked rights all end it.
    """
    contact = held.contacts.get(around.mailbox.claims.get(held.company.id, ""))
    if around.link_revoked or not _reachable(around.mailbox) or contact is None:
        raise NotSignedIn
    if not _entitled(contact, around.mailbox):
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


def spoken(contact: Contact, company: Company) -> str:
    """The language of a contact: their own, else the company's; "de" or "en"."""
    language = (contact.language or company.language).casefold()[:2]
    return "en" if language == "en" else "de"


def _present(
    doors: Doors, at: Moment, cookie: str | None
) -> tuple[Session, list[tuple[Company, Contact]], tuple[Company, Contact]]:
    session = session_of(doors, at, cookie)
    around = sessions.surroundings(doors.table, session)
    members = [] if around.link_revoked else _memberships(doors, around.mailbox)
    current = next((pair for pair in members if pair[0].id == session.company_id), None)
    if current is None:
        raise NotSignedIn
    return session, members, current


def _memberships(doors: Doors, mailbox: Mailbox) -> list[tuple[Company, Contact]]:
    """Where this mailbox may work now, by the companies' names. One read, none without claims."""
    if not _reachable(mailbox) or not mailbox.claims:
        return []
    pairs = sessions.memberships(doors.table, mailbox.claims)
    return sorted(
        (pair for pair in pairs if _entitled(pair[1], mailbox)),
        key=lambda pair: (pair[0].name.casefold(), pair[0].id),
    )


def _signed_in(
    session: Session, members: list[tuple[Company, Contact]], current: tuple[Company, Contact]
) -> SignedIn:
    company, contact = current
    return SignedIn(session, company, contact, tuple(company for company, _ in members))


def _reachable(mailbox: Mailbox) -> bool:
    return mailbox.delivery is Delivery.OK


def _entitled(contact: Contact, mailbox: Mailbox) -> bool:
    rights = contact.rights
    return (
        contact.active
        and contact.mailbox == mailbox.address
        and rights is not None
        and (rights.readings or rights.machines)
    )
