"""Short codes of mails, for readers who cannot click the link. A code opens what its link opens,
and as long as the link does. The table stores only a keyed fingerprint of the code.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.writes import Write


def new(fingerprint: str, *, link: str, expires_on: date) -> Write:
    """Makes a code: `fingerprint` is `KeyRing.code_fingerprint` of its mailbox and the code.

    `link` is the fingerprint of the link in the same mail, `expires_on` that link's last day; the
    write belongs into the transaction that makes the link. Fails when the fingerprint is taken.
    """
    pk, sk = keys.code(fingerprint)
    after = datetime.combine(expires_on + timedelta(days=2), time(), tzinfo=UTC)
    item = {"pk": pk, "sk": sk, "link": link, "expires_at": int(after.timestamp())}
    return Write(put=item, condition="attribute_not_exists(pk)")


def link_of(item: Item) -> str:
    """The fingerprint of the link that a stored code belongs to."""
    link: str = item["link"]
    return link
