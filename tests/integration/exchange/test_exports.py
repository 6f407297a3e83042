"""Exports through the front door: files, manifest, each reading in exactly one batch."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.batches import BatchState, Export
from meterportal.domain.reporting.readings import reading_id
from meterportal.settings import moment
from meterportal.store.exchange import exports, standing
from meterportal.usecases.exchange import export_readings
from meterportal.usecases.exchange.write_export import write_files

from tests.support.builders import DUE, settle_machine
from tests.support.exported import content, lines
from tests.support.interleaving import every_order, unconditional
from tests.support.redelivery import deliver, work_off
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    export,
    release,
    release_at_once,
    seen,
    settle_reported,
)
from tests.support.stage import ANNA, Stage
from tests.support.wire import counted


def test_what_is_released_comes_as_csv_and_json_with_a_manifest(
    stage: Stage, adapters: Adapters
) -> None:
    mixed = a_reported_machine("200002", a_confirmed_reading(), a_reading("2"))
    release(stage, seen(*settle_reported(adapters, [a_reported_machine(), mixed])))
    run = export(stage)

    assert (run["state"], run["count"], run["sum"]) == ("done", 3, 10_850 + 4_250 + 4_250)
    numbers = ["200001.1.2026-11-28", "200001.2.2026-11-28", "200002.2.2026-11-28"]
    assert [line["reading_id"] for line in lines(adapters, run)] == numbers
    sheet = content(adapters, run, "readings.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet, newline=""), delimiter=";"))
    assert [row["Meldungsnummer"] for row in rows] == numbers
    assert [row["Stand"] for row in rows] == ["10850", "4250", "4250"]
    assert {row["Datum"] for row in rows} == {"22.11.2026"}
    manifest = json.loads(content(adapters, run, "manifest.json"))
    assert (manifest["batch_id"], manifest["count"], manifest["sum"]) == (run["id"], 3, 19_350)
    assert manifest["created_at"][:19] == run["created_at"][:19]
    assert (manifest["already_billed"], run["already_billed"]) == (0, 0)
    for file in manifest["files"]:
        body = content(adapters, run, file["name"])
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    told = {file["name"]: file["sha256"] for file in run["files"]}
    assert {file["name"]: file["sha256"] for file in manifest["files"]}.items() < told.items()
    assert set(told) == {"readings.csv", "readings.json", "manifest.json"}
    assert f"/exports/{run['id']}/readings.csv?" in run["files"][0]["url"]
    assert run["acknowledged"] == {"at": None, "accepted": 0, "refused": 0, "open": 3}
    assert run["progress"] is None


def test_each_reading_stands_in_one_batch(stage: Stage, adapters: Adapters) -> None:
    first, second = settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    release(stage, seen(first))
    one = export(stage)
    release(stage, seen(second))
    two = export(stage)
    three = export(stage)

    assert {line["machine_id"] for line in lines(adapters, one)} == {"200001"}
    assert {line["machine_id"] for line in lines(adapters, two)} == {"200002"}
    assert (three["state"], three["count"], lines(adapters, three)) == ("done", 0, [])
    assert json.loads(content(adapters, three, "manifest.json"))["count"] == 0
    listed = stage.staff("GET", "/api/staff/exports?limit=2").json
    rest = stage.staff("GET", f"/api/staff/exports?limit=2&cursor={listed['next_cursor']}").json
    assert [run["id"] for run in listed["exports"] + rest["exports"]] == [
        three["id"],
        two["id"],
        one["id"],
    ]


def test_a_machine_released_in_two_goes_is_exported_whole(stage: Stage, adapters: Adapters) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    release(stage, seen(*settle_reported(adapters, [machine])))
    body = {"reason": "Telefonat", "version": 3}
    stage.staff("POST", "/api/staff/readings/200001.1.2026-11-28/release", body)
    run = export(stage)

    assert [(line["meter_id"], line["release_reason"]) for line in lines(adapters, run)] == [
        ("2", ""),
        ("1", "Telefonat"),
    ]
    assert lines(adapters, run)[1]["reason"] == "Großauftrag im Herbst"


def test_writing_the_files_again_gives_the_same_bytes(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settle_reported(adapters)))
    run = export(stage)
    names = [file["name"] for file in run["files"]]
    before = [content(adapters, run, name) for name in names]
    found = exports.load(adapters.table, run["id"])
    assert found is not None
    sealed = replace(found, state=BatchState.SEALED)
    again = write_files(adapters, sealed, has_time=lambda: True)

    assert [content(adapters, run, name) for name in names] == before
    assert again == replace(found, state=BatchState.SEALED)
    assert deliver(stage, "export_readings", {"export_id": run["id"]}) == []
    same = stage.staff("GET", f"/api/staff/exports/{run['id']}").json
    assert [file["sha256"] for file in same["files"]] == [file["sha256"] for file in run["files"]]


def test_an_export_of_many_machines_is_moved_in_large_transactions(
    stage: Stage, adapters: Adapters
) -> None:
    found = settle_reported(adapters, [a_reported_machine(str(200_001 + n)) for n in range(120)])
    for machine in found:
        release_at_once(adapters, machine)
    at = moment()
    started = export_readings.start(adapters, by=ANNA, at=at)
    with counted(adapters.table._client) as counts:
        export_readings.export(adapters, started, at=at, has_time=lambda: True)

    assert counts["dynamodb.TransactWriteItems"] == 4
    assert counts["dynamodb.BatchGetItem"] == 2  # the machines, 99 at a time
    assert counts["dynamodb.GetItem"] == 2  # the header, before and behind its seal
    run = stage.staff("GET", f"/api/staff/exports/{started}").json
    assert run["count"] == 240
    assert len({line["reading_id"] for line in lines(adapters, run)}) == 240


def test_a_worker_may_die_at_any_call(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [])
    deaths = 0
    for call in range(60):
        found = [
            settle_machine(adapters, a_reported_machine(str(200_000 + 10 * call + n)))
            for n in range(2)
        ]
        for machine in found:
            release_at_once(adapters, machine)
        started = stage.staff("POST", "/api/staff/exports", {}).json["id"]
        queue = adapters.settings.export_queue
        died = work_off(stage, "export_readings", queue, call=call)

        run = stage.staff("GET", f"/api/staff/exports/{started}").json
        assert (run["state"], run["count"]) == ("done", 4), call
        told = Counter(line["reading_id"] for line in lines(adapters, run))
        assert told == {reading_id(m.id, n, DUE, 1): 1 for m in found for n in "12"}, call
        for file in run["files"]:
            body = content(adapters, run, file["name"])
            assert file["sha256"] == hashlib.sha256(body).hexdigest(), call
        assert list(exports.waiting(adapters.table)) == []
        if not died:
            break
        deaths += 1
    assert deaths > 6


def test_two_exports_at_once_share_what_waits(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the conditions some order doubles a reading, so they are what protects."""
    settle_reported(adapters, [])
    monkeypatch.setattr(export_readings, "WRITES", 1)
    started: list[str] = []

    def scene(number: int) -> tuple[Any, Any]:
        found = [
            settle_machine(adapters, a_reported_machine(str(200_000 + 10 * number + n)))
            for n in range(2)
        ]
        for machine in found:
            release_at_once(adapters, machine)
        started[:] = [stage.staff("POST", "/api/staff/exports", {}).json["id"] for _ in range(2)]
        one, two = started
        return (
            lambda: deliver(stage, "export_readings", {"export_id": one}),
            lambda: deliver(stage, "export_readings", {"export_id": two}),
        )

    def doubled() -> Counter[str]:
        runs = [stage.staff("GET", f"/api/staff/exports/{number}").json for number in started]
        return Counter(line["reading_id"] for run in runs for line in lines(adapters, run))

    def moves(operation: str, _: Any) -> bool:
        return operation == "TransactWriteItems"

    for _, order in every_order(scene, matters=moves):
        assert sorted(doubled().values()) == [1] * 4, order

    unconditional(monkeypatch, adapters.table)
    orders = every_order(lambda number: scene(number + 100), matters=moves)
    assert any(set(doubled().values()) != {1} for _ in orders)


