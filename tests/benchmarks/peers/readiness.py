"""Row 7: Portal Ready over a whole portfolio, when rights are given and when all have theirs, beside Django's models.

Ours makes its requests as they would be sent; AWS's answers, which a table image gave once, are given again. Prints
seconds of processor time of a check of all contracts: {"given": {"ours", "peer"}, "again": {"ours", "peer"}}.
"""

from __future__ import annotations

import json
import logging
import sys

from tests.benchmarks.peers.relational import check, kept
from tests.benchmarks.portfolio_runs.ground import Ground, prepared, settled
from tests.benchmarks.portfolio_runs.readiness import ready, started, worker
from tests.benchmarks.replay import alternating


def measured(contracts: int, rounds: int) -> dict[str, dict[str, float]]:
    logging.disable()
    with prepared() as ground:
        kept.keep(settled(ground, contracts, reported=False))
        given = _taken(ground, contracts, rounds)
        check_id = started(ground)
        worker(ground, check_id)()
        assert len(ready(ground, check_id)) == contracts, "ready, and told once"
        check.check(ground.at.now, ground.at.today, keep=True)
        return {"given": given, "again": _taken(ground, contracts, rounds)}


def _taken(ground: Ground, contracts: int, rounds: int) -> dict[str, float]:
    check_id, at, replay = started(ground), ground.at, ground.replay
    replay.answers.clear()
    replay.again = True

    def reference() -> None:
        assert check.check(at.now, at.today) == contracts

    ours, peer = alternating(worker(ground, check_id), reference, rounds=rounds)
    replay.again = False
    return {"ours": ours, "peer": peer}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]))))
