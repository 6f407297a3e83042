"""Receipts that wait: one row per mailbox and company, written together with the readings.

The row is in a sparse index until the receipt is claimed (`claimed_receipts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.domain.mailing.receipts import OpenReceipt
from meterportal.domain.portfolio.contracts import Contact
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write

LIST = "RECEIPTS"
_KEPT = timedelta(days=180)


def note(mailbox: str, contact: Contact, now: datetime, wanted: bool) -> list[Write]:
    """The write that opens a receipt, or keeps an open one waiting; no write when no receipt is
    wanted.

    It belongs into the transaction that stores the readings, and has no condition.
    """
    if not wanted:
        return []
    at = as_text(now)
    return [
        Write(
            key=keys.receipt(mailbox, contact.company_id),
            update="SET #contact_id = :contact, #changed_at = :now,"
            " #opened_at = if_not_exists(#opened_at, :now),"
            " #lists_pk = :list, #lists_sk = if_not_exists(#lists_sk, :now),"
            " #expires_at = :end",
            values={"contact": contact.id, "now": at, "list": LIST, "end": end_of(now)},
        )
    ]


def waiting(table: Table, *, opened_before: datetime) -> Iterator[OpenReceipt]:
    """Receipts opened up to a moment, oldest first. From the index: for finding work, not for
    decisions.
    """
    until = as_text(opened_before)
    for item in table.query(LIST, index="lists", between=("0", until)):
        found = unpack(item)
        if found is not None:
            yield found


def unpack(item: Item | None) -> OpenReceipt | None:
    if item is None or "opened_at" not in item:
        return None
    return OpenReceipt(
        mailbox=item["pk"].partition("#")[2],
        company_id=item["sk"].partition("#")[2],
        contact_id=item["contact_id"],
        opened_at=datetime.fromisoformat(item["opened_at"]),
        changed_at=datetime.fromisoformat(item["changed_at"]),
    )


def close(table: Table, receipt: OpenReceipt) -> None:
    """Deletes the waiting row; fails when it was changed since it was read."""
    table.write(closed(receipt))


def closed(receipt: OpenReceipt) -> Write:
    """The write of `close`, for a transaction."""
    return Write(
        key=keys.receipt(receipt.mailbox, receipt.company_id),
        delete=True,
        condition="#opened_at = :opened AND #changed_at = :changed",
        values={"opened": as_text(receipt.opened_at), "changed": as_text(receipt.changed_at)},
    )


def as_text(at: datetime) -> str:
    """The same form as in readings; it sorts as text."""
    return at.isoformat(timespec="milliseconds")


def end_of(at: datetime) -> int:
    return int((at + _KEPT).timestamp())
