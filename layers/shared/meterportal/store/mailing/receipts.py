"""Receipts that wait: one row per mailbox and company, written together with the readings.

The row is in a sparse index until the receipt is claimed. A claimed receipt is an outbox row like
those of rounds, with a round id of its own; the TOLD# row keeps the values that the receipts of a
period have reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterportal.domain.access.accounts import Account
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.mailing.receipts import OpenReceipt, Told
from meterportal.domain.portfolio.contracts import Contact
from meterportal.store import keys
from meterportal.store.access import accounts, mailboxes
from meterportal.store.items import Item
from meterportal.store.mailing import rounds
from meterportal.store.table import Table
from meterportal.store.writes import Write

_LIST = "RECEIPTS"
_KEPT = timedelta(days=180)
_LARGEST = 300_000
"""Bytes of the values kept for a company's receipts; an item holds at most 400 KB."""


def note(mailbox: str, contact: Contact, now: datetime, wanted: bool) -> list[Write]:
    """The write that opens a receipt, or keeps an open one waiting; no write when no receipt is
    wanted.

    It belongs into the transaction that stores the readings, and has no condition.
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
    """Receipts opened up to a moment, oldest first. From the index: for finding work, not for
    decisions.
    """
    until = _text(opened_before)
    for item in table.query(_LIST, index="lists", between=("0", until)):
        found = unpack(item)
        if found is not None:
            yield found


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A waiting receipt with what its mail needs. `mail` is its outbox row if it was claimed
    before, `told` the values in earlier receipts.
    """

    receipt: OpenReceipt | None
    mail: OutboxMail | None
    mailbox: Mailbox
    account: Account
    told: Told


def load(table: Table, mailbox: str, company_id: str, round_id: str) -> StoredReceipt:
    """All that is stored for a receipt; its mail has the round id `round_id`. One read."""
    wanted = {
        "row": keys.receipt(mailbox, company_id),
        "mail": rounds.mail_key(round_id, mailbox),
        "mailbox": keys.mailbox(mailbox),
        "account": keys.account(mailbox),
        "told": keys.told(mailbox, company_id),
    }
    found = table.batch_get(wanted.values())
    items = {name: found.get(key) for name, key in wanted.items()}
    mail = items["mail"]
    return StoredReceipt(
        unpack(items["row"]),
        rounds.unpack_mail(mail) if mail else None,
        mailboxes.unpack(mailbox, items["mailbox"]),
        accounts.unpack(mailbox, items["account"]),
        _unpack_told(items["told"]),
    )


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
        values={"opened": _text(receipt.opened_at), "changed": _text(receipt.changed_at)},
    )


def put_back(receipt: OpenReceipt, claimed: OutboxMail, told: Told) -> list[Write]:
    """Undoes a claim: the receipt waits again, with what has changed since. `told` are the values
    in the receipts before it. Fails when this claim is no longer the one that sends the mail.
    """
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
    """Stores the reported values, so that a later change is shown as a correction. Above `_LARGEST`
    bytes nothing is kept: then later receipts show no corrections.
    """
    pk, sk = keys.told(receipt.mailbox, receipt.company_id)
    text = json.dumps(told, separators=(",", ":"))
    kept = text if len(text.encode()) <= _LARGEST else "{}"
    end = _end(receipt.changed_at)
    return Write(put={"pk": pk, "sk": sk, "told": kept, "expires_at": end})


def _unpack_told(item: Item | None) -> Told:
    told: Told = json.loads(item["told"]) if item else {}
    return told


def _text(at: datetime) -> str:
    """The same form as in readings; it sorts as text."""
    return at.isoformat(timespec="milliseconds")


def _end(at: datetime) -> int:
    return int((at + _KEPT).timestamp())
