"""The journal: every action of staff that changes something, by name, with before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, StaffMember
from meterportal.settings import moment
from meterportal.store.portfolio import holdings
from meterportal.usecases.access import read_journal
from meterportal.usecases.portfolio import check_readiness
from meterportal.usecases.runs.fire_schedules import Firing

from tests.support.builders import a_contact, a_contract, a_holding, settle
from tests.support.customers import before_the_next_write, everything, release, signed_in
from tests.support.outages.staff import REQUESTS
from tests.support.outages.trial import Request, Scene
from tests.support.reported import settle_reported
from tests.support.rights import Need, Rights
from tests.support.stage import ANNA, Stage, query
from tests.support.wire import counted

BORIS = StaffMember("staff-2", "Boris Klein")
READING = "200001.1.2026-11-28"
BY_HAND = f"/api/staff/readings/{READING}/release"
WRITES = {
    "machines/{machine_id}/readings for a customer": Action.READINGS_ENTERED,
    "people": Action.COLLEAGUE_INVITED,
    "people/{person_id}": Action.COLLEAGUE_CHANGED,
    "contacts/{contact_id}/data": Action.PERSON_ERASED,
    "contacts/{contact_id}/readmission": Action.PERSON_READMITTED,
    "notes": Action.NOTE_WRITTEN,
    "notes/{note_id}/withdrawal": Action.NOTE_WITHDRAWN,
    "contracts/{contract_id}": Action.CONTRACT_CHANGED,
    "machines/{machine_id}/resets": Action.METER_RESET,
    "machines/{machine_id}/replacement": Action.MACHINE_REPLACED,
    "machines/{machine_id}/replacement/withdrawal": Action.REPLACEMENT_TAKEN_BACK,
    "estimates of chosen machines": Action.READINGS_ESTIMATED,
    "readings/{reading_id}/withdrawal": Action.RELEASE_WITHDRAWN,
    "readings/{reading_id}/reversal": Action.READING_CORRECTED,
    "contacts/{contact_id}": Action.CONTACT_CHANGED,
    "contacts/{contact_id}/lift": Action.ADDRESS_LIFTED,
    "contacts/{contact_id}/links": Action.LINK_SENT,
    "contacts/{contact_id}/links/revoke": Action.LINKS_REVOKED,
    "readiness at once": Action.RIGHTS_GRANTED,
    "readiness through the queue": Action.READINESS_STARTED,
    "rounds": Action.ROUND_STARTED,
    "rounds/{round_id}/sending": Action.ROUND_STARTED,
    "rounds/{round_id}/mails/{contact_id}/test": Action.TEST_MAIL_SENT,
    "readings/{reading_id}/release": Action.RELEASED_BY_HAND,
    "readings/{reading_id}/decision to accept": Action.READING_ACCEPTED,
    "readings/{reading_id}/decision to ask back": Action.QUESTION_ASKED,
    "readings/{reading_id}/undo": Action.DECISION_UNDONE,
    "release-limits": Action.RELEASE_LIMITS_CHANGED,
    "tolerances": Action.TOLERANCES_CHANGED,
    "successors/{successor_id}/decision approved": Action.SUCCESSOR_DECIDED,
    "successors/{successor_id}/decision refused": Action.SUCCESSOR_DECIDED,
    "problems/{problem_id}/decision": Action.PROBLEM_DECIDED,
    "answers/{answer_id}/decision": Action.ANSWER_DECIDED,
    "help/{model}": Action.HELP_CHANGED,
    "brand": Action.BRAND_CHANGED,
    "schedule": Action.SCHEDULE_CHANGED,
    "text-blocks/{name}/{language}": Action.TEXT_CHANGED,
    "text-blocks/{name}/{language}/test-mail": Action.TEST_MAIL_SENT,
    "releases a run": Action.RELEASE_STARTED,
    "imports": Action.IMPORT_STARTED,
    "exports": Action.EXPORT_STARTED,
    "runs/{kind}/{run_id}/restart": Action.RUN_RESTARTED,
    "rounds/{round_id}/resume": Action.SENDING_RESUMED,
    "rounds/{round_id}/pause": Action.SENDING_PAUSED,
    "rounds/{round_id}/end": Action.ROUND_ENDED,
    "exports/{export_id}/ack at once": Action.EXPORT_ACKNOWLEDGED,
    "exports/{export_id}/ack by the queue": Action.EXPORT_ACKNOWLEDGED,
}
"""Every request of the staff that changes something, and what the journal says of it."""

SILENT = {
    "imports/uploads",  # an address is computed; the import itself is noted
    "releases a dry run",
    "plausibility/backtest",
    "portfolio",
    "check",
    "views",
    "text-blocks/{name}/{language}/preview",
}
"""Requests that change no record: they start what only looks, or keep how somebody looks."""


def entries(stage: Stage, **wanted: str) -> list[dict[str, Any]]:
    answer = stage.staff("GET", query("/api/staff/audit", **wanted), groups="read")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["entries"]
    return found


def named(request: Request) -> str:
    return request.name.split(" ", 1)[1].removeprefix("/api/staff/")


@pytest.mark.parametrize(
    "request_",
    [one for one in REQUESTS if one.route[0] != "GET"],
    ids=lambda one: one.name,
)
def test_what_staff_change_stands_in_the_journal(
    stage: Stage, adapters: Adapters, request_: Request
) -> None:
    send = request_.prepare(Scene(stage, adapters, moment()))
    before = len(entries(stage, limit="200"))
    assert send().status < 300
    found = entries(stage, limit="200")
    new = found[: len(found) - before]
    if named(request_) in SILENT:
        assert new == []
        return
    assert [one["action"] for one in new] == [WRITES[named(request_)]]
    assert new[0]["by"] == {"id": "staff-1", "name": "Anna Weber"}
    assert new[0]["record"]["id"]


def test_an_entry_says_what_stood_there_before_and_after(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    body = {"reason": "Mit Frau Schäfer telefoniert", "version": 2}
    assert stage.staff("POST", BY_HAND, body, by=BORIS).status == 200
    (entry,) = entries(stage)
    assert entry["by"] == {"id": "staff-2", "name": "Boris Klein"}
    assert (entry["action"], entry["text"]) == ("released_by_hand", "Von Hand freigegeben")
    assert entry["record"] == {"kind": "reading", "id": READING}
    assert entry["company"] == {"id": "10000", "name": "Muster GmbH"}
    assert (entry["contract_id"], entry["machine_id"]) == ("70001", "200001")
    assert entry["changes"][0] == {"field": "state", "before": "reported", "after": "released"}
    english = stage.staff("GET", "/api/staff/audit", language="en").json["entries"][0]
    assert english["text"] == "Released by hand"


def test_an_entry_can_only_be_added(stage: Stage) -> None:
    """The test stage itself refuses to a function what would change one."""
    rights, key = Rights(stage.template), {"pk": {"S": "JOURNAL#2026"}, "sk": {"S": "one"}}
    added = {"Item": key, "ConditionExpression": "attribute_not_exists(pk)"}
    parts = {"Put": {"Item": key}, "Update": {"Key": key}, "Delete": {"Key": key}}
    for kind, part in parts.items():
        with pytest.raises(AssertionError, match="only added"):
            _asked(rights, {kind: part})
    assert _asked(rights, {"Put": added})


def _asked(rights: Rights, part: dict[str, Any]) -> list[Need]:
    named = {kind: {"TableName": "table", **write} for kind, write in part.items()}
    return list(rights.needs("dynamodb", "TransactWriteItems", {"TransactItems": [named]}))


def test_a_change_that_is_refused_leaves_no_entry(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_reported(adapters)
    before_the_next_write(monkeypatch, adapters, lambda: release(adapters))
    body = {"reason": "Mit Frau Schäfer telefoniert", "version": 2}
    assert stage.staff("POST", BY_HAND, body).status in {409, 412}
    assert entries(stage) == []


def test_no_personal_value_of_a_contact_stands_in_the_journal(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    body = {"name": "Erika Neu", "email": "erika@muster.example", "text": "Ab Montag"}
    number = stage.customer("POST", "/api/successors", body).json["id"]
    path = f"/api/staff/successors/{number}/decision"
    assert (
        stage.staff("POST", path, {"decision": "approved", "note": "Frau Neu ruft an"}).status < 300
    )
    assert stage.staff("POST", "/api/staff/contacts/5001/links/revoke").status == 200
    stored = str([row for (pk, _), row in everything(adapters).items() if "JOURNAL#" in str(pk)])
    assert "5001" in stored
    for personal in ("Erika", "erika", "Clara", "Schäfer", "clara", "ruft an"):
        assert personal not in stored
    newest = entries(stage)[0]
    assert newest["contact"] == {"id": "5001", "name": "Clara Schäfer"}


def granted(stage: Stage, adapters: Adapters, count: int) -> None:
    people = [
        a_contact(str(5001 + n), rights=None, email=f"c{n}@muster.example") for n in range(count)
    ]
    contract = a_contract(reporters=tuple(person.id for person in people))
    held = a_holding(contacts=people, contracts=[contract])
    settle(adapters, held, claimed=False)
    body: dict[str, Any] = {"selection": {"filter": {}}}
    assert stage.staff("POST", "/api/staff/readiness", body).status == 200


def test_each_grant_has_an_entry_however_many_there_are(stage: Stage, adapters: Adapters) -> None:
    granted(stage, adapters, 60)
    found = entries(stage, limit="200")
    assert {one["contact"]["id"] for one in found} == {str(5001 + n) for n in range(60)}
    assert {one["action"] for one in found} == {"rights_granted"}
    (one,) = entries(stage, contact_id="5042")
    assert {"field": "readings", "before": None, "after": True} in one["changes"]


def test_the_rights_that_a_queued_check_gives_are_its_starter_s(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(rights=None)]), claimed=False)
    monkeypatch.setattr(check_readiness, "AT_ONCE", 0)
    body: dict[str, Any] = {"selection": {"filter": {}}}
    assert stage.staff("POST", "/api/staff/readiness", body, by=BORIS).status == 202
    stage.drain()
    assert [(one["action"], one["by"]["name"]) for one in entries(stage)] == [
        ("rights_granted", "Boris Klein"),
        ("readiness_started", "Boris Klein"),
    ]


def test_the_schedule_is_no_staff_member(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(rights=None)]), claimed=False)
    due = Firing(date(2026, 11, 23), late=False, hour=7)
    check_readiness.check_portfolio(adapters, "nightly", due, moment(), has_time=lambda: True)
    assert holdings.contacts(adapters.table, [("10000", "5001")])["10000", "5001"].rights
    assert entries(stage) == []


def test_the_list_is_paged_and_filtered(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    for n in range(7):
        by = BORIS if n % 2 else ANNA
        assert stage.staff("POST", "/api/staff/contacts/5001/links/revoke", by=by).status == 200
    body = {"version": 0, "dealer": {"ceiling": 4}}
    assert stage.staff("PUT", "/api/staff/tolerances", body).status == 200
    assert len(entries(stage)) == 8
    assert len(entries(stage, by="staff-2")) == 3
    assert len(entries(stage, action="tolerances_changed")) == 1
    assert len(entries(stage, company_id="10000")) == 7
    assert len(entries(stage, company_id="10000", by="staff-2")) == 3
    assert entries(stage, company_id="10001") == []
    assert len(entries(stage, contact_id="5001")) == 7
    assert entries(stage, machine_id="200001") == []
    assert len(entries(stage, **{"from": "2026-11-23", "to": "2026-11-23"})) == 8
    assert entries(stage, **{"from": "2026-11-24"}) == []
    assert entries(stage, to="2026-11-22") == []
    assert entries(stage, to="2025-01-01") == []

    filters: list[dict[str, str]] = [{}, {"company_id": "10000"}, {"by": "staff-1"}]
    expected = [entries(stage, **wanted) for wanted in filters]
    for looked_at in (1000, 2):
        monkeypatch.setattr(read_journal, "LOOKED_AT", looked_at)
        for wanted, found in zip(filters, expected, strict=True):
            whole: list[dict[str, Any]] = []
            cursor = None
            while True:
                asked = {**wanted, "limit": "3", **({"cursor": cursor} if cursor else {})}
                answer = stage.staff("GET", query("/api/staff/audit", **asked)).json
                assert len(answer["entries"]) <= 3
                whole += answer["entries"]
                cursor = answer["next_cursor"]
                if cursor is None:
                    break
            assert whole == found
            assert [one["at"] for one in whole] == sorted((o["at"] for o in whole), reverse=True)


def test_a_cursor_is_good_for_its_list_and_its_person_only(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    for _ in range(3):
        stage.staff("POST", "/api/staff/contacts/5001/links/revoke")
    cursor = stage.staff("GET", "/api/staff/audit?limit=1").json["next_cursor"]
    assert stage.staff("GET", query("/api/staff/audit", cursor=cursor)).status == 200
    for other in (
        stage.staff("GET", query("/api/staff/audit", cursor=cursor, by="staff-1")),
        stage.staff("GET", query("/api/staff/audit", cursor=cursor), by=BORIS),
        stage.staff("GET", query("/api/staff/audit.csv", cursor=cursor)),
        stage.staff("GET", query("/api/staff/audit", cursor=cursor[:-2] + "AA")),
    ):
        assert (other.status, other.json["code"]) == (400, "bad_page")


def test_the_journal_comes_as_a_sheet(stage: Stage, adapters: Adapters, monkeypatch: Any) -> None:
    settle_reported(adapters)
    stage.staff("POST", BY_HAND, {"reason": "Telefonat", "version": 2}, by=StaffMember("x", "=cmd"))
    sheet = stage.staff("GET", "/api/staff/audit.csv", groups="read")
    heading, line, rest = sheet.text.split("\r\n")
    assert heading.startswith("\ufeffZeitpunkt;Wer;Kennung;Was;")
    assert "'=cmd;x;Von Hand freigegeben;reading;200001.1.2026-11-28;10000;Muster GmbH" in line
    assert "state: reported" in line
    assert rest == ""
    assert "link" not in {name.lower() for name in sheet.headers}

    stage.staff("POST", "/api/staff/exports", {})
    monkeypatch.setattr("staff_api.journal.IN_A_SHEET", 1)
    first = stage.staff("GET", "/api/staff/audit.csv?from=2026-11-23")
    following = first.headers["Link"].partition(">")[0].removeprefix("<")
    assert "from=2026-11-23" in following
    second = stage.staff("GET", following)
    assert second.text.split("\r\n")[0].removeprefix("\ufeff").split(";")[1] == "'=cmd"


def test_who_has_no_name_is_called_by_address(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    claims = {
        "token_use": "id",
        "sub": "staff-3",
        "email": "c@dealer.example",
        "cognito:groups": "[remind]",
    }
    path = "/api/staff/contacts/5001/links/revoke"
    assert stage.request("staff_api", "POST", path, claims=claims).status == 200
    assert entries(stage)[0]["by"] == {"id": "staff-3", "name": "c@dealer.example"}


def test_colleagues_are_known_by_the_name_they_have_now(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert stage.staff("GET", "/api/staff/colleagues").json == {"colleagues": []}
    path = "/api/staff/contacts/5001/links/revoke"
    for by in (BORIS, ANNA, replace(BORIS, name="Adrian Klein")):
        assert stage.staff("POST", path, by=by).status == 200
    assert stage.staff("GET", "/api/staff/colleagues", groups="read").json["colleagues"] == [
        {"id": "staff-2", "name": "Adrian Klein"},
        {"id": "staff-1", "name": "Anna Weber"},
    ]
    names = [one["by"]["name"] for one in entries(stage)]
    assert names == ["Adrian Klein", "Anna Weber", "Boris Klein"], "the journal is not rewritten"


def test_reading_and_acting_cost_what_the_data_model_says(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    path = "/api/staff/contacts/5001/links/revoke"
    with counted(adapters.table._client) as counts:
        assert stage.staff("POST", path).status == 200
    assert counts == {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1}
    for wanted in ({}, {"company_id": "10000"}):
        with counted(adapters.table._client) as counts:
            assert len(entries(stage, **wanted)) == 1
        assert counts == {"dynamodb.Query": 1, "dynamodb.BatchGetItem": 2}


def test_everybody_of_the_staff_may_read_it(stage: Stage) -> None:
    for groups, status in (("read", 200), ("remind", 200), ("release", 200), ("other", 403)):
        for path in ("/api/staff/audit", "/api/staff/audit.csv"):
            assert stage.staff("GET", path, groups=groups).status == status
