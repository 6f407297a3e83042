"""A company with its contacts, contracts and machines."""

from __future__ import annotations

from dataclasses import dataclass, field

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.outlines import Outline


@dataclass(slots=True)
class Holding:
    """A company and what belongs to it; `machines` is empty if only people and contracts were read.
    Lists read `outlines` in their place."""

    company: Company
    contacts: dict[str, Contact] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    outlines: list[Outline] = field(default_factory=list)


@frozen
class ListedMachine:
    """A machine as the index lists it. `due_on` is ISO text, "" without a due date."""

    due_on: str
    machine_id: str
    company_id: str
    state: str
