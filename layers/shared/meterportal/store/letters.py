"""Single mails: outbox rows that lie like those of a round of one, so that the mail system's events
find them in the same way. A row comes into being with its claim.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from meterportal.domain.mails import MailState, OutboxMail
from meterportal.store import rounds
from meterportal.store.table import Write

_KEPT = timedelta(days=180)


def claim(
    letter_id: str,
    mailbox: str,
    earlier: OutboxMail | None,
    *,
    link: str,
    at: datetime,
    lease_until: datetime,
) -> tuple[OutboxMail, Write]:
    """The mail as ours, and the write that makes it so; fails for whoever comes second.

    `earlier` is the row as read: None, or one that the mail system had not taken.
    """
    if earlier is not None:
        write = rounds.claim(earlier, lease_until=lease_until, link=link, dropped=())
        mine = replace(
            earlier,
            state=MailState.SENDING,
            attempts=earlier.attempts + 1,
            lease_until=lease_until,
            link=link,
        )
        return mine, write
    mine = OutboxMail(
        letter_id,
        mailbox,
        MailState.SENDING,
        (),
        at,
        attempts=1,
        lease_until=lease_until,
        link=link,
    )
    pk, sk = rounds.mail_key(letter_id, mailbox)
    item = {
        "pk": pk,
        "sk": sk,
        "state": MailState.SENDING.value,
        "planned_at": at.isoformat(),
        "attempts": 1,
        "requests": "[]",
        "lease_until": lease_until.isoformat(),
        "link": link,
        "expires_at": int((at + _KEPT).timestamp()),
    }
    return mine, Write(put=item, condition="attribute_not_exists(pk)")
