"""Staff take back a replacement that was entered by mistake, until the ERP has brought the new machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.store.portfolio import machines, provisional
from meterportal.usecases.exchange import read_feed
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.builders import a_holding, a_machine, settle
from tests.support.customers import before_the_next_write, everything, put, signed_in, stored
from tests.support.erp_exports import FILES, as_zip, imported
from tests.support.faults import interrupted, killed
from tests.support.feed import Erp
from tests.support.master_rows import rewindable, rows_of
from tests.support.replacing import BROUGHT, NEW_SERIAL, erp_brings, replaced
from tests.support.reported import export, release, seen
from tests.support.stage import ANNA, Answer, Stage

ENDS = {"1": 4_900, "2": 950}


def taken_back(stage: Stage, machine_id: str = "200001", **more: Any) -> Answer:
    path = f"/api/staff/machines/{machine_id}/replacement/withdrawal"
    groups, headers = more.pop("groups", "release"), more.pop("headers", {})
    body = {"version": 2} | more
    return stage.staff("POST", path, body, groups=groups, headers=headers)


def shown(stage: Stage) -> list[str]:
    return [one["id"] for one in stage.customer("GET", "/api/machines").json["machines"]]


def test_the_contact_is_asked_for_the_old_machine_again(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    new = replaced(stage).json["machine_id"]
    assert put(stage, new, values={"1": 50}, version=1).status == 200
    told = taken_back(stage)
    assert (told.status, told.json) == (200, {"version": 2}), told.text
    assert shown(stage) == ["200001"]
    old = stored(adapters)
    assert (old.active, old.asked_for, old.replaced_by) == (True, True, None)
    assert {one.meter_id: one.value for one in old.readings} == {"1": 10_800, "2": 4_200}
    for path in (f"/api/staff/machines/{new}", f"/api/staff/machines/{new}/photos"):
        assert stage.staff("GET", path).status == 404
    assert put(stage, new, values={"1": 60}, version=2).status == 404
    assert put(stage, values={"1": 10_700}, version=2).status == 200, "the end can be corrected"
    assert replaced(stage, version=3).status == 200, "the serial number is free again"


def test_the_journal_says_what_went_with_it(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    new = replaced(stage).json["machine_id"]
    assert put(stage, new, values={"1": 50}, version=1).status == 200
    taken_back(stage)
    entry, _ = stage.staff("GET", "/api/staff/audit?machine_id=200001").json["entries"]
    assert (entry["action"], entry["text"]) == (
        "replacement_taken_back",
        "Austausch zurückgenommen",
    )
    assert {"field": "machine", "before": new, "after": "200001"} in entry["changes"]
    assert {"field": "serial", "before": NEW_SERIAL, "after": "SN200001"} in entry["changes"]
    assert {"field": "meter 1", "before": 50, "after": None} in entry["changes"]


def test_the_feed_tells_that_the_new_machine_is_gone(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_feed, "HELD_BACK", timedelta())
    settle(adapters)
    new = replaced(stage).json["machine_id"]
    taken_back(stage)
    told = [one for one in Erp(stage).look() if one["data"]["machine_id"] == new]
    kinds = [one["type"].rpartition(".")[2] for one in told]
    assert kinds == ["started", "started", "stopped", "stopped"]
    assert [one["data"]["value"] for one in told[2:]] == [12, 0]
    assert {one["data"]["replaces"] for one in told} == {"200001"}


def test_a_problem_of_the_new_machine_is_settled(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    new = replaced(stage).json["machine_id"]
    told = stage.customer("POST", f"/api/machines/{new}/problems", {"kind": "moved"})
    assert told.status < 300, told.text
    assert taken_back(stage).status == 200
    assert stage.staff("GET", "/api/staff/problems?state=open").json["problems"] == []


def test_who_may_and_what_is_there(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    replaced(stage)
    for groups in ("read", "remind"):
        assert taken_back(stage, groups=groups).status == 403
    assert taken_back(stage, "200099").status == 404
    old = taken_back(stage, version=1)
    assert (old.status, old.json["code"]) == (412, "changed_meanwhile")
    assert not stored(adapters).active
    assert taken_back(stage).status == 200
    again = taken_back(stage)
    assert (again.status, again.json["code"]) == (409, "not_replaced")


def test_a_released_end_reading_comes_first(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    replaced(stage)
    release(stage, seen(stored(adapters)))
    told = taken_back(stage, version=stored(adapters).version)
    assert (told.status, told.json["code"]) == (409, "end_released")
    export(stage)
    told = taken_back(stage, version=stored(adapters).version)
    assert (told.status, told.json["code"]) == (409, "end_released")


def test_the_last_of_two_replacements_comes_first(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    new = replaced(stage).json["machine_id"]
    ends = {"read_on": "2026-11-21", "values": {"1": 40, "2": 9}, "serial": "NEU-2"}
    assert replaced(stage, new, **ends).status == 200
    told = taken_back(stage)
    assert (told.status, told.json["code"]) == (409, "replaced_again")
    assert "NEU-2" in told.json["detail"]
    assert taken_back(stage, new).status == 200
    assert taken_back(stage).status == 200
    assert stored(adapters).active


def test_what_the_erp_has_brought_stays(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    swapped(stage, adapters)
    imported(stage, erp_brings())
    told = taken_back(stage, version=stored(adapters).version)
    assert (told.status, told.json["code"]) == (409, "replacement_taken_over")
    assert BROUGHT in told.json["detail"]
    assert not stored(adapters).active


def test_a_repeated_request_takes_back_once(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    replaced(stage)
    key = {"idempotency-key": "t1"}
    first = taken_back(stage, headers=key)
    assert first.status == 200
    assert taken_back(stage, headers=key).json == first.json


def test_the_second_of_two_is_told(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    replaced(stage)
    before_the_next_write(monkeypatch, adapters, lambda: taken_back(stage))
    late = taken_back(stage)
    assert (late.status, late.json["code"]) == (409, "not_replaced")


def test_a_value_that_comes_at_the_same_time_is_not_lost_unseen(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is faster: the report is refused, or the journal has its value."""
    signed_in(stage, adapters)
    new = replaced(stage).json["machine_id"]
    before_the_next_write(
        monkeypatch, adapters, lambda: put(stage, new, values={"1": 50}, version=1)
    )
    assert taken_back(stage).status == 200
    entry, _ = stage.staff("GET", "/api/staff/audit?machine_id=200001").json["entries"]
    assert {"field": "meter 1", "before": 50, "after": None} in entry["changes"]


