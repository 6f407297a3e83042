"""Short codes of mails, typed where a link cannot be clicked. A code opens what its link opens, for
as long as that does; the table knows it by a keyed fingerprint only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from meterportal.store import keys
from meterportal.store.table import Item, Key, Write


def new(fingerprint: str, *, link: str, expires_on: date) -> Write:
    """Make a code: `fingerprint` is `KeyRing.code_fingerprint` of its mailbox and the code.

    `link` is the fingerprint of the link in the same mail, `expires_on` that link's last day; the
    write belongs into the transaction that makes the link. Fails when the fingerprint is taken.
    """
    pk, sk = keys.code(fingerprint)
    after = datetime.combine(expires_on + timedelta(days=2), time(), tzinfo=UTC)
    item = {"pk": pk, "sk": sk, "link": link, "expires_at": int(after.timestamp())}
    return Write(put=item, condition="attribute_not_exists(pk)")


def places(fingerprints: Iterable[str]) -> list[Key]:
    """Where codes lie, to be read together with other items."""
    return [keys.code(fingerprint) for fingerprint in fingerprints]


def link_of(item: Item) -> str:
    """The fingerprint of the link that a stored code belongs to."""
    link: str = item["link"]
    return link
