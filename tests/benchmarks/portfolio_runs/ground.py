"""A portfolio in a table image: two companies with three contacts each for five contracts, and three machines
with three meters a contract, whose readings of the last quarters are known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import meterportal.adapters
import pytest
from botocore.client import BaseClient
from botocore.session import get_session
from meterportal.adapters import Adapters, config_of
from meterportal.clients import lightened
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import Reading, Verdict
from meterportal.queues import Queues
from meterportal.settings import Moment, moment
from meterportal.usecases.portfolio import check_readiness
from moto.core.models import botocore_stubber

from tests.benchmarks.image.table import Image
from tests.benchmarks.replay import Replay
from tests.conftest import built
from tests.support.builders import DUE, a_contact, a_contract, a_machine, a_meter, settle
from tests.support.stage import REGION, Stage

MACHINES, METERS, CONTACTS = 3, 3, 3
"""Of a contract, of a machine, of a company."""
QUARTERS = 16
_READ_ON = date(2026, 11, 22)
_BY_QUARTER = 3_000


class Queued(Queues):
    """Keeps what is queued, by the queue's URL."""

    def __init__(self) -> None:
        super().__init__(None)
        self.messages: dict[str, list[Mapping[str, Any]]] = {}

    def send(self, url: str, messages: Iterable[Mapping[str, Any]], *, delay: int = 0) -> None:
        assert not delay, "nobody waits here"
        self.messages.setdefault(url, []).extend(messages)


@dataclass(frozen=True)
class Ground:
    stage: Stage
    adapters: Adapters
    image: Image
    replay: Replay
    """Passes everything on to the image until it is told to note and to repeat."""
    queued: Queued = field(default_factory=Queued)

    @property
    def at(self) -> Moment:
        return moment()


@contextmanager
def prepared() -> Iterator[Ground]:
    """The application on an empty table image, its queues kept in memory."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        built(monkeypatch) as stage,
        tempfile.TemporaryDirectory() as place,
    ):
        made = meterportal.adapters.adapters()
        described = stage.client("dynamodb").describe_table(TableName=made.settings.table)
        image = Image(Path(place) / "table.sqlite", described)
        replay = Replay(image, again=False)
        client = _client(replay)
        monkeypatch.setattr(made.table, "_client", client)
        ground = Ground(stage, made, image, replay)
        monkeypatch.setitem(vars(made), "queues", ground.queued)
        # Behind the queue, whatever its size.
        monkeypatch.setattr(check_readiness, "AT_ONCE", 0)
        try:
            yield ground
        finally:
            image.close()


def _client(replay: Replay) -> BaseClient:
    """As deployed: without the check of parameters that tests do."""
    client: BaseClient = lightened(
        get_session().create_client("dynamodb", region_name=REGION, config=config_of("dynamodb")),
    )
    client.meta.events.unregister("before-send", botocore_stubber)
    client.meta.events.register_first("before-send", replay)
    return client


def portfolio(contracts: int, *, reported: bool, machines: int = MACHINES) -> Iterator[Holding]:
    """Companies one after another; `reported`: with a plausible reading of every meter."""
    papers: dict[int, list[int]] = {}
    for number in range(contracts):
        papers.setdefault(number * 2 // 5, []).append(number)
    for company, numbers in papers.items():
        yield _company(company, numbers, reported=reported, machines=machines)


def settled(
    ground: Ground, contracts: int, *, reported: bool, machines: int = MACHINES
) -> list[Holding]:
    """As import, or contacts, would leave it; nobody has rights before Portal Ready."""
    found = portfolio(contracts, reported=reported, machines=machines)
    return [settle(ground.adapters, one) for one in found]


def _company(number: int, contracts: Iterable[int], *, reported: bool, machines: int) -> Holding:
    company = Company(f"1{number:06}", f"Muster {number} GmbH", city="Köln")
    people = [
        a_contact(
            f"5{number:06}{place}",
            company_id=company.id,
            email=f"clara{place}@firma{number}.example",
            rights=None,
        )
        for place in range(CONTACTS)
    ]
    papers, devices = [], []
    for contract in contracts:
        paper = a_contract(f"7{contract:07}", company_id=company.id, reporters=(f"5{number:06}0",))
        papers.append(paper)
        devices += [
            _machine(contract * MACHINES + place, company.id, paper.id, reported=reported)
            for place in range(machines)
        ]
    return Holding(
        company,
        {one.id: one for one in people},
        {one.id: one for one in papers},
        {one.id: one for one in devices},
    )


def _machine(number: int, company_id: str, contract_id: str, *, reported: bool) -> Machine:
    last = 90_000 + number % 977
    meters = tuple(
        replace(
            a_meter(str(place), last_value=last, a_month=_BY_QUARTER // 3, readings=QUARTERS),
            label=f"Zähler {place}",
        )
        for place in range(1, METERS + 1)
    )
    machine = a_machine(
        f"2{number:07}", company_id=company_id, contract_id=contract_id, meters=meters
    )
    if not reported:
        return machine
    values = tuple(
        Reading(
            meter.id,
            DUE,
            last + _BY_QUARTER // 3,
            _READ_ON,
            verdict=Verdict.PLAUSIBLE,
            reported_by="5001",
            reported_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
        )
        for meter in meters
    )
    return replace(machine, version=2, readings=values)
