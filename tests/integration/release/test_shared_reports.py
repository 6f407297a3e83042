"""The release report of a part of a chunk stands in one row, and tells of each machine once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.release.judging import judge
from meterportal.domain.release.runs import MachineLines
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.exchange import exports
from meterportal.store.release import releases
from meterportal.usecases.release import release_readings, settle_chunk

from tests.support.builders import settle_machine
from tests.support.customers import before_the_next_write, change, events, stored
from tests.support.interleaving import every_order, unconditional
from tests.support.reported import (
    READ_ON,
    a_confirmed_reading,
    a_reported_machine,
    release,
    run_of,
    seen,
    settle_reported,
)
from tests.support.stage import ANNA, Stage
from tests.support.units import metered


def rows_of(adapters: Adapters, run: str) -> list[Any]:
    return list(adapters.table.query(keys.run("RELEASE", run)[0], begins="LINE#"))


def planned(adapters: Adapters, at: Moment, numbers: list[str], *refused: str) -> str:
    """A run over these machines, the last ones with a value in doubt, up to its chunk."""
    found = [settle_machine(adapters, a_reported_machine(number)) for number in numbers]
    doubts = [a_confirmed_reading()]
    found += [settle_machine(adapters, a_reported_machine(n, *doubts)) for n in refused]
    asked = Selection(tuple(m.id for m in found), versions={m.id: m.version for m in found})
    run = release_readings.start(adapters, asked, dry_run=False, by=ANNA, at=at)
    release_readings.plan(adapters, run, at)
    return run


def work(adapters: Adapters, run: str, at: Moment) -> None:
    release_readings.work(adapters, run, 0, at=at, has_time=lambda: True)


def told(stage: Stage, run: str) -> list[str]:
    return [line["machine_id"] for line in run_of(stage, run)["protocol"]]


def test_machines_share_a_row_and_pages_divide_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_chunk, "TOGETHER", 3)
    monkeypatch.setattr(release_readings, "TOGETHER", 3)
    numbers = [str(200_001 + n) for n in range(5)]
    found = settle_reported(adapters, [a_reported_machine(number) for number in numbers])
    run = release(stage, seen(*reversed(found)))
    assert len(rows_of(adapters, run["id"])) == 2
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = stage.staff("GET", f"/api/staff/releases/{run['id']}?limit=2{more}").json
        pages.append([line["machine_id"] for line in page["protocol"]])
        cursor = page["next_cursor"]
    assert pages == [
        ["200001", "200001", "200002", "200002"],
        ["200003", "200003", "200004", "200004"],
        ["200005", "200005"],
    ]


def test_refusals_cost_no_row_of_their_own(adapters: Adapters, at: Moment) -> None:
    settle_reported(adapters, [])
    numbers = [str(200_001 + n) for n in range(30)]
    run = planned(adapters, at, numbers)
    for number in numbers:
        change(adapters, number, version=9)
    with metered(adapters.table._client) as consumed:
        work(adapters, run, at)
    assert consumed.requests["PutItem"] == 1 + 1, "the part's row, and the chunk's sums"
    assert consumed.written <= 6


def at_once(stage: Stage, adapters: Adapters, at: Moment) -> Iterator[tuple[str, list[str]]]:
    """Two workers at the same chunk, in every order."""
    settle_reported(adapters, [])
    runs: list[str] = []

    def numbers(n: int) -> list[str]:
        return [str(200_001 + 10 * n), str(200_002 + 10 * n)]

    def scene(n: int) -> Any:
        own = numbers(n)
        runs.append(planned(adapters, at, own[:1], own[1]))
        return (lambda: work(adapters, runs[-1], at), lambda: work(adapters, runs[-1], at))

    def matters(operation: str, parameters: Any) -> bool:
        writes = {"TransactWriteItems", "PutItem"}
        return operation in writes and "LINE#" in str(parameters)

    for n, _ in every_order(scene, matters=matters):
        yield runs[-1], numbers(n)


def waits(adapters: Adapters, number: str) -> int:
    """How many rows of a machine wait for the export."""
    return sum(("10000", number) in row.places for row in exports.waiting(adapters.table))


def test_two_workers_at_once_tell_each_machine_once(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    for run, (whole, doubtful) in at_once(stage, adapters, at):
        assert told(stage, run) == [whole, whole, doubtful]
        assert events(adapters, whole) == ["released"]
        assert waits(adapters, whole) == 1
        assert stored(adapters, doubtful).readings[0].refused == "confirmed_by_customer"


def test_without_the_conditions_two_would_release(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unconditional(monkeypatch, adapters.table)
    assert any(waits(adapters, whole) > 1 for _, (whole, _) in at_once(stage, adapters, at))


def test_who_is_written_meanwhile_is_told_beside_the_row_also_after_a_death(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_reported(adapters, [])
    run = planned(adapters, at, ["200001", "200002", "200003"])
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, "200002", serial="N"))

    def dies(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(settle_chunk.Chunk, "_store_alone", dies)
        with pytest.raises(RuntimeError):
            work(adapters, run, at)
    assert [stored(adapters, n).state for n in ("200001", "200002")] == ["released", "reported"]
    work(adapters, run, at)
    assert sorted(told(stage, run)) == sorted([*["200001"] * 2, *["200002"] * 2, *["200003"] * 2])
    assert {item["sk"] for item in rows_of(adapters, run)} == {"LINE#200001#-", "LINE#200002"}
    assert run_of(stage, run)["released"] == 6


def test_what_an_earlier_version_has_told_is_not_told_again(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle_reported(adapters, [])
    run = planned(adapters, at, ["200001", "200002"])
    machine = stored(adapters, "200001")
    decision = judge(machine.id, machine, seen=2, now=at.now, today=READ_ON, by="staff-1")
    lines = MachineLines.of(decision, None)
    adapters.table.transact(releases.store(run, decision, lines, by="staff-1", at=at.now))
    work(adapters, run, at)
    assert told(stage, run) == ["200001", "200001", "200002", "200002"]
    assert run_of(stage, run)["released"] == 4
