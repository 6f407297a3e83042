"""Release runs through the front door: start, release report, refusals, budget."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Effective, Machine
from meterportal.domain.portfolio.selections import Selection
from meterportal.domain.release.runs import Release
from meterportal.domain.reporting.readings import ReadingState
from meterportal.settings import Moment, moment
from meterportal.store.portfolio import machines
from meterportal.store.release import releases
from meterportal.usecases.release import release_readings
from openpyxl import load_workbook

from tests.support.builders import a_colour_meter, a_holding, a_meter, settle_machine
from tests.support.customers import change, events, put, signed_in, stored
from tests.support.redelivery import deliver
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    codes,
    release,
    run_of,
    seen,
    settle_reported,
)
from tests.support.stage import ANNA, Stage
from tests.support.wire import counted


def test_a_run_releases_what_fits_and_says_why_not_the_rest(
    stage: Stage, adapters: Adapters
) -> None:
    mixed = a_reported_machine("200002", a_confirmed_reading(), a_reading("2"))
    found = settle_reported(adapters, [a_reported_machine(), mixed])
    selection = seen(*found) | {"ids": ["200001", "200002", "999999"]}
    run = release(stage, {**selection, "versions": selection["versions"] | {"999999": 1}})

    assert (run["state"], run["machines"], run["released"], run["refused"]) == ("done", 3, 3, 2)
    assert codes(run) == {
        ("200001", "1"): None,
        ("200001", "2"): None,
        ("200002", "1"): "confirmed_by_customer",
        ("200002", "2"): None,
        ("999999", None): "unknown_machine",
    }
    line = run["protocol"][2]
    assert (line["result"], line["value"], line["reading_id"], line["customer_reason"]) == (
        "refused",
        90_000,
        "200002.1.2026-11-28",
        "Großauftrag im Herbst",
    )
    assert "Großauftrag im Herbst" in line["reason"]
    assert (line["company"], line["serial"], line["label"]) == ("Muster GmbH", "SN200002", "S/W")

    machine = stored(adapters, "200002")
    assert [(r.meter_id, r.state.value, r.refused) for r in machine.readings] == [
        ("1", "reported", "confirmed_by_customer"),
        ("2", "released", None),
    ]
    assert machine.version == 3
    assert events(adapters, "200002") == ["released"]


def test_the_protocol_speaks_the_language_asked_for(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine("200001", a_confirmed_reading())])
    run = release(stage, {"filter": {}}, dry_run=True)
    english = stage.staff("GET", f"/api/staff/releases/{run['id']}", language="en").json

    assert run["protocol"][0]["reason"].startswith("Auffällig")
    assert english["protocol"][0]["reason"].startswith("Unusual")
    assert "80,000 pages" in english["protocol"][0]["findings_at_release"][0]["text"]


def test_a_dry_run_says_what_the_run_then_does_and_writes_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    settle_reported(adapters, a_bit_of_everything())
    before = {
        m.id: m for m in machines.find(adapters.table, map(str, range(200001, 200006))).values()
    }
    dry = release(stage, {"filter": {}}, dry_run=True)
    after = machines.find(adapters.table, before)
    assert after == before
    assert (dry["released"], dry["dry_run"], dry["snapshot"]) == (0, True, dry["id"])
    assert list(adapters.table.query("RELEASED#0")) == []

    run = release(stage, {"filter": {}, "snapshot": dry["id"]})
    assert as_run(dry["protocol"]) == run["protocol"]
    assert (run["released"], run["refused"]) == (dry["releasable"], dry["refused"])


def a_bit_of_everything() -> list[Machine]:
    technician = Effective(date(2026, 11, 20), 12_000)
    later = replace(a_meter(), history=(*a_meter().history, technician))
    return [
        a_reported_machine("200001"),
        a_reported_machine("200002", a_confirmed_reading(), a_reading("2")),
        a_reported_machine("200003", meters=(later, a_colour_meter())),
        a_reported_machine(
            "200004", a_reading("1", 700), meters=(a_meter(last_value=None), a_colour_meter())
        ),
        a_reported_machine("200005", a_reading("1", state=ReadingState.BILLED), a_reading("2")),
    ]


def as_run(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    words = {"releasable": "released"}
    return [line | {"result": words.get(line["result"], line["result"])} for line in lines]


def test_what_changed_after_the_dry_run_is_not_released(stage: Stage, adapters: Adapters) -> None:
    signed_in(
        stage, adapters, a_holding(machines=[a_reported_machine(), a_reported_machine("200002")])
    )
    dry = release(stage, {"filter": {}}, dry_run=True)
    corrected = put(stage, "200001", read_on="2026-11-22", values={"1": "10851"}, version=2)
    assert corrected.status == 200, corrected.text
    settle_machine(adapters, a_reported_machine("200003"))

    run = release(stage, {"filter": {}, "snapshot": dry["id"]})
    assert codes(run) == {
        ("200001", "1"): "changed_meanwhile",
        ("200001", "2"): "changed_meanwhile",
        ("200002", "1"): None,
        ("200002", "2"): None,
    }
    assert run["protocol"][0]["value"] == 10_851
    assert stored(adapters).state == "reported"
    assert stored(adapters).readings[0].refused is None


def test_master_data_that_changed_do_not_matter(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(adapters)
    change(adapters, serial="SN-NEU")

    assert codes(release(stage, seen(*found))) == {("200001", "1"): None, ("200001", "2"): None}


def test_a_released_reading_refuses_correction(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_reported_machine()]))
    release(stage, seen(stored(adapters)))
    refused = put(stage, "200001", read_on="2026-11-22", values={"1": "10900"}, version=3)

    assert (refused.status, refused.json["code"]) == (409, "already_released")
    assert [reading.value for reading in stored(adapters).readings] == [10_850, 4_250]
    assert (
        stage.customer("GET", "/api/machines").json["machines"][0]["meters"][0]["reading"]["state"]
        == "released"
    )


def test_a_correction_takes_the_mark_of_refusal_away(stage: Stage, adapters: Adapters) -> None:
    confirmed = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    signed_in(stage, adapters, a_holding(machines=[confirmed]))
    release(stage, seen(stored(adapters)))
    assert stored(adapters).readings[0].refused == "confirmed_by_customer"
    corrected = put(stage, "200001", read_on="2026-11-22", values={"1": "10850"}, version=3)
    assert corrected.status == 200, corrected.text

    run = release(stage, seen(stored(adapters)))
    assert codes(run) == {("200001", "1"): None}


def test_what_an_inactive_machine_had_reported_stays_releasable(
    stage: Stage, adapters: Adapters
) -> None:
    found = settle_reported(adapters, [a_reported_machine(active=False)])

    assert release(stage, seen(*found))["released"] == 2


def test_the_protocol_comes_in_pages_and_as_a_sheet(stage: Stage, adapters: Adapters) -> None:
    numbers = [str(200001 + n) for n in range(5)]
    settle_reported(adapters, [a_reported_machine(number) for number in numbers])
    run = release(stage, {"filter": {}}, dry_run=True)
    path = f"/api/staff/releases/{run['id']}"
    told: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = stage.staff("GET", f"{path}?limit=2{more}").json
        told += page["protocol"]
        cursor = page["next_cursor"]
    assert told == run["protocol"]
    assert [line["machine_id"] for line in told[::2]] == numbers

    sheet = stage.staff("GET", f"{path}/protocol.csv")
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert sheet.text.startswith("\ufeffFirma;Maschinennummer;")
    rows = list(csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["Maschinennummer"] for row in rows[::2]] == numbers
    assert {row["Ergebnis"] for row in rows} == {"freigabefähig"}
    english = stage.staff("GET", f"{path}/protocol.csv", language="en").text
    assert "Company;Machine;" in english


def test_a_long_sheet_comes_in_parts(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staff_api.releases._SHEET", 2)
    settle_reported(adapters, [a_reported_machine(str(200001 + n)) for n in range(3)])
    run = release(stage, {"filter": {}}, dry_run=True)
    first = stage.staff("GET", f"/api/staff/releases/{run['id']}/protocol.csv")
    path, _, rel = first.headers["Link"].partition("; ")
    second = stage.staff("GET", path.strip("<>"))

    assert rel == 'rel="next"'
    assert [text.count("\r\n") for text in (first.text, second.text)] == [5, 2]
    assert "Link" not in second.headers


def test_cells_that_look_like_formulas_are_disarmed(stage: Stage, adapters: Adapters) -> None:
    reason = '=HYPERLINK("http://evil.example";"klick")'
    machine = a_reported_machine("200001", a_confirmed_reading(reason=reason), serial="-1+1")
    settle_reported(adapters, [machine])
    run = release(stage, {"filter": {}}, dry_run=True)
    sheet = stage.staff("GET", f"/api/staff/releases/{run['id']}/protocol.csv").text
    (row,) = csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff")), delimiter=";")

    assert row["Seriennummer"] == "'-1+1"
    assert row["Begründung des Kunden"] == f"'{reason}"


def test_runs_are_listed_newest_first(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    made = [release(stage, {"filter": {}}, dry_run=True)["id"] for _ in range(3)]
    page = stage.staff("GET", "/api/staff/releases?limit=2").json
    rest = stage.staff("GET", f"/api/staff/releases?limit=2&cursor={page['next_cursor']}").json

    assert [run["id"] for run in page["releases"] + rest["releases"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert page["releases"][0]["state"] == "done"


def test_the_same_request_starts_one_run(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(adapters)
    key = {"Idempotency-Key": "one"}
    body = {"selection": seen(*found)}
    first = stage.staff("POST", "/api/staff/releases", body, headers=key)
    again = stage.staff("POST", "/api/staff/releases", body, headers=key)
    other = stage.staff("POST", "/api/staff/releases", body | {"dry_run": True}, headers=key)

    assert (first.status, again.json) == (202, first.json)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    stage.drain()
    assert run_of(stage, first.json["id"])["released"] == 2


def test_only_who_may_release_starts_a_run(stage: Stage) -> None:
    for groups, status in (("read", 403), ("remind", 403), ("release", 202), ("admin", 202)):
        answer = stage.staff(
            "POST",
            "/api/staff/releases",
            {"selection": {"filter": {}}, "dry_run": True},
            groups=groups,
        )
        assert answer.status == status
        assert stage.staff("GET", "/api/staff/releases", groups=groups).status == 200


def test_unknown_runs_and_foreign_cursors_are_refused(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    run = release(stage, {"filter": {}}, dry_run=True)
    assert stage.staff("GET", "/api/staff/releases/none").status == 404
    assert stage.staff("GET", "/api/staff/releases/none/protocol.csv").status == 404
    for query in ("cursor=k1.AAAA", "limit=0", "limit=-1", "limit=1000000"):
        answer = stage.staff("GET", f"/api/staff/releases/{run['id']}?{query}")
        assert (answer.status, answer.json["code"]) == (400, "bad_page")


def test_a_run_that_nobody_works_at_has_failed(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    old = Release("old", "staff-1", at.now - timedelta(days=400))
    adapters.table.write(releases.create(old))

    assert run_of(stage, "old")["state"] == "failed"


def test_a_run_that_was_never_queued_is_taken_along(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    found = settle_reported(adapters)
    release_readings.start(adapters, _selection(found), dry_run=False, by=ANNA, at=at)
    sqs = stage.client("sqs")
    sqs.purge_queue(QueueUrl=adapters.settings.release_queue)
    (lost,) = stage.staff("GET", "/api/staff/releases").json["releases"]
    later = Moment(at.now + timedelta(minutes=16), at.today)
    other = release_readings.start(adapters, _selection([]), dry_run=True, by=ANNA, at=later)
    release_readings.plan(adapters, other, later)
    stage.drain()

    assert run_of(stage, lost["id"])["released"] == 2


def _selection(found: list[Machine]) -> Selection:
    return Selection(
        ids=tuple(machine.id for machine in found),
        versions={machine.id: machine.version for machine in found},
    )


def test_without_time_the_rest_of_a_chunk_is_handed_on(stage: Stage, adapters: Adapters) -> None:
    at = moment()
    found = settle_reported(adapters, [a_reported_machine(str(200001 + n)) for n in range(3)])
    run = release_readings.start(adapters, _selection(found), dry_run=False, by=ANNA, at=at)
    release_readings.plan(adapters, run, at)
    stage.client("sqs").purge_queue(QueueUrl=adapters.settings.release_queue)
    turns = iter([True, True, False])
    release_readings.work(adapters, run, 0, at=at, has_time=lambda: next(turns))
    assert len(run_of(stage, run)["protocol"]) == 4
    assert run_of(stage, run)["state"] == "running"
    stage.drain()

    assert (run_of(stage, run)["state"], run_of(stage, run)["released"]) == ("done", 6)


def test_messages_for_nothing_go_back(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    run = release(stage, {"filter": {}}, dry_run=True)["id"]
    for message in (
        {"release_id": "none", "step": "plan"},
        {"release_id": "none", "step": "chunk", "chunk": 0},
        {"release_id": run, "step": "chunk", "chunk": 7},
        {"release_id": run, "step": "chunk", "chunk": "0"},
        {"release_id": run, "step": "dance"},
    ):
        assert deliver(stage, "release_readings", message) == ["0"]


def test_a_release_costs_one_transaction_per_31_machines_and_reads_in_hundreds(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    numbers = [str(200001 + n) for n in range(93)]
    found = settle_reported(adapters, [a_reported_machine(number) for number in numbers])
    run = release_readings.start(adapters, _selection(found), dry_run=False, by=ANNA, at=at)
    release_readings.plan(adapters, run, at)
    with counted(adapters.table._client) as counts:
        release_readings.work(adapters, run, 0, at=at, has_time=lambda: True)

    assert (
        counts
        == {
            "dynamodb.TransactWriteItems": 3,  # two writes a machine, a row of the report and one that waits
            "dynamodb.GetItem": 3,  # the run, its chunk, whether that is done
            "dynamodb.BatchGetItem": 4,  # lines told before, pointers, machines, companies
            "dynamodb.PutItem": 1,  # the chunk's sums
            "dynamodb.Query": 1,  # are all chunks done?
            "dynamodb.UpdateItem": 1,  # they are
        }
    )


def test_the_queue_s_last_word_counts_nothing_twice(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(adapters)
    run = release(stage, seen(*found))
    for message in ({"step": "plan"}, {"step": "chunk", "chunk": 0}, {"step": "chunk", "chunk": 0}):
        assert deliver(stage, "release_readings", {"release_id": run["id"], **message}) == []
    stage.drain()

    assert run_of(stage, run["id"]) == run
    assert events(adapters) == ["released"]


def test_the_refused_lines_are_asked_for_alone_and_the_report_is_a_workbook_too(
    stage: Stage, adapters: Adapters
) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    found = settle_reported(adapters, [machine])
    run = release(stage, seen(*found))
    path = f"/api/staff/releases/{run['id']}"
    refused = stage.staff("GET", f"{path}?result=refused", groups="read").json["protocol"]
    assert [(one["meter_id"], one["result"]) for one in refused] == [("1", "refused")]
    assert stage.staff("GET", f"{path}?result=lost").status == 400

    book = stage.staff("GET", f"{path}/protocol.xlsx", groups="read")
    assert book.status == 200
    rows = list(load_workbook(io.BytesIO(book.content))["Protokoll"].values)
    assert rows[0][:3] == ("Firma", "Maschinennummer", "Seriennummer")
    assert {(row[1], row[3], row[7], row[8]) for row in rows[1:]} == {
        ("200001", "1", 90_000, "nicht freigegeben"),
        ("200001", "2", 4_250, "freigegeben"),
    }
    assert stage.staff("GET", "/api/staff/releases/none/protocol.xlsx").status == 404
