"""Short mails about signing in: a new link, the link that sets a password, the notices that one was
set and that an address was taken off a contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.text_blocks import TextBlock
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.mail.block_mail import Filling, block_mail
from meterportal.mail.layout import Access, SenderIdentity, compose, day, line
from meterportal.mail.message import Message
from meterportal.mail.render import salutation


@frozen
class Reader:
    """The reader of a letter: the address, the contacts at it, "de" or "en"."""

    mailbox: str
    people: Sequence[Contact]
    language: str


def new_link_mail(
    reader: Reader,
    companies: Sequence[Company],
    *,
    block: TextBlock,
    until: date,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail with the link that its reader asked for, or that staff send; `until` is the last day on
    which it opens. `block` is in the reader's language."""
    filling = Filling(
        {
            "ANREDE": salutation(reader.people, reader.language),
            "FIRMA": ", ".join(line(company.name) for company in companies),
            "GUELTIG": day(until, reader.language),
        }
    )
    return block_mail(block, filling, to=reader.mailbox, access=access, sender=sender, test=test)


def password_link_mail(
    reader: Reader,
    *,
    block: TextBlock,
    until: datetime,
    access: Access,
    sender: SenderIdentity,
    test: bool = False,
) -> Message:
    """The mail with the link that sets a password, once; `until` is in local time. `block` is in the
    reader's language.

    It does not open machines, so nobody should confuse it with the other links, or pass it on like
    them.
    """
    filling = Filling(
        {
            "ANREDE": salutation(reader.people, reader.language),
            "UHRZEIT": f"{until:%H:%M}",
        }
    )
    return block_mail(block, filling, to=reader.mailbox, access=access, sender=sender, test=test)


def password_notice_mail(reader: Reader, *, set_at: datetime, sender: SenderIdentity) -> Message:
    """The mail that says that the address has a new password. `set_at` is in local time.

    It contains no link: somebody else who reads it gets no access.
    """
    return compose(
        "password_notice",
        reader.language,
        to=reader.mailbox,
        sender=sender,
        greeting=salutation(reader.people, reader.language),
        values={"on": day(set_at.date(), reader.language), "time": f"{set_at:%H:%M}"},
    )


def address_notice_mail(
    reader: Reader, company: Company, *, left_at: datetime, sender: SenderIdentity
) -> Message:
    """The mail to an address that no longer stands for a company. `left_at` is in local time.

    It contains no link and nobody's name: who reads the address now is not known.
    """
    return compose(
        "address_notice",
        reader.language,
        to=reader.mailbox,
        sender=sender,
        values={
            "company": line(company.name),
            "on": day(left_at.date(), reader.language),
            "time": f"{left_at:%H:%M}",
        },
    )
