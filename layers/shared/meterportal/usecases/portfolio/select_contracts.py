"""From a selection to its contracts, company by company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contract, reporters_of
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.progress import progress
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.portfolio.work_states import work_state
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.portfolio.order import Stand, stand_of

_SINGLE_READS = 100
"""Up to this number of companies each is read on its own and consistently; more are read from the
index.
"""

GROUP = 50
"""Companies that are kept in memory, where their machines may be with them."""


@frozen
class Chosen:
    """A company and its selected contracts."""

    holding: Holding
    contracts: tuple[Contract, ...]

    def weight(self, selection: Selection) -> int:
        """How much was read to look at it, in contracts; its machines count as twenty."""
        heavy = selection.filter is not None and selection.filter.needs_machines
        return 20 if heavy else 1 + len(self.holding.contracts)


@frozen
class Places:
    """Where the selected contracts are. `companies` None: in the whole portfolio."""

    companies: tuple[str, ...] | None
    unknown: tuple[str, ...] = ()


def places(adapters: Adapters, selection: Selection) -> Places:
    """Finds the companies to read. One read per hundred numbers, none for a filter alone."""
    if selection.ids is not None:
        found = holdings.companies_of(adapters.table, "CONTRACT", selection.ids)
        unknown = tuple(number for number in selection.ids if number not in found)
        return Places(tuple(dict.fromkeys(found.values())), unknown)
    chosen = selection.filter
    if chosen is not None and chosen.contract_id is not None:
        found = holdings.companies_of(adapters.table, "CONTRACT", [chosen.contract_id])
        return Places(tuple(found.values()))
    if chosen is not None and chosen.company_id is not None:
        return Places((chosen.company_id,))
    return Places(None)


Meant = Callable[[Contract, Company], bool]


def means(selection: Selection) -> Meant:
    """The test whether a contract of a company is selected, as far as its machines do not decide."""
    if selection.ids is not None:
        ids = frozenset(selection.ids)
        return lambda contract, _company: contract.id in ids
    chosen = selection.filter
    return lambda contract, company: (
        chosen is not None
        and contract.id not in selection.exceptions
        and chosen.fits(contract, company)
    )


def people(adapters: Adapters, selection: Selection, where: Places) -> Iterator[Chosen]:
    """The selected contracts with company and contacts, without machines.

    A filter by states needs the machines and reads them, company by company.
    """
    return (chosen for chosen in looked_at(adapters, selection, where) if chosen.contracts)


def looked_at(
    adapters: Adapters,
    selection: Selection,
    where: Places,
    *,
    after: Stand | None = None,
    only: Iterable[str] | None = None,
) -> Iterator[Chosen]:
    """All companies that are looked at for `people`, with the selected ones of their contracts; with
    `after` in the order of their places, from the one behind it. `only`: the attributes to read, where
    many are read."""
    meant = means(selection)
    few = where.companies is not None and len(where.companies) <= _SINGLE_READS
    if few:
        numbers = where.companies or ()
        if after is not None:
            numbers = tuple(n for n in sorted(numbers, key=stand_of) if stand_of(n) > after)
        found = (holdings.people(adapters.table, number) for number in numbers)
        chosen: Iterable[Holding] = (holding for holding in found if holding)
    else:
        wanted = None if where.companies is None else frozenset(where.companies)
        chosen = (
            h
            for _, h in holdings.everybody_behind(adapters.table, after or (0, ""), only=only)
            if wanted is None or h.company.id in wanted
        )
    wanted_of = selection.filter
    for holding in chosen:
        contracts = _meant_of(holding, meant)
        if contracts and wanted_of is not None and wanted_of.needs_machines:
            loaded = with_machines(adapters, holding.company.id, meant, wanted_of)
            yield next(loaded, Chosen(holding, ()))
        else:
            yield Chosen(holding, contracts)


def _meant_of(holding: Holding, meant: Meant) -> tuple[Contract, ...]:
    return tuple(one for one in holding.contracts.values() if meant(one, holding.company))


def with_machines(
    adapters: Adapters, company_id: str, meant: Meant, wanted: Filter | None
) -> Iterator[Chosen]:
    """One company's selected contracts with its machines; nothing when it has none of them."""
    holding = holdings.load(adapters.table, company_id)
    if holding is None:
        return
    contracts = tuple(
        contract
        for contract in _meant_of(holding, meant)
        if wanted is None or _in_state(holding, contract, wanted)
    )
    if contracts:
        yield Chosen(holding, contracts)


def _in_state(holding: Holding, contract: Contract, wanted: Filter) -> bool:
    """Whether a contract's current period is in the states of a filter. Needs the machines."""
    machines = [m for m in holding.machines.values() if m.contract_id == contract.id]
    if wanted.state is not None and progress(machines).state != wanted.state:
        return False
    return not wanted.states or work_state(contract, machines) in wanted.states


def grouped(
    adapters: Adapters, chosen: Iterable[Chosen], most: int | None = None
) -> Iterator[tuple[list[Chosen], dict[str, Mailbox]]]:
    """Companies in groups of at most `most`, else `GROUP`, with the mailboxes of their reporters. One
    read per hundred mailboxes."""
    for group in batches(chosen, most or GROUP):
        yield group, mailboxes.load_many(adapters.table, addresses(group))


def addresses(group: Iterable[Chosen]) -> set[str]:
    """The normalised addresses of all reporters of the chosen contracts."""
    return {
        contact.mailbox
        for selected in group
        for contract in selected.contracts
        for contact in reporters_of(contract, selected.holding.contacts)
        if contact.mailbox
    }
