"""A contact sets a password for their address, from a fresh link or knowing the old one."""

from __future__ import annotations

from contextlib import suppress

from meterportal import crypto
from meterportal.domain import passwords
from meterportal.domain.refusals import (
    FreshLinkNeeded,
    NotSignedIn,
    OldPasswordWrong,
    Unavailable,
)
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, notices, sessions
from meterportal.store.table import ConditionFailed
from meterportal.usecases import sign_in
from meterportal.usecases.attempts import count_login
from meterportal.usecases.send_notices import queue_notice
from meterportal.usecases.sign_in import SignedIn


def set_password(
    doors: Doors, at: Moment, cookie: str | None, password: str, old: str | None, *, client: str
) -> None:
    """Set the password of the session's address; every other session of it ends, and the address is
    told by mail.

    Raises NotSignedIn, FreshLinkNeeded (opened by password, or half an hour ago, and no old one
    given), PasswordRefused, OldPasswordWrong, TooManyAttempts.
    """
    signed_in = sign_in.who(doors, at, cookie)
    session, account = signed_in.session, signed_in.account
    fresh = session.fresh(at.now)
    if not fresh and old is None:
        raise FreshLinkNeeded
    chosen = passwords.accept(password, names=_names(doors, signed_in))
    if not fresh:
        count_login(doors, at, client=client, address=session.mailbox)
        if not crypto.password_fits(passwords.compared(old or ""), account.password):
            raise OldPasswordWrong(field="old_password")
    writes = [
        accounts.set_password(account, crypto.hash_password(chosen), at=at.now),
        sessions.carry_on(session, account.generation + 1),
        notices.note(session.mailbox, set_at=at.now),
    ]
    try:
        doors.table.transact(writes)
    except ConditionFailed:
        # Logged out meanwhile, or another session was faster, which ended this one.
        raise NotSignedIn from None
    with suppress(Unavailable):  # the next plan finds what was not queued
        queue_notice(doors, session.mailbox, at.now.isoformat())


def _names(doors: Doors, signed_in: SignedIn) -> list[str]:
    """What others may know of the one who chooses."""
    contact = signed_in.contact
    return [
        doors.settings.dealer_name,
        contact.first_name,
        contact.last_name,
        contact.name,
        signed_in.session.mailbox,
        *(company.name for company in signed_in.companies),
    ]
