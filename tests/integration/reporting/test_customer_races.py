"""Two at the same machine at the same time: one wins, the other is told, nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Location
from meterportal.domain.refusals import Unavailable
from meterportal.store.portfolio import machines
from meterportal.store.writes import Write

from tests.support.customers import (
    before_the_next_write,
    change,
    events,
    put,
    release,
    signed_in,
    stored,
    values_of,
)
from tests.support.stage import Answer, Stage

GOOD = {"1": "11.000", "2": 4300}


def test_what_another_reports_meanwhile_is_not_overwritten(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    before_the_next_write(
        monkeypatch, adapters, lambda: put(stage, values={"1": 11_050}, version=1)
    )
    mine = put(stage, values={"1": 11_000}, version=1)
    assert (mine.status, mine.json["version"]) == (412, 2)
    assert values_of(adapters) == {"1": 11_050}
    assert events(adapters) == ["reported"]


def test_without_its_conditions_the_other_report_would_be_lost(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    before_the_next_write(
        monkeypatch,
        adapters,
        lambda: put(stage, values={"1": 11_050}, version=1),
        conditions=False,
    )
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    assert values_of(adapters) == {"1": 11_000}


def test_a_release_meanwhile_wins_over_a_correction(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    put(stage, values=GOOD, version=1)
    before_the_next_write(monkeypatch, adapters, lambda: release(adapters))
    late = put(stage, values={"1": 11_010}, version=2)
    assert (late.status, late.json["code"]) == (409, "already_released")
    assert values_of(adapters) == {"1": 11_000, "2": 4300}
    assert events(adapters) == ["reported", "released"]


def test_without_its_conditions_a_released_reading_would_change(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    put(stage, values=GOOD, version=1)
    before_the_next_write(monkeypatch, adapters, lambda: release(adapters), conditions=False)
    assert put(stage, values={"1": 11_010}, version=2).status == 200
    assert values_of(adapters)["1"] == 11_010


def test_an_import_meanwhile_disturbs_nobody_and_nothing_of_it_is_lost(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    room = Location("Zentrale", "A", "EG", "102")
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, location=room))
    assert put(stage, values=GOOD, version=1).json["version"] == 2
    machine = stored(adapters)
    assert (machine.location, machine.version) == (room, 2)
    assert len(machine.readings) == 2


def test_a_machine_that_is_taken_away_meanwhile_takes_no_reading(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, active=False))
    assert put(stage, values=GOOD, version=1).status == 404
    assert stored(adapters).readings == ()


def test_the_same_key_at_the_same_time_stores_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    told: list[Answer] = []

    def send() -> Answer:
        return stage.customer(
            "PUT",
            "/api/machines/200001/readings",
            {"values": GOOD, "version": 1},
            headers={"idempotency-key": "k"},
        )

    before_the_next_write(monkeypatch, adapters, lambda: told.append(send()))
    told.append(send())
    assert [answer.status for answer in told] == [200, 200]
    assert told[0].json == told[1].json
    assert events(adapters) == ["reported"]


def test_a_write_whose_answer_got_lost_is_taken_as_done(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    original = adapters.table.transact

    def lost(writes: list[Write]) -> None:
        # The first try arrives, its answer does not; the client's second try meets the first.
        monkeypatch.setattr(adapters.table, "transact", original)
        original(writes)
        original(writes)

    monkeypatch.setattr(adapters.table, "transact", lost)
    told = put(stage, values=GOOD, version=1)
    assert (told.status, told.json["version"]) == (200, 2)
    assert events(adapters) == ["reported"]


def test_a_table_out_of_reach_stores_nothing_and_says_when_to_come_again(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    original = adapters.table.transact

    def throttled(writes: list[Write]) -> None:
        raise Unavailable

    monkeypatch.setattr(adapters.table, "transact", throttled)
    refused = put(stage, values=GOOD, version=1)
    assert (refused.status, refused.json["code"]) == (503, "unavailable")
    monkeypatch.setattr(adapters.table, "transact", original)
    assert put(stage, values=GOOD, version=1).status == 200


def test_a_machine_that_never_rests_is_unavailable_not_wrong(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    original, rooms = adapters.table.transact, iter(range(100))

    def busy(writes: list[Write]) -> None:
        machine = stored(adapters)
        elsewhere = replace(machine, location=Location(room=str(next(rooms))))
        original(machines.save(elsewhere, seen=machine, event=None))
        original(writes)

    monkeypatch.setattr(adapters.table, "transact", busy)
    answer = put(stage, values=GOOD, version=1)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert stored(adapters).readings == ()
