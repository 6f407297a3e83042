"""The phone list: contracts that staff call after the last mail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.calls import Call, CallTerms, call_for, may_need_a_call
from meterportal.domain.portfolio.contracts import Company, Contract, reporters_of
from meterportal.settings import Moment
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.schedule_now import schedule_now

Place = tuple[str, str, str]
"""A contract's place in the list: due date, company, number."""

_AHEAD = 50
"""Contracts read together: one query per company, one read for their mailboxes."""


@frozen
class ListedCall:
    place: Place
    company: Company
    call: Call


def list_calls(
    adapters: Adapters, at: Moment, *, limit: int, after: Place | None
) -> tuple[list[ListedCall], bool]:
    """A page of calls by due date, then company; and whether more follow.

    Candidates come from the index; the content is read company by company, for this page only.
    """
    terms = CallTerms(at.today, schedule_now(adapters))
    unreachable = mailboxes.unreachable(adapters.table)
    found = [
        (_place(contract), contract)
        for holding in holdings.everybody(adapters.table)
        for contract in holding.contracts.values()
        if may_need_a_call(contract, holding.contacts, unreachable, terms)
    ]
    found.sort(key=lambda entry: entry[0])
    coming = (contract for place, contract in found if after is None or place > after)
    page = list(islice(_shown(adapters, coming, terms), limit + 1))
    return page[:limit], len(page) > limit


def _shown(
    adapters: Adapters, contracts: Iterator[Contract], terms: CallTerms
) -> Iterator[ListedCall]:
    for group in batches(contracts, _AHEAD):
        numbers = dict.fromkeys(contract.company_id for contract in group)
        companies = {number: holdings.load(adapters.table, number) for number in numbers}
        now = [
            (_place(contract), holding, current)
            for contract in group
            if (holding := companies[contract.company_id])
            and (current := holding.contracts.get(contract.id))
        ]
        addresses = {
            person.mailbox
            for _, holding, contract in now
            for person in reporters_of(contract, holding.contacts)
            if person.mailbox
        }
        boxes = mailboxes.load_many(adapters.table, addresses)
        for place, holding, contract in now:
            own = [m for m in holding.machines.values() if m.contract_id == contract.id]
            call = call_for(contract, holding.contacts, own, boxes, terms)
            if call is not None:
                yield ListedCall(place, holding.company, call)


def _place(contract: Contract) -> Place:
    due_on = contract.due_on
    return (due_on.isoformat() if due_on else "~", contract.company_id, contract.id)
