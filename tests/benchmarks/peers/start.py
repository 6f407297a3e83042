"""Row 1: a fresh process imports the customer's API and answers its first submit, beside FastAPI's.

Both read a session, the surroundings and a company, and write in a transaction, by clients of their own;
AWS's answers are those that moto gave before. Prints the milliseconds of processor time of each process
from its start, and how many modules it has then: {"ours", "peer", "our_modules", "peer_modules"}, medians.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import meterportal.adapters
from meterportal.adapters import adapters

from tests.benchmarks.peers.ground import prepared, stored
from tests.benchmarks.replay import replayed
from tests.support import clock
from tests.support.stage import Context

SIDES = ("ours", "peer")


def measured(rounds: int) -> dict[str, float]:
    logging.disable()
    with TemporaryDirectory() as place, prepared(1) as ground:
        event, recording = ground.fleet(), Path(place) / "recording"
        meterportal.adapters.adapters.cache_clear()
        found = adapters()
        with replayed(found.table._client, found._client("secretsmanager")) as replay:
            ours = importlib.import_module("customer_api.app").lambda_handler
            expected = stored(ours(event, Context()))
        known = pickle.dumps(ground.known)
        recording.write_bytes(pickle.dumps((event, replay.answers, clock.BEGIN, known)))
        taken: dict[str, list[tuple[float, int]]] = {side: [] for side in SIDES}
        for _ in range(rounds + 1):
            for side in SIDES:
                told = _first(side, recording, Path(place) / "bytecode")
                assert stored(told["answer"]) == expected, told
                taken[side].append((1_000 * told["seconds"], told["modules"]))
    # The first of each compiles what was not compiled yet.
    (ours_ms, peer_ms), (our_modules, peer_modules) = (
        [median(one[n] for one in taken[side][1:]) for side in SIDES] for n in range(2)
    )
    return {
        "ours": ours_ms,
        "peer": peer_ms,
        "our_modules": our_modules,
        "peer_modules": peer_modules,
    }


def _first(side: str, recording: Path, bytecode: Path) -> dict[str, Any]:
    """A process of its own; it finds and leaves bytecode there, also where the caller's writes none."""
    command = [sys.executable, "-m", "tests.benchmarks.peers.first_answer", side, str(recording)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env=kept | {"PYTHONPYCACHEPREFIX": str(bytecode)},
    ).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))
