"""A text block before it is stored: as a mail about a chosen contract, and as a test mail to oneself."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.mailing.text_blocks import BlockFault, BlockRefused, TextBlock
from meterportal.domain.portfolio.contracts import Contact, Contract, reporters_of
from meterportal.domain.portfolio.progress import still_open
from meterportal.domain.refusals import NotFound
from meterportal.mail import addresses
from meterportal.mail.layout import Access
from meterportal.mail.message import Message
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import text_blocks
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.hand_over import send_to_oneself
from meterportal.usecases.mailing.preview_mail import NO_CODE, NoOwnAddress
from meterportal.usecases.mailing.sample_mails import Envelope, Example, invented, sample_mail
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.mailing.stationery import branded_sender
from meterportal.usecases.mailing.write_text_blocks import block_of, faults_of

_LONGEST_ID = 64
_INVENTED_MACHINES = 3


@frozen
class TriedBlock:
    """A mail of words that are not stored, and what keeps them from being stored."""

    message: Message
    faults: list[BlockFault]


def try_block(
    adapters: Adapters,
    at: Moment,
    name: str,
    language: str,
    words: Mapping[str, str],
    *,
    contract_id: str,
) -> TriedBlock:
    """The mail about a contract ("": an invented one). Nothing is stored; its link opens nothing.
    Raises NotFound. One read and one query."""
    block = block_of(name, language, words)
    example = _example(adapters, contract_id)
    message = sample_mail(block, example, _envelope(adapters, at, example.contact.email))
    return TriedBlock(message, faults_of(adapters, at, block))


def ask_for_text_test(
    adapters: Adapters,
    at: Moment,
    name: str,
    language: str,
    words: Mapping[str, str],
    *,
    contract_id: str,
    by: StaffMember,
    own_address: str,
    request_key: str | None = None,
) -> None:
    """Queues a test mail of these words to the staff member's own address; repeated with the same
    `request_key` (Idempotency-Key) it is one mail.

    Raises NotFound, NoOwnAddress, and BlockRefused for words that could not be stored.
    """
    own, _ = addresses.mailbox(own_address)
    if own is None:
        raise NoOwnAddress
    tried = try_block(adapters, at, name, language, words, contract_id=contract_id)
    if tried.faults:
        raise BlockRefused(field=tried.faults[0].part, count=len(tried.faults), faults=tried.faults)
    number = (
        digest(f"{by.id} {name} {language} {request_key}")[:32]
        if request_key
        else adapters.new_number()
    )
    deed = Deed(Action.TEST_MAIL_SENT, "text_block", f"{name}.{language}")
    kept = text_blocks.keep_draft(number, block_of(name, language, words), at=at.now)
    adapters.table.transact([kept, *journal.entries(adapters.new_number(), by, at.now, deed)])
    message = {
        "kind": "text_test",
        "request_id": number,
        "contract_id": contract_id,
        "mailbox": own,
    }
    adapters.queues.send(adapters.settings.mail_queue, [message])


def send_text_test(
    adapters: Adapters, request_id: str, at: Moment, *, contract_id: str, mailbox: str
) -> MailState | None:
    """Sends a test mail; None when its words or its contract are gone. Raises as `send_to_oneself`
    does."""
    return send_to_oneself(
        adapters,
        f"text-{request_id}",
        mailbox,
        at,
        lambda: _test_mail(adapters, request_id, at, contract_id, mailbox),
    )


def _test_mail(
    adapters: Adapters, request_id: str, at: Moment, contract_id: str, mailbox: str
) -> Message | None:
    block: TextBlock | None = text_blocks.draft(adapters.table, request_id)
    if block is None:
        return None
    try:
        example = _example(adapters, contract_id)
    except NotFound:
        return None
    return sample_mail(block, example, _envelope(adapters, at, mailbox, test=True))


def _envelope(adapters: Adapters, at: Moment, to: str, *, test: bool = False) -> Envelope:
    access = Access(f"{adapters.settings.public_url}/", NO_CODE)
    return Envelope(to, access, branded_sender(adapters), at.now, test)


def _example(adapters: Adapters, contract_id: str) -> Example:
    """Raises NotFound: there is no such contract, or nobody and nothing to write about."""
    if not contract_id:
        return invented(_INVENTED_MACHINES)
    wanted = [contract_id] if len(contract_id) <= _LONGEST_ID else []
    company_id = holdings.companies_of(adapters.table, "CONTRACT", wanted).get(contract_id)
    held = holdings.load(adapters.table, company_id) if company_id else None
    contract: Contract | None = held.contracts.get(contract_id) if held else None
    if held is None or contract is None:
        raise NotFound(field="contract_id")
    people: list[Contact] = reporters_of(contract, held.contacts) or list(held.contacts.values())
    mine = [m for m in held.machines.values() if m.contract_id == contract_id and m.billable_meters]
    grace = grace_now(adapters)
    waiting = [m for m in mine if still_open(m, grace)]
    if not people or not mine:
        raise NotFound(field="contract_id")
    return Example(held.company, people[0], [contract], waiting or mine)
