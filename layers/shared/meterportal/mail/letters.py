"""Short mails about getting in: a new link, and that a password was set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from meterportal.domain.contracts import Company, Contact
from meterportal.mail.layout import Access, Sender, compose, day, line
from meterportal.mail.message import Message
from meterportal.mail.render import salutation


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a letter is for: the address, the people who stand behind it, "de" or "en"."""

    mailbox: str
    people: Sequence[Contact]
    language: str


def new_link_mail(
    reader: Reader, companies: Sequence[Company], *, until: date, access: Access, sender: Sender
) -> Message:
    """The mail with the link that somebody asked for; `until` is the last day on which it opens."""
    return compose(
        "new_link",
        reader.language,
        to=reader.mailbox,
        sender=sender,
        access=access,
        greeting=salutation(reader.people, reader.language),
        values={
            "companies": [line(company.name) for company in companies],
            "until": day(until, reader.language),
        },
    )


def password_notice_mail(reader: Reader, *, set_at: datetime, sender: Sender) -> Message:
    """The mail that tells an address of its new password. `set_at` is in local time.

    It opens nothing: whoever reads along learns nothing to get in by.
    """
    return compose(
        "password_notice",
        reader.language,
        to=reader.mailbox,
        sender=sender,
        greeting=salutation(reader.people, reader.language),
        values={"on": day(set_at.date(), reader.language), "time": f"{set_at:%H:%M}"},
    )
