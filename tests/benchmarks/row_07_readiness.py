"""Row 7: Portal Ready over a whole portfolio, with our own rules over Django's models and SQLite beside it.

AWS's answers are given again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_least_times, at_most
from tests.benchmarks.peers import figures
from tests.benchmarks.portfolio_runs.readiness import cost

CONTRACTS = (500, 2_000)
"""The first is for the growth."""

COUNTED = (2_000, 10_000)
"""Contracts over which requests are counted; from there on they grow as between the two."""

_WHOLE = 100_000
"""Contracts for which requests are told."""


def rows(
    *,
    contracts: tuple[int, int] = CONTRACTS,
    counted: tuple[int, int] = COUNTED,
    rounds: int = 3,
) -> Iterator[Row]:
    """Contracts a second of processor time, and what a real run's memory grows by."""
    logging.disable()
    taken = {count: figures("readiness", str(count), str(rounds)) for count in contracts}
    most = contracts[-1]
    for name, key in (("rights given", "given"), ("again", "again")):
        both = {count: found[key] for count, found in taken.items()}
        yield Row(
            f"7 Portal Ready, {name}",
            most / both[most]["ours"],
            "contracts/s CPU",
            most / both[most]["peer"],
            at_least_times(1),
            points={count: one["ours"] for count, one in both.items()},
        )
    few, many = (cost(count) for count in counted)
    giving, again = (
        late + (late - early) * (_WHOLE - counted[1]) / (counted[1] - counted[0])
        for early, late in ((few.giving, many.giving), (few.again, many.again))
    )
    yield Row(f"7 Portal Ready, {_WHOLE:,} contracts", giving, "requests", goal=at_most(2_000))
    yield Row(f"7 Portal Ready again, {_WHOLE:,}", again, "requests", goal=at_most(2_000))
    yield Row("7 Portal Ready, memory grown", many.grown, "MiB", few.grown, at_most(256))
