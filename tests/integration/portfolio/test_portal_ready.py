"""Portal Ready through its doors: reasons, rights granted, nothing written twice, large selections."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, Contact, PortalRights
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.portfolio import check_readiness

from tests.support.builders import a_contact, a_contract, a_holding, settle
from tests.support.faults import interrupted
from tests.support.stage import Answer, Context, Stage
from tests.support.wire import counted

ALL: dict[str, Any] = {"filter": {}}


def new_contact(number: str = "5001", **fields: Any) -> Contact:
    """As an import leaves one: no rights yet."""
    return a_contact(number, rights=None, **fields)


def check(stage: Stage, selection: Any = None, *, dry_run: bool = False, **more: Any) -> Answer:
    body = {"selection": selection or ALL, "dry_run": dry_run}
    return stage.staff("POST", "/api/staff/readiness", body, **more)


def rights_of(adapters: Adapters, company_id: str = "10000", contact_id: str = "5001") -> Any:
    found = holdings.contacts(adapters.table, [(company_id, contact_id)])
    return found[company_id, contact_id].rights


def test_running_it_grants_rights_and_claims_the_address_at_once(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    given = check(stage)
    assert given.status == 200
    assert given.json == {
        "ready": ["70001"],
        "not_ready": [],
        "notes": [],
        "granted": [
            {
                "contact_id": "5001",
                "company_id": "10000",
                "rights": {"readings": True, "machines": True, "service_orders": "open"},
                "new": True,
            }
        ],
    }
    assert rights_of(adapters) == PortalRights(readings=True, machines=True, service_orders="open")
    assert mailboxes.load(adapters.table, "clara@muster.example").claims == {"10000": "5001"}


def test_a_dry_run_tells_the_same_and_writes_nothing(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    tried = check(stage, dry_run=True)
    assert rights_of(adapters) is None
    assert mailboxes.load(adapters.table, "clara@muster.example").claims == {}
    assert check(stage).json == tried.json


def test_running_it_again_writes_nothing(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    check(stage)
    with counted(adapters.table._client) as requests:
        again = check(stage)
    assert again.json["granted"][0]["new"] is False
    assert set(requests) <= {"dynamodb.Query", "dynamodb.BatchGetItem", "dynamodb.GetItem"}


def test_a_contact_keeps_the_rights_that_somebody_chose(stage: Stage, adapters: Adapters) -> None:
    chosen = PortalRights(readings=True, machines=False, service_orders="all")
    settle(adapters, a_holding(contacts=[a_contact(rights=chosen)]), claimed=False)
    adapters.table.write(holdings.grant(a_contact(), chosen, at="2026-11-01T00:00:00+00:00"))
    assert check(stage).json["granted"][0]["new"] is True
    assert rights_of(adapters) == chosen


def test_every_contract_of_the_selection_is_ready_or_says_why_not(
    stage: Stage, adapters: Adapters
) -> None:
    settle(
        adapters,
        a_holding(
            contacts=[new_contact(), replace(new_contact("5002"), email="x at y", mailbox=None)],
            contracts=[a_contract(), a_contract("70002", reporters=("5002", "5999"))],
        ),
        claimed=False,
    )
    told = check(stage, {"ids": ["70001", "70002", "70404"]}).json
    assert told["ready"] == ["70001"]
    reasons = {one["contract_id"]: one["reasons"] for one in told["not_ready"]}
    assert [reason["code"] for reason in reasons["70404"]] == ["contract_unknown"]
    assert {(r["code"], r["contact_id"]) for r in reasons["70002"]} == {
        ("email_invalid", "5002"),
        ("reporter_unknown", "5999"),
    }
    english = check(stage, {"ids": ["70404"]}, language="en").json["not_ready"][0]["reasons"][0]
    assert english["text"] == "There is no such contract."


def test_two_contacts_of_a_company_at_one_address_are_both_named_and_get_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    pair = [new_contact(), new_contact("5002", first_name="Anna", email="CLARA@muster.example")]
    settle(adapters, a_holding(contacts=pair), claimed=False)
    told = check(stage).json
    assert told["ready"] == told["granted"] == []
    (reason,) = told["not_ready"][0]["reasons"]
    assert reason["code"] == "email_doubled"
    assert "5001 Clara Schäfer, 5002 Anna Schäfer" in reason["text"]


def test_one_address_at_four_companies_is_granted_in_each_and_reported_as_information(
    stage: Stage, adapters: Adapters
) -> None:
    for n in range(4):
        person = new_contact(str(5001 + n), email="facility@haus.example")
        contract = a_contract(str(70001 + n), reporters=(person.id,))
        company = Company(str(10000 + n), f"Firma {n}")
        settle(
            adapters,
            a_holding(company, contacts=[person], contracts=[contract], machines=[]),
            claimed=False,
        )
    told = check(stage).json
    assert sorted(told["ready"]) == ["70001", "70002", "70003", "70004"]
    assert {(n["severity"], n["code"]) for n in told["notes"]} == {("info", "email_elsewhere")}
    assert len(told["notes"]) == 4
    claims = mailboxes.load(adapters.table, "facility@haus.example").claims
    assert claims == {"10000": "5001", "10001": "5002", "10002": "5003", "10003": "5004"}


def test_a_claim_of_somebody_who_left_the_address_passes_on(
    stage: Stage, adapters: Adapters
) -> None:
    before = a_holding(contacts=[new_contact("5002")], contracts=[], machines=[])
    settle(adapters, before, claimed=False)
    adapters.table.write(mailboxes.claim(new_contact("5002")))
    moved = replace(new_contact("5002"), active=False)
    adapters.table.write(
        holdings.save_master(keys.contact("10000", "5002"), holdings.contact_master(moved))
    )
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    assert check(stage).json["ready"] == ["70001"]
    assert mailboxes.load(adapters.table, "clara@muster.example").claims == {"10000": "5001"}


@pytest.mark.parametrize("call", range(8, 12))
def test_an_address_changed_in_between_is_judged_afresh(
    stage: Stage, adapters: Adapters, call: int
) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    gone = replace(new_contact(), email="", mailbox=None)

    def change() -> None:
        master = holdings.contact_master(gone)
        adapters.table.write(holdings.save_master(keys.contact("10000", "5001"), master))

    with interrupted(call, change):
        told = check(stage).json
    held = mailboxes.load(adapters.table, "clara@muster.example").claims
    if told["ready"]:  # the change came after the grant, or never
        assert told["granted"][0]["new"]
        assert held == {"10000": "5001"}
    else:
        assert told["not_ready"][0]["reasons"][0]["code"] == "email_missing"
        assert held == {}
        assert rights_of(adapters) is None


@pytest.mark.parametrize("call", range(12))
def test_two_contacts_at_once_cannot_both_own_an_address(
    stage: Stage, adapters: Adapters, call: int
) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    second = a_holding(contacts=[new_contact("5002")], contracts=[], machines=[])
    owners = []

    def claim_for_the_second() -> None:
        settle(adapters, second, claimed=False)
        with suppress(ConditionFailed):
            adapters.table.write(mailboxes.claim(second.contacts["5002"]))
            owners.append("5002")

    with interrupted(call, claim_for_the_second) as calls:
        told = check(stage).json
    owners += [one["contact_id"] for one in told["granted"]]
    assert len(owners) == 1
    assert mailboxes.load(adapters.table, "clara@muster.example").claims == {"10000": owners[0]}
    if owners == ["5002"]:
        assert told["granted"] == []
        assert told["not_ready"][0]["reasons"][0]["code"] == "email_doubled"
        assert rights_of(adapters) is None
    assert len(calls) >= 3


def test_a_large_selection_goes_through_the_queue(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_readiness, "AT_ONCE", 1)
    contracts = [a_contract(), a_contract("70002", reporters=("5999",))]
    settle(adapters, a_holding(contacts=[new_contact()], contracts=contracts), claimed=False)
    for selection in (ALL, {"ids": ["70001", "70002", "70404"]}):
        given = check(stage, selection)
        assert given.status == 202
        path = f"/api/staff/readiness/{given.json['id']}"
        assert stage.staff("GET", path).json["state"] == "running"
        stage.drain()
        told = stage.staff("GET", path).json
        assert told["state"] == "done"
        assert told["ready"] == ["70001"]
        assert "70002" in {one["contract_id"] for one in told["not_ready"]}
        assert told["next_cursor"] is None
    assert [one["new"] for one in told["granted"]] == [False]


def test_a_long_result_comes_in_pages(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_readiness, "AT_ONCE", 1)
    monkeypatch.setattr("meterportal.store.portfolio.reasons.PIECE", 40)
    contracts = [a_contract(str(70_001 + n)) for n in range(30)]
    settle(adapters, a_holding(contracts=contracts))
    path = f"/api/staff/readiness/{check(stage).json['id']}"
    stage.drain()
    ready: list[str] = []
    pages = 0
    cursor: str | None = ""
    while cursor is not None:
        page = stage.staff("GET", f"{path}?cursor={cursor}" if cursor else path).json
        ready += page["ready"]
        cursor, pages = page["next_cursor"], pages + 1
    assert sorted(ready) == [contract.id for contract in contracts]
    assert pages > 1
    assert stage.staff("GET", f"{path}?cursor=forged").status == 400


def test_the_night_checks_the_whole_portfolio_once(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    run = stage.handler("check_readiness")
    event = {"kind": "portal_ready", "scheduled_at": "2026-11-23T04:00:00Z"}
    assert run(event, Context()) == {"check_id": "nightly-2026-11-23", "late": False}
    assert rights_of(adapters) is not None
    assert run(event, Context())["check_id"] == "nightly-2026-11-23"
    told = stage.staff("GET", "/api/staff/readiness/nightly-2026-11-23").json
    assert (told["state"], told["ready"]) == ("done", ["70001"])


@pytest.mark.parametrize("event", [{"kind": "other"}, {"kind": "portal_ready"}])
def test_what_is_not_the_schedules_event_grants_nothing(
    stage: Stage, adapters: Adapters, event: dict[str, str]
) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    assert stage.handler("check_readiness")(event, Context()) == {"check_id": None}
    assert rights_of(adapters) is None


def test_an_administrator_runs_it_by_hand(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[new_contact()]), claimed=False)
    assert stage.handler("check_readiness")({}, Context())["check_id"]
    assert rights_of(adapters) is not None


def test_who_may_only_read_starts_nothing(stage: Stage) -> None:
    assert check(stage, groups="read release").status == 403
    assert stage.staff("GET", "/api/staff/readiness/none", groups="read").status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"selection": {}}, 422),
        ({"selection": {"ids": []}}, 422),
        ({"selection": {"ids": ["1"], "filter": {}}}, 422),
        ({"selection": {"filter": {"unknown": 1}}}, 422),
        ({"selection": {"filter": {"due_before": "31.12.2026"}}}, 422),
        ({"selection": ALL, "dry_run": "yes"}, 422),
        ("{", 400),
    ],
)
def test_bad_input_is_refused(stage: Stage, body: Any, status: int) -> None:
    assert stage.staff("POST", "/api/staff/readiness", body).status == status
