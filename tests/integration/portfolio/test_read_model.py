"""Whoever holds a snapshot and asks for changes has what a fresh build from the base data has."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.progress import progress
from meterportal.domain.portfolio.snapshots import Snapshot
from meterportal.settings import Moment
from meterportal.store.portfolio import holdings, snapshots
from meterportal.usecases.portfolio import read_changes as reading
from meterportal.usecases.portfolio.build_portfolio import build

from tests.support.portfolio_life import COMPANIES, Clock, LaggingTable, Life, behind
from tests.support.read_model import Console, base_rows, counts_of, state_of


def built(adapters: Adapters, at: Moment) -> Snapshot:
    made = build(adapters, at, has_time=lambda: True)
    assert made is not None
    return made


def alive(adapters: Adapters, seed: int) -> tuple[Life, Clock, LaggingTable]:
    clock = Clock()
    table = LaggingTable(adapters.table, clock)
    life = Life(behind(adapters, table), random.Random(seed))  # noqa: S311 - no secret
    life.begin()
    table.written()
    clock.now += timedelta(seconds=60)
    return life, clock, table


@pytest.mark.parametrize("seed", range(4))
def test_changes_in_any_order_and_doubled_lead_to_a_fresh_build(
    adapters: Adapters, seed: int
) -> None:
    life, clock, _ = alive(adapters, seed)
    for _ in range(10):
        life.go_on()
    snapshot = built(adapters, clock.at)
    console = Console.opened(adapters, snapshot)
    told = []
    for _ in range(6):
        for _ in range(5):
            life.go_on()
        clock.now += timedelta(seconds=10)
        told += console.poll(clock.at)
    assert console.rows == base_rows(adapters.table)

    other = Console.opened(adapters, snapshot)
    shuffled = told * 2
    life.chance.shuffle(shuffled)
    other.apply(shuffled)
    assert other.rows == console.rows
    assert Console.opened(adapters, built(adapters, clock.at)).rows == console.rows


@pytest.mark.parametrize(("lag", "skew"), [(30, 0), (20, 10), (0, 25)])
@pytest.mark.parametrize("seed", range(2))
def test_an_index_that_lags_and_clocks_that_differ_lose_nothing(
    adapters: Adapters, seed: int, lag: int, skew: int
) -> None:
    life, clock, table = alive(adapters, seed)
    console: Console | None = None
    for turn in range(30):
        table.lag = timedelta(seconds=life.chance.uniform(0, lag))
        clock.skew = timedelta(seconds=life.chance.uniform(-skew, skew))
        life.go_on()
        table.written()
        clock.now += timedelta(seconds=life.chance.uniform(0, 6))
        if turn == 12:
            console = Console.opened(adapters, built(adapters, clock.at))
        if console and turn % 3 == 0:
            console.poll(clock.at)
    assert console is not None
    for _ in range(8):
        clock.now += timedelta(seconds=10)
        console.poll(clock.at)
    assert console.rows == base_rows(adapters.table)


def test_an_overlap_that_is_too_short_would_lose_rows(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above sees what it is to see."""
    monkeypatch.setattr(reading, "OVERLAP", timedelta(0))
    with pytest.raises(AssertionError):
        test_an_index_that_lags_and_clocks_that_differ_lose_nothing(adapters, 0, 30, 0)


def test_rows_count_what_a_contract_s_progress_says(adapters: Adapters) -> None:
    life, clock, _ = alive(adapters, 7)
    for _ in range(30):
        life.report()
    counts = counts_of(Console.opened(adapters, built(adapters, clock.at)).rows)
    for company_id in COMPANIES:
        held = holdings.load(adapters.table, company_id)
        assert held is not None
        for contract_id in {machine.contract_id for machine in held.machines.values()}:
            own = [m for m in held.machines.values() if m.contract_id == contract_id]
            said, found = progress(own), counts[contract_id]
            assert (said.total, said.reported, said.released, said.state) == (
                found.total,
                found.reported,
                found.released,
                state_of(found),
            )


def test_a_long_series_is_told_in_order_and_ends(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST", 3)
    life, clock, _ = alive(adapters, 3)
    console = Console.opened(adapters, built(adapters, clock.at))
    for _ in range(20):
        life.go_on()
        clock.now += timedelta(milliseconds=1)
    clock.now += timedelta(seconds=10)
    told = console.poll(clock.at)
    assert [change.at for change in told] == sorted(change.at for change in told)
    assert len(told) == len({(change.which, change.row is None) for change in told})
    assert console.rows == base_rows(adapters.table)
    assert not console.after.place


def test_who_is_far_behind_is_sent_to_the_next_snapshot_once_there_is_one(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST", 2)
    monkeypatch.setattr(reading, "TOO_MANY", 4)
    life, clock, _ = alive(adapters, 3)
    console = Console.opened(adapters, built(adapters, clock.at))
    clock.now += timedelta(minutes=5)
    for _ in range(30):
        life.go_on()
    clock.now += timedelta(minutes=5)
    behind_by = console.after
    console.poll(clock.at)
    assert console.rows == base_rows(adapters.table), "nothing newer is there: all of it is told"

    built(adapters, clock.at)
    first = reading.read_changes(adapters, clock.at, behind_by)
    assert (len(first.rows), first.more, first.outdated) == (2, True, False)
    second = reading.read_changes(adapters, clock.at, first.after)
    assert (len(second.rows), second.more, second.outdated) == (0, False, True)


def test_who_comes_back_when_tombstones_are_gone_takes_a_snapshot(adapters: Adapters) -> None:
    _, clock, _ = alive(adapters, 3)
    snapshot = built(adapters, clock.at)
    clock.now += holdings.TOMBSTONES_KEPT + timedelta(minutes=1)
    found = reading.read_changes(adapters, clock.at, reading.After(snapshot.after))
    assert found.outdated


def test_a_build_that_began_earlier_does_not_take_the_place_of_a_later_one(
    adapters: Adapters,
) -> None:
    _, clock, _ = alive(adapters, 3)
    later = built(adapters, clock.at)
    assert not snapshots.publish(
        adapters.table, replace(later, after=later.after - timedelta(seconds=1))
    )
    assert snapshots.newest(adapters.table) == later
