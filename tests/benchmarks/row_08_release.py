"""Row 8: the release of what a portfolio has reported, nine readings a contract, with our own rules over Django's
models and SQLite beside it; and what is lost or released twice when workers die.

AWS's answers are given again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_least_times, at_most
from tests.benchmarks.peers import figures
from tests.benchmarks.portfolio_runs.release import left_by_deaths

CONTRACTS = (100, 400)
"""The first is for the growth."""


def rows(*, contracts: tuple[int, int] = CONTRACTS, rounds: int = 3) -> Iterator[Row]:
    """Contracts a second of processor time."""
    logging.disable()
    taken = {count: figures("release", str(count), str(rounds)) for count in contracts}
    most = contracts[-1]
    yield Row(
        "8 release",
        most / taken[most]["ours"],
        "contracts/s CPU",
        most / taken[most]["peer"],
        at_least_times(2),
        points={count: one["ours"] for count, one in taken.items()},
    )
    yield Row("8 release, requests", taken[most]["requests"] / most, "a contract")
    left = left_by_deaths(most)
    yield Row("8 release, lost", left.lost, "readings", goal=at_most(0))
    yield Row("8 release, twice", left.twice, "readings", goal=at_most(0))
    yield Row("8 release, deaths", left.deaths, "workers")
