"""One round of some contracts, walked through the front doors on moto; what each step costs is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import meterportal.adapters
import meterportal.settings
import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import MeterKind

from tests.support.builders import (
    a_colour_meter,
    a_contact,
    a_contract,
    a_holding,
    a_machine,
    a_meter,
    settle,
)
from tests.support.customers import put
from tests.support.receipts import settle_receipts, wait
from tests.support.reported import start_release
from tests.support.requesting import plan, send, start, token_of
from tests.support.stage import Stage
from tests.support.units import Consumed, metered

METERS = 3
SAMPLE = 28
"""Contracts that are walked for a bill: with three machines each some 250 readings, so that what a run costs by
itself (its header, its work, its sums) is shared as in a real one. Over 36 readings it made 6 % of the bill."""

_YEARS = 4
_VALUES = {"1": 10_170, "2": 4_068, "3": 2_034}

STEPS = ("plan", "mail", "open", "submit", "receipt", "release", "export", "acknowledge")


@dataclass
class Cost:
    """Of one step: what the table was asked for, and how often the other services were."""

    table: Consumed = field(default_factory=Consumed)
    mails: int = 0
    invocations: int = 0
    api_requests: int = 0


@dataclass(frozen=True)
class Fleet:
    """So many contracts, each a company of its own with one contact, of so many machines."""

    contracts: int
    machines_each: int

    @property
    def readings(self) -> int:
        return self.contracts * self.machines_each * METERS


def walked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, fleet: Fleet, *, receipts: bool
) -> dict[str, Cost]:
    """By step, in order."""
    monkeypatch.setenv("RECEIPTS", "yes" if receipts else "no")
    meterportal.settings.settings.cache_clear()
    meterportal.adapters.adapters.cache_clear()
    adapters = meterportal.adapters.adapters()
    numbers = [_settled(adapters, n, fleet.machines_each) for n in range(fleet.contracts)]
    counter = _Counter(stage, adapters, monkeypatch)

    with counter.step("plan"):
        round_id = start(stage)
        assert plan(stage, round_id) == []
    with counter.step("mail"):
        for n in range(fleet.contracts):
            assert send(stage, round_id, _mailbox(n)) == []
    tokens = {str(mail["To"]): token_of(mail) for mail in stage.mails()}
    for n, machine_ids in enumerate(numbers):
        stage.cookies.clear()
        with counter.step("open"):
            opened = stage.customer(
                "POST", "/api/session?overview=1", {"token": tokens[_mailbox(n)]}
            )
        versions = {m["id"]: m["version"] for m in opened.json["overview"]["machines"]}
        assert set(versions) == set(machine_ids)
        for number, version in versions.items():
            with counter.step("submit"):
                stored = put(stage, number, values=_VALUES, version=version)
            assert stored.status == 200, stored.text
    if receipts:
        with counter.step("receipt"):
            wait(monkeypatch, 60)
            assert settle_receipts(stage) == fleet.contracts
    with counter.step("release"):
        versions = {number: 2 for machine_ids in numbers for number in machine_ids}
        selection = {"ids": [*versions], "versions": versions}
        assert start_release(stage, selection).status == 202
        stage.drain()
    with counter.step("export"):
        run = stage.staff("POST", "/api/staff/exports", {}).json["id"]
        stage.drain()
    with counter.step("acknowledge"):
        answer = stage.staff("POST", f"/api/staff/exports/{run}/ack", {"accepted": "all"})
        assert answer.json["acknowledged"]["accepted"] == fleet.readings, answer.text
    return counter.costs


def _mailbox(n: int) -> str:
    return f"clara{n}@muster.example"


def _settled(adapters: Adapters, n: int, machines_each: int) -> list[str]:
    """A company's numbers of machines."""
    company_id, contact_id, contract_id = f"1{n:04d}", f"5{n:04d}", f"7{n:04d}"
    numbers = [f"2{n:04d}{k:03d}" for k in range(machines_each)]
    past = 12 * _YEARS
    meters = (
        a_meter(readings=past, a_month=200),
        a_colour_meter(readings=past, a_month=80),
        a_meter(
            "3", kind=MeterKind.SCAN, label="Scan", last_value=2_000, a_month=40, readings=past
        ),
    )
    settle(
        adapters,
        a_holding(
            Company(company_id, f"Büro Beispiel {n} GmbH", city="Bonn"),
            contacts=[a_contact(contact_id, email=_mailbox(n))],
            contracts=[a_contract(contract_id, reporters=(contact_id,))],
            machines=[a_machine(m, contract_id=contract_id, meters=meters) for m in numbers],
        ),
    )
    return numbers


class _Counter:
    def __init__(self, stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.adapters = stage, adapters
        self.costs = {name: Cost() for name in STEPS}
        self.invoked: list[str] = []
        handler = Stage.handler

        def noted(stage: Stage, package: str) -> Callable[[Any, Any], Any]:
            really = handler(stage, package)

            def invoke(event: Any, context: Any) -> Any:
                self.invoked.append(package)
                return really(event, context)

            return invoke

        monkeypatch.setattr(Stage, "handler", noted)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        cost = self.costs[name]
        mails, invoked = len(self.stage.mails()), len(self.invoked)
        with metered(self.adapters.table._client, cost.table):
            yield
        cost.mails += len(self.stage.mails()) - mails
        cost.invocations += len(self.invoked) - invoked
        cost.api_requests += sum(name.endswith("_api") for name in self.invoked[invoked:])
