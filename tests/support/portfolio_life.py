"""A portfolio that people and imports go on changing, by a clock of its own, behind an index that lags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.domain.reporting.readings import Reading, Verdict
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.portfolio import holdings, machines
from meterportal.store.table import Table

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle

BEGIN = datetime(2026, 11, 23, 9, tzinfo=UTC)
COMPANIES = ("10000", "10007", "10014")


@dataclass
class Clock:
    """The true time; `skew` is how wrong the next writer's clock goes."""

    now: datetime = BEGIN
    skew: timedelta = timedelta(0)

    def told(self) -> datetime:
        return self.now + self.skew

    @property
    def at(self) -> Moment:
        return Moment(self.now, self.now.date())


class LaggingTable(Table):
    """A table whose index of changes shows each row only some seconds after it was written."""

    def __init__(self, table: Table, clock: Clock) -> None:
        super().__init__(table._client, table.name, clock=clock.told)
        self.true = clock
        self.lag = timedelta(0)
        self._shown_from: dict[str, datetime] = {}

    def written(self) -> None:
        """What is new in the index now shows when the lag is over."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.name, IndexName="changes"
        )
        for page in pages:
            for item in page["Items"]:
                place = item["changes_sk"]["S"]
                self._shown_from.setdefault(place, self.true.now + self.lag)

    def query(self, pk: str, **more: Any) -> Iterator[Item]:
        for item in super().query(pk, **more):
            if more.get("index") == "changes":
                shown_from = self._shown_from.get(item["changes_sk"], BEGIN)
                if shown_from > self.true.now:
                    continue
            yield item


@dataclass
class Life:
    """Seeded: writes of every kind through the store's own verbs."""

    adapters: Adapters
    chance: random.Random
    homes: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def begin(self) -> None:
        for number, company_id in enumerate(COMPANIES):
            holding = a_holding(
                replace(a_holding().company, id=company_id, name=f"Firma {number} & Söhne"),
                contacts=[a_contact(f"50{number}1"), a_contact(f"50{number}2", email="")],
                contracts=[a_contract(f"700{number}1", reporters=(f"50{number}1", "9"))],
                machines=[
                    a_machine(f"2000{number}{n}", contract_id=f"700{number}1") for n in range(3)
                ],
            )
            settle(self.adapters, holding)
            self.homes |= {f"700{number}1": company_id}

    def go_on(self) -> str:
        """One change; its name."""
        deed = self.chance.choice(
            (self.rename, self.grant, self.report, self.report, self.report, self.move, self.hire)
        )
        deed()
        return deed.__name__

    def rename(self) -> None:
        key = keys.company(self.chance.choice(COMPANIES))
        name = self.chance.choice(("Ärzte\nAG", "Zoo", "Übersee GmbH", "möbel"))
        self.adapters.table.write(holdings.save_master(key, {"name": name, "language": "de"}))

    def grant(self) -> None:
        number = self.chance.randrange(3)
        contact = a_contact(f"50{number}1", company_id=COMPANIES[number])
        rights = PortalRights(readings=self.chance.random() < 0.5)
        self.adapters.table.write(holdings.grant(contact, rights, at="2026-11-23T00:00:00+00:00"))

    def report(self) -> None:
        number = self.chance.randrange(3)
        place = COMPANIES[number], f"2000{number}{self.chance.randrange(3)}"
        machine = machines.load(self.adapters.table, *place)
        assert machine is not None
        assert machine.due_on is not None
        readings = tuple(
            Reading(
                meter.id,
                machine.due_on,
                self.chance.randrange(10**6),
                BEGIN.date(),
                verdict=self.chance.choice((Verdict.PLAUSIBLE, Verdict.CONFIRMED)),
                reported_at=BEGIN,
            )
            for meter in machine.meters[: self.chance.randrange(3)]
        )
        changed = replace(machine, readings=readings, version=machine.version + 1)
        for write in machines.save(changed, seen=machine, event=None):
            self.adapters.table.write(write)

    def move(self) -> None:
        """A contract goes to another company, as an import moves it; maybe back again later."""
        number = self.chance.choice(sorted(self.homes))
        home = self.homes[number]
        held = holdings.people(self.adapters.table, home)
        assert held is not None
        contract = held.contracts[number]
        there = self.chance.choice([one for one in COMPANIES if one != home])
        master = holdings.contract_master(contract)
        writes = [
            holdings.make(keys.contract(there, number), master, rev=contract.rev),
            *holdings.take_away(keys.contract(home, number), rev=contract.rev, at=BEGIN),
        ]
        self.adapters.table.transact(writes)
        self.homes[number] = there

    def hire(self) -> None:
        self.made += 1
        number = f"6{self.made:03d}" if self.chance.random() < 0.9 else f"K-{self.made}"
        contact = a_contact(
            number, company_id=self.chance.choice(COMPANIES), email=f"{number}@neu.example"
        )
        rights = PortalRights(readings=True)
        self.adapters.table.write(holdings.make_contact(contact, rights, at=BEGIN.isoformat()))


def behind(adapters: Adapters, table: Table) -> Adapters:
    """The adapters, with another table."""
    adapters.__dict__["table"] = table
    return adapters
