"""Notices that wait to be sent: an address is told that its password was set. Written together with
the password, taken away together with the claim of the mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.store import keys
from meterportal.store.table import Table, Write

_LIST = "NOTICES"
_KEPT = timedelta(days=30)


def note(mailbox: str, *, set_at: datetime) -> Write:
    """Let a notice wait; a later one takes its place."""
    pk, sk = keys.notice(mailbox)
    item = {
        "pk": pk,
        "sk": sk,
        "set_at": set_at.isoformat(),
        "lists_pk": _LIST,
        "lists_sk": set_at.isoformat(),
        "expires_at": int((set_at + _KEPT).timestamp()),
    }
    return Write(put=item)


def close(mailbox: str, *, set_at: datetime) -> Write:
    """Take a notice away; fails when it was before, or a later one waits."""
    return Write(
        key=keys.notice(mailbox),
        delete=True,
        condition="#set_at = :set_at",
        values={"set_at": set_at.isoformat()},
    )


def waiting(table: Table, *, until: datetime) -> Iterator[tuple[str, str]]:
    """(mailbox, moment as text) of notices that have waited since before `until`, oldest first."""
    for item in table.query(_LIST, index="lists"):
        if item["lists_sk"] >= until.isoformat():
            return
        yield item["pk"].partition("#")[2], item["set_at"]
