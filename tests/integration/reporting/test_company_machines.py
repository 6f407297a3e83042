"""All machines of a company: who sees which of them, what is told of those that others report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, PortalRights, ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Location, Machine, Problem, ProblemKind

from tests.support.builders import (
    a_contact,
    a_contract,
    a_holding,
    a_link,
    a_machine,
    a_meter,
    settle,
)
from tests.support.customers import CLARA, asked_for_all, put, signed_in
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

PATH = "/api/machines?scope=company"
PAUL = "paul@muster.example"
LOOKS_ONLY = PortalRights(machines=True)
REPORTS_ONLY = PortalRights(readings=True)


def company(rights: PortalRights | None = None, *more: Machine) -> Holding:
    """Clara reports 70001, Paul 70002; 70003 is read by the dealer's own tool."""
    clara = a_contact() if rights is None else a_contact(rights=rights)
    return a_holding(
        contacts=[clara, a_contact("5002", first_name="Paul", last_name="Probst", email=PAUL)],
        contracts=[
            a_contract(),
            a_contract("70002", reporters=("5002",)),
            a_contract("70003", reading_channel=ReadingChannel.MPS),
        ],
        machines=[
            a_machine(location=Location("Zentrale", "A", "2. OG", "201")),
            a_machine("200002", contract_id="70002", location=Location("Zentrale", "A", "UG", "1")),
            a_machine("200003", contract_id="70003", location=Location("Filiale", "B", "EG", "1")),
            *more,
        ],
    )


def all_of(stage: Stage, path: str = PATH) -> Any:
    answer = stage.customer("GET", path)
    assert answer.status == 200, answer.text
    return answer.json


def may_report(stage: Stage) -> dict[str, bool]:
    """In the order of the list."""
    return {machine["id"]: machine["may_report"] for machine in all_of(stage)["machines"]}


def machine_of(stage: Stage, machine_id: str) -> Any:
    return next(one for one in all_of(stage)["machines"] if one["id"] == machine_id)


def test_with_the_right_every_active_machine_is_listed_in_walking_order(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, company(None, a_machine("200004", active=False)))
    assert list(may_report(stage).items()) == [
        ("200003", False),
        ("200002", False),
        ("200001", True),
    ]
    stage.customer("POST", "/api/session", {"token": a_link(adapters, mailbox=PAUL)})
    assert may_report(stage) == {"200003": False, "200002": True, "200001": False}


def test_machines_that_nobody_is_asked_for_are_listed_too(stage: Stage, adapters: Adapters) -> None:
    gone = Problem("p", ProblemKind.GONE, date(2026, 11, 1), "5001", accepted=True)
    others = (
        a_machine("200005", meters=(a_meter(billable=False),)),
        a_machine("200006", due_on=None),
        a_machine("200007", problem=gone),
    )
    signed_in(stage, adapters, company(None, *others))
    found = {machine["id"]: machine for machine in all_of(stage)["machines"]}
    assert [found[n]["may_report"] for n in ("200005", "200006", "200007")] == [False] * 3
    assert found["200005"]["meters"] == []
    assert found["200006"]["due_on"] is None
    assert found["200007"]["problem"]["state"] == "accepted"
    assert not {"200005", "200006", "200007"} & {
        machine["id"] for machine in all_of(stage, "/api/machines")["machines"]
    }


def test_who_only_looks_sees_all_and_reports_none(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, company(LOOKS_ONLY))
    assert all_of(stage, "/api/machines")["machines"] == []
    assert may_report(stage) == {"200003": False, "200002": False, "200001": False}


def test_without_the_right_only_machines_of_the_own_contracts_are_listed(
    stage: Stage, adapters: Adapters
) -> None:
    own = (
        a_machine("200005", meters=(a_meter(billable=False),)),
        a_machine("200006", active=False),
    )
    signed_in(stage, adapters, company(REPORTS_ONLY, *own))
    assert may_report(stage) == {"200005": False, "200001": True}


