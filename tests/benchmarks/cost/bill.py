"""From counts to money: by step and service, for 1,000 readings and for a portfolio's month."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.benchmarks.cost.walk import METERS, Cost, Fleet

PRICES = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True)
class Prices:
    region: str
    as_of: date
    each: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = PRICES) -> Prices:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        each = {name: row["dollars"] / row["per"] for name, row in told["prices"].items()}
        return cls(told["region"], told["as_of"], each)


def counts(cost: Cost) -> dict[str, float]:
    """What is billed of a step, by the names of the prices."""
    return {
        "read_units": cost.table.read,
        "write_units": cost.table.all_written,
        "mails": cost.mails,
        "invocations": cost.invocations,
        "api_requests": cost.api_requests,
        # Each function behind a queue is called with one message or a few.
        "messages": cost.invocations - cost.api_requests,
    }


def dollars(cost: Cost, prices: Prices) -> dict[str, float]:
    return {name: count * prices.each[name] for name, count in counts(cost).items()}


def per_thousand(costs: Mapping[str, Cost], fleet: Fleet, prices: Prices) -> float:
    """Dollars for 1,000 readings."""
    total = sum(sum(dollars(cost, prices).values()) for cost in costs.values())
    return total / fleet.readings * 1_000


def told(
    costs: Mapping[str, Cost],
    fleet: Fleet,
    prices: Prices,
    *,
    contracts: int,
    machines: int,
    interval: int,
) -> str:
    """The table for 1,000 readings, and the bill of `machines` whose readings fall due every
    `interval` months."""
    share = 1_000 / fleet.readings
    lines = [
        f"For 1,000 readings, counted over {fleet.contracts} contracts of {fleet.machines_each} "
        f"machines with {METERS} meters; list prices of {prices.region}, {prices.as_of}:",
        "",
        "| step | read units | written, table | written, indexes | mails | dollars |",
        "| --- | --: | --: | --- | --: | --: |",
    ]
    for name, cost in costs.items():
        table = cost.table
        indexes = ", ".join(
            f"{index} {units * share:.0f}" for index, units in sorted(table.indexes.items())
        )
        lines.append(
            f"| {name} | {table.read * share:.0f} | {table.written * share:.0f} | {indexes} "
            f"| {cost.mails * share:.0f} | {sum(dollars(cost, prices).values()) * share:.4f} |"
        )
    by_price = {
        name: sum(dollars(cost, prices)[name] for cost in costs.values()) * share
        for name in prices.each
    }
    thousand = sum(by_price.values())
    lines += [
        "",
        ", ".join(f"{name} ${amount:.4f}" for name, amount in by_price.items()),
        f"together ${thousand:.4f} for 1,000 readings, the table ${by_price['read_units'] + by_price['write_units']:.4f} of it",
        "",
        f"{contracts:,} contracts with {machines:,} machines, every {interval} months: "
        f"${thousand * machines * METERS / 1_000 / interval:,.2f} a month",
        "Not in it: processor time, storage, the snapshot's builds beside the one after a release.",
    ]
    return "\n".join(lines)
