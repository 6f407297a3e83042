"""A contact signs in: by the link of a mail, by the short code in the same mail, or by a password.

Each of them only names what to read: link, mailbox, account and contact decide whether a session
opens.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import date
from urllib.parse import unquote

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access import passwords
from meterportal.domain.access.accounts import Account
from meterportal.domain.access.links import Link
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.sessions import Session
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import mailed
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import (
    LinkExpired,
    LinkInvalid,
    LoginRefused,
    PasswordEnded,
)
from meterportal.settings import Moment
from meterportal.store.access import links, owners, sessions
from meterportal.store.mailing import openings
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.attempts import count_login
from meterportal.usecases.access.clients import Client
from meterportal.usecases.access.sign_in import SignedIn

_LONGEST_TOKEN = 4_000
"""Characters, including what a mail program may have added to a token."""

_AROUND_TOKENS = ".,;:>)]}\"'"
"""Characters that mail programs and people leave after a link."""

_SINGLE_MAILS = ("link-", "receipt-", "question-")
"""How the rounds of mails begin that carry a link and ask for nothing."""

Opened = tuple[str, SignedIn]
"""The cookie's value, and who is signed in."""


def by_link(
    adapters: Adapters, at: Moment, token: str, *, before: str | None = None, whole: bool = False
) -> Opened:
    """Opens a session by a mail's token. Three reads and a write; `whole`: see `sign_in.members`.

    `before` is the cookie that the browser sent: its session ends in the same write, because the
    browser replaces the cookie. Raises LinkExpired for a genuine link that has expired and
    LinkInvalid for all else, whatever the reason.
    """
    link = links.load(adapters.table, link_named_by(adapters, token))
    if link is None:
        raise LinkInvalid
    if link.ended(at.today):
        raise LinkExpired
    mailbox, account = owners.load(adapters.table, link.mailbox)
    if account.has_revoked(link):
        raise LinkExpired
    way = _by(link, before)
    opened = _open(adapters, at, mailbox, account, way, whole=whole)
    if opened is None:
        raise LinkInvalid
    return opened


def by_code(
    adapters: Adapters,
    at: Moment,
    email: str,
    code: str,
    *,
    client: Client,
    before: str | None = None,
    whole: bool = False,
) -> Opened:
    """Opens a session by an address and the short code of a mail; the code is valid as long as its
    link.

    Raises TooManyAttempts, and LoginRefused for everything else that is wrong: two writes and one
    read in each such case (one write on a browser that is known to the address).
    """
    address = address_of(email)
    attempt = count_login(adapters, at, client=client, address=address)
    fingerprints = adapters.keys.code_fingerprints(address, code)
    (mailbox, account), named = owners.load_with_code(adapters.table, address, fingerprints)
    link = links.load(adapters.table, named) if named else None
    if link is None or link.mailbox != address or link.ended(at.today) or account.has_revoked(link):
        raise LoginRefused
    way = _by(link, before)
    opened = _open(adapters, at, mailbox, account, way, whole=whole)
    if opened is None:
        raise LoginRefused
    attempt.was_right(adapters)
    return opened


def by_password(
    adapters: Adapters,
    at: Moment,
    email: str,
    password: str,
    *,
    client: Client,
    before: str | None = None,
    whole: bool = False,
) -> Opened:
    """Opens a session by an address and its password; otherwise as `by_code`. Takes as long for an
    unknown address as for a wrong password. Raises PasswordEnded for a correct password that was
    ended.
    """
    address = address_of(email)
    attempt = count_login(adapters, at, client=client, address=address)
    mailbox, account = owners.load(adapters.table, address)
    if not crypto.password_fits(passwords.compared(password), account.password):
        raise LoginRefused
    if not account.has_password:
        attempt.was_right(adapters)
        raise PasswordEnded
    opened = _open(adapters, at, mailbox, account, _Way(before=before), whole=whole)
    if opened is None:
        raise LoginRefused
    attempt.was_right(adapters)
    return opened


def address_of(email: str) -> str:
    """The normal form of a typed address; for an invalid one, a text under which
    nothing is stored.
    """
    # Reading addresses needs a library; the other routes do not load it at start.
    from meterportal.mail import addresses

    normal, _ = addresses.mailbox(email)
    return normal or f"no address {crypto.digest(email)}"


def link_named_by(adapters: Adapters, token: str) -> str:
    """The fingerprint of the link that a token names; raises LinkInvalid for a token that we did
    not encrypt.
    """
    try:
        link_id = adapters.keys.open_link(mended(token))
    except InvalidToken:
        raise LinkInvalid from None
    return crypto.fingerprint(link_id)


def mended(token: str) -> str:
    """A token without the characters that a mail program inserted or added: blanks, line breaks,
    invisible characters, punctuation, also percent-encoded. Our tokens contain none of these.
    """
    if len(token) > _LONGEST_TOKEN:
        return ""
    plain = unquote(token)
    visible = (letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Cc"})
    return "".join("".join(visible).split()).rstrip(_AROUND_TOKENS)


@frozen
class _Way:
    """How somebody signs in: the link's fingerprint ("" for a password), the company to open (""
    for any), the cookie that the browser had before, the round whose mail led here, and the last day on
    which the link opens.
    """

    link: str = ""
    company_id: str = ""
    before: str | None = None
    round_id: str = ""
    until: date | None = None


def _by(link: Link, before: str | None) -> _Way:
    return _Way(link.fingerprint, link.company_id, before, _round_of(link), link.expires_on)


def _round_of(link: Link) -> str:
    """The round that sent a link, "" for one of a single mail: that asks for nothing."""
    return "" if link.round_id.startswith(_SINGLE_MAILS) else link.round_id


def _newest_mail(contact: Contact, held: Holding | None) -> str:
    """The round that wrote to a contact last about what is open at a company, "" for none."""
    contracts = held.contracts.values() if held else ()
    mails = [mail for contract in contracts for mail in mailed(contract, contact.id)]
    return max(mails, key=lambda mail: mail.on).round_id if mails else ""


def _note_opening(adapters: Adapters, at: Moment, session: Session, round_id: str) -> None:
    """Notes that a round's mail has led its reader here. One write, which fails from the second
    session on."""
    if not round_id:
        return
    opening = openings.note(round_id, session.mailbox, session.company_id, at=at.now)
    with suppress(ConditionFailed):
        adapters.table.write(opening)


def _open(
    adapters: Adapters, at: Moment, mailbox: Mailbox, account: Account, way: _Way, *, whole: bool
) -> Opened | None:
    """Stores a session at a company where the mailbox's owner may work; None when there is none."""
    first = way.company_id or (min(mailbox.claims) if len(mailbox.claims) == 1 else "")
    found, held = sign_in.members(adapters, mailbox, first, whole=whole)
    if not found:
        return None
    company, contact = next((pair for pair in found if pair[0].id == way.company_id), found[0])
    if whole and (held is None or held.company.id != company.id):
        held = holdings.outlined(adapters.table, company.id)
    session_id = adapters.new_secret_id()
    session = Session(
        fingerprint=crypto.fingerprint(session_id),
        mailbox=account.address,
        company_id=company.id,
        link=way.link,
        created_at=at.now,
        seen_at=at.now,
        generation=account.generation,
    )
    earlier = sign_in.named_by(way.before)
    sessions.open_session(adapters.table, session, instead_of=earlier)
    _note_opening(adapters, at, session, way.round_id or _newest_mail(contact, held))
    everywhere = tuple(company for company, _ in found)
    signed_in = SignedIn(session, account, company, contact, everywhere, held, way.until)
    return crypto.as_cookie(session_id), signed_in
