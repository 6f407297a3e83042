"""What a round costs: units of the table, counted from the door of the planner to the ERP's answer."""

from __future__ import annotations

import pytest

from tests.benchmarks.cost import bill
from tests.benchmarks.cost.walk import STEPS, Fleet, walked
from tests.support.stage import Stage

FLEET = Fleet(contracts=2, machines_each=3)
MACHINES = FLEET.contracts * FLEET.machines_each


def test_a_round_costs_what_the_bill_says(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = walked(stage, monkeypatch, FLEET, receipts=True)
    assert tuple(costs) == STEPS
    assert {name: cost.mails for name, cost in costs.items() if cost.mails} == {
        "mail": FLEET.contracts,
        "receipt": FLEET.contracts,
    }
    # A machine of three meters and four years: item, history, receipt, a unit each; a transaction doubles.
    assert costs["submit"].table.written == 6 * MACHINES
    assert costs["submit"].table.requests["TransactWriteItems"] == MACHINES
    assert costs["submit"].api_requests == MACHINES
    # A machine and its history, doubled; the export tells the machine alone. Beside them a run has its header, its
    # work and its sums, and rows that tell of all machines together.
    most = {"release": 4, "export": 2, "acknowledge": 4}
    for name, units in most.items():
        assert costs[name].table.written <= units * MACHINES + 22, name
    # A machine's own row moves; beside it one row tells the feed of all that a run has released.
    in_changes = {"release": 2 * MACHINES + 1, "export": 2 * MACHINES, "acknowledge": 2 * MACHINES}
    assert {name: costs[name].table.indexes["changes"] for name in in_changes} == in_changes
    # One line of a time line for each customer; the rest are headers of runs and the name of who acts.
    assert costs["acknowledge"].table.indexes["lists"] <= FLEET.contracts + 2
    told = bill.told(costs, FLEET, bill.Prices.read(), contracts=1_000, machines=2_000, interval=3)
    assert "1,000 contracts with 2,000 machines, every 3 months" in told
    mails = 2 * FLEET.contracts * 0.1 / 1_000
    assert bill.per_thousand(costs, FLEET, bill.Prices.read()) > mails / FLEET.readings * 1_000
