"""The owner of an address: its mailbox and its account, in one read."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.access.accounts import Account
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.store import keys
from meterportal.store.access import accounts, codes, mailboxes
from meterportal.store.items import Item, Key
from meterportal.store.table import Table

Owner = tuple[Mailbox, Account]


def load(table: Table, address: str) -> Owner:
    """Mailbox and account of an address; empty ones for an unknown address."""
    return unpack(address, table.batch_get(places(address)))


def load_with_code(
    table: Table, address: str, fingerprints: Iterable[str]
) -> tuple[Owner, str | None]:
    """The owner, and the fingerprint of the link whose short code has one of these fingerprints
    (`KeyRing.code_fingerprints` of the code that was typed); None if there is no such code.
    """
    typed = [keys.code(fingerprint) for fingerprint in fingerprints]
    found = table.batch_get([*places(address), *typed])
    named = next((codes.link_of(found[place]) for place in typed if place in found), None)
    return unpack(address, found), named


def places(address: str) -> list[Key]:
    """The keys of mailbox and account."""
    return [keys.mailbox(address), keys.account(address)]


def unpack(address: str, found: dict[Key, Item]) -> Owner:
    """The owner from what was found at their `places`."""
    return (
        mailboxes.unpack(address, found.get(keys.mailbox(address))),
        accounts.unpack(address, found.get(keys.account(address))),
    )
