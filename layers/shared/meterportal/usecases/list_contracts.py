"""The clerk's list of contracts: who reports, how far the slot has come, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from meterportal.batches import batches
from meterportal.domain import readiness
from meterportal.domain.contracts import Company, Contact, Contract, reporters_of
from meterportal.domain.progress import Progress, progress
from meterportal.domain.readiness import Readiness
from meterportal.domain.selections import Filter, Selection
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import mailboxes, portfolio
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.usecases.select_contracts import means, places

Place = tuple[str, str, str]
"""Where a contract stands in the list: due date ("~": none), company, number."""

_AHEAD = 50
"""Contracts looked at together: one query per company, one read for their mailboxes."""

_KEPT = 200
"""Companies held at once."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """`granted`: holds the right to report and the claim on the address."""

    contact: Contact
    granted: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A contract with what is around it. `place` is where the list has it."""

    place: Place
    company: Company
    contract: Contract
    reporters: tuple[Reporter, ...]
    progress: Progress
    readiness: Readiness

    @property
    def asked(self) -> bool:
        """Whether anybody was asked for the current slot."""
        return bool(self.contract.asked) and self.contract.asked_for == self.contract.due_on


def list_contracts(
    doors: Doors, wanted: Filter, at: Moment, *, limit: int, after: Place | None
) -> tuple[list[Listed], bool]:
    """A page of contracts by due date, then company; and whether more follow.

    Order and choice come from the index; what is shown is read company by company for this page
    only. A filter by `state` looks at the companies in that order until the page is full.
    """
    found = [
        (_place(contract), contract)
        for holding in _holdings(doors, wanted)
        for contract in filter(means(Selection(filter=wanted)), holding.contracts.values())
    ]
    found.sort(key=lambda entry: entry[0])
    coming = (contract for place, contract in found if after is None or place > after)
    page = list(islice(_shown(doors, coming, wanted, at), limit + 1))
    return page[:limit], len(page) > limit


def _holdings(doors: Doors, wanted: Filter) -> Iterator[Holding]:
    where = places(doors.table, Selection(filter=wanted))
    if where.companies is None:
        yield from portfolio.everybody(doors.table)
        return
    for number in where.companies:
        holding = portfolio.people(doors.table, number)
        if holding is not None:
            yield holding


def _shown(
    doors: Doors, contracts: Iterator[Contract], wanted: Filter, at: Moment
) -> Iterator[Listed]:
    companies: dict[str, Holding | None] = {}
    for group in batches(contracts, _AHEAD):
        if len(companies) > _KEPT:
            companies.clear()
        for contract in group:
            if contract.company_id not in companies:
                companies[contract.company_id] = portfolio.load(doors.table, contract.company_id)
        now = [
            (_place(contract), holding, current)
            for contract in group
            if (holding := companies[contract.company_id])
            and (current := holding.contracts.get(contract.id))
        ]
        posts = mailboxes.load_many(doors.table, _addresses(now))
        for place, holding, contract in now:
            listed = _listed(place, holding, contract, posts, at.today)
            if wanted.state is None or listed.progress.state == wanted.state:
                yield listed


def _addresses(group: Sequence[tuple[Place, Holding, Contract]]) -> set[str]:
    return {
        contact.mailbox
        for _, holding, contract in group
        for contact in reporters_of(contract, holding.contacts)
        if contact.mailbox
    }


def _listed(
    place: Place, holding: Holding, contract: Contract, posts: Mapping[str, Mailbox], today: date
) -> Listed:
    machines = [m for m in holding.machines.values() if m.contract_id == contract.id]
    contacts = holding.contacts
    return Listed(
        place,
        holding.company,
        contract,
        tuple(
            Reporter(contact, readiness.may_report(contact, posts.get(contact.mailbox or "")))
            for contact in reporters_of(contract, contacts)
        ),
        progress(machines),
        readiness.judge(contract, contacts, posts, today, machines=machines),
    )


def _place(contract: Contract) -> Place:
    due_on = contract.due_on
    return (due_on.isoformat() if due_on else "~", contract.company_id, contract.id)
