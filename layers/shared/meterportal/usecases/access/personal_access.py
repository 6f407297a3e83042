"""Makes the access that a mail contains: a personal link, and a short code that opens the same."""

from __future__ import annotations

from datetime import date, timedelta

from meterportal.adapters import Adapters
from meterportal.crypto import fingerprint
from meterportal.domain.frozen import frozen
from meterportal.mail.layout import Access, SenderIdentity
from meterportal.settings import Moment
from meterportal.store.access import codes, links
from meterportal.store.writes import Write

LINK_LIFE = timedelta(days=45)
"""How long a link is valid after the latest due date that it covers."""


@frozen
class NewAccess:
    """`access` goes into the mail, `writes` into the transaction that claims the mail.

    `link` is the link's fingerprint.
    """

    access: Access
    link: str
    writes: tuple[Write, ...]


def new_access(
    adapters: Adapters,
    *,
    mailbox: str,
    company_id: str,
    round_id: str,
    latest_due: date,
    at: Moment,
) -> NewAccess:
    """A new link to a company's machines, with its code; nothing is stored yet.

    It is valid until 45 days after `latest_due`, and at least until 45 days from today, because
    mails also ask for overdue readings.
    """
    link_id, code = adapters.new_secret_id(), adapters.new_code()
    link, expires_on = fingerprint(link_id), max(latest_due, at.today) + LINK_LIFE
    url = f"{adapters.settings.public_url}/#t={adapters.keys.seal_link(link_id)}"
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
            codes.new(
                adapters.keys.code_fingerprint(mailbox, code), link=link, expires_on=expires_on
            ),
        ),
    )


def sender_of(adapters: Adapters) -> SenderIdentity:
    """The sender of this installation's mails."""
    settings = adapters.settings
    return SenderIdentity(
        settings.dealer_name, settings.sender_address, settings.reply_to, settings.public_url
    )
