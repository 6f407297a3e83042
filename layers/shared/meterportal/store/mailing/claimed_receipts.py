"""Claimed receipts: each is an outbox row like those of rounds, with a round id of its own; the TOLD#
row keeps the values that the receipts of a period have reported.

Apart from the rows that wait (`receipts`): every report writes one of those.
"""

from __future__ import annotations

import json

from meterportal.domain.access.accounts import Account
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.mailing.receipts import OpenReceipt, Told
from meterportal.store import keys
from meterportal.store.access import accounts, mailboxes
from meterportal.store.items import Item
from meterportal.store.mailing import receipts, rounds
from meterportal.store.table import Table
from meterportal.store.writes import Write

_LARGEST = 300_000
"""Bytes of the values kept for a company's receipts; an item holds at most 400 KB."""


@frozen
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
        "mail": keys.mail(round_id, mailbox),
        "mailbox": keys.mailbox(mailbox),
        "account": keys.account(mailbox),
        "told": keys.told(mailbox, company_id),
    }
    found = table.batch_get(wanted.values())
    items = {name: found.get(key) for name, key in wanted.items()}
    mail = items["mail"]
    return StoredReceipt(
        receipts.unpack(items["row"]),
        rounds.unpack_mail(mail) if mail else None,
        mailboxes.unpack(mailbox, items["mailbox"]),
        accounts.unpack(mailbox, items["account"]),
        _unpack_told(items["told"]),
    )


def put_back(receipt: OpenReceipt, claimed: OutboxMail, told: Told) -> list[Write]:
    """Undoes a claim: the receipt waits again, with what has changed since. `told` are the values
    in the receipts before it. Fails when this claim is no longer the one that sends the mail.
    """
    opened = receipts.as_text(receipt.opened_at)
    return [
        Write(
            key=keys.mail(claimed.round_id, claimed.mailbox),
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
                "changed": receipts.as_text(receipt.changed_at),
                "list": receipts.LIST,
                "end": receipts.end_of(receipt.changed_at),
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
    end = receipts.end_of(receipt.changed_at)
    return Write(put={"pk": pk, "sk": sk, "told": kept, "expires_at": end})


def _unpack_told(item: Item | None) -> Told:
    told: Told = json.loads(item["told"]) if item else {}
    return told
