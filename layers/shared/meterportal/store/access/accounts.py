"""Accounts: what the owner of a mailbox has set (password, language), and when all sessions and
links were ended.

A separate item beside the mailbox: the contact's routes write here, and so they need no permission
to write who may use an address.
"""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.access.accounts import Account
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.writes import Write


def unpack(address: str, item: Item | None) -> Account:
    if item is None:
        return Account(address)
    since = item.get("links_since")
    return Account(
        address,
        password=item.get("password", ""),
        password_at=item.get("password_at", ""),
        proved=item.get("proved"),
        language=item.get("language", ""),
        generation=item.get("generation", 0),
        links_since=datetime.fromisoformat(since) if since else None,
    )


def choose_language(address: str, language: str) -> Write:
    """Stores the language that the owner chose: "de" or "en". For a transaction with their session: it makes
    an account where there is none."""
    return Write(key=keys.account(address), update="SET #language = :to", values={"to": language})


def set_password(seen: Account, password: str, *, at: datetime) -> Write:
    """Sets a new password (PHC form) and ends all sessions. Fails when the password was set or
    everything was ended since the account was read.
    """
    unknown = "" if seen.generation else " OR attribute_not_exists(#generation)"
    return Write(
        key=keys.account(seen.address),
        update="SET #password = :password, #password_at = :at, #generation = :next, #proved = :next",
        condition=f"#generation = :seen{unknown}",
        values={
            "password": password,
            "at": at.isoformat(),
            "next": seen.generation + 1,
            "seen": seen.generation,
        },
    )


def forget(address: str) -> Write:
    """Deletes an account with all that its owner decided."""
    return Write(key=keys.account(address), delete=True)


def end_everything(address: str, *, at: datetime) -> Write:
    """Ends every session of a mailbox, its password, and every link made until now.

    For a transaction: that has a request token, so if the SDK repeats it, it still counts once.
    """
    return Write(
        key=keys.account(address),
        update="SET #links_since = :at, #generation = if_not_exists(#generation, :none) + :one",
        values={"at": at.isoformat(), "none": 0, "one": 1},
    )
