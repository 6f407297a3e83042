"""The phone list: the last step, for staff, after the last mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from meterportal.batches import batches
from meterportal.domain.calls import Call, CallTerms, call_for, may_need_a_call
from meterportal.domain.contracts import Company, Contract, reporters_of
from meterportal.domain.marks import REMINDERS
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import mailboxes, portfolio

Place = tuple[str, str, str]
"""Where a contract stands in the list: due date, company, number."""

_AHEAD = 50
"""Contracts looked at together: one query per company, one read for their mailboxes."""


@dataclass(frozen=True, slots=True)
class Listed:
    place: Place
    company: Company
    call: Call


def list_calls(
    doors: Doors, at: Moment, *, limit: int, after: Place | None
) -> tuple[list[Listed], bool]:
    """A page of calls by due date, then company; and whether more follow.

    Candidates come from the index, what is shown is read company by company for this page only.
    """
    settings = doors.settings
    terms = CallTerms(
        at.today,
        settings.lead_days,
        settings.grace_days,
        last=len(settings.remind_after_days) or REMINDERS,
    )
    unreachable = mailboxes.unreachable(doors.table)
    found = [
        (_place(contract), contract)
        for holding in portfolio.everybody(doors.table)
        for contract in holding.contracts.values()
        if may_need_a_call(contract, holding.contacts, unreachable, terms)
    ]
    found.sort(key=lambda entry: entry[0])
    coming = (contract for place, contract in found if after is None or place > after)
    page = list(islice(_shown(doors, coming, terms), limit + 1))
    return page[:limit], len(page) > limit


def _shown(doors: Doors, contracts: Iterator[Contract], terms: CallTerms) -> Iterator[Listed]:
    for group in batches(contracts, _AHEAD):
        numbers = dict.fromkeys(contract.company_id for contract in group)
        companies = {number: portfolio.load(doors.table, number) for number in numbers}
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
        posts = mailboxes.load_many(doors.table, addresses)
        for place, holding, contract in now:
            own = [m for m in holding.machines.values() if m.contract_id == contract.id]
            call = call_for(contract, holding.contacts, own, posts, terms)
            if call is not None:
                yield Listed(place, holding.company, call)


def _place(contract: Contract) -> Place:
    due_on = contract.due_on
    return (due_on.isoformat() if due_on else "~", contract.company_id, contract.id)