@pytest.mark.parametrize(
    "rights", [None, LOOKS_ONLY, REPORTS_ONLY], ids=["both", "looks", "reports"]
)
def test_the_list_holds_just_those_whose_history_and_help_open(
    stage: Stage, adapters: Adapters, rights: PortalRights | None
) -> None:
    more = (
        a_machine("200004", active=False),
        a_machine("200005", meters=(a_meter(billable=False),)),
        a_machine("200006", contract_id="70099"),
    )
    held = signed_in(stage, adapters, company(rights, *more))
    listed = may_report(stage)
    for screen in ("history", "help"):
        answers = {n: stage.customer("GET", f"/api/machines/{n}/{screen}") for n in held.machines}
        opened = {n: a.json["machine"] for n, a in answers.items() if a.status == 200}
        assert {n: card["may_report"] for n, card in opened.items()} == listed
        assert {a.status for n, a in answers.items() if n not in opened} <= {404}


def test_history_and_help_tell_which_machine_it_is(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, company())
    card = {
        "id": "200002",
        "serial": "SN200002",
        "maker": "Ricoh",
        "model": "IM C3000",
        "location": {"site": "Zentrale", "building": "A", "floor": "UG", "room": "1"},
        "customer_no": "K-1",
        "may_report": False,
    }
    for screen in ("history", "help"):
        assert stage.customer("GET", f"/api/machines/200002/{screen}").json["machine"] == card


@pytest.mark.parametrize("said", ["gone", "cannot_read"])
def test_only_values_days_and_names_are_told_of_what_others_report(
    stage: Stage, adapters: Adapters, said: str
) -> None:
    held = signed_in(stage, adapters, company(), mailbox=PAUL)
    reason = "Katalog, siehe Frau Probst"
    answer = put(stage, "200002", values={"1": 99_000}, confirm={"1": reason}, version=1)
    assert answer.status == 200, answer.text
    problem = {"kind": said, "text": "Der Schlüssel liegt bei mir."}
    assert stage.customer("POST", "/api/machines/200002/problems", problem).status == 201
    theirs = machine_of(stage, "200002")
    assert theirs["meters"][0]["reading"]["reason"] == reason
    assert theirs["meters"][0]["reading"]["findings"] != []
    assert theirs["problem"]["text"] == problem["text"]

    stage.customer("POST", "/api/session", {"token": a_link(adapters, mailbox=CLARA)})
    seen = machine_of(stage, "200002")
    reading = seen["meters"][0]["reading"]
    assert (reading["value"], reading["read_on"], reading["state"]) == (
        99_000,
        "2026-11-23",
        "reported",
    )
    assert reading["reported_by"] == {"name": "Paul Probst", "me": False}
    assert (reading["reason"], reading["findings"]) == ("", [])
    assert (seen["problem"]["kind"], seen["problem"]["text"]) == (said, "")
    assert seen["meters"][0]["last"]["value"] == 10_000
    whole = stage.customer("GET", PATH).text
    assert reason not in whole
    assert "Schlüssel" not in whole
    assert not [person for person in held.contacts.values() if person.email in whole]


def test_beside_the_list_the_facts_are_those_of_the_overview(
    stage: Stage, adapters: Adapters
) -> None:
    later = a_machine("200008", contract_id="70002", due_on=date(2026, 10, 1))
    signed_in(stage, adapters, company(None, later))
    put(stage, values={"1": 10_850, "2": 4_250}, version=1)
    own, listed = all_of(stage, "/api/machines"), all_of(stage)
    (mine,) = own.pop("machines")
    found = {machine.pop("id"): machine for machine in listed.pop("machines")}
    assert listed == own
    assert found["200001"] == {k: v for k, v in mine.items() if k != "id"} | {"may_report": True}
    assert "may_report" not in mine


def test_a_foreign_company_s_machines_are_not_listed(stage: Stage, adapters: Adapters) -> None:
    other = settle(
        adapters,
        a_holding(
            Company("10007", "Abakus AG"),
            contacts=[a_contact("6001", rights=REPORTS_ONLY)],
            contracts=[
                a_contract("70009", reporters=("6001",)),
                a_contract("70010", reporters=("6002",)),
            ],
            machines=[
                a_machine("300001", contract_id="70009"),
                a_machine("300002", contract_id="70010"),
            ],
        ),
    )
    signed_in(stage, adapters, company())
    assert set(may_report(stage)) == {"200001", "200002", "200003"}
    switched = stage.customer("PUT", "/api/session/company", {"company_id": other.company.id})
    assert switched.json["rights"]["machines"] is False
    assert may_report(stage) == {"300001": True}


