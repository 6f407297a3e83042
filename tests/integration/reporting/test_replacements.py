"""Staff enter that a machine was replaced: end readings of the old one, the new one's serial and start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.usecases.exchange import read_feed

from tests.support.builders import DUE, a_holding, a_machine, settle
from tests.support.customers import (
    before_the_next_write,
    change,
    events,
    everything,
    put,
    signed_in,
    stored,
)
from tests.support.exported import lines
from tests.support.feed import Erp
from tests.support.replacing import NEW_SERIAL, replaced
from tests.support.reported import codes, export, release, seen
from tests.support.stage import Answer, Stage

END = f"200001.1.{DUE.isoformat()}"


def shown(stage: Stage) -> list[dict[str, Any]]:
    """The machines on the contact's page."""
    found: list[dict[str, Any]] = stage.customer("GET", "/api/machines").json["machines"]
    return found


def test_the_contact_is_asked_for_the_new_machine_only(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    told = replaced(stage)
    assert told.status == 200, told.text
    new = told.json["machine_id"]
    assert [one["value"] for one in told.json["readings"]] == [10_800, 4_200]
    (machine,) = shown(stage)
    assert (machine["id"], machine["serial"], machine["model"]) == (new, NEW_SERIAL, "IM C4500")
    assert machine["location"]["room"] == "101"
    last = [(m["last"]["value"], m["last"]["read_on"]) for m in machine["meters"]]
    assert last == [(12, "2026-11-20"), (0, "2026-11-20")]
    assert put(stage, values={"1": 10_900}, version=2).status == 404
    assert put(stage, new, values={"1": 50, "2": 9}, version=1).status == 200

    old = stored(adapters)
    assert (old.active, old.asked_for, old.version) == (False, False, 2)
    assert [(r.value, r.channel.value, r.read_on) for r in old.readings] == [
        (10_800, "TECHNICIAN", date(2026, 11, 20)),
        (4_200, "TECHNICIAN", date(2026, 11, 20)),
    ]
    assert events(adapters) == ["reported"]
    assert events(adapters, new) == ["started", "reported"]
    page = stage.staff("GET", "/api/staff/machines/200001").json
    assert page["replaced_by"] == {"id": new, "serial": NEW_SERIAL, "on": "2026-11-20"}
    there = stage.staff("GET", f"/api/staff/machines/{new}").json
    assert there["replaces"] == {"id": "200001", "serial": "SN200001", "on": "2026-11-20"}
    assert there["provisional"]
    assert there["timeline"][-1]["text"] == "Als Austauschgerät angelegt"


def test_a_dry_run_stores_nothing(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    before = everything(adapters)
    told = replaced(stage, dry_run=True, headers={"idempotency-key": "r1"})
    assert told.status == 200, told.text
    assert told.json["machine_id"] is None
    assert [one["verdict"] for one in told.json["readings"]] == ["plausible", "plausible"]
    assert everything(adapters) == before
    assert replaced(stage, headers={"idempotency-key": "r1"}).json["machine_id"]


def test_an_end_reading_in_doubt_needs_a_reason(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    ends = {"1": 95_000, "2": 4_200}
    for dry_run in (True, False):
        told = replaced(stage, values=ends, dry_run=dry_run)
        assert (told.status, told.json["code"]) == (409, "needs_confirmation")
        assert {one["meter_id"] for one in told.json["findings"]} == {"1"}
    assert stored(adapters).active
    told = replaced(stage, values=ends, confirm={"1": "Großauftrag"})
    assert told.status == 200, told.text
    assert told.json["readings"][0]["verdict"] == "confirmed"


def test_the_journal_says_what_was_replaced(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    new = replaced(stage).json["machine_id"]
    (entry,) = stage.staff("GET", "/api/staff/audit?machine_id=200001").json["entries"]
    assert (entry["action"], entry["text"]) == ("machine_replaced", "Gerät ausgetauscht")
    assert {"field": "serial", "before": "SN200001", "after": NEW_SERIAL} in entry["changes"]
    assert {"field": "machine", "before": "200001", "after": new} in entry["changes"]
    assert {"field": "meter 1", "before": 10_800, "after": 12} in entry["changes"]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"values": {"1": 10_800}}, 422, "values.2"),
        ({"starts": {"1": 0}}, 422, "starts.2"),
        ({"starts": {"1": "12,5", "2": 0}}, 422, "starts.1"),
        ({"starts": {"1": 10**12, "2": 0}}, 422, "starts.1"),
        ({"starts": {"1": 0, "2": 0, "9": 0}}, 422, "starts"),
        ({"values": {"1": "viel", "2": 4_200}}, 422, "values.1"),
        ({"serial": "sn 200001"}, 422, "serial"),
        ({"serial": "  "}, 422, "serial"),
        ({"serial": "x" * 61}, 422, "serial"),
        ({"model": ""}, 422, "model"),
        ({"read_on": "2026-12-24"}, 422, "read_on"),
        ({"read_on": "2020-01-01"}, 422, "read_on"),
        ({"version": 7}, 412, "version"),
    ],
)
def test_bad_input_is_refused(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], status: int, field: str
) -> None:
    settle(adapters)
    told = replaced(stage, **fields)
    assert (told.status, told.json.get("field")) == (status, field), told.text
    assert stored(adapters) == replace(a_machine(), rev=1)


