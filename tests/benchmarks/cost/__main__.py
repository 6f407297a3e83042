"""`make cost CONTRACTS= MACHINES= INTERVAL= RECEIPTS=`: the bill of a portfolio's readings."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import pytest

from tests.benchmarks.cost import bill
from tests.benchmarks.cost.walk import SAMPLE, Fleet, walked
from tests.conftest import built


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--machines", type=int, default=300_000)
    parser.add_argument("--interval", type=int, default=1, help="months between two readings")
    parser.add_argument("--receipts", type=int, choices=(0, 1), default=1)
    parser.add_argument("--prices", type=Path, default=bill.PRICES)
    asked = parser.parse_args()
    logging.disable()  # of the functions
    fleet = Fleet(SAMPLE, max(1, round(asked.machines / asked.contracts)))
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
        costs = walked(stage, monkeypatch, fleet, receipts=bool(asked.receipts))
    print(
        bill.told(
            costs,
            fleet,
            bill.Prices.read(asked.prices),
            contracts=asked.contracts,
            machines=asked.machines,
            interval=asked.interval,
        )
    )


if __name__ == "__main__":
    main()
