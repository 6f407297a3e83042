"""What a round costs: units of the table, counted from the door of the planner to the ERP's answer."""

from __future__ import annotations

import pytest

from tests.benchmarks.cost import bill
from tests.benchmarks.cost.walk import STEPS, Fleet, walked
from tests.support.stage import Stage

FLEET = Fleet(contracts=1, machines_each=2)


def test_a_round_costs_what_the_bill_says(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = walked(stage, monkeypatch, FLEET, receipts=True)
    assert tuple(costs) == STEPS
    assert {name: cost.mails for name, cost in costs.items() if cost.mails} == {
        "mail": 1,
        "receipt": 1,
    }
    # A machine of three meters and four years: item, history, receipt, a unit each; a transaction doubles.
    assert costs["submit"].table.written == 6 * FLEET.machines_each
    assert costs["submit"].table.requests["TransactWriteItems"] == FLEET.machines_each
    assert costs["submit"].api_requests == FLEET.machines_each
    # A machine and its history, doubled; the export tells the machine alone. Beside them a run has its header, its
    # work and its sums, and rows that tell of all machines together.
    most = {"release": 4, "export": 2, "acknowledge": 4}
    for name, units in most.items():
        assert costs[name].table.written <= units * FLEET.machines_each + 22, name
    told = bill.told(costs, FLEET, bill.Prices.read(), contracts=1_000, machines=2_000, interval=3)
    assert "1,000 contracts with 2,000 machines, every 3 months" in told
    mails = 2 * 0.1 / 1_000
    assert bill.per_thousand(costs, FLEET, bill.Prices.read()) > mails / FLEET.readings * 1_000
