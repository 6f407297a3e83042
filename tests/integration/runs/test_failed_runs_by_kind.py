"""What a failure leaves behind that only runs of one kind have: rows written, chunks, mails, letters of schedules."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.refusals import Unavailable
from meterportal.store.exchange import imports
from meterportal.store.writes import Write
from meterportal.usecases.exchange import acknowledge_exports

from tests.support import clock, world
from tests.support.broken_runs import (
    FATE,
    RUNS,
    _export,
    _import,
    _round,
    dead,
    restart,
    show,
    started,
    state,
)
from tests.support.builders import settle
from tests.support.dying import EVENT, die, letters, look, redrive
from tests.support.erp_exports import FILES, as_zip
from tests.support.faults import killed
from tests.support.outages.staff import with_few
from tests.support.reported import a_reported_machine, seen, settle_reported
from tests.support.stage import Context, Stage, delivery


def test_an_import_tells_what_is_written_already(stage: Stage, adapters: Adapters) -> None:
    number = _import(stage, adapters)
    queue = adapters.settings.import_queue
    sqs = stage.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    record = delivery(message["Body"])
    for call in range(9, 40):  # until some of it is written
        with killed(call, reads=True):
            stage.handler("import_master_data")(record, Context())
        found = imports.load(adapters.table, number)
        if found and found.counted:
            break
    die(stage, "import_master_data", queue, FATE)
    look(stage)
    told = show(stage, RUNS["import"], number)
    (finding,) = told["findings"]
    assert finding == {
        "file": "export.zip",
        "line": None,
        "field": None,
        "code": "broken_off",
        "severity": "error",
        "text": told["problem_text"],
    }
    changes = re.search(r"Geschriebene Änderungen: (\d+);", told["problem_text"])
    assert changes
    assert int(changes[1]) > 0
    assert restart(stage, RUNS["import"], number).status == 202
    stage.drain()
    ended = show(stage, RUNS["import"], number)
    assert (ended["state"], ended["problem"]) == ("done", None)
    assert ended["changes"]["companies"]["new"] == 2
    assert "broken_off" not in {one["code"] for one in ended["findings"]}


def test_a_dropped_file_whose_import_never_began_stands_there_as_failed(
    stage: Stage, adapters: Adapters
) -> None:
    stage.drain()
    bucket, queue = adapters.settings.import_bucket, adapters.settings.import_queue
    adapters.files.put(bucket, "drop/neu.zip", as_zip(FILES), content_type="application/zip")
    die(stage, "import_master_data", queue, "out of time each time")
    assert stage.staff("GET", "/api/staff/imports").json["imports"] == []
    assert look(stage) == 1
    (found,) = stage.staff("GET", "/api/staff/imports").json["imports"]
    assert (found["state"], found["problem"], found["file"]) == ("failed", "broken_off", "neu.zip")
    assert redrive(stage, queue) == 1
    stage.drain()
    (found,) = stage.staff("GET", "/api/staff/imports").json["imports"]
    assert (found["state"], found["rejected"]) == ("done", 0)


def test_of_several_dead_chunks_each_has_to_be_worked_off(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterportal.usecases.release.release_readings.CHUNK", 1)
    devices = [a_reported_machine(f"20000{n}") for n in range(1, 4)]
    body = {"selection": seen(*settle_reported(adapters, devices))}
    run = RUNS["release"]
    number = started(stage.staff("POST", "/api/staff/releases", body))
    stage.drain(rounds=1, worth_asking=lambda name: "Release" in name, ends=False)
    die(stage, run.package, run.url(adapters), FATE)
    assert look(stage) == 3
    assert state(stage, run, number) == ("failed", "broken_off")
    assert "0 von 3 Geräten" in show(stage, run, number)["problem_text"]
    # One of them is redriven: the others are still dead.
    sqs = stage.client("sqs")
    letter = letters(stage, run.url(adapters))[0]
    sqs.send_message(QueueUrl=run.url(adapters), MessageBody=letter)
    stage.drain()
    assert state(stage, run, number) == ("failed", "broken_off")
    assert "1 von 3 Geräten" in show(stage, run, number)["problem_text"]
    assert redrive(stage, run.url(adapters)) == 3
    stage.drain()
    ended = show(stage, run, number)
    assert (ended["state"], ended["released"]) == ("done", 6)


def test_an_export_is_done_while_the_erp_s_answer_to_it_broke_off(
    stage: Stage, adapters: Adapters
) -> None:
    number = _export(stage, adapters)
    stage.drain()
    run, path = RUNS["export"], f"/api/staff/exports/{number}/ack"
    send = with_few(acknowledge_exports, lambda: stage.staff("POST", path, {"accepted": "all"}))
    assert send().status == 202
    die(stage, run.package, run.url(adapters), "out of time each time")
    assert look(stage) == 1
    told = show(stage, run, number)
    assert (told["state"], told["problem"], told["restartable"]) == ("done", "answer_left", True)
    assert told["problem_text"].startswith("Die Antwort des ERP auf diesen Export")
    assert (len(told["files"]), told["acknowledged"]["open"]) == (3, 2)
    assert restart(stage, run, number).status == 202
    stage.drain()
    told = show(stage, run, number)
    assert (told["state"], told["problem"], told["acknowledged"]["open"]) == ("done", None, 0)
    redrive(stage, run.url(adapters))
    stage.drain()
    assert show(stage, run, number)["acknowledged"] == told["acknowledged"] | {
        "at": show(stage, run, number)["acknowledged"]["at"]
    }


def test_a_mail_that_could_not_be_handed_over_fails_its_round_until_it_is_queued_again(
    stage: Stage, adapters: Adapters
) -> None:
    number, run = _round(stage, adapters), RUNS["round"]
    stage.drain(rounds=1, worth_asking=lambda name: "Plan" in name, ends=False)
    queue = adapters.settings.mail_queue
    die(stage, "send_mail", queue, "an exception each time")
    assert look(stage) == 1
    told = show(stage, run, number)
    assert (told["state"], told["problem"], told["left"]) == ("failed", "mails_left", 1)
    assert (told["failed"], told["waiting"]) == (1, 0)
    assert told["problem_text"].startswith("Bei 1 von 1 E-Mails ist auch")
    item = next(adapters.table.query(f"ROUND#{number}", begins="MAIL#"))
    adapters.table.write(
        Write(
            key=(item["pk"], item["sk"]),
            update="SET #planned_at = :then",
            values={"then": (clock.now() - timedelta(minutes=9)).isoformat()},
        )
    )
    assert restart(stage, run, number).status == 202
    stage.drain(rounds=1, worth_asking=lambda name: "Plan" in name, ends=False)
    assert state(stage, run, number) == ("running", None)
    assert look(stage) == 0
    stage.drain()
    assert state(stage, run, number) == ("done", None)
    redrive(stage, queue)
    stage.drain()
    assert len(stage.mails()) == 1


@pytest.mark.parametrize("wrapped", [False, True], ids=["never invoked", "invoked in vain"])
@pytest.mark.parametrize(
    ("event", "kind", "number"),
    [
        ({"kind": "daily_plan"}, "rounds", "daily-2026-11-23"),
        ({"kind": "portal_ready"}, "readiness", "nightly-2026-11-23"),
    ],
)
def test_a_schedule_that_failed_for_good_leaves_a_failed_run(
    stage: Stage, adapters: Adapters, event: dict[str, str], kind: str, number: str, wrapped: bool
) -> None:
    settle(adapters)
    letter: dict[str, Any] = {**event, "scheduled_at": "2026-11-23T06:00:00Z"}
    if wrapped:
        letter = {"version": "1.0", "requestContext": {}, "requestPayload": letter}
    queue = next(url for url in adapters.settings.dead_letters if "Schedule" in url)
    stage.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(letter))
    assert look(stage) == 1
    run = next(one for one in RUNS.values() if one.kind == kind)
    assert state(stage, run, number) == ("failed", "broken_off")
    assert restart(stage, run, number).status == 202
    stage.drain()
    assert state(stage, run, number) == ("done", None)


@pytest.mark.parametrize(("begun", "marked"), [(True, 0), (False, 1)])
def test_a_later_tick_that_failed_matters_only_where_the_day_has_no_plan(
    stage: Stage, adapters: Adapters, begun: bool, marked: int
) -> None:
    settle(adapters)
    event = {"kind": "daily_plan", "scheduled_at": "2026-11-23T06:00:00Z"}
    if begun:
        stage.handler("plan_requests")(event, Context())
    queue = next(url for url in adapters.settings.dead_letters if "Schedule" in url)
    letter = json.dumps(event | {"scheduled_at": "2026-11-23T07:00:00Z"})
    stage.client("sqs").send_message(QueueUrl=queue, MessageBody=letter)
    assert look(stage) == marked


def test_a_run_that_came_too_late_says_so_and_is_begun_by_hand(
    stage: Stage, adapters: Adapters
) -> None:
    event = {"kind": "daily_plan", "scheduled_at": "2026-11-20T06:00:00Z"}
    number = stage.handler("plan_requests")(event, Context())["round_id"]
    told = show(stage, RUNS["round"], number)
    assert (told["state"], told["problem"], told["restartable"]) == ("failed", "late", False)
    assert "zu spät" in told["problem_text"]
    assert restart(stage, RUNS["round"], number).status == 409


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "[]",
        '{"schema": 1}',
        '{"schema": 1, "kind": "receipt", "mailbox": "a@b.example"}',
        '{"schema": 1, "round_id": "never-begun"}',
        '{"schema": 1, "release_id": "x", "step": "dance"}',
        '{"Records": [{"s3": 1}]}',
        '{"kind": "receipts", "scheduled_at": "2026-11-23T06:00:00Z"}',
        '{"kind": "daily_plan", "scheduled_at": "yesterday"}',
    ],
)
def test_letters_of_no_run_are_left_alone(stage: Stage, adapters: Adapters, body: str) -> None:
    queue = next(url for url in adapters.settings.dead_letters if "Plan" in url)
    stage.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    assert look(stage) == 0


def test_another_event_looks_at_nothing(stage: Stage, adapters: Adapters) -> None:
    dead(stage, adapters, RUNS["export"])
    assert stage.handler("mark_failed_runs")({}, Context()) == {"marked": 0}


def test_what_has_failed_is_told_even_where_going_on_with_rounds_fails(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _export(stage, adapters)
    die(stage, "export_readings", adapters.settings.export_queue, FATE)
    world.reveal()

    def fails(*_: object) -> int:
        raise Unavailable

    handler = stage.handler("mark_failed_runs")
    monkeypatch.setattr("mark_failed_runs.app.go_on_where_possible", fails)
    with pytest.raises(Unavailable):
        handler(EVENT, Context())
    assert state(stage, RUNS["export"], number)[0] == "failed"
