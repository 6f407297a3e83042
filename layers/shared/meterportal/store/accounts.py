"""What the owner of a mailbox has decided: password, language, and that sessions or links end.

An item of its own beside the mailbox, so that the contact's routes, which write here, can never
write who may use an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meterportal.store import keys
from meterportal.store.links import Link
from meterportal.store.table import Item, Write


@dataclass(frozen=True, slots=True)
class Account:
    """`password` is the hash in PHC form ("" without one), `language` "de", "en" or "" for no choice.

    A session counts only under the `generation` in which it was opened; links made before
    `links_since` are revoked.
    """

    address: str
    password: str = ""
    language: str = ""
    generation: int = 0
    links_since: datetime | None = None

    def has_revoked(self, link: Link) -> bool:
        """Whether a link was made before all links were revoked."""
        since, issued_at = self.links_since, link.issued_at
        return since is not None and (issued_at is None or issued_at <= since)


def unpack(address: str, item: Item | None) -> Account:
    if item is None:
        return Account(address)
    since = item.get("links_since")
    return Account(
        address,
        password=item.get("password", ""),
        language=item.get("language", ""),
        generation=item.get("generation", 0),
        links_since=datetime.fromisoformat(since) if since else None,
    )


def choose_language(address: str, language: str) -> Write:
    """Keep an explicit choice: "de" or "en"."""
    return Write(key=keys.account(address), update="SET #language = :to", values={"to": language})


def set_password(seen: Account, password: str, *, at: datetime) -> Write:
    """Set a new password (PHC form) and end all sessions; fails when somebody did so since."""
    unknown = "" if seen.generation else " OR attribute_not_exists(#generation)"
    return Write(
        key=keys.account(seen.address),
        update="SET #password = :password, #password_at = :at, #generation = :next",
        condition=f"#generation = :seen{unknown}",
        values={
            "password": password,
            "at": at.isoformat(timespec="seconds"),
            "next": seen.generation + 1,
            "seen": seen.generation,
        },
    )


def end_everything(address: str, *, at: datetime) -> Write:
    """Revoke every link made until now and end every session of a mailbox."""
    return Write(
        key=keys.account(address),
        update="SET #links_since = :at, #generation = if_not_exists(#generation, :none) + :one",
        values={"at": at.isoformat(), "none": 0, "one": 1},
    )