def test_a_sealed_batch_takes_nothing_more(stage: Stage, adapters: Adapters) -> None:
    first, second = settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    release(stage, seen(first))
    run = export(stage)
    release(stage, seen(second))
    late = list(exports.waiting(adapters.table))
    places = [place for row in late for place in row.places]
    found = standing.load(adapters.table, places)

    assert not export_readings._move(adapters, run["id"], late, found)
    assert list(exports.waiting(adapters.table)) == late


def test_without_time_the_rest_is_handed_on(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_readings, "WRITES", 1)
    for n in range(3):
        release_at_once(adapters, settle_machine(adapters, a_reported_machine(str(200_001 + n))))
    at = moment()
    started = export_readings.start(adapters, by=ANNA, at=at)
    turns = iter([True, False])
    export_readings.export(adapters, started, at=at, has_time=lambda: next(turns))
    told = stage.staff("GET", f"/api/staff/exports/{started}").json
    assert (told["state"], told["count"]) == ("running", 0)
    assert told["progress"] == {"gathered": 1, "written": 0}
    stage.drain()

    told = stage.staff("GET", f"/api/staff/exports/{started}").json
    assert (told["state"], told["progress"], told["count"]) == ("done", None, 6)


def test_an_export_that_stuck_is_taken_along_by_the_next(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settle_reported(adapters)))
    at = moment()
    stuck = replace(Export("stuck", "staff-1", at.now - timedelta(minutes=20)))
    adapters.table.write(exports.create(stuck))
    rows = list(exports.waiting(adapters.table))
    assert export_readings._move(adapters, "stuck", rows, {})
    run = export(stage)

    assert run["count"] == 0
    stage.drain()
    found = stage.staff("GET", "/api/staff/exports/stuck").json
    assert (found["state"], found["count"]) == ("done", 2)


