"""What stands under the addresses of a person who is erased, now and before: it goes where nobody else
has the address. Whether somebody has is decided in each write."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched

from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import Person
from meterportal.domain.refusals import Unavailable
from meterportal.store.access import accounts, erasures, mailboxes
from meterportal.store.mailing import rounds
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.personal_data import Row, single_rounds

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
        for item in rounds.mails_to(adapters.table, address, wanted):
            writes = rounds.forget_address(item, person.contact.id)
            try:
                adapters.table.transact([nobody_else(person, address), *writes])
            except ConditionFailed as failed:
                if failed.on(_ADDRESS):
                    return
                left.append(item["pk"].partition("#")[2])
            if link := item.get("link"):
                adapters.table.write(erasures.erase_link(link))
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
            for item in erasures.receipts_to(table, address):
                if item["sk"].partition("#")[2] == contact.company_id:
                    table.write(erasures.erase(erasures.place_of(item)))
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
    items, waiting = erasures.at_address(table, address), erasures.notices_to(table, address)
    forget_mails(adapters, person, address, single_rounds(items, waiting))
    rows: list[Row] = [*items, *waiting, *erasures.receipts_to(table, address)]
    writes = [erasures.erase(erasures.place_of(row)) for row in rows]
    try:
        for some in batched([*writes, accounts.forget(address)], _TOGETHER, strict=False):
            table.transact([nobody_else(person, address), *some])
        for row in erasures.notices_to(table, address):  # one may have been noted meanwhile
            again = erasures.erase(erasures.place_of(row))
            table.transact([nobody_else(person, address), again])
    except ConditionFailed:
        return  # somebody has the address by now: what stands there is theirs
