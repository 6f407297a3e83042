"""The other machines of a company that a doubtful value is compared with, fetched when one is.

A look at another machine costs up to 0.3 ms, so whoever compares has a number of looks to spend;
when they are spent, doubts are told without the comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from meterportal.domain.contracts import Contact
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.neighbours import Neighbours
from meterportal.doors import Doors
from meterportal.store import machines
from meterportal.store.portfolio import Holding
from meterportal.store.table import Table
from meterportal.usecases.overview import reports, sees_all

MOST_MACHINES = 1_000
"""Machines of a company that are fetched for a comparison: a few pages of one query."""

LOOKS_OF_A_CONTACT = 4_000
"""What one request of a contact may spend on it: a second or two."""

LOOKS_OF_A_CHUNK = 20_000
COMPANIES_OF_A_CHUNK = 10
"""What a release run's chunk may spend on it: some seconds, and a query for each company."""


@dataclass(slots=True)
class Looks:
    """How many looks at other machines are left."""

    left: int

    def among(
        self, machine: Machine, fleet: Collection[Machine], *, billed_only: bool = False
    ) -> Neighbours:
        """The others of a fleet that is at hand; `billed_only`: with the meters that customers see."""

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
    """The machines that may be named to a contact, with the meters that customers see.

    Those that they report for and, with the right to machines, all of the company.
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


def of_contact(doors: Doors, contact: Contact, held: Holding, machine: Machine) -> Neighbours:
    """The company's other machines that may be named to a contact. One query, when asked for."""

    def found(doubted: int) -> Sequence[Machine]:
        fleet = machines.of_company(doors.table, held.company.id, most=MOST_MACHINES)
        others = [other for other in seen_by(contact, held, fleet) if other.id != machine.id]
        return others[: LOOKS_OF_A_CONTACT // doubted]

    return found


@dataclass(slots=True)
class OfCompanies:
    """The neighbours of a chunk of machines, whose companies are read once each, and not all."""

    table: Table
    looks: Looks = field(default_factory=lambda: Looks(LOOKS_OF_A_CHUNK))
    _fleets: dict[str, list[Machine]] = field(default_factory=dict)

    def of(self, machine: Machine) -> Neighbours:
        """One query for a company that was not asked for yet."""
        return lambda doubted: self.looks.among(machine, self._fleet(machine.company_id))(doubted)

    def _fleet(self, company_id: str) -> list[Machine]:
        if company_id not in self._fleets and len(self._fleets) < COMPANIES_OF_A_CHUNK:
            fleet = machines.of_company(self.table, company_id, most=MOST_MACHINES)
            self._fleets[company_id] = list(fleet)
        return self._fleets.get(company_id, [])
