"""Links of mails that set a password: for one address, valid once and for half an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.domain.access.links import PasswordLink
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write

LIFE = timedelta(minutes=30)
_REMEMBERED = timedelta(days=30)
"""How long an expired link is kept, so that the answer can be "over" instead of "unknown"."""


def new(fingerprint: str, *, mailbox: str, generation: int, round_id: str, at: datetime) -> Write:
    """Makes a link for the mail of a round; fails when the fingerprint is taken."""
    pk, sk = keys.password_link(fingerprint)
    item = {
        "pk": pk,
        "sk": sk,
        "mailbox": mailbox,
        "round_id": round_id,
        "generation": generation,
        "ends_at": (at + LIFE).isoformat(),
        "expires_at": int((at + LIFE + _REMEMBERED).timestamp()),
        **keys.at_address(mailbox, pk),
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, fingerprint: str) -> PasswordLink | None:
    """The link of a fingerprint, None if there is none. One read."""
    item = table.get(*keys.password_link(fingerprint))
    if item is None:
        return None
    return PasswordLink(
        fingerprint,
        item["mailbox"],
        item["generation"],
        datetime.fromisoformat(item["ends_at"]),
        used="used_at" in item,
    )


def use(link: PasswordLink, *, at: datetime) -> Write:
    """Marks a link as used; fails when it was used before."""
    return Write(
        key=keys.password_link(link.fingerprint),
        update="SET #used_at = :at",
        condition="attribute_exists(pk) AND attribute_not_exists(#used_at)",
        values={"at": at.isoformat(timespec="seconds")},
    )
