"""Receipts that wait: one row per mailbox and company, written together with the readings.

The row stands in a sparse index until its receipt is claimed. A claimed receipt is an outbox row
like those of rounds, under a round of its own; `TOLD#` keeps what the receipts of a slot said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from meterportal.domain.contracts import Contact
from meterportal.domain.mails import MailState, OutboxMail
from meterportal.domain.receipts import OpenReceipt, Told
from meterportal.store import keys, rounds
from meterportal.store.table import Item, Table, Write

_LIST = "RECEIPTS"
_KEPT = timedelta(days=180)
_LARGEST = 300_000
"""Bytes of what is remembered of a company's receipts; items hold 400 KB."""


def note(mailbox: str, contact: Contact, now: datetime, wanted: bool) -> list[Write]:
    """The write that opens a receipt, or keeps an open one waiting; none where none is wanted.

    It belongs into the transaction that stores the readings, and never fails.
    """
    if not wanted:
        return []
    at = _text(now)
    return [
        Write(
            key=keys.receipt(mailbox, contact.company_id),
            update="SET #contact_id = :contact, #changed_at = :now,"
            " #opened_at = if_not_exists(#opened_at, :now),"
            " #lists_pk = :list, #lists_sk = if_not_exists(#lists_sk, :now),"
            " #expires_at = :end",
            values={"contact": contact.id, "now": at, "list": _LIST, "end": _end(now)},
        )
    ]


def waiting(table: Table, *, opened_before: datetime) -> Iterator[OpenReceipt]:
    """Receipts opened up to a moment, oldest first: from the index, for finding work."""
    until = _text(opened_before)
    for item in table.query(_LIST, index="lists", between=("0", until)):
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


def close(receipt: OpenReceipt) -> Write:
    """Take the waiting row away; fails when something has changed since it was read."""
    return Write(
        key=keys.receipt(receipt.mailbox, receipt.company_id),
        delete=True,
        condition="#opened_at = :opened AND #changed_at = :changed",
        values={"opened": _text(receipt.opened_at), "changed": _text(receipt.changed_at)},
    )


def put_back(receipt: OpenReceipt, claimed: OutboxMail, told: Told) -> list[Write]:
    """Undo a claim: the receipt waits again, together with what has changed since; `told` is what had
    been said before it. Fails when the mail is no longer being sent by the same claim."""
    opened = _text(receipt.opened_at)
    return [
        Write(
            key=rounds.mail_key(claimed.round_id, claimed.mailbox),
            delete=True,
            condition="#state = :sending AND #attempts = :attempts",
            values={"sending": MailState.SENDING.value, "attempts": claimed.attempts},
        ),
        Write(
            key=keys.receipt(receipt.mailbox, receipt.company_id),
            update="SET #contact_id = :contact, #opened_at = :opened,"
            " #changed_at = if_not_exists(#changed_at, :changed),"
            " #lists_pk = :list, #lists_sk = :opened, #expires_at = :end",
            values={
                "contact": receipt.contact_id,
                "opened": opened,
                "changed": _text(receipt.changed_at),
                "list": _LIST,
                "end": _end(receipt.changed_at),
            },
        ),
        tell(receipt, told),
    ]


def tell(receipt: OpenReceipt, told: Told) -> Write:
    """Remember what was said, so that a later change shows as a correction. Too much of it is not
    remembered: then a later receipt is a plain one."""
    pk, sk = keys.told(receipt.mailbox, receipt.company_id)
    text = json.dumps(told, separators=(",", ":"))
    kept = text if len(text.encode()) <= _LARGEST else "{}"
    end = _end(receipt.changed_at)
    return Write(put={"pk": pk, "sk": sk, "told": kept, "expires_at": end})


def unpack_told(item: Item | None) -> Told:
    told: Told = json.loads(item["told"]) if item else {}
    return told


def _text(at: datetime) -> str:
    """One form, as readings keep their moments: it sorts as text."""
    return at.isoformat(timespec="milliseconds")


def _end(at: datetime) -> int:
    return int((at + _KEPT).timestamp())
