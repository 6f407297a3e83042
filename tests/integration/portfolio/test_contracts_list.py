"""Staff's list of contracts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, ReadingChannel
from meterportal.usecases.portfolio import list_contracts

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.requesting import a_company, ask, report
from tests.support.stage import Stage, query
from tests.support.wire import counted


def listed(stage: Stage, **parameters: str) -> Any:
    answer = stage.staff("GET", query("/api/staff/contracts", **parameters), groups="read")
    assert answer.status == 200, answer.text
    return answer.json


def ids(stage: Stage, **parameters: str) -> list[str]:
    return [contract["id"] for contract in listed(stage, **parameters)["contracts"]]


def test_a_contract_shows_who_reports_how_far_it_is_and_what_stands_in_the_way(
    stage: Stage, adapters: Adapters
) -> None:
    settle(
        adapters,
        a_holding(
            contacts=[a_contact(), replace(a_contact("5002"), email="x at y", mailbox=None)],
            contracts=[a_contract(reporters=("5001", "5002"))],
            machines=[a_machine(), a_machine("200002"), a_machine("200003", active=False)],
        ),
    )
    report(adapters, "200001", "1", "2")
    (contract,) = listed(stage)["contracts"]
    (reason,) = contract.pop("reasons")
    assert reason["code"] == "email_invalid"
    assert "x at y" in reason["text"]
    assert contract == {
        "id": "70001",
        "company": {"id": "10000", "name": "Muster GmbH"},
        "name": "Service Vollwartung",
        "reading_channel": "PORTAL",
        "interval": "MONTHLY",
        "due_on": "2026-11-28",
        "reporters": [
            {"id": "5001", "name": "Clara Schäfer", "email": "clara@muster.example",
             "granted": True},
            {"id": "5002", "name": "Clara Schäfer", "email": "x at y", "granted": False},
        ],
        "machines": {"total": 2, "reported": 1, "released": 0},
        "state": "partly",
        "asked": False,
        "ready": False,
        "notes": [],
    }  # fmt: skip


def portfolio(adapters: Adapters) -> None:
    """Three companies with contracts due on three days; the last one reports by phone."""
    for n in range(3):
        number = str(10_000 + n)
        contracts = [
            a_contract(
                f"7{n}{k}",
                reporters=(f"500{n}",),
                next_billing_on=DUE + timedelta(days=k),
                reading_channel=ReadingChannel.PHONE if n == 2 else ReadingChannel.PORTAL,
            )
            for k in range(3)
        ]
        settle(
            adapters,
            a_holding(
                Company(number, f"Firma {n}"),
                contacts=[a_contact(f"500{n}", email=f"box{n}@haus.example")],
                contracts=contracts,
                machines=[
                    a_machine(f"2{c.id}", contract_id=c.id, due_on=c.due_on) for c in contracts
                ],
            ),
        )


EVERYTHING = ["700", "710", "720", "701", "711", "721", "702", "712", "722"]


def pages(stage: Stage, **parameters: str) -> list[list[str]]:
    found = []
    page = listed(stage, **parameters)
    while True:
        found.append([contract["id"] for contract in page["contracts"]])
        if page["next_cursor"] is None:
            return found
        page = listed(stage, **parameters, cursor=page["next_cursor"])


def test_the_contracts_of_an_answer_come_by_due_date_then_company(
    stage: Stage, adapters: Adapters
) -> None:
    portfolio(adapters)
    assert ids(stage) == EVERYTHING


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_pages_hold_each_contract_once(stage: Stage, adapters: Adapters, limit: int) -> None:
    portfolio(adapters)
    found = pages(stage, limit=str(limit))
    assert sorted(number for page in found for number in page) == sorted(EVERYTHING)
    assert all(len(page) <= limit for page in found)
    assert all(page == sorted(page, key=EVERYTHING.index) for page in found)
    of_one = pages(stage, limit=str(limit), company_id="10001")
    assert [number for page in of_one for number in page] == ["710", "711", "712"]


@pytest.mark.parametrize(("name", "most"), [("LOOKED_AT", 1), ("LOADED", 1)])
def test_an_answer_ends_when_it_has_looked_at_enough(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    """Whatever the portfolio's size: a filter that fits nothing leads through pages without contracts."""
    monkeypatch.setattr(list_contracts, name, most)
    portfolio(adapters)
    found = pages(stage)
    assert [len(page) for page in found][:3] == [3, 3, 3]
    assert sorted(number for page in found for number in page) == sorted(EVERYTHING)
    report(adapters, "2722", "1", "2")
    found = pages(stage, state="complete")
    assert len(found) >= 3
    assert [number for page in found for number in page] == ["722"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"company_id": "10001"}, ["710", "711", "712"]),
        ({"contract_id": "711"}, ["711"]),
        ({"contract_id": "404"}, []),
        ({"company_id": "404"}, []),
        ({"reading_channel": "PHONE", "due_before": "2026-11-29"}, ["720", "721"]),
        ({"due_before": "2026-11-27"}, []),
        ({"state": "complete"}, ["711"]),
        ({"state": "partly"}, ["702"]),
        ({"state": "released"}, []),
        ({"state": "open", "company_id": "10001"}, ["710", "712"]),
    ],
)
def test_filters(
    stage: Stage, adapters: Adapters, parameters: dict[str, str], expected: list[str]
) -> None:
    portfolio(adapters)
    report(adapters, "2711", "1", "2")
    report(adapters, "2702", "1")
    assert ids(stage, **parameters) == expected


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"limit": "0"}, 400),
        ({"limit": "-1"}, 400),
        ({"limit": "1000000"}, 400),
        ({"cursor": "forged"}, 400),
        ({"due_before": "31.12.2026"}, 400),
        ({"reading_channel": "PIGEON"}, 400),
        ({"state": "odd"}, 400),
    ],
)
def test_odd_parameters_are_refused(stage: Stage, parameters: dict[str, str], status: int) -> None:
    answer = stage.staff("GET", query("/api/staff/contracts", **parameters))
    assert answer.status in {status, 422}
    assert answer.json["code"] in {"bad_page", "bad_query"}


def test_a_cursor_belongs_to_its_list_and_filter(stage: Stage, adapters: Adapters) -> None:
    portfolio(adapters)
    cursor = listed(stage, limit="1")["next_cursor"]
    other = query("/api/staff/contracts", limit="1", cursor=cursor, company_id="10000")
    assert stage.staff("GET", other).status == 400


def test_who_was_asked_shows(stage: Stage, adapters: Adapters) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    (contract,) = listed(stage)["contracts"]
    assert (contract["id"], contract["asked"], contract["ready"]) == (number, True, True)


def test_a_page_costs_the_index_and_one_query_a_company(stage: Stage, adapters: Adapters) -> None:
    portfolio(adapters)
    stage.staff("GET", "/api/staff/contracts")
    with counted(adapters.table._client) as requests:
        listed(stage)
    # 8 shards of the index, 3 companies; mailboxes of all nine contracts at once
    assert requests == {"dynamodb.Query": 11, "dynamodb.BatchGetItem": 1}


def test_nobody_without_a_group_sees_it(stage: Stage) -> None:
    assert stage.staff("GET", "/api/staff/contracts", groups="").status == 403
