"""Receipts: some minutes after a contact's last report, one mail says what has arrived.

The reports themselves write the waiting row (`store.receipts.note`); a schedule queues what has
become quiet (`queue_receipts`); the sender closes the row, so that a later change opens another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterportal.crypto import digest
from meterportal.domain import receipts as on_paper
from meterportal.domain.contracts import Contact
from meterportal.domain.mails import MailState, OutboxMail
from meterportal.domain.receipts import Entry, OpenReceipt, Told
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.mail.receipt import Receipt, receipt_mail
from meterportal.queues import moment_in
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store import accounts, keys, letters, mailboxes, portfolio, receipts, rounds
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases import sign_in
from meterportal.usecases.hand_over import LEASE, hand_over
from meterportal.usecases.overview import entrusted
from meterportal.usecases.personal_access import new_access, sender_of
from meterportal.usecases.queue_receipts import quiet_time


def send_receipt(
    doors: Doors, mailbox: str, company_id: str, opened_at: str, at: Moment
) -> MailState | None:
    """Send one receipt; None when there is none (any more), or it waits again.

    Two reads, two write requests. Raises `UnknownMessage` for a moment that is none, and `TryLater`
    (the mail system took nothing, the receipt waits again).
    """
    opened = moment_in("opened_at", opened_at)
    for _ in range(3):
        desk = _look(doors, mailbox, company_id, opened)
        if desk.earlier is not None:
            return desk.earlier.state_at(at.now)
        if desk.receipt is None or not desk.receipt.due(at.now, quiet_time(doors)):
            return None
        letter = _compose(doors, desk, desk.receipt)
        try:
            if letter is None:
                doors.table.write(receipts.close(desk.receipt))
                return None
            return _send(doors, desk, desk.receipt, letter, at)
        except ConditionFailed:
            continue  # something has changed, or another sender was faster
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is read of one receipt. `earlier` is its mail, if it was claimed before."""

    round_id: str
    receipt: OpenReceipt | None
    earlier: OutboxMail | None
    mailbox: Mailbox
    told: Told
    language: str


@dataclass(frozen=True, slots=True)
class _Letter:
    held: Holding
    contact: Contact
    entries: tuple[Entry, ...]
    language: str


def _look(doors: Doors, mailbox: str, company_id: str, opened: datetime) -> _Desk:
    named = digest("\n".join([mailbox, company_id, opened.isoformat()]))
    round_id = f"receipt-{named[:32]}"
    wanted = {
        "row": keys.receipt(mailbox, company_id),
        "mail": rounds.mail_key(round_id, mailbox),
        "mailbox": keys.mailbox(mailbox),
        "account": keys.account(mailbox),
        "told": keys.told(mailbox, company_id),
    }
    found = doors.table.batch_get(wanted.values())
    items = {name: found.get(key) for name, key in wanted.items()}
    receipt, mail = receipts.unpack(items["row"]), items["mail"]
    return _Desk(
        round_id,
        # Another moment of opening: that receipt was sent, this is a later one with its own message.
        receipt if receipt is not None and receipt.opened_at == opened else None,
        rounds.unpack_mail(mail) if mail else None,
        mailboxes.unpack(mailbox, items["mailbox"]),
        receipts.unpack_told(items["told"]),
        accounts.unpack(mailbox, items["account"]).language,
    )


def _compose(doors: Doors, desk: _Desk, receipt: OpenReceipt) -> _Letter | None:
    """What the receipt says; None when nobody may be written to, or nothing of it is left."""
    if not sign_in.reachable(desk.mailbox):
        return None
    held = portfolio.load(doors.table, receipt.company_id)
    contact = held.contacts.get(receipt.contact_id) if held else None
    if held is None or contact is None or not sign_in.entitled(contact, desk.mailbox):
        return None
    entries = on_paper.entries(
        held.machines.values(), by=contact.id, since=receipt.opened_at, told=desk.told
    )
    if not entries:
        return None
    return _Letter(held, contact, entries, sign_in.spoken(contact, held.company, desk.language))


def _send(
    doors: Doors, desk: _Desk, receipt: OpenReceipt, letter: _Letter, at: Moment
) -> MailState:
    latest = max(entry.due_on for entry in letter.entries)
    made = new_access(
        doors,
        mailbox=receipt.mailbox,
        company_id=receipt.company_id,
        round_id=desk.round_id,
        latest_due=latest,
        at=at,
    )
    horizon = max(latest, at.today + timedelta(days=doors.settings.lead_days))
    message = receipt_mail(
        Receipt(
            company=letter.held.company,
            contact=letter.contact,
            entries=letter.entries,
            missing=on_paper.missing(entrusted(letter.contact, letter.held), horizon),
            people={contact.id: contact.name for contact in letter.held.contacts.values()},
            zone=BUSINESS_ZONE,
        ),
        language=letter.language,
        to=receipt.mailbox,
        access=made.access,
        sender=sender_of(doors),
    )
    claimed, claim = letters.claim(
        desk.round_id, receipt.mailbox, None, link=made.link, at=at.now, lease_until=at.now + LEASE
    )
    told = on_paper.remembered(desk.told, letter.entries, letter.held.machines)
    writes: list[Write] = [
        claim,
        receipts.close(receipt),
        receipts.tell(receipt, told),
        *made.writes,
    ]
    doors.table.transact(writes)
    put_back = receipts.put_back(receipt, claimed, desk.told)
    return hand_over(doors, claimed, message, at, put_back=put_back)
