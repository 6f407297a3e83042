"""Portal Ready over a whole portfolio: its worker, and what it asks of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.store.portfolio import checks
from meterportal.usecases.portfolio import check_readiness

from tests.benchmarks.memory import forget_peak, peak
from tests.benchmarks.portfolio_runs.ground import Ground, prepared, settled
from tests.support.stage import ANNA


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests of a check of all contracts that gives rights, and of the next; the MiB that memory grew by."""

    giving: int
    again: int
    grown: float


def cost(contracts: int) -> Cost:
    """Of a portfolio without machines, which no check reads."""
    with prepared() as ground:
        settled(ground, contracts, reported=False, machines=0)
        before = forget_peak()
        giving = _requests(ground, contracts)
        grown = peak() - before
        return Cost(giving, _requests(ground, contracts), grown)


def _requests(ground: Ground, contracts: int) -> int:
    check_id = started(ground)
    before = ground.replay.requests
    worker(ground, check_id)()
    requests = ground.replay.requests - before
    assert len(ready(ground, check_id)) == contracts, "ready, and told once"
    return requests


def started(ground: Ground) -> str:
    """The number of a check of all contracts that waits for its worker."""
    check = check_readiness.check_selection(
        ground.adapters,
        Selection(filter=Filter()),
        ground.at,
        dry_run=False,
        by=ANNA,
    )
    assert isinstance(check, str), "behind the queue"
    return check


def worker(ground: Ground, check_id: str) -> Callable[[], None]:
    at = ground.at
    return lambda: check_readiness.run_check(ground.adapters, check_id, at, has_time=lambda: True)


def ready(ground: Ground, check_id: str) -> list[str]:
    """The contracts that a check that has ended says are ready."""
    check = checks.load(ground.adapters.table, check_id)
    assert check is not None
    return [
        number
        for row in range(check.rows)
        for number in checks.result(ground.adapters.table, check, row).ready
    ]
