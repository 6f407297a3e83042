"""Finding the receipts whose contacts have come to an end, and queueing them."""

from __future__ import annotations

from datetime import timedelta

from meterportal.domain.receipts import LATEST
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import receipts


def queue_receipts(doors: Doors, at: Moment) -> int:
    """Queue the receipts that are due; how many. One Query when there is none.

    A receipt queued twice is sent once.
    """
    if not doors.settings.receipts:
        return 0
    quiet = quiet_time(doors)
    messages = [
        {
            "kind": "receipt",
            "mailbox": receipt.mailbox,
            "company_id": receipt.company_id,
            "opened_at": receipt.opened_at.isoformat(),
        }
        for receipt in receipts.waiting(doors.table, opened_before=at.now - min(quiet, LATEST))
        if receipt.due(at.now, quiet)
    ]
    if messages:
        doors.queues.send(doors.settings.mail_queue, messages)
    return len(messages)


def quiet_time(doors: Doors) -> timedelta:
    """How long nothing has to change before a receipt goes out."""
    return timedelta(minutes=doors.settings.receipt_quiet_minutes)
