"""The chunks of a release of all that is reported: ours and the peer's, and what a worker leaves that dies at any request."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from meterportal.domain.portfolio.selections import Selection
from meterportal.store.exchange import exports
from meterportal.store.portfolio import machines
from meterportal.usecases.release import release_readings

from tests.benchmarks.peers.relational import Relational
from tests.benchmarks.portfolio_runs.ground import METERS, Ground, settled
from tests.benchmarks.replay import alternating
from tests.support.faults import killed
from tests.support.stage import ANNA


@dataclass(frozen=True)
class Taken:
    """Seconds of processor time of the chunks of a release of everything, and the requests of ours."""

    ours: float
    peer: float
    requests: int


@dataclass(frozen=True)
class Left:
    """Readings that a run with so many `deaths` has not released, and those it has released twice."""

    lost: int
    twice: int
    deaths: int


def compared(ground: Ground, contracts: int, *, rounds: int) -> tuple[Taken, Left]:
    """The deaths are those of a run whose writes are stored, behind the comparison."""
    holdings = settled(ground, contracts, reported=True)
    versions = {m.id: m.version for one in holdings for m in one.machines.values()}
    readings = len(versions) * METERS
    at, replay = ground.at, ground.replay
    with tempfile.TemporaryDirectory() as place:
        peer = Relational(str(Path(place) / "peer.sqlite"), holdings)

        def reference() -> None:
            assert peer.release(at.now, at.today) == readings

        release_id = _started(ground, versions)
        chunks = _planned(ground, release_id)
        replay.again, replay.requests = True, 0

        def ours() -> None:
            _work(ground, release_id, chunks)

        ours()
        requests = replay.requests
        took, took_reference = alternating(ours, reference, rounds=rounds)
        peer.close()
    replay.again = False
    return Taken(took, took_reference, requests), _with_deaths(ground, versions)


def _started(ground: Ground, versions: dict[str, int]) -> str:
    selection = Selection(ids=tuple(versions), versions=versions)
    return release_readings.start(ground.adapters, selection, dry_run=False, by=ANNA, at=ground.at)


def _planned(ground: Ground, release_id: str) -> list[int]:
    """The numbers of the chunks that a plan queues."""
    ground.queued.messages.clear()
    release_readings.plan(ground.adapters, release_id, ground.at)
    queued = ground.queued.messages[ground.adapters.settings.release_queue]
    return [one["chunk"] for one in queued if one["step"] == "chunk"]


def _work(ground: Ground, release_id: str, chunks: Iterable[int]) -> None:
    for chunk in chunks:
        release_readings.work(
            ground.adapters, release_id, chunk, at=ground.at, has_time=lambda: True
        )


def _with_deaths(ground: Ground, versions: dict[str, int]) -> Left:
    """A run whose worker dies at its first request that changes something, then at its second one, ..."""
    release_id, deaths = _started(ground, versions), 0

    def everything() -> None:
        _work(ground, release_id, _planned(ground, release_id))

    while _dies(everything, deaths):
        deaths += 1
    table = ground.adapters.table
    waits = Counter(row.place[1] for row in exports.waiting(table))
    found = machines.find(table, versions)
    released = sum(
        reading.released_at is not None for one in found.values() for reading in one.readings
    )
    events = sum(1 for one in found.values() for _ in machines.history_of(table, one))
    return Left(
        lost=len(versions) * METERS - released,
        twice=METERS * (events - len(versions) + sum(n - 1 for n in waits.values())),
        deaths=deaths,
    )


def _dies(work: Callable[[], None], call: int) -> bool:
    with killed(call) as calls:
        work()
    return bool(calls) and calls[-1] == "killed"
