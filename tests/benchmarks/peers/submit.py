"""Row 2: a contact sends 20 machines of 4 readings each, in one request and in twenty, beside FastAPI's.

Processor time of the Lambda handlers alone, events made before; the table's answers are given again. Prints
milliseconds: {"ours", "twenty", "peer"}.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
from typing import Any

from meterportal.adapters import adapters

from tests.benchmarks.peers.fleet_api import handler
from tests.benchmarks.peers.ground import prepared, stored
from tests.benchmarks.replay import alternating, replayed
from tests.support.stage import Context

MACHINES = 20


def measured(rounds: int) -> dict[str, float]:
    logging.disable()
    with prepared(MACHINES) as ground:
        whole = ground.fleet()
        single = [ground.single(one) for one in ground.machines]
        ours = importlib.import_module("customer_api.app").lambda_handler
        peer = handler(ground.known)

        def twenty() -> None:
            for one in single:
                answer: dict[str, Any] = ours(one, Context())
                assert answer["statusCode"] == 200, answer

        with replayed(adapters().table._client):
            assert stored(ours(whole, Context())) == stored(peer(whole, Context()))
            took = alternating(
                lambda: ours(whole, Context()),
                twenty,
                lambda: peer(whole, Context()),
                rounds=rounds,
            )
    return {name: 1_000 * one for name, one in zip(("ours", "twenty", "peer"), took, strict=True)}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))
