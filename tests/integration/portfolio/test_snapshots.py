"""Building snapshots: from the queue and by night, killed and begun again, over data of an earlier version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.columns import EndOfLine
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.rows import newest
from meterportal.domain.portfolio.snapshots import grid_part, ordered
from meterportal.settings import Moment
from meterportal.store.portfolio import changes, snapshots
from meterportal.usecases.portfolio import build_portfolio
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot, build

from tests.support import world
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.faults import killed
from tests.support.read_model import Console, base_rows, fetched
from tests.support.stage import Context, Stage
from tests.support.wire import counted

NIGHT = {"kind": "portfolio", "scheduled_at": "2026-11-23T04:15:00Z"}
ADDED = ("changes_pk", "changes_sk", "row")


def three_companies(adapters: Adapters) -> None:
    for n in range(3):
        settle(
            adapters,
            a_holding(
                Company(f"1000{n}", f"Firma {n}", city="Bonn"),
                contacts=[a_contact(f"500{n}")],
                contracts=[a_contract(f"7000{n}", reporters=(f"500{n}",))],
                machines=[a_machine(f"20000{n}", contract_id=f"7000{n}")],
            ),
        )


def as_d9ec873_left_it(adapters: Adapters) -> int:
    """The items without what that version did not write: company, contact and contract had no `rev`
    either. (A whole installation of it is upgraded in test_local_upgrades.) How many there are."""
    table, client = adapters.table, adapters.table._client
    stripped = 0
    for page in client.get_paginator("scan").paginate(TableName=table.name):
        for item in page["Items"]:
            if "changes_pk" in item:
                dropped = ADDED if "body" in item else (*ADDED, "rev")
                kept: dict[str, Any] = {n: v for n, v in item.items() if n not in dropped}
                client.put_item(TableName=table.name, Item=kept)
                stripped += 1
    return stripped


def _some(time_left: list[bool]) -> bool:
    return bool(time_left) and time_left.pop()


def assert_newest_is_whole(adapters: Adapters) -> None:
    found = snapshots.newest(adapters.table)
    assert found is not None
    assert Console.opened(adapters, found).rows == base_rows(adapters.table)


def test_a_snapshot_is_built_from_the_queue(stage: Stage, adapters: Adapters, at: Moment) -> None:
    three_companies(adapters)
    ask_for_snapshot(adapters, at)
    stage.drain()
    found = snapshots.newest(adapters.table)
    assert found is not None
    assert {part.name: part.rows for part in found.parts} == {
        "grid": 6,
        "machines": 3,
        "people": 3,
    }
    assert_newest_is_whole(adapters)


def test_a_snapshot_is_built_by_night_and_not_by_any_other_event(
    stage: Stage, adapters: Adapters
) -> None:
    three_companies(adapters)
    night = stage.handler("build_portfolio")
    assert night({"kind": "daily_plan"}, Context()) == {"version": None}
    assert snapshots.newest(adapters.table) is None
    version = night(NIGHT, Context())["version"]
    found = snapshots.newest(adapters.table)
    assert found is not None
    assert found.version == version


def test_one_build_serves_all_who_asked_before_it_began(adapters: Adapters, at: Moment) -> None:
    three_companies(adapters)
    first = build(adapters, at, has_time=lambda: True)
    again = build(adapters, at, asked_at=at.now, has_time=lambda: True)
    assert again == first
    later = replace(at, now=at.now + timedelta(seconds=1))
    assert build(adapters, later, asked_at=later.now, has_time=lambda: True) != first


def test_a_builder_that_is_killed_anywhere_and_delivered_again_leaves_a_whole_snapshot(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    three_companies(adapters)
    as_d9ec873_left_it(adapters)
    call, ended = 0, False
    while not ended:
        ask_for_snapshot(adapters, at)
        with killed(call) as made:
            stage.drain()
        ended = "killed" not in made
        if snapshots.newest(adapters.table) is not None:
            assert_newest_is_whole(adapters)
        world.reveal()
        call += 1
    assert call > 5
    assert_newest_is_whole(adapters)


@pytest.mark.parametrize("piece", [1, 2, 100])
def test_data_of_an_earlier_version_come_into_the_index_piece_by_piece(
    adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(build_portfolio, "_PIECE", piece)
    three_companies(adapters)
    old = as_d9ec873_left_it(adapters)
    assert old == 12
    assert list(changes.everything(adapters.table)) == []

    rounds = 0
    time_left: list[bool] = []
    while build(adapters, at, has_time=partial(_some, time_left)) is None:
        rounds += 1
        time_left += [True] * 3
        assert rounds < 20
    assert rounds > 0, "it goes on where its time ran out"
    assert_newest_is_whole(adapters)
    rows = newest(changes.everything(adapters.table)).values()
    assert len(rows) == old
    assert {change.rev for change in rows} == {1, 2}, "machines had a rev before"


def test_who_writes_while_old_data_come_in_is_not_written_over(
    adapters: Adapters, at: Moment
) -> None:
    three_companies(adapters)
    as_d9ec873_left_it(adapters)
    settle(
        adapters, a_holding(Company("10000", "Neuer Name"), contacts=[], contracts=[], machines=[])
    )
    assert build(adapters, at, has_time=lambda: True) is not None
    assert_newest_is_whole(adapters)
    assert base_rows(adapters.table)["company", "10000", "10000"].rev == 1


def test_what_is_filled_is_never_gone_through_again(adapters: Adapters, at: Moment) -> None:
    """8 queries, four files, two reads, one write: whatever the number of companies. And the statistics:
    three months looked at, one of them written."""
    three_companies(adapters)
    build(adapters, at, has_time=lambda: True)
    with counted(adapters.table._client, adapters.files._client) as calls:
        build(adapters, at, has_time=lambda: True)
    assert calls == {
        "dynamodb.Query": 8,
        "dynamodb.GetItem": 2,
        "dynamodb.PutItem": 2,
        "s3.PutObject": 6,
        "s3.GetObject": 3,
    }


def test_ends_of_lines_in_names_are_taken_out_and_never_packed(
    adapters: Adapters, at: Moment
) -> None:
    settle(adapters, a_holding(Company("10000", "Zwei\nZeilen")))
    made = build(adapters, at, has_time=lambda: True)
    assert made is not None
    assert Console.opened(adapters, made).rows["company", "10000", "10000"].name == "Zwei Zeilen"  # type: ignore[union-attr]

    found = ordered(newest(changes.everything(adapters.table)).values())
    found.companies[0] = found.companies[0]._replace(name="Zwei\nZeilen")
    with pytest.raises(EndOfLine):
        grid_part(found)


def test_the_same_rows_make_the_same_bytes(adapters: Adapters, at: Moment) -> None:
    three_companies(adapters)
    first, second = (build(adapters, at, has_time=lambda: True) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.version != second.version
    assert [part.sha256 for part in first.parts] == [part.sha256 for part in second.parts]
    assert fetched(adapters, first) == fetched(adapters, second)
