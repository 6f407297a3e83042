"""Links in mails: what a token opens, for whom, until when. The row is the authority, not the token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from meterportal.store import keys
from meterportal.store.table import Item, Table, Write

_REMEMBERED = timedelta(days=180)
"""How long past its end a link is still known, so that its opener hears "expired", not "unknown"."""


@dataclass(frozen=True, slots=True)
class Link:
    """`fingerprint` is the hash of the secret id; `expires_on` is the last day on which it opens;
    `issued_at` is None for links of times that did not note it.
    """

    fingerprint: str
    mailbox: str
    company_id: str
    round_id: str
    expires_on: date
    revoked: bool = False
    issued_at: datetime | None = None

    def ended(self, today: date) -> bool:
        return self.revoked or today > self.expires_on


def new(
    fingerprint: str,
    *,
    mailbox: str,
    company_id: str,
    round_id: str,
    expires_on: date,
    issued_at: datetime | None = None,
) -> Write:
    """Make a link: `fingerprint` is `crypto.fingerprint` of the id that the mail's token seals.

    Fails when the fingerprint is taken, so that a revoked link never lives again.
    """
    pk, sk = keys.link(fingerprint)
    forgotten = datetime.combine(expires_on + _REMEMBERED, time(), tzinfo=UTC)
    item = {
        "pk": pk,
        "sk": sk,
        "mailbox": mailbox,
        "company_id": company_id,
        "round_id": round_id,
        "expires_on": expires_on.isoformat(),
        "expires_at": int(forgotten.timestamp()),
    }
    if issued_at is not None:
        item["issued_at"] = issued_at.isoformat()
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, fingerprint: str) -> Link | None:
    """The link of a fingerprint, None if there is none. One read."""
    item = table.get(*keys.link(fingerprint))
    return unpack(item) if item else None


def revoke(fingerprint: str, *, at: datetime) -> Write:
    """End a link at once, and with it every session opened by it. Fails when it is unknown."""
    return Write(
        key=keys.link(fingerprint),
        update="SET #revoked_at = if_not_exists(#revoked_at, :at)",
        condition="attribute_exists(pk)",
        values={"at": at.isoformat(timespec="seconds")},
    )


def unpack(item: Item) -> Link:
    return Link(
        fingerprint=item["pk"].partition("#")[2],
        mailbox=item["mailbox"],
        company_id=item["company_id"],
        round_id=item["round_id"],
        expires_on=date.fromisoformat(item["expires_on"]),
        revoked="revoked_at" in item,
        issued_at=datetime.fromisoformat(item["issued_at"]) if "issued_at" in item else None,
    )