def test_many_machines_come_in_pages_that_together_are_whole(
    stage: Stage, adapters: Adapters
) -> None:
    rooms = {f"{300_000 + n}": str(n * 37 % 130) for n in range(130)}
    machines = [
        a_machine(
            number,
            contract_id="70002" if int(number) % 2 else "70001",
            location=Location("Zentrale", "A", "EG", room),
            meters=(a_meter(readings=1),),
        )
        for number, room in rooms.items()
    ]
    held = company()
    signed_in(stage, adapters, replace(held, machines={m.id: m for m in machines}))
    first = all_of(stage, f"{PATH}&limit=50")
    told = [*(machine["id"] for machine in first["machines"]), *first["order"]]
    assert told == sorted(rooms, key=lambda n: int(rooms[n]))
    pages, cursor = [], first["next_cursor"]
    while cursor:
        page = all_of(stage, f"{PATH}&limit=50&cursor={cursor}")
        pages.append([machine["id"] for machine in page["machines"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [50, 50, 30]
    assert sorted(n for page in pages for n in page) == sorted(rooms)


def test_a_cursor_belongs_to_its_scope(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, company(None, a_machine("200009"), a_machine("200010")))
    whole = all_of(stage, f"{PATH}&limit=1")["next_cursor"]
    own = all_of(stage, "/api/machines?limit=1")["next_cursor"]
    assert all_of(stage, f"{PATH}&cursor={whole}")["next_cursor"] is None
    assert all_of(stage, f"/api/machines?cursor={own}")["next_cursor"] is None
    refused = [
        stage.customer("GET", f"/api/machines?cursor={whole}"),
        stage.customer("GET", f"{PATH}&cursor={own}"),
        stage.customer("GET", f"/api/stickers?cursor={whole}"),
        stage.customer("GET", f"{PATH}&cursor={whole[:-2]}"),
        stage.customer("GET", f"{PATH}&cursor="),
        stage.customer("GET", f"{PATH}&limit=0"),
        stage.customer("GET", f"{PATH}&limit=201"),
    ]
    assert {(answer.status, answer.json["code"]) for answer in refused} == {(400, "bad_page")}


@pytest.mark.parametrize(
    "scope", ["", "all", "Company", "company,company", "company%20", "x" * 3000]
)
def test_an_unknown_scope_is_refused_in_words(stage: Stage, adapters: Adapters, scope: str) -> None:
    signed_in(stage, adapters, company())

    def asked(language: str) -> Answer:
        return stage.customer("GET", f"/api/machines?scope={scope}", language=language)

    for language, words in (
        ("de", "Diesen Umfang gibt es nicht"),
        ("en", "There is no such scope"),
    ):
        told = asked(language).json
        assert (told["status"], told["code"], told["field"]) == (422, "invalid", "scope")
        assert words in told["detail"]


def test_without_a_session_there_is_no_list(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, company())
    stage.cookies.clear()
    assert stage.customer("GET", PATH).status == 401


def test_a_right_that_is_withdrawn_ends_the_list_at_once(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, company(LOOKS_ONLY))
    assert len(may_report(stage)) == 3
    settle(
        adapters, a_holding(contacts=[a_contact(rights=REPORTS_ONLY)], contracts=[], machines=[])
    )
    assert may_report(stage) == {"200001": True}


def test_the_list_takes_as_many_requests_as_the_overview(stage: Stage, adapters: Adapters) -> None:
    more = [a_machine(str(200_010 + n), contract_id="70002") for n in range(20)]
    signed_in(stage, adapters, company(None, *more))
    asked_for_all(adapters)
    costs = []
    for path in ("/api/machines", PATH):
        with counted(adapters.table._client) as requests:
            assert stage.customer("GET", path).status == 200
        costs.append(dict(requests))
    three = {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 1, "dynamodb.Query": 1}
    assert costs == [three, three]
