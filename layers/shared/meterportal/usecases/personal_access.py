"""Making the way in that a mail carries: a personal link, and a short code that opens the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from meterportal.crypto import fingerprint
from meterportal.doors import Doors
from meterportal.mail.layout import Access, Sender
from meterportal.settings import Moment
from meterportal.store import codes, links
from meterportal.store.table import Write

LINK_LIFE = timedelta(days=45)
"""How long a link opens after the latest due date that it covers."""


@dataclass(frozen=True, slots=True)
class NewAccess:
    """`access` goes into the mail, `writes` into the transaction that decides that it goes out.

    `link` is the link's fingerprint.
    """

    access: Access
    link: str
    writes: tuple[Write, ...]


def new_access(
    doors: Doors, *, mailbox: str, company_id: str, round_id: str, latest_due: date, at: Moment
) -> NewAccess:
    """A fresh link to a company's machines, with its code; nothing is stored yet.

    It opens until 45 days after `latest_due`, at least until 45 days from today: overdue readings
    are asked for too, and their link must live as well.
    """
    link_id, code = doors.new_secret_id(), doors.new_code()
    link, expires_on = fingerprint(link_id), max(latest_due, at.today) + LINK_LIFE
    url = f"{doors.settings.public_url}/#t={doors.keys.seal_link(link_id)}"
    return NewAccess(
        Access(url, code),
        link,
        (
            links.new(
                link,
                mailbox=mailbox,
                company_id=company_id,
                round_id=round_id,
                expires_on=expires_on,
                issued_at=at.now,
            ),
            codes.new(doors.keys.code_fingerprint(mailbox, code), link=link, expires_on=expires_on),
        ),
    )


def sender_of(doors: Doors) -> Sender:
    """In whose name this installation writes."""
    settings = doors.settings
    return Sender(
        settings.dealer_name, settings.sender_address, settings.reply_to, settings.public_url
    )
