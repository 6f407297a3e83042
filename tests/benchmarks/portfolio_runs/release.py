"""The chunks of a release of all that is reported, and what a worker leaves that dies at any request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from meterportal.domain.portfolio.selections import Selection
from meterportal.store.exchange import exports
from meterportal.store.portfolio import machines
from meterportal.usecases.release import release_readings

from tests.benchmarks.portfolio_runs.ground import METERS, Ground, prepared, settled
from tests.support.faults import killed
from tests.support.stage import ANNA


@dataclass(frozen=True)
class Left:
    """Readings that a run with so many `deaths` has not released, and those it has released twice."""

    lost: int
    twice: int
    deaths: int


def left_by_deaths(contracts: int) -> Left:
    """A run whose worker dies at its first request that changes something, then at its second one, ..."""
    with prepared() as ground:
        versions = reported(ground, contracts)
        return _with_deaths(ground, versions)


def reported(ground: Ground, contracts: int) -> dict[str, int]:
    """Settles a portfolio whose every meter has a reading; its machines' versions."""
    holdings = settled(ground, contracts, reported=True)
    return {m.id: m.version for one in holdings for m in one.machines.values()}


def started(ground: Ground, versions: dict[str, int]) -> str:
    """The number of a release of all that is reported."""
    selection = Selection(ids=tuple(versions), versions=versions)
    return release_readings.start(ground.adapters, selection, dry_run=False, by=ANNA, at=ground.at)


def planned(ground: Ground, release_id: str) -> list[int]:
    """The numbers of the chunks that a plan queues."""
    ground.queued.messages.clear()
    release_readings.plan(ground.adapters, release_id, ground.at)
    queued = ground.queued.messages[ground.adapters.settings.release_queue]
    return [one["chunk"] for one in queued if one["step"] == "chunk"]


def work(ground: Ground, release_id: str, chunks: Iterable[int]) -> None:
    for chunk in chunks:
        release_readings.work(
            ground.adapters, release_id, chunk, at=ground.at, has_time=lambda: True
        )


def _with_deaths(ground: Ground, versions: dict[str, int]) -> Left:
    release_id, deaths = started(ground, versions), 0

    def everything() -> None:
        work(ground, release_id, planned(ground, release_id))

    while _dies(everything, deaths):
        deaths += 1
    table = ground.adapters.table
    waits = Counter(place for row in exports.waiting(table) for place in row.places)
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


def _dies(run: Callable[[], None], call: int) -> bool:
    with killed(call) as calls:
        run()
    return bool(calls) and calls[-1] == "killed"
