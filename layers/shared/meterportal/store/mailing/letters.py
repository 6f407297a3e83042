"""Single mails: outbox rows in the same form as those of a round with one mail, so that SES events
find them in the same way. The claim creates the row.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.store import keys
from meterportal.store.access.notices import SINGLE_MAILS_KEPT
from meterportal.store.mailing import rounds
from meterportal.store.writes import Write


def claim(
    letter_id: str,
    mailbox: str,
    earlier: OutboxMail | None,
    *,
    link: str,
    at: datetime,
    lease_until: datetime,
) -> tuple[OutboxMail, Write]:
    """The claimed mail and the write that claims it; the write fails when another worker was first.

    `earlier` is the row as read: None, or a mail that the mail system did not take.
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
    pk, sk = keys.mail(letter_id, mailbox)
    item = {
        "pk": pk,
        "sk": sk,
        "state": MailState.SENDING.value,
        "planned_at": at.isoformat(),
        "attempts": 1,
        "requests": "[]",
        "lease_until": lease_until.isoformat(),
        "link": link,
        "expires_at": int((at + SINGLE_MAILS_KEPT).timestamp()),
    }
    return mine, Write(put=item, condition="attribute_not_exists(pk)")
