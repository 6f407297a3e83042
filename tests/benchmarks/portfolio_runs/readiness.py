"""Portal Ready over a whole portfolio: ours and the peer's, when rights are given and when all have theirs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.store.portfolio import checks
from meterportal.usecases.portfolio import check_readiness

from tests.benchmarks.memory import forget_peak, peak
from tests.benchmarks.peers.relational import Relational
from tests.benchmarks.portfolio_runs.ground import Ground, settled
from tests.benchmarks.replay import alternating
from tests.support.stage import ANNA


@dataclass(frozen=True)
class Taken:
    """Seconds of processor time of a check of all contracts, and the requests of ours."""

    ours: float
    peer: float
    requests: int


def compared(ground: Ground, contracts: int, *, rounds: int) -> tuple[Taken, Taken, float]:
    """When rights are given, then when all have theirs; and the MiB that a real run's memory grew by."""
    holdings = settled(ground, contracts, reported=False)
    with tempfile.TemporaryDirectory() as place:
        peer = Relational(str(Path(place) / "peer.sqlite"), holdings)
        giving = _taken(ground, peer, holdings, rounds)
        before = forget_peak()
        ended = _run(ground, _started(ground))
        grown = peak() - before
        assert len(ended) == contracts, "ready, and told once"
        peer.check(ground.at.now, ground.at.today, keep=True)
        again = _taken(ground, peer, holdings, rounds)
        peer.close()
    return giving, again, grown


def _taken(ground: Ground, peer: Relational, holdings: Sequence[Holding], rounds: int) -> Taken:
    contracts = sum(len(one.contracts) for one in holdings)
    check_id, at, replay = _started(ground), ground.at, ground.replay
    replay.answers.clear()
    replay.again, replay.requests = True, 0
    ours = _worker(ground, check_id)
    ours()
    requests = replay.requests

    def reference() -> None:
        assert peer.check(at.now, at.today) == contracts

    took, took_reference = alternating(ours, reference, rounds=rounds)
    replay.again = False
    return Taken(took, took_reference, requests)


def _started(ground: Ground) -> str:
    """The number of a check of all contracts that waits for its worker."""
    started = check_readiness.check_selection(
        ground.adapters,
        Selection(filter=Filter()),
        ground.at,
        dry_run=False,
        by=ANNA,
    )
    assert isinstance(started, str), "behind the queue"
    return started


def _worker(ground: Ground, check_id: str) -> Callable[[], None]:
    at = ground.at
    return lambda: check_readiness.run_check(ground.adapters, check_id, at, has_time=lambda: True)


def _run(ground: Ground, check_id: str) -> list[str]:
    """The contracts that are ready, by a run whose writes are stored."""
    _worker(ground, check_id)()
    check = checks.load(ground.adapters.table, check_id)
    assert check is not None
    _, outcome = check_readiness.result(ground.adapters, check_id, row=0, rows=check.rows)
    return outcome.ready
