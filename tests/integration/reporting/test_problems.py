"""Problems with a machine: reported, withdrawn, decided, answered by values; what they keep away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store import keys

from tests.support.builders import a_contact, a_contract, a_holding, a_link, a_machine, a_meter
from tests.support.customers import events, put, second_company, signed_in, stored
from tests.support.requesting import text_of
from tests.support.stage import Answer, Stage

ALL = ["gone", "moved", "not_ours", "previous_reading_wrong", "cannot_read"]


def report(stage: Stage, kind: str = "gone", machine_id: str = "200001", **more: Any) -> Answer:
    return stage.customer("POST", f"/api/machines/{machine_id}/problems", {"kind": kind, **more})


def reported(stage: Stage, kind: str = "gone", **more: Any) -> str:
    answer = report(stage, kind, **more)
    assert answer.status == 201, answer.text
    number: str = answer.json["id"]
    return number


def withdraw(stage: Stage, problem_id: str, machine_id: str = "200001") -> Answer:
    return stage.customer("DELETE", f"/api/machines/{machine_id}/problems/{problem_id}")


def decide(stage: Stage, problem_id: str, decision: str, note: str = "") -> Answer:
    body = {"decision": decision, "note": note}
    return stage.staff(
        "POST", f"/api/staff/problems/{problem_id}/decision", body, groups="read remind"
    )


def overview(stage: Stage) -> dict[str, Any]:
    answer = stage.customer("GET", "/api/machines")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


def listed(stage: Stage, state: str = "open") -> list[dict[str, Any]]:
    answer = stage.staff("GET", f"/api/staff/problems?state={state}", groups="read")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["problems"]
    return found


def told(adapters: Adapters) -> list[tuple[str, str]]:
    pk, _ = keys.problem_event("10000", "200001", "", "")
    return [(row["event"], row["by"]) for row in adapters.table.query(pk, begins="PROBLEM#")]


def left_out(stage: Stage) -> list[str]:
    """Why the next round (a dry run) leaves the contract out."""
    body = {"selection": {"ids": ["70001"]}, "dry_run": True}
    number = stage.staff("POST", "/api/staff/rounds", body).json["id"]
    stage.drain()
    shown = stage.staff("GET", f"/api/staff/rounds/{number}").json
    return [reason["code"] for one in shown["left_out"] for reason in one["reasons"]]


@pytest.mark.parametrize("kind", ALL)
def test_a_machine_with_a_problem_is_left_alone_until_staff_decide(
    stage: Stage, adapters: Adapters, kind: str
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    assert overview(stage)["progress"] == {"reported": 0, "total": 2}
    answer = report(stage, kind, text="Stand im Keller", meter_id="1")
    assert (answer.status, answer.json["kind"]) == (201, kind)
    assert answer.json["reported_on"] == "2026-11-23"
    seen = overview(stage)
    assert seen["progress"] == {"reported": 0, "total": 1}
    assert seen["machines"][0]["problem"] == answer.json
    assert seen["machines"][1]["problem"] is None
    (waiting,) = listed(stage)
    assert waiting["reported_by"] == {"id": "5001", "name": "Clara Schäfer"}
    assert (waiting["text"], waiting["meter_label"]) == ("Stand im Keller", "S/W")
    assert (waiting["machine"]["id"], waiting["company"]["name"]) == ("200001", "Muster GmbH")
    assert told(adapters) == [("reported", "5001")]
    assert stored(adapters).version == 1  # no reading has changed


def test_a_round_names_the_problem_where_nothing_else_is_open(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert left_out(stage) == []
    number = reported(stage)
    assert left_out(stage) == ["problem_reported"]
    assert decide(stage, number, "rejected").status == 200
    assert left_out(stage) == []


def test_a_machine_without_a_problem_is_still_asked_for(stage: Stage, adapters: Adapters) -> None:
    signed_in(
        stage, adapters, a_holding(machines=[a_machine(), a_machine("200002", customer_no="")])
    )
    reported(stage)
    body = {"selection": {"ids": ["70001"]}}
    assert stage.staff("POST", "/api/staff/rounds", body).status == 202
    stage.drain()
    (mail,) = stage.mails()
    text = text_of(mail)
    assert "SN200002" in text
    assert "SN200001" not in text


def test_lists_and_buckets_leave_it_out_too(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)

    def missing() -> list[str]:
        answer = stage.staff("GET", "/api/staff/readings?bucket=missing")
        return [machine["id"] for machine in answer.json["machines"]]

    assert missing() == ["200001"]
    number = reported(stage, "cannot_read")
    assert missing() == []
    (contract,) = stage.staff("GET", "/api/staff/contracts").json["contracts"]
    assert contract["machines"]["total"] == 0
    assert decide(stage, number, "rejected").status == 200
    assert missing() == ["200001"]


def test_a_contact_takes_a_problem_back_and_may_do_so_twice(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    number = reported(stage)
    assert withdraw(stage, number).status == 204
    assert withdraw(stage, number).status == 204  # the answer to the first was lost
    assert overview(stage)["progress"]["total"] == 1
    assert overview(stage)["machines"][0]["problem"] is None
    assert listed(stage) == []
    assert [(p["id"], p["state"]) for p in listed(stage, "decided")] == [(number, "withdrawn")]
    assert told(adapters) == [("reported", "5001"), ("withdrawn", "5001")]
    assert reported(stage) != number


def test_what_staff_have_decided_is_not_taken_back(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = reported(stage, "cannot_read")
    assert decide(stage, number, "accepted").status == 200
    answer = withdraw(stage, number)
    assert (answer.status, answer.json["code"]) == (409, "problem_decided")
    assert answer.json["state"] == "accepted"
    other = reported(stage, "moved")  # a new one may follow
    assert decide(stage, other, "rejected").status == 200
    assert withdraw(stage, other).json["state"] == "rejected"


def test_the_same_problem_said_twice_is_one_and_another_one_waits(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    number = reported(stage, "moved", text="2. OG")
    assert reported(stage, "moved", text="2. OG") == number
    other = report(stage, "moved", text="3. OG")
    assert (other.status, other.json["code"]) == (409, "problem_open")
    assert report(stage, "gone").status == 409
    assert len(listed(stage)) == 1


def test_gone_and_not_ours_strike_the_machine_off_for_good(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    for machine_id, kind in (("200001", "gone"), ("200002", "not_ours")):
        number = reported(stage, kind, machine_id=machine_id)
        answer = decide(stage, number, "accepted", "Aus dem Vertrag genommen")
        assert answer.json["decision"]["note"] == "Aus dem Vertrag genommen"
        assert answer.json["decision"]["by"] == "staff-1"
    assert overview(stage)["machines"] == []
    assert put(stage, values={"1": 11_000}, version=1).status == 404
    assert left_out(stage) == ["nothing_to_report"]


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        ("moved", "accepted"),
        ("previous_reading_wrong", "accepted"),
        *((kind, "rejected") for kind in ALL),
    ],
)
def test_everything_else_makes_it_due_again(
    stage: Stage, adapters: Adapters, kind: str, decision: str
) -> None:
    signed_in(stage, adapters)
    assert decide(stage, reported(stage, kind), decision).json["state"] == decision
    assert overview(stage)["machines"][0]["problem"] is None
    assert overview(stage)["progress"]["total"] == 1
    assert left_out(stage) == []


def test_cannot_read_excepts_this_period_and_values_are_still_taken(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert decide(stage, reported(stage, "cannot_read"), "accepted").status == 200
    assert overview(stage)["machines"][0]["problem"]["state"] == "accepted"
    assert left_out(stage) == ["problem_reported"]
    assert put(stage, values={"1": 11_000, "2": 4_300}, version=1).status == 200
    assert overview(stage)["progress"] == {"reported": 1, "total": 1}
    assert overview(stage)["machines"][0]["problem"] is None


def test_whoever_reports_all_values_could_read_them_after_all(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    number = reported(stage, "cannot_read")
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    assert overview(stage)["machines"][0]["problem"]["id"] == number  # one of two is missing
    assert put(stage, values={"2": 4_300}, version=2).status == 200
    assert overview(stage)["machines"][0]["problem"] is None
    assert [p["state"] for p in listed(stage, "decided")] == ["settled"]
    assert told(adapters) == [("reported", "5001"), ("settled", "5001")]
    late = decide(stage, number, "accepted")
    assert (late.status, late.json["code"], late.json["state"]) == (
        409,
        "problem_decided",
        "settled",
    )


def test_other_problems_outlive_the_entry(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = reported(stage, "previous_reading_wrong", meter_id="1")
    assert put(stage, values={"1": 11_000, "2": 4_300}, version=1).status == 200
    seen = overview(stage)
    assert seen["machines"][0]["problem"]["id"] == number
    assert seen["progress"] == {"reported": 1, "total": 1}
    assert events(adapters) == ["reported"]


def test_many_machines_at_once_answer_their_problems_too(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    reported(stage, "cannot_read")
    values = {"1": 11_000, "2": 4_300}
    machines = [
        {"machine_id": number, "values": values, "version": 1} for number in ("200001", "200002")
    ]
    assert stage.customer("PUT", "/api/readings", {"machines": machines}).status == 200
    assert [p["state"] for p in listed(stage, "decided")] == ["settled"]
    assert overview(stage)["progress"] == {"reported": 2, "total": 2}


def test_a_decision_is_made_once_and_the_same_again_changes_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    number = reported(stage)
    first = decide(stage, number, "rejected", "steht noch da")
    assert decide(stage, number, "rejected", "steht noch da").json == first.json
    for decision, note in (("accepted", "steht noch da"), ("rejected", "anders")):
        again = decide(stage, number, decision, note)
        assert (again.status, again.json["code"]) == (409, "problem_decided")
    assert len(told(adapters)) == 2


def test_staff_lists_come_in_pages_newest_first(stage: Stage, adapters: Adapters) -> None:
    fleet = [a_machine(str(200_001 + n)) for n in range(5)]
    signed_in(stage, adapters, a_holding(machines=fleet))
    numbers = [reported(stage, machine_id=machine.id) for machine in fleet]
    path, seen = "/api/staff/problems?limit=2", []
    while True:
        page = stage.staff("GET", path, groups="read").json
        seen += [problem["id"] for problem in page["problems"]]
        if page["next_cursor"] is None:
            break
        path = f"/api/staff/problems?limit=2&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(numbers)
    assert len(seen) == 5
    foreign = stage.staff("GET", f"{path}&state=decided")
    assert (foreign.status, foreign.json["code"]) == (400, "bad_page")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "kind", "invalid"),
        ({"kind": "stolen"}, "kind", "invalid"),
        ({"kind": None}, "kind", "invalid"),
        ({"kind": 3}, "kind", "invalid"),
        ({"kind": "gone", "more": 1}, "more", "invalid"),
        ({"kind": "gone", "text": 7}, "text", "invalid"),
        ({"kind": "gone", "text": "x" * 501}, "text", "text_refused"),
        ({"kind": "gone", "text": "a\u0007b"}, "text", "text_refused"),
        ({"kind": "cannot_read", "meter_id": "9"}, "meter_id", "unknown_meter"),
        ({"kind": "cannot_read", "meter_id": "x" * 500}, "meter_id", "invalid"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    stage: Stage, adapters: Adapters, body: dict[str, Any], field: str, code: str
) -> None:
    signed_in(stage, adapters)
    answer = stage.customer("POST", "/api/machines/200001/problems", body)
    assert (answer.status, answer.json["field"], answer.json["code"]) == (422, field, code)
    assert listed(stage) == []


def test_several_lines_are_kept_as_lines(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    answer = report(stage, text=" steht\r\nim Keller \n")
    assert answer.json["text"] == "steht\nim Keller"


def test_foreign_machines_and_problems_look_alike(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    number = reported(stage)
    for machine_id in ("200009", "999999"):
        assert report(stage, machine_id=machine_id).status == 404
        assert withdraw(stage, number, machine_id).status == 404
    assert withdraw(stage, number, "200002").status == 404
    assert withdraw(stage, "x" * 100).status == 404
    assert decide(stage, "unknown", "accepted").status == 404


def test_who_no_longer_reports_takes_nothing_back(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", first_name="Paul", email="paul@muster.example")]
    holding = a_holding(
        contacts=people, contracts=[a_contract(reporters=("5001", "5002"))], machines=[a_machine()]
    )
    signed_in(stage, adapters, holding)
    number = reported(stage)
    token = a_link(adapters, mailbox="paul@muster.example")
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    assert withdraw(stage, number).status == 204  # any of its reporters may
    assert told(adapters)[-1] == ("withdrawn", "5002")


def test_deciding_needs_the_right(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    number = reported(stage)
    body = {"decision": "accepted"}
    path = f"/api/staff/problems/{number}/decision"
    assert stage.staff("POST", path, body, groups="read").status == 403
    assert stage.staff("POST", path, {"decision": "maybe"}).json["field"] == "decision"
    assert stage.staff("POST", path, {**body, "note": "x" * 501}).json["field"] == "note"


def test_an_accepted_exception_ends_with_its_period(stage: Stage, adapters: Adapters) -> None:
    machine = a_machine(meters=(a_meter(),))
    signed_in(stage, adapters, a_holding(machines=[machine]))
    assert decide(stage, reported(stage, "cannot_read"), "accepted").status == 200
    assert stored(adapters).set_aside
    assert not replace(stored(adapters), due_on=date(2026, 12, 28)).set_aside
