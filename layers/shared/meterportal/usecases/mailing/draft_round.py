"""What a round would do, before anything is written: which companies it looks at, and what it finds there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from meterportal.adapters import Adapters
from meterportal.domain.mailing.pieces import in_pieces
from meterportal.domain.mailing.requests import RoundPlan, Terms, consider, may_be_due
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.readiness import Reason
from meterportal.domain.portfolio.selections import Selection
from meterportal.store.portfolio import holdings
from meterportal.usecases.portfolio.select_contracts import (
    Chosen,
    addresses,
    grouped,
    means,
    places,
    with_machines,
)

PIECE = 200
"""Companies that are planned together, some seconds of a worker's five minutes."""


@dataclass(slots=True)
class Draft:
    """A plan with its terms, the contracts as read (the marks are conditional on them) and the
    names of the contacts by number.
    """

    terms: Terms
    plan: RoundPlan = field(default_factory=RoundPlan)
    contracts: dict[str, Contract] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def list_pieces(
    adapters: Adapters, selection: Selection, terms: Terms
) -> tuple[list[list[str]], RoundPlan]:
    """The companies that a round looks at, in pieces; and a plan with what is left out or not due
    already. Of a whole portfolio only those that have candidates, from the index.
    """
    plan = RoundPlan()
    where = places(adapters, selection)
    for number in where.unknown:
        plan.leave_out(number, [Reason("contract_unknown")])
    if where.companies is not None and len(where.companies) <= PIECE:
        return [list(where.companies)], plan
    wanted = None if where.companies is None else frozenset(where.companies)
    return in_pieces(dict(_candidates(adapters, selection, terms, plan, wanted)), PIECE), plan


def _candidates(
    adapters: Adapters,
    selection: Selection,
    terms: Terms,
    plan: RoundPlan,
    wanted: frozenset[str] | None,
) -> Iterator[tuple[str, set[str]]]:
    """Companies with their reporters' mailboxes, from the index: those `wanted`, else those with
    contracts that may be due. The contracts of the others are only counted.
    """
    meant = means(selection)
    for holding in holdings.everybody(adapters.table):
        number = holding.company.id
        if wanted is not None and number not in wanted:
            continue
        contracts = tuple(one for one in holding.contracts.values() if meant(one, holding.company))
        due = terms.as_selected or any(may_be_due(contract, terms) for contract in contracts)
        if wanted is not None or (contracts and due):
            yield number, addresses([Chosen(holding, contracts)])
        else:
            plan.not_due += len(contracts)


def draft(
    adapters: Adapters,
    selection: Selection,
    terms: Terms,
    companies: Iterable[str],
    plan: RoundPlan,
) -> Draft:
    """What a round would do in these companies, added to a plan. By consistent reads: one query per
    company."""
    made = Draft(terms, plan)
    for group, boxes in grouped(adapters, _load(adapters, selection, companies)):
        for company in group:
            machines = list(company.holding.machines.values())
            made.names |= {
                contact.id: contact.name for contact in company.holding.contacts.values()
            }
            for contract in company.contracts:
                own = [machine for machine in machines if machine.contract_id == contract.id]
                consider(made.plan, contract, company.holding.contacts, own, boxes, terms)
                made.contracts[contract.id] = contract
    return made


def _load(adapters: Adapters, selection: Selection, numbers: Iterable[str]) -> Iterator[Chosen]:
    meant = means(selection)
    for number in numbers:
        yield from with_machines(adapters, number, meant, selection.filter)
