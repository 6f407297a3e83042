"""Staff write notes about customers and machines: in the time line, for colleagues only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import StaffMember

from tests.support import clock
from tests.support.builders import settle
from tests.support.customers import everything, signed_in
from tests.support.stage import ANNA, Answer, Stage
from tests.support.wire import counted

BORIS = StaffMember("staff-2", "Boris Klein")
TEXT = "Frau Schäfer ist dienstags da.\nBitte dann anrufen."


def write(stage: Stage, *, by: StaffMember = ANNA, groups: str = "remind", **body: Any) -> Answer:
    return stage.staff("POST", "/api/staff/notes", {"text": TEXT} | body, by=by, groups=groups)


def withdraw(stage: Stage, number: str, *, by: StaffMember = ANNA) -> Answer:
    return stage.staff("POST", f"/api/staff/notes/{number}/withdrawal", by=by, groups="remind")


def company_line(stage: Stage, **more: Any) -> list[dict[str, Any]]:
    page = stage.staff("GET", "/api/staff/companies/10000", groups="read", **more).json
    found: list[dict[str, Any]] = page["timeline"]["entries"]
    return found


def machine_line(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.staff("GET", "/api/staff/machines/200001").json["timeline"]
    return found


def test_a_note_about_a_machine_stands_in_both_time_lines(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    told = write(stage, machine_id="200001")
    assert told.status == 201, told.text
    assert told.json == {"id": told.json["id"], "text": TEXT, "withdrawable": True}
    for line in (company_line(stage), machine_line(stage)):
        (entry,) = line
        assert entry["happening"] == "noted"
        assert entry["by"] == {"id": "staff-1", "name": "Anna Weber"}
        assert (entry["note"]["text"], entry["machine_id"]) == (TEXT, "200001")
    write(stage, company_id="10000", text="Zahlt pünktlich")
    assert [one["note"]["text"] for one in company_line(stage)] == ["Zahlt pünktlich", TEXT]
    assert len(machine_line(stage)) == 1
    actions = [one["action"] for one in stage.staff("GET", "/api/staff/audit").json["entries"]]
    assert actions == ["note_written"] * 2
    journal = [row for (pk, _), row in everything(adapters).items() if "JOURNAL#" in str(pk)]
    assert "Frau Schäfer" not in str(journal)


def test_its_author_withdraws_a_note_within_a_day_and_nobody_else(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters)
    number = write(stage, company_id="10000").json["id"]
    later = write(stage, company_id="10000", text="Bleibt").json["id"]
    foreign = withdraw(stage, number, by=BORIS)
    assert (foreign.status, foreign.json["code"]) == (409, "note_stays")
    (newest, _) = company_line(stage, by=BORIS)
    assert newest["note"]["withdrawable"] is False
    assert withdraw(stage, number).status == 200
    assert withdraw(stage, number).status == 404
    assert TEXT.splitlines()[0] not in str(everything(adapters))
    told = [one["text"] for one in company_line(stage)]
    assert told == ["Notiz zurückgenommen", "Notiz"]
    day = timedelta(days=1, minutes=1).total_seconds()
    monkeypatch.setattr(clock, "_started", clock._started - day)
    assert withdraw(stage, later).status == 409


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"company_id": "10000", "text": ""}, 422, "text"),
        ({"company_id": "10000", "text": " \u200b "}, 422, "text"),
        ({"company_id": "10000", "text": "x" * 1001}, 422, "text"),
        ({"company_id": "10000", "text": "a\u0007b"}, 422, "text"),
        ({"company_id": "10000", "machine_id": "200001"}, 422, "company_id"),
        ({}, 422, "company_id"),
        ({"company_id": "99999"}, 404, "company_id"),
        ({"machine_id": "99999"}, 404, "machine_id"),
    ],
)
def test_bad_notes_are_refused_in_words(
    stage: Stage, adapters: Adapters, body: dict[str, Any], status: int, field: str
) -> None:
    settle(adapters)
    told = write(stage, **body)
    assert (told.status, told.json["field"]) == (status, field), told.text
    assert company_line(stage) == []


def test_a_note_is_cleaned_and_sent_twice_stands_once(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    body = {"text": "  Ruft\u00a0zurück \u200b ", "company_id": "10000"}
    key = {"idempotency-key": "n1"}
    first, second = (stage.staff("POST", "/api/staff/notes", body, headers=key) for _ in range(2))
    assert first.json["text"] == "Ruft zurück"
    assert first.json == second.json
    assert len(company_line(stage)) == 1


def test_who_only_reads_writes_nothing_and_customers_see_no_note(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert write(stage, groups="read", company_id="10000").status == 403
    assert write(stage, groups="release", company_id="10000").status == 403
    write(stage, machine_id="200001")
    for path in ("/api/machines", "/api/machines/200001/history", "/api/session"):
        assert "dienstags" not in stage.customer("GET", path).text


def test_a_note_costs_two_reads_and_a_transaction(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    with counted(adapters.table._client) as counts:
        assert write(stage, machine_id="200001").status == 201
    assert counts == {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1}
