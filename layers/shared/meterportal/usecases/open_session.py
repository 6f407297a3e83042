"""A contact gets in: by the link of a mail, by the short code beside it, or by a password.

What is given opens nothing by itself: link, mailbox, account and contact are read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from meterportal import crypto
from meterportal.crypto import InvalidToken
from meterportal.domain import passwords
from meterportal.domain.refusals import LinkExpired, LinkInvalid, LoginRefused
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, codes, keys, links, mailboxes, portfolio, sessions
from meterportal.store.accounts import Account
from meterportal.store.mailboxes import Mailbox
from meterportal.store.sessions import Opening, Session
from meterportal.store.table import Item, Key
from meterportal.usecases import sign_in
from meterportal.usecases.attempts import count_login
from meterportal.usecases.sign_in import SignedIn

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
    places = keys.mailbox(link.mailbox), keys.account(link.mailbox)
    mailbox, account = _owner(link.mailbox, doors.table.batch_get(places))
    if account.has_revoked(link):
        raise LinkExpired
    way = _Way(Opening.LINK, link.fingerprint, link.company_id)
    opened = _open(doors, at, mailbox, account, way, whole=whole)
    if opened is None:
        raise LinkInvalid
    return opened


def by_code(
    doors: Doors, at: Moment, email: str, code: str, *, client: str, whole: bool = False
) -> Opened:
    """Open a session by an address and the short code of a mail, for as long as its link opens.

    Raises TooManyAttempts, and LoginRefused for whatever else is wrong: two writes and one read in
    every such case.
    """
    address = address_of(email)
    count_login(doors, at, client=client, address=address)
    places = codes.places(doors.keys.code_fingerprints(address, code))
    found = doors.table.batch_get([keys.mailbox(address), keys.account(address), *places])
    named = next((codes.link_of(found[place]) for place in places if place in found), None)
    link = links.load(doors.table, named) if named else None
    mailbox, account = _owner(address, found)
    if link is None or link.mailbox != address or link.ended(at.today) or account.has_revoked(link):
        raise LoginRefused
    way = _Way(Opening.CODE, link.fingerprint, link.company_id)
    opened = _open(doors, at, mailbox, account, way, whole=whole)
    if opened is None:
        raise LoginRefused
    return opened


def by_password(
    doors: Doors, at: Moment, email: str, password: str, *, client: str, whole: bool = False
) -> Opened:
    """Open a session by an address and its password. As `by_code` in every other respect; takes as
    long for an unknown address as for a wrong password.
    """
    address = address_of(email)
    count_login(doors, at, client=client, address=address)
    places = keys.mailbox(address), keys.account(address)
    mailbox, account = _owner(address, doors.table.batch_get(places))
    if not crypto.password_fits(passwords.compared(password), account.password):
        raise LoginRefused
    opened = _open(doors, at, mailbox, account, _Way(Opening.PASSWORD), whole=whole)
    if opened is None:
        raise LoginRefused
    return opened


def address_of(email: str) -> str:
    """The normal form of a typed address; of what is none, a text under which nothing is stored."""
    # Reading addresses takes a library that the other routes need not wait for when they start.
    from meterportal.mail import addresses

    normal, _ = addresses.mailbox(email)
    return normal or f"no address {crypto.digest(email)}"


def link_named_by(doors: Doors, token: str) -> str:
    """The fingerprint of the link that a token names; raises LinkInvalid for what we did not seal."""
    try:
        link_id = doors.keys.open_link(_mended(token))
    except InvalidToken:
        raise LinkInvalid from None
    return crypto.fingerprint(link_id)


def _mended(token: str) -> str:
    """A token without what a mail program put into or behind it: blanks, line breaks, invisible
    characters, punctuation, also percent-encoded. None of it stands in a token of ours.
    """
    plain = unquote(token)
    visible = (letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Cc"})
    return "".join("".join(visible).split()).rstrip(_AROUND_TOKENS)


@dataclass(frozen=True, slots=True)
class _Way:
    """How somebody came in, and to which company that leads first ("" for any)."""

    opened_by: Opening
    link: str = ""
    company_id: str = ""


def _owner(address: str, found: Mapping[Key, Item]) -> tuple[Mailbox, Account]:
    """Mailbox and account of an address, from what was read."""
    return (
        mailboxes.unpack(address, found.get(keys.mailbox(address))),
        accounts.unpack(address, found.get(keys.account(address))),
    )


def _open(
    doors: Doors, at: Moment, mailbox: Mailbox, account: Account, way: _Way, *, whole: bool
) -> Opened | None:
    """Write a session at a company that is open to the mailbox's owner; None when none is."""
    first = way.company_id or (min(mailbox.claims) if len(mailbox.claims) == 1 else "")
    found, held = sign_in.members(doors, mailbox, first, whole=whole)
    if not found:
        return None
    company, contact = next((pair for pair in found if pair[0].id == way.company_id), found[0])
    if whole and (held is None or held.company.id != company.id):
        held = portfolio.load(doors.table, company.id)
    session_id = doors.new_secret_id()
    session = Session(
        fingerprint=crypto.fingerprint(session_id),
        mailbox=account.address,
        company_id=company.id,
        link=way.link,
        created_at=at.now,
        seen_at=at.now,
        opened_by=way.opened_by,
        generation=account.generation,
    )
    doors.table.write(sessions.new(session))
    everywhere = tuple(company for company, _ in found)
    signed_in = SignedIn(session, account, company, contact, everywhere, held)
    return crypto.as_cookie(session_id), signed_in
