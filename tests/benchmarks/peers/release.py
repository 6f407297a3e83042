"""Row 8: the chunks of a release of all that is reported, beside Django's models.

Ours makes its requests as they would be sent; AWS's answers, which a table image gave once, are given again. Prints
seconds of processor time, and the requests of ours: {"ours", "peer", "requests"}.
"""

from __future__ import annotations

import json
import logging
import sys

from tests.benchmarks.peers.relational import kept
from tests.benchmarks.peers.relational.release import release
from tests.benchmarks.portfolio_runs.ground import METERS, portfolio, prepared
from tests.benchmarks.portfolio_runs.release import planned, reported, started, work
from tests.benchmarks.replay import alternating


def measured(contracts: int, rounds: int) -> dict[str, float]:
    logging.disable()
    with prepared() as ground:
        versions = reported(ground, contracts)
        kept.keep(portfolio(contracts, reported=True))
        readings, at, replay = len(versions) * METERS, ground.at, ground.replay
        release_id = started(ground, versions)
        chunks = planned(ground, release_id)
        replay.again, replay.requests = True, 0

        def ours() -> None:
            work(ground, release_id, chunks)

        def reference() -> None:
            assert release(at.now, at.today) == readings

        ours()
        requests = replay.requests
        took, took_reference = alternating(ours, reference, rounds=rounds)
    return {"ours": took, "peer": took_reference, "requests": requests}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]))))
