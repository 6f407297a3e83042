"""A round's mail as its reader would get it, for staff: made from current data, without a link that works.

Nothing is claimed and nothing marked. A test mail is the same, sent to the staff member who asks for it.
"""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.portfolio.progress import still_open
from meterportal.domain.refusals import Conflict, NotFound
from meterportal.mail import addresses
from meterportal.mail.layout import Access
from meterportal.mail.message import Message
from meterportal.mail.render import language_for, request_mail
from meterportal.settings import Moment
from meterportal.store.access import journal, owners
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.announced_estimates import as_announced
from meterportal.usecases.mailing.asked_machines import parts_of
from meterportal.usecases.mailing.hand_over import send_to_oneself
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.mailing.stationery import stationery

_LONGEST_ID = 64
NO_CODE = "XXXX-XXXX"
"""In the place of the short code: it has its form, and opens nothing."""


class NothingToShow(Conflict):
    """All that the mail was about has been reported or withdrawn since."""

    code = "nothing_to_show"
    de = "In dieser E-Mail stünde inzwischen nichts mehr: Es ist alles gemeldet, oder der Vertrag meldet anders."
    en = "By now nothing would stand in this e-mail: all is reported, or the contract reports in another way."


class NoOwnAddress(Conflict):
    """The staff member's account has no e-mail address that mail can go to."""

    code = "no_own_address"
    de = "Zu Ihrem Konto gehört keine E-Mail-Adresse, an die eine Testmail gehen könnte."
    en = "Your account has no e-mail address to which a test mail could go."


@frozen
class Preview:
    """`block` is the text block that the mail is made of."""

    message: Message
    block: str


def preview_mail(adapters: Adapters, round_id: str, contact_id: str) -> Preview:
    """The mail of a round to the address of a contact. A query per company, three reads besides.

    Raises `NotFound` (no such round, contact or mail) and `NothingToShow`.
    """
    return _made(adapters, _mail_to(adapters, round_id, contact_id), test=False)


def ask_for_test(
    adapters: Adapters,
    at: Moment,
    round_id: str,
    contact_id: str,
    *,
    by: StaffMember,
    own_address: str,
    request_key: str | None = None,
) -> None:
    """Queues a test mail to the staff member's own address; repeated with the same `request_key`
    (Idempotency-Key) it is one mail.

    Raises as `preview_mail` does, and `NoOwnAddress`.
    """
    own, _ = addresses.mailbox(own_address)
    if own is None:
        raise NoOwnAddress
    preview_mail(adapters, round_id, contact_id)  # what cannot be shown is not promised either
    deed = Deed(Action.TEST_MAIL_SENT, "round", round_id, contact_id=contact_id)
    adapters.table.transact(journal.entries(adapters.new_number(), by, at.now, deed))
    message = {
        "kind": "test_mail",
        "request_id": digest(f"{by.id} {round_id} {contact_id} {request_key}")[:32]
        if request_key
        else adapters.new_number(),
        "round_id": round_id,
        "contact_id": contact_id,
        "mailbox": own,
    }
    adapters.queues.send(adapters.settings.mail_queue, [message])


def send_test(
    adapters: Adapters,
    request_id: str,
    at: Moment,
    *,
    round_id: str,
    contact_id: str,
    mailbox: str,
) -> MailState | None:
    """Sends a test mail; None when there is nothing to show any more. Raises as `send_to_oneself`
    does."""

    def compose() -> Message | None:
        try:
            meant = _mail_to(adapters, round_id, contact_id)
            return _made(adapters, meant, test=True, to=mailbox).message
        except (NotFound, NothingToShow):
            return None

    return send_to_oneself(adapters, f"test-{request_id}", mailbox, at, compose)


def _mail_to(adapters: Adapters, round_id: str, contact_id: str) -> OutboxMail:
    wanted = [contact_id] if len(contact_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTACT", wanted).get(contact_id)
    found = holdings.contacts(adapters.table, [(company_id, contact_id)]) if company_id else {}
    contact = next(iter(found.values()), None)
    mail = (
        rounds.mail(adapters.table, round_id, contact.mailbox)
        if contact is not None and contact.mailbox and len(round_id) <= _LONGEST_ID
        else None
    )
    if mail is None:
        raise NotFound
    return mail


def _made(adapters: Adapters, mail: OutboxMail, *, test: bool, to: str = "") -> Preview:
    grace = grace_now(adapters)
    parts = parts_of(adapters, mail, lambda machine: still_open(machine, grace))
    if not parts:
        raise NothingToShow
    parts, block = as_announced(adapters, mail, parts), mail.block
    _, account = owners.load(adapters.table, mail.mailbox)
    words, sender = stationery(adapters, block, language_for(parts, account.language))
    message = request_mail(
        parts,
        block=words,
        to=to or mail.mailbox,
        access=Access(f"{adapters.settings.public_url}/", NO_CODE),
        sender=sender,
        test=test,
    )
    return Preview(message, block)
