"""Links in mails: for whom, to which company, until when. The stored row decides this, not the
token.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from meterportal.domain.access.links import Link
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write

_REMEMBERED = timedelta(days=180)
"""How long an expired link is kept, so that the answer can be "expired" instead of "unknown"."""


def new(
    fingerprint: str,
    *,
    mailbox: str,
    company_id: str,
    round_id: str,
    expires_on: date,
    issued_at: datetime | None = None,
) -> Write:
    """Makes a link: `fingerprint` is `crypto.fingerprint` of the id that the mail's token encrypts.

    Fails when the fingerprint is taken, so a revoked link cannot become valid again.
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
        **keys.at_address(mailbox, pk),
    }
    if issued_at is not None:
        item["issued_at"] = issued_at.isoformat()
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, fingerprint: str) -> Link | None:
    """The link of a fingerprint, None if there is none. One read."""
    item = table.get(*keys.link(fingerprint))
    return unpack(item) if item else None


def revoke(fingerprint: str, *, at: datetime) -> Write:
    """Revokes a link and with it every session that it opened. Fails when the link is unknown."""
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
