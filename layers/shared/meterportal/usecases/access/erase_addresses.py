"""What stands under the addresses of a person who is erased, now and before: it goes where nobody else
has the address. Whether somebody has is decided in each write."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched

from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import Person
from meterportal.domain.access.traces import single_rounds
from meterportal.domain.refusals import Unavailable
from meterportal.store.access import accounts, erasures, mailboxes
from meterportal.store.writes import ConditionFailed, Write

_ATTEMPTS = 5
_TOGETHER = 25
"""Rows that one transaction deletes."""

_ADDRESS = "address"
"""The part of a write that checks that nobody else has the address."""


def nobody_else(person: Person, address: str) -> Write:
    """Checks in a transaction that nobody else stands at an address of the person."""
    return mailboxes.nobody_else(person.contact, address).named(_ADDRESS)


def leave_addresses(adapters: Adapters, person: Person) -> None:
    """Everything that stands under the person's addresses goes; of an address that others use only
    what is about this company."""
    for address in person.addresses:
        if _left(adapters, person, address):
            _clear(adapters, person, address)


def forget_mails(
    adapters: Adapters, person: Person, address: str, round_ids: Iterable[str]
) -> None:
    """The outbox rows of these rounds lose the address, unless somebody else has it by now."""
    wanted = list(round_ids)
    for _ in range(_ATTEMPTS):
        left = []
        for mail in erasures.mails_to(adapters.table, address, wanted):
            writes = erasures.forget_mail_address(mail, person.contact.id)
            try:
                adapters.table.transact([nobody_else(person, address), *writes])
            except ConditionFailed as failed:
                if failed.on(_ADDRESS):
                    return
                left.append(mail.round_id)
            if mail.link:
                adapters.table.write(erasures.erase_link(mail.link))
        if not left:
            return
        wanted = left
    raise Unavailable


def _left(adapters: Adapters, person: Person, address: str) -> bool:
    """Takes the person off the list of an address; whether nobody else stands there then."""
    contact, table = person.contact, adapters.table
    place = contact.company_id, contact.id
    for _ in range(_ATTEMPTS):
        box = mailboxes.load(table, address)
        alone = not box.listed - {place}
        if not alone and box.claims.get(contact.company_id) == contact.id:
            for receipt in erasures.receipts_to(table, address):
                if receipt.company_id == contact.company_id:
                    table.write(erasures.erase_trace(receipt))
        try:
            if not alone and person.named_in(box.lifted_reason):
                table.write(mailboxes.reword_reason(box, person.forget(box.lifted_reason)))
            table.write(mailboxes.forget(contact, box))
        except ConditionFailed:
            continue
        return alone
    raise Unavailable


def _clear(adapters: Adapters, person: Person, address: str) -> None:
    table = adapters.table
    mailed = [*erasures.at_address(table, address), *erasures.notices_to(table, address)]
    forget_mails(adapters, person, address, single_rounds(mailed))
    traces = [*mailed, *erasures.receipts_to(table, address)]
    writes = [erasures.erase_trace(trace) for trace in traces]
    try:
        for some in batched([*writes, accounts.forget(address)], _TOGETHER, strict=False):
            table.transact([nobody_else(person, address), *some])
        for notice in erasures.notices_to(table, address):  # one may have been noted meanwhile
            table.transact([nobody_else(person, address), erasures.erase_trace(notice)])
    except ConditionFailed:
        return  # somebody has the address by now: what stands there is theirs