def test_an_export_that_nobody_works_at_has_failed(stage: Stage, adapters: Adapters) -> None:
    old = Export("old", "staff-1", moment().now - timedelta(days=1))
    adapters.table.write(exports.create(old))

    assert stage.staff("GET", "/api/staff/exports/old").json["state"] == "failed"


def test_the_same_request_starts_one_export(stage: Stage) -> None:
    key = {"Idempotency-Key": "one"}
    first = stage.staff("POST", "/api/staff/exports", {}, headers=key)
    again = stage.staff("POST", "/api/staff/exports", {}, headers=key)

    assert (first.status, again.json) == (202, first.json)
    assert len(stage.staff("GET", "/api/staff/exports").json["exports"]) == 1


def test_exports_are_for_who_may_release(stage: Stage) -> None:
    for groups, status in (("read", 403), ("remind", 403), ("release", 202), ("admin", 202)):
        assert stage.staff("POST", "/api/staff/exports", {}, groups=groups).status == status
        assert stage.staff("GET", "/api/staff/exports", groups=groups).status == 200
    assert stage.staff("POST", "/api/staff/exports", {"since": "x"}).status == 422
    assert stage.staff("GET", "/api/staff/exports/none").status == 404
    assert stage.staff("GET", "/api/staff/exports?cursor=x").status == 400


def test_messages_for_nothing_go_back(stage: Stage) -> None:
    for message in (
        {"export_id": "none"},
        {"export_id": "none", "step": "dance"},
        {"export_id": "none", "step": "acknowledge", "ack": "none", "after": ""},
        {"export_id": 7},
    ):
        assert deliver(stage, "export_readings", message) == ["0"]
