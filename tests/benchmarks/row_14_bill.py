"""Rows 4 and 14: units of each step of a round, and what 1,000 readings cost at list prices."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.benchmarks.cost import bill
from tests.benchmarks.cost.walk import SAMPLE, Fleet, walked
from tests.benchmarks.figures import Row, at_most
from tests.conftest import built

FLEET = Fleet(SAMPLE, 3)
_GOALS = {False: 0.018, True: 0.029}
"""Dollars, by whether receipts are sent."""


def rows(*, fleet: Fleet = FLEET) -> Iterator[Row]:
    """Units of the table for each reading, without its indexes."""
    logging.disable()
    prices = bill.Prices.read()
    for receipts, goal in _GOALS.items():
        with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
            costs = walked(stage, monkeypatch, fleet, receipts=receipts)
        name = "with receipts" if receipts else "without receipts"
        if receipts:
            for step, cost in costs.items():
                yield _units(f"4 {step}, read", cost.table.read, fleet)
                yield _units(f"4 {step}, written", cost.table.written, fleet)
                indexes = sum(cost.table.indexes.values())
                yield _units(f"4 {step}, written to indexes", indexes, fleet)
        dollars = bill.per_thousand(costs, fleet, prices)
        yield Row(f"14 bill of 1,000 readings, {name}", dollars, "$", 0.0117, at_most(goal))


def _units(name: str, units: float, fleet: Fleet) -> Row:
    return Row(name, units / fleet.readings, "units a reading")
