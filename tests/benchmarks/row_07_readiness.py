"""Row 7: Portal Ready over a whole portfolio, with our own rules over SQLite beside it.

The peer has no mapper between its rows and our rules; the goal was set beside Django's, which takes about three
times as long. AWS's answers are given again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_least_times, at_most
from tests.benchmarks.portfolio_runs.ground import prepared
from tests.benchmarks.portfolio_runs.readiness import compared

CONTRACTS = (500, 2_000)
"""The first is for the growth."""

_WHOLE = 100_000
"""Contracts for which requests are told, which grow with them."""


def rows(*, contracts: tuple[int, int] = CONTRACTS, rounds: int = 3) -> Iterator[Row]:
    """Contracts a second of processor time, and what a real run's memory grows by."""
    logging.disable()
    taken = {}
    for count in contracts:
        with prepared() as ground:
            taken[count] = compared(ground, count, rounds=rounds)
    most = contracts[-1]
    for place, name in enumerate(("rights given", "again")):
        both = {count: (found[0], found[1])[place] for count, found in taken.items()}
        yield Row(
            f"7 Portal Ready, {name}",
            most / both[most].ours,
            "contracts/s CPU",
            most / both[most].peer,
            at_least_times(1),
            points={count: one.ours for count, one in both.items()},
        )
    giving, _, grown = taken[most]
    requests = giving.requests * _WHOLE / most
    yield Row(f"7 Portal Ready, {_WHOLE:,} contracts", requests, "requests", goal=at_most(2_000))
    yield Row("7 Portal Ready, memory grown", grown, "MiB", taken[contracts[0]][2], at_most(256))
