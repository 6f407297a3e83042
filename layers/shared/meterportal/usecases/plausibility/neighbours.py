"""The other machines of a company, for comparison with a doubtful value; read only when needed.

One comparison takes up to 0.3 ms, so each caller has a limited number of them (`Looks`). Without
any left, a doubt is returned without a comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import reports, sees_all
from meterportal.domain.plausibility.neighbours import Neighbours
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.portfolio import machines

MOST_MACHINES = 1_000
"""Highest number of machines of a company that are read for a comparison: a
few pages of one query.
"""

LOOKS_OF_A_CONTACT = 4_000
"""Comparisons for one request of a contact: one or two seconds."""

LOOKS_OF_A_CHUNK = 20_000
COMPANIES_OF_A_CHUNK = 10
"""Limits for a chunk of a release run: some seconds, and one query for each company."""


@dataclass(slots=True)
class Looks:
    """How many comparisons with other machines are left."""

    left: int

    def among(
        self, machine: Machine, fleet: Collection[Machine], *, billed_only: bool = False
    ) -> Neighbours:
        """The other machines of a loaded fleet; `billed_only`: with the meters that
        customers see.
        """

        def found(doubted: int) -> Sequence[Machine]:
            if not fleet or not self.take(doubted * (len(fleet) - 1)):
                return ()
            return [_billed(m) if billed_only else m for m in fleet if m.id != machine.id]

        return found

    def take(self, number: int) -> bool:
        allowed = number <= self.left
        self.left -= number if allowed else 0
        return allowed


def seen_by(contact: Contact, held: Holding, fleet: Iterable[Machine]) -> list[Machine]:
    """The machines of which a contact may know, with the meters that customers see.

    These are the ones that they report for and, with the right to machines, all of the company.
    """
    all_of_them = sees_all(contact)
    open_to_them = {
        contract.id
        for contract in held.contracts.values()
        if all_of_them or reports(contact, contract, held.contacts)
    }
    return [
        _billed(machine)
        for machine in fleet
        if machine.active and machine.contract_id in open_to_them
    ]


def _billed(machine: Machine) -> Machine:
    return replace(machine, meters=machine.billable_meters)


def of_contact(adapters: Adapters, contact: Contact, held: Holding, machine: Machine) -> Neighbours:
    """The company's other machines of which a contact may know. One query, only when needed."""

    def found(doubted: int) -> Sequence[Machine]:
        fleet = machines.of_company(adapters.table, held.company.id, most=MOST_MACHINES)
        others = [other for other in seen_by(contact, held, fleet) if other.id != machine.id]
        return others[: LOOKS_OF_A_CONTACT // doubted]

    return found


def of_staff(adapters: Adapters, machine: Machine) -> Neighbours:
    """The company's other machines, for staff, who may know of all. One query, only when needed."""

    def found(doubted: int) -> Sequence[Machine]:
        fleet = machines.of_company(adapters.table, machine.company_id, most=MOST_MACHINES)
        others = [_billed(other) for other in fleet if other.active and other.id != machine.id]
        return others[: LOOKS_OF_A_CONTACT // doubted]

    return found


@dataclass(slots=True)
class OfCompanies:
    """The neighbours of a chunk's machines: each company is read once, for the first companies
    only.
    """

    adapters: Adapters
    looks: Looks = field(default_factory=lambda: Looks(LOOKS_OF_A_CHUNK))
    _fleets: dict[str, list[Machine]] = field(default_factory=dict)

    def of(self, machine: Machine) -> Neighbours:
        """One query for a company that is not loaded yet."""
        return lambda doubted: self.looks.among(machine, self._fleet(machine.company_id))(doubted)

    def _fleet(self, company_id: str) -> list[Machine]:
        if company_id not in self._fleets and len(self._fleets) < COMPANIES_OF_A_CHUNK:
            fleet = machines.of_company(self.adapters.table, company_id, most=MOST_MACHINES)
            self._fleets[company_id] = list(fleet)
        return self._fleets.get(company_id, [])
