"""A contact gets in: by the link of a mail.

The token opens nothing by itself: link, mailbox, account and contact are read.
"""

from __future__ import annotations

from meterportal import crypto
from meterportal.crypto import InvalidToken
from meterportal.domain.refusals import LinkExpired, LinkInvalid
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, keys, links, mailboxes, portfolio, sessions
from meterportal.store.accounts import Account
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.store.sessions import Opening, Session
from meterportal.usecases import sign_in
from meterportal.usecases.sign_in import Member, SignedIn

_AROUND_TOKENS = ".,;:>)]}\"'"
"""What mail programs and people leave hanging behind a link."""

Opened = tuple[str, SignedIn]
"""The cookie's value, and who is signed in."""


def by_link(doors: Doors, at: Moment, token: str, *, whole: bool = False) -> Opened:
    """Open a session by a mail's token. Three reads and a write; `whole`: see `sign_in.members`.

    Raises LinkExpired for a genuine link past its end and LinkInvalid for everything else, whatever
    the reason.
    """
    link = links.load(doors.table, link_named_by(doors, token))
    if link is None:
        raise LinkInvalid
    if link.ended(at.today):
        raise LinkExpired
    mailbox, account = _owner(doors, link.mailbox)
    if account.has_revoked(link):
        raise LinkExpired
    found, held = sign_in.members(doors, mailbox, link.company_id, whole=whole)
    if not found:
        raise LinkInvalid
    chosen = next((pair for pair in found if pair[0].id == link.company_id), found[0])
    if whole and (held is None or held.company.id != chosen[0].id):
        held = portfolio.load(doors.table, chosen[0].id)
    circle = (found, chosen, held if whole else None)
    return _open(doors, at, account, link.fingerprint, Opening.LINK, circle)


def link_named_by(doors: Doors, token: str) -> str:
    """The fingerprint of the link that a token names; raises LinkInvalid for what we did not seal."""
    try:
        link_id = doors.keys.open_link("".join(token.split()).rstrip(_AROUND_TOKENS))
    except InvalidToken:
        raise LinkInvalid from None
    return crypto.fingerprint(link_id)


def _owner(doors: Doors, address: str) -> tuple[Mailbox, Account]:
    """Mailbox and account of an address. One read."""
    places = keys.mailbox(address), keys.account(address)
    found = doors.table.batch_get(places)
    return (
        mailboxes.unpack(address, found.get(places[0])),
        accounts.unpack(address, found.get(places[1])),
    )


def _open(
    doors: Doors,
    at: Moment,
    account: Account,
    link: str,
    opened_by: Opening,
    circle: tuple[list[Member], Member, Holding | None],
) -> Opened:
    """Write a session at the chosen company of those open to its owner."""
    found, (company, contact), held = circle
    session_id = doors.new_secret_id()
    session = Session(
        fingerprint=crypto.fingerprint(session_id),
        mailbox=account.address,
        company_id=company.id,
        link=link,
        created_at=at.now,
        seen_at=at.now,
        opened_by=opened_by,
        generation=account.generation,
    )
    doors.table.write(sessions.new(session))
    everywhere = tuple(company for company, _ in found)
    signed_in = SignedIn(session, account, company, contact, everywhere, held)
    return crypto.as_cookie(session_id), signed_in
