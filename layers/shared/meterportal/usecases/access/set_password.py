"""A contact sets a password for their address: by the link of a password mail, or with the old
password.

A link to the machines, a code or a receipt does not prove who reads the mailbox now: they are valid
for weeks and may have been passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access import passwords
from meterportal.domain.access.accounts import Account
from meterportal.domain.access.links import PasswordLink
from meterportal.domain.access.notices import Notice
from meterportal.domain.access.sessions import Session
from meterportal.domain.refusals import (
    LinkInvalid,
    NotSignedIn,
    OldPasswordWrong,
    PasswordEnded,
    PasswordLinkOver,
    PasswordMailNeeded,
    Unavailable,
)
from meterportal.settings import Moment
from meterportal.store.access import accounts, notices, owners, password_links, sessions
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.attempts import Attempt, count_login
from meterportal.usecases.access.clients import Client
from meterportal.usecases.access.open_session import mended
from meterportal.usecases.access.send_notices import queue_notice
from meterportal.usecases.access.sign_in import Member


def by_mail(
    adapters: Adapters, at: Moment, cookie: str | None, password: str, token: str, *, client: Client
) -> None:
    """Sets the password of the address that received a password mail, and marks its link as used.
    All sessions of the address end, except the browser's own; a notice goes to the address.
    Repeating the request, because the answer was lost, gives the same answer.

    Raises LinkInvalid for a link that is not ours, PasswordLinkOver, PasswordRefused; for a used
    link TooManyAttempts.
    """
    link = _named_by(adapters, token)
    if at.now >= link.ends_at:
        raise PasswordLinkOver
    box, account = owners.load(adapters.table, link.mailbox)
    members = sign_in.members(adapters, box, "")[0]
    expected = link.generation + 1 if link.used else link.generation
    if not members or account.generation != expected:
        raise PasswordLinkOver
    if link.used:
        attempt = count_login(adapters, at, client=client, address=link.mailbox)
        if not _set_before(adapters, account, password, attempt):
            raise PasswordLinkOver
        return
    chosen = passwords.accept(password, names=_names(adapters, link.mailbox, members))
    stored, proof = crypto.hash_password(chosen), [password_links.use(link, at=at.now)]
    own = _session_of(adapters, at, cookie, account)
    # The second try is without the browser's session: it may have been closed at this moment.
    for session in dict.fromkeys((own, None)):
        with suppress(ConditionFailed):
            _store(adapters, at, account, stored, proof, session)
            return
    raise PasswordLinkOver


def by_old_one(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    password: str,
    old: str | None,
    *,
    client: Client,
) -> None:
    """Sets the password of the session's address with its present password. Every other session of
    the address ends; a notice goes to the address. Repeating the request gives the same answer.

    Raises NotSignedIn, PasswordMailNeeded (no old one given), PasswordRefused, TooManyAttempts,
    OldPasswordWrong, PasswordEnded.
    """
    signed_in = sign_in.who(adapters, at, cookie)
    session, account = signed_in.session, signed_in.account
    if old is None:
        raise PasswordMailNeeded
    members = [(company, signed_in.contact) for company in signed_in.companies]
    chosen = passwords.accept(password, names=_names(adapters, session.mailbox, members))
    attempt = count_login(adapters, at, client=client, address=session.mailbox)
    if not crypto.password_fits(passwords.compared(old), account.password):
        if _set_before(adapters, account, password, attempt):
            return
        raise OldPasswordWrong(field="old_password")
    attempt.was_right(adapters)
    if not account.has_password:
        raise PasswordEnded(field="old_password")
    try:
        _store(adapters, at, account, crypto.hash_password(chosen), [], session)
    except ConditionFailed:
        # Logged out meanwhile, or ended by another session that was faster.
        raise NotSignedIn from None


def _store(
    adapters: Adapters,
    at: Moment,
    account: Account,
    stored: str,
    proof: Sequence[Write],
    own: Session | None,
) -> None:
    """Stores a new password (PHC form) and its notice; `own` is the session that does not end."""
    notice = Notice(account.address, at.now)
    writes = [
        *proof,
        accounts.set_password(account, stored, at=at.now),
        notices.note(notice),
    ]
    if own is not None:
        writes.append(sessions.carry_on(own, account.generation + 1))
    adapters.table.transact(writes)
    with suppress(Unavailable):  # the next sweep queues it
        queue_notice(adapters, notice)


def _set_before(adapters: Adapters, account: Account, password: str, attempt: Attempt) -> bool:
    """Whether an earlier request has set this same password. Its answer was lost, and perhaps it
    did not queue its notice.
    """
    fits = crypto.password_fits(passwords.compared(password), account.password)
    if not fits or not account.has_password:
        return False
    attempt.was_right(adapters)
    with suppress(Unavailable):  # a notice that was sent is not sent again
        set_at = datetime.fromisoformat(account.password_at)
        queue_notice(adapters, Notice(account.address, set_at))
    return True


def _named_by(adapters: Adapters, token: str) -> PasswordLink:
    try:
        link_id = adapters.keys.open_password_link(mended(token))
    except InvalidToken:
        raise LinkInvalid(field="token") from None
    link = password_links.load(adapters.table, crypto.fingerprint(link_id))
    if link is None:
        raise LinkInvalid(field="token")
    return link


def _session_of(
    adapters: Adapters, at: Moment, cookie: str | None, account: Account
) -> Session | None:
    """The browser's session, if it belongs to this account."""
    with suppress(NotSignedIn):
        session = sign_in.session_of(adapters, at, cookie)
        if session.mailbox == account.address and session.generation == account.generation:
            return session
    return None


def _names(adapters: Adapters, mailbox: str, members: Sequence[Member]) -> list[str]:
    """What others may know of the person who chooses the password."""
    names = [adapters.settings.dealer_name, mailbox]
    for company, contact in members:
        names += [company.name, contact.first_name, contact.last_name, contact.name]
    return names
