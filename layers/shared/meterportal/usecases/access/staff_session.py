"""Staff's sign-in: the refresh token stays here, the browser gets a cookie and short id tokens.

A new tab, a reload, a typed address: each asks with the cookie. Sessions end after twelve hours, by
logging out, or as soon as Cognito does not take the refresh token any more.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access.staff_sessions import StaffSession
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import StaffSignedOut, Unavailable
from meterportal.settings import Moment
from meterportal.staff_pool import LoginTokens
from meterportal.store.access import staff_sessions


@frozen
class StaffGrant:
    """What a browser gets: a short id token, the key of the rows that it keeps on its device, and the
    business day."""

    id_token: str
    rows_key: str
    today: date


def by_code(adapters: Adapters, at: Moment, code: str, verifier: str) -> tuple[str, StaffGrant]:
    """The cookie, and what else the code of the login page opens. Raises StaffSignedOut, Unavailable."""
    return _opened(adapters, at, adapters.staff_pool.trade(code, verifier))


def by_refresh_token(adapters: Adapters, at: Moment, refresh_token: str) -> tuple[str, StaffGrant]:
    """The same for a refresh token that a program got by name and password, where the pool allows
    that. Raises StaffSignedOut, Unavailable."""
    id_token = adapters.staff_pool.renew(refresh_token)
    return _opened(adapters, at, LoginTokens(id_token, refresh_token))


def renew(adapters: Adapters, at: Moment, cookie: str | None) -> StaffGrant:
    """Another id token, the same key. One read. Raises StaffSignedOut, Unavailable."""
    session = _known(adapters, at, cookie)
    try:
        token = adapters.staff_pool.renew(_refresh_token(adapters, session))
    except StaffSignedOut:
        staff_sessions.end_session(adapters.table, session.fingerprint, now=at.now)
        raise
    return StaffGrant(token, adapters.keys.rows_key(session.fingerprint), at.today)


def end(adapters: Adapters, at: Moment, cookie: str | None) -> None:
    """Ends the session, and tells Cognito; does nothing where there is none. The refresh token lies
    nowhere but in the session, so it does not matter whether Cognito hears of it."""
    try:
        session = _known(adapters, at, cookie)
    except StaffSignedOut:
        return
    staff_sessions.end_session(adapters.table, session.fingerprint, now=at.now)
    with suppress(StaffSignedOut, Unavailable):
        adapters.staff_pool.revoke(_refresh_token(adapters, session))


def _opened(adapters: Adapters, at: Moment, login: LoginTokens) -> tuple[str, StaffGrant]:
    secret = adapters.new_secret_id()
    fingerprint = crypto.fingerprint(secret)
    sealed = adapters.keys.seal_staff_session(fingerprint, login.refresh_token)
    staff_sessions.open_session(adapters.table, StaffSession(fingerprint, sealed, at.now))
    granted = StaffGrant(login.id_token, adapters.keys.rows_key(fingerprint), at.today)
    return crypto.as_cookie(secret), granted


def _known(adapters: Adapters, at: Moment, cookie: str | None) -> StaffSession:
    try:
        fingerprint = crypto.fingerprint(crypto.from_cookie(cookie or ""))
    except InvalidToken:
        raise StaffSignedOut from None
    session = staff_sessions.load(adapters.table, fingerprint)
    if session is None or session.ended(at.now):
        raise StaffSignedOut
    return session


def _refresh_token(adapters: Adapters, session: StaffSession) -> str:
    try:
        return adapters.keys.open_staff_session(session.fingerprint, session.sealed)
    except InvalidToken:  # sealed with a key that is gone
        raise StaffSignedOut from None
