"""Finds the receipts whose contacts have stopped reporting, and queues them."""

from __future__ import annotations

from datetime import timedelta

from meterportal.adapters import Adapters
from meterportal.domain.mailing.receipts import LATEST
from meterportal.settings import Moment
from meterportal.store.mailing import receipts


def queue_receipts(adapters: Adapters, at: Moment) -> int:
    """Queues the receipts that are due; returns their number. One query when there is none.

    A receipt that is queued twice is sent once.
    """
    if not adapters.settings.receipts:
        return 0
    quiet = quiet_time(adapters)
    messages = [
        {
            "kind": "receipt",
            "mailbox": receipt.mailbox,
            "company_id": receipt.company_id,
            "opened_at": receipt.opened_at.isoformat(),
        }
        for receipt in receipts.waiting(adapters.table, opened_before=at.now - min(quiet, LATEST))
        if receipt.due(at.now, quiet)
    ]
    if messages:
        adapters.queues.send(adapters.settings.mail_queue, messages)
    return len(messages)


def quiet_time(adapters: Adapters) -> timedelta:
    """How long nothing may change before a receipt is sent."""
    return timedelta(minutes=adapters.settings.receipt_quiet_minutes)
