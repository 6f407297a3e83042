"""From a selection to the contracts that are meant, company by company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from meterportal.batches import batches
from meterportal.domain.contracts import Contract, reporters_of
from meterportal.domain.progress import progress
from meterportal.domain.selections import Selection
from meterportal.store import mailboxes, portfolio
from meterportal.store.mailboxes import Mailbox
from meterportal.store.portfolio import Holding
from meterportal.store.table import Table

_SINGLE_READS = 100
"""Up to so many companies are read one by one and consistently; more come from the index."""

GROUP = 50
"""Companies held at once."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A company with those of its contracts that the selection means."""

    holding: Holding
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the selected contracts are. `companies` None means: anywhere in the portfolio."""

    companies: tuple[str, ...] | None
    unknown: tuple[str, ...] = ()


def places(table: Table, selection: Selection) -> Places:
    """Find the companies to read. One read per hundred numbers, none for a plain filter."""
    if selection.ids is not None:
        found = portfolio.companies_of(table, "CONTRACT", selection.ids)
        unknown = tuple(number for number in selection.ids if number not in found)
        return Places(tuple(dict.fromkeys(found.values())), unknown)
    chosen = selection.filter
    if chosen is not None and chosen.contract_id is not None:
        found = portfolio.companies_of(table, "CONTRACT", [chosen.contract_id])
        return Places(tuple(found.values()))
    if chosen is not None and chosen.company_id is not None:
        return Places((chosen.company_id,))
    return Places(None)


def means(selection: Selection) -> Callable[[Contract], bool]:
    """The test whether a contract is selected, as far as the contract itself can tell."""
    if selection.ids is not None:
        ids = frozenset(selection.ids)
        return lambda contract: contract.id in ids
    chosen = selection.filter
    return lambda contract: (
        chosen is not None and contract.id not in selection.exceptions and chosen.fits(contract)
    )


def people(table: Table, selection: Selection, where: Places) -> Iterator[Chosen]:
    """The selected contracts with their companies' people, without machines.

    A filter by `state` needs the machines and reads them, company by company.
    """
    meant = means(selection)
    few = where.companies is not None and len(where.companies) <= _SINGLE_READS
    if few:
        found = (portfolio.people(table, number) for number in where.companies or ())
        holdings: Iterable[Holding] = (holding for holding in found if holding)
    else:
        wanted = None if where.companies is None else frozenset(where.companies)
        holdings = (
            h for h in portfolio.everybody(table) if wanted is None or h.company.id in wanted
        )
    state = selection.filter.state if selection.filter else None
    for holding in holdings:
        contracts = tuple(filter(meant, holding.contracts.values()))
        if contracts and state is not None:
            yield from with_machines(table, holding.company.id, meant, state)
        elif contracts:
            yield Chosen(holding, contracts)


def with_machines(
    table: Table, company_id: str, meant: Callable[[Contract], bool], state: str | None
) -> Iterator[Chosen]:
    """One company's selected contracts with its machines; nothing when there are none."""
    holding = portfolio.load(table, company_id)
    if holding is None:
        return
    contracts = tuple(
        contract
        for contract in holding.contracts.values()
        if meant(contract) and _in_state(holding, contract, state)
    )
    if contracts:
        yield Chosen(holding, contracts)


def _in_state(holding: Holding, contract: Contract, state: str | None) -> bool:
    """Whether a contract's current slot is in a state; None fits always. Needs the machines."""
    machines = (m for m in holding.machines.values() if m.contract_id == contract.id)
    return state is None or progress(machines).state == state


def grouped(
    table: Table, chosen: Iterable[Chosen]
) -> Iterator[tuple[list[Chosen], dict[str, Mailbox]]]:
    """Companies in groups, with the mailboxes of their reporters. One read per hundred mailboxes."""
    for group in batches(chosen, GROUP):
        yield group, mailboxes.load_many(table, addresses(group))


def addresses(group: Iterable[Chosen]) -> set[str]:
    """The normalised addresses of everybody who reports for the chosen contracts."""
    return {
        contact.mailbox
        for one in group
        for contract in one.contracts
        for contact in reporters_of(contract, one.holding.contacts)
        if contact.mailbox
    }