def test_who_may_and_what_is_there(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert replaced(stage, "200099").status == 404
    body = {"read_on": "2026-11-20", "values": {}, "starts": {}, "serial": "X", "model": "Y"}
    for groups in ("read", "remind"):
        path = "/api/staff/machines/200001/replacement"
        assert stage.staff("POST", path, body | {"version": 1}, groups=groups).status == 403


def test_a_serial_number_that_is_known_is_refused(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    new = replaced(stage).json["machine_id"]
    told = replaced(stage, "200002", serial="neu-4711")
    assert (told.status, told.json["code"]) == (409, "serial_known")
    assert new in told.json["detail"]
    assert stored(adapters, "200002").active


def test_the_second_of_two_is_told(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    first: list[Any] = []
    before_the_next_write(
        monkeypatch, adapters, lambda: first.append(replaced(stage, serial="ANDERS").json)
    )
    late = replaced(stage)
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile")
    other = stored(adapters).replaced_by
    assert other is not None
    assert (other.machine_id, other.serial) == (first[0]["machine_id"], "ANDERS")
    again = replaced(stage, version=2)
    assert (again.status, again.json["code"]) == (409, "no_period")


def test_two_machines_cannot_get_one_serial_at_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    before_the_next_write(monkeypatch, adapters, lambda: replaced(stage, "200002"))
    late = replaced(stage)
    assert (late.status, late.json["code"]) == (409, "serial_known")
    assert stored(adapters).active


def test_a_repeated_request_replaces_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    key = {"idempotency-key": "r1"}
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, customer_no="K-9"))
    first = replaced(stage, headers=key)
    assert first.status == 200
    assert replaced(stage, headers=key).json == first.json
    assert stored(adapters, first.json["machine_id"]).customer_no == "K-9"
    assert events(adapters) == ["reported"]


def test_a_released_end_reading_stands(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    given = {"1": 10_800, "2": 4_200}
    assert put(stage, values=given, version=1, read_on="2026-11-20").status == 200
    release(stage, seen(stored(adapters)))
    version = stored(adapters).version
    other = replaced(stage, values={"1": 10_801, "2": 4_200}, version=version)
    assert (other.status, other.json["code"]) == (409, "already_released")
    same = replaced(stage, values=given, version=version)
    assert same.status == 200, same.text
    assert not stored(adapters).active
    assert events(adapters) == ["reported", "released"]


def test_an_open_problem_is_settled(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert stage.customer("POST", "/api/machines/200001/problems", {"kind": "gone"}).status < 300
    assert replaced(stage).status == 200
    (problem,) = stage.staff("GET", "/api/staff/problems?state=decided").json["problems"]
    assert problem["state"] == "settled"


def test_the_end_is_exported_and_the_new_one_waits_for_its_number(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    new = replaced(stage).json["machine_id"]
    assert put(stage, new, values={"1": 50, "2": 9}, version=1).status == 200
    run = release(stage, seen(stored(adapters), stored(adapters, new)))
    found = codes(run)
    assert {code for (number, _), code in found.items() if number == new} == {"provisional"}
    assert [r.refused for r in stored(adapters, new).readings] == [None, None]
    by_hand = stage.staff(
        "POST",
        f"/api/staff/readings/{new}.1.{DUE.isoformat()}/release",
        {"reason": "Abrechnung vorgezogen", "version": 2},
    )
    assert (by_hand.status, by_hand.json["code"]) == (409, "not_in_erp")
    told = lines(adapters, export(stage))
    assert [(one["machine_id"], one["value"]) for one in told] == [
        ("200001", 10_800),
        ("200001", 4_200),
    ]
    assert told[0]["replaced_by"] == {"serial": NEW_SERIAL, "read_on": "2026-11-20"}
    assert (told[0]["replaces"], told[0]["reset"]) == (None, None)


def test_the_feed_tells_end_and_start(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_feed, "HELD_BACK", timedelta())
    settle(adapters)
    new = replaced(stage).json["machine_id"]
    told = [(e["type"].rpartition(".")[2], e["data"]) for e in Erp(stage).look()]
    ends = [d for kind, d in told if kind == "reported"]
    assert [(d["machine_id"], d["value"]) for d in ends] == [("200001", 10_800), ("200001", 4_200)]
    starts = [d for kind, d in told if kind == "started"]
    assert [(d["machine_id"], d["serial"], d["value"]) for d in starts] == [
        (new, NEW_SERIAL, 12),
        (new, NEW_SERIAL, 0),
    ]
    assert {(d["reading_id"], d["state"], d["replaces"]) for d in starts} == {
        (None, None, "200001")
    }


def test_an_end_reading_that_waits_can_be_corrected(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    replaced(stage)

    def enter(**more: Any) -> Answer:
        body = {"values": {"1": 10_700}, "version": 2, "channel": "PHONE"} | more
        return stage.staff("PUT", "/api/staff/machines/200001/readings", body)

    another_day = enter(read_on="2026-11-21")
    assert (another_day.status, another_day.json["field"]) == (422, "read_on")
    assert "20.11.2026" in another_day.json["detail"]
    told = enter(read_on="2026-11-20")
    assert told.status == 200, told.text
    assert {one.meter_id: one.value for one in stored(adapters).readings} == {
        "1": 10_700,
        "2": 4_200,
    }
    assert not stored(adapters).active
    release(stage, seen(stored(adapters)))
    again = enter(values={"1": 10_600}, version=stored(adapters).version, read_on="2026-11-20")
    assert (again.status, again.json["code"]) == (409, "no_period")


def test_a_suggestion_for_an_end_reading_is_taken(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    replaced(stage, values={"1": 108_000, "2": 4_200}, confirm={"1": "abgelesen"})
    body = {"decision": "taken", "value": 10_800, "version": 2}
    told = stage.staff("POST", f"/api/staff/readings/{END}/decision", body)
    assert told.status == 200, told.text
    assert {one.meter_id: one.value for one in stored(adapters).readings} == {
        "1": 10_800,
        "2": 4_200,
    }


def test_nobody_is_asked_back_about_a_machine_that_they_no_longer_see(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    replaced(stage)
    body = {"decision": "asked_back", "version": 2}
    told = stage.staff("POST", f"/api/staff/readings/{END}/decision", body)
    assert (told.status, told.json["code"]) == (409, "nobody_to_ask")
