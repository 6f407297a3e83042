"""Receipts: some minutes after a contact's last report, one mail lists what has arrived.

The transactions that store reports also write the waiting row (`store.mailing.receipts.note`); a
schedule queues rows without recent changes (`queue_receipts`); the sender deletes the row, so that
a later change opens a new receipt.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import entitled, entrusted, reachable, spoken
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing import receipts as on_paper
from meterportal.domain.mailing.mails import MailKind, MailState, OutboxMail
from meterportal.domain.mailing.receipts import OpenReceipt, ReceiptMachine, Told
from meterportal.domain.mailing.text_blocks import RECEIPT
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting import periods
from meterportal.mail.receipt import Receipt, receipt_mail
from meterportal.queues import moment_in
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.mailing import claimed_receipts, letters, receipts
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.personal_access import new_access
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.queue_receipts import quiet_time
from meterportal.usecases.mailing.schedule_now import grace_now, schedule_now
from meterportal.usecases.mailing.stationery import stationery


def send_receipt(
    adapters: Adapters, mailbox: str, company_id: str, opened_at: str, at: Moment
) -> MailState | None:
    """Sends one receipt; None when there is none (any more), or it waits again.

    Two reads, two write requests. Raises `UnknownMessage` for an invalid `opened_at`, and
    `TryLater` (the mail system took nothing, the receipt waits again).
    """
    opened = moment_in("opened_at", opened_at)
    for _ in range(3):
        current = _look(adapters, mailbox, company_id, opened)
        if current.earlier is not None:
            return current.earlier.state_at(at.now)
        if current.receipt is None or not current.receipt.due(at.now, quiet_time(adapters)):
            return None
        letter = _compose(adapters, current, current.receipt)
        try:
            if letter is None:
                receipts.close(adapters.table, current.receipt)
                return None
            return _send(adapters, current, current.receipt, letter, at)
        except ConditionFailed:
            continue  # something has changed, or another worker was faster
    raise Unavailable


@frozen
class _Current:
    """What is read for one receipt. `earlier` is its mail, if it was claimed before."""

    round_id: str
    receipt: OpenReceipt | None
    earlier: OutboxMail | None
    mailbox: Mailbox
    told: Told
    language: str


@frozen
class _ReceiptMail:
    held: Holding
    contact: Contact
    entries: tuple[ReceiptMachine, ...]
    language: str


def _look(adapters: Adapters, mailbox: str, company_id: str, opened: datetime) -> _Current:
    named = digest("\n".join([mailbox, company_id, opened.isoformat()]))
    round_id = f"receipt-{named[:32]}"
    stored = claimed_receipts.load(adapters.table, mailbox, company_id, round_id)
    receipt = stored.receipt
    # Another `opened_at` means a later receipt, which has its own message; this one was sent.
    mine = receipt if receipt is not None and receipt.opened_at == opened else None
    return _Current(
        round_id, mine, stored.mail, stored.mailbox, stored.told, stored.account.language
    )


def _compose(adapters: Adapters, current: _Current, receipt: OpenReceipt) -> _ReceiptMail | None:
    """The mail of the receipt; None when it may go to nobody, or has nothing to list."""
    if not reachable(current.mailbox):
        return None
    held = holdings.load(adapters.table, receipt.company_id)
    contact = held.contacts.get(receipt.contact_id) if held else None
    if held is None or contact is None or not entitled(contact, current.mailbox):
        return None
    entries = on_paper.entries(
        held.machines.values(), by=contact.id, since=receipt.opened_at, told=current.told
    )
    if not entries:
        return None
    return _ReceiptMail(held, contact, entries, spoken(contact, held.company, current.language))


def _send(
    adapters: Adapters, current: _Current, receipt: OpenReceipt, letter: _ReceiptMail, at: Moment
) -> MailState:
    latest = max(entry.due_on for entry in letter.entries)
    made = new_access(
        adapters,
        mailbox=receipt.mailbox,
        company_id=receipt.company_id,
        round_id=current.round_id,
        latest_due=latest,
        at=at,
    )
    horizon = max(latest, at.today + timedelta(days=schedule_now(adapters).lead_days))
    mine = entrusted(letter.contact, letter.held)
    grace = grace_now(adapters)
    waiting = periods.waiting(mine, letter.held.contracts, today=at.today, grace=grace)
    block, sender = stationery(adapters, RECEIPT, letter.language)
    message = receipt_mail(
        Receipt(
            company=letter.held.company,
            contact=letter.contact,
            entries=letter.entries,
            missing=on_paper.missing([m for m in mine if m.id not in waiting], horizon),
            people={contact.id: contact.name for contact in letter.held.contacts.values()},
            zone=BUSINESS_ZONE,
            several=len(current.mailbox.claims) > 1,
        ),
        block=block,
        to=receipt.mailbox,
        access=made.access,
        sender=sender,
    )
    claimed, row = letters.claim(
        current.round_id,
        receipt.mailbox,
        None,
        link=made.link,
        at=at.now,
        lease_until=at.now + LEASE,
    )
    remembered = on_paper.remembered(current.told, letter.entries, letter.held.machines)
    writes: list[Write] = [
        row,
        receipts.closed(receipt),
        claimed_receipts.tell(receipt, remembered),
        *made.writes,
    ]
    claim(adapters, claimed, writes, at)
    put_back = claimed_receipts.put_back(receipt, claimed, current.told)
    return hand_over(adapters, claimed, message, at, kind=MailKind.RECEIPT, put_back=put_back)
