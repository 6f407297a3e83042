"""Sends the link that sets a password: only to an address of an entitled contact."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.crypto import fingerprint
from meterportal.domain.access.permissions import spoken
from meterportal.domain.mailing.mails import MailKind, MailState
from meterportal.domain.mailing.text_blocks import PASSWORD
from meterportal.domain.portfolio.contracts import Company, Contact
from meterportal.domain.refusals import Unavailable
from meterportal.mail.layout import Access
from meterportal.mail.letters import Reader, password_link_mail
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.access import owners, password_links
from meterportal.store.mailing import letters, rounds
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.attempts import counted_mails
from meterportal.usecases.mailing.hand_over import LEASE, claim, hand_over
from meterportal.usecases.mailing.stationery import stationery


def send_password_link(
    adapters: Adapters, request_id: str, at: Moment, *, mailbox: str, way: str
) -> MailState | None:
    """Sends the link of one request. None when no entitled contact has the address, or it has
    reached the limit of mails. Claimed, sent, marked: a second delivery sends nothing.

    `way` says who asked (see `counted_mails`). Raises `TryLater` (the mail system took nothing).
    """
    letter_id = f"password-{request_id}"
    for _ in range(3):
        earlier = rounds.mail(adapters.table, letter_id, mailbox)
        if earlier is not None and earlier.state is not MailState.PLANNED:
            return earlier.state_at(at.now)
        box, account = owners.load(adapters.table, mailbox)
        members = sign_in.members(adapters, box, "")[0]
        if not members:
            return None
        reader = _reader(mailbox, members, account.language)
        block, sender = stationery(adapters, PASSWORD, reader.language)
        link_id = adapters.new_secret_id()
        claimed, row = letters.claim(
            letter_id, mailbox, earlier, link="", at=at.now, lease_until=at.now + LEASE
        )
        # A second try belongs to the same request and is not counted again.
        counts = [] if earlier else counted_mails(adapters, at, mailbox, f"password {way}")
        made = password_links.new(
            fingerprint(link_id),
            mailbox=mailbox,
            generation=account.generation,
            round_id=letter_id,
            at=at.now,
        )
        try:
            claim(adapters, claimed, [*counts, row, made], at)
        except ConditionFailed as failed:
            if failed.only_on("count"):
                return None
            continue
        url = f"{adapters.settings.public_url}/#p={adapters.keys.seal_password_link(link_id)}"
        message = password_link_mail(
            reader,
            block=block,
            until=(at.now + password_links.LIFE).astimezone(BUSINESS_ZONE),
            access=Access(url),
            sender=sender,
        )
        put_back = [rounds.put_back(claimed)]
        return hand_over(
            adapters, claimed, message, at, kind=MailKind.PASSWORD_LINK, put_back=put_back
        )
    raise Unavailable


def _reader(mailbox: str, members: list[tuple[Company, Contact]], chosen: str) -> Reader:
    language = spoken(members[0][1], members[0][0], chosen)
    return Reader(mailbox, [contact for _, contact in members], language)