def test_a_process_may_die_at_any_call(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(machines=[a_machine()]))
    new = replaced(stage).json["machine_id"]
    rewind, key, deaths = rewindable(adapters), {"idempotency-key": "t1"}, 0
    before = everything(adapters)
    for call in range(20):
        rewind()
        with killed(call, reads=True) as made:
            taken_back(stage, headers=key)
        died = "killed" in made
        there = stored(adapters)
        whole = (there.active, machines.find(adapters.table, [new]) == {})
        assert whole in {(False, False), (True, True)}, call
        assert there.active or everything(adapters) == before, call
        assert taken_back(stage, headers=key).json == {"version": 2}, call
        assert stored(adapters).active
        assert provisional.reserved(adapters.table, [NEW_SERIAL]) == {}
        if not died:
            break
        deaths += died
    assert deaths > 4


def swapped(stage: Stage, adapters: Adapters) -> str:
    reasons = {"1": "gezählt", "2": "gezählt"}
    version = stored(adapters).version
    told = replaced(stage, values=ENDS, version=version, confirm=reasons)
    assert told.status == 200, told.text
    number: str = told.json["machine_id"]
    return number


def test_an_import_and_who_takes_back_meet_anywhere(stage: Stage, adapters: Adapters) -> None:
    """Whenever it comes: the ERP's machine stands for itself, or has everything of ours."""
    imported(stage, FILES)
    new = swapped(stage, adapters)
    rewind, at, ends = rewindable(adapters), moment(), set()
    for call in range(100):
        rewind()
        number = start_import(adapters, as_zip(erp_brings()), at, by=ANNA)
        told: list[int] = []

        def take(told: list[int] = told) -> None:
            told.append(taken_back(stage, version=stored(adapters).version).status)

        with interrupted(call, take) as made:
            assert run_import(adapters, number, at).state == "done", call
        there, old = stored(adapters, BROUGHT), stored(adapters)
        if len(made) > call:
            assert old.active is (told == [200]), call
        assert there.former == ("" if old.active else new), call
        assert imports.holders(adapters.table, [NEW_SERIAL]) == {NEW_SERIAL: frozenset({BROUGHT})}
        assert provisional.reserved(adapters.table, [NEW_SERIAL]) == {}, call
        ours = [key for key in rows_of(adapters) if key[1].startswith("MACHINE#portal-")]
        assert [key for key in ours if key[0].startswith("COMPANY#")] == [], call
        ends.add(old.active)
        if len(made) <= call:
            break
    assert ends == {True, False}


def test_an_ended_machine_is_not_lost_to_the_next_import(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    before = replace(stored(adapters), rev=0, version=0)
    swapped(stage, adapters)
    assert taken_back(stage, version=stored(adapters).version).status == 200
    assert imported(stage, FILES)["findings"] == []
    there = stored(adapters)
    assert replace(there, rev=0, version=0, readings=()) == before
    assert there.active
