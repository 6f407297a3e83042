"""Readings by bucket: what staff see of a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.portfolio.contracts import Company, ReadingChannel
from meterportal.domain.reporting.readings import ReadingState

from tests.support.builders import DUE, a_contract, a_holding, a_machine, a_meter, settle
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    release,
    seen,
    settle_reported,
)
from tests.support.stage import Stage


def bucket(stage: Stage, name: str, **more: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{key}={value}" for key, value in {"bucket": name, **more}.items())
    answer = stage.staff("GET", f"/api/staff/readings?{query}", groups="read")
    assert answer.status == 200, answer.text
    machines: list[dict[str, Any]] = answer.json["machines"]
    return machines


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [reading["id"] for row in rows for reading in row["readings"]]


def test_readings_lie_in_their_buckets(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(
        adapters,
        [
            a_reported_machine("200001"),
            a_reported_machine("200002", a_confirmed_reading(), a_reading("2")),
            a_reported_machine("200003", a_reading("1")),
            a_machine("200004"),
            a_machine("200005", active=False),
        ],
    )
    assert ids(bucket(stage, "reported")) == [
        "200001.1.2026-11-28",
        "200001.2.2026-11-28",
        "200002.1.2026-11-28",
        "200002.2.2026-11-28",
        "200003.1.2026-11-28",
    ]
    assert ids(bucket(stage, "implausible")) == ["200002.1.2026-11-28"]
    assert bucket(stage, "released") == []
    missing = ["200003.2.2026-11-28", "200004.1.2026-11-28", "200004.2.2026-11-28"]
    assert ids(bucket(stage, "missing")) == missing

    release(stage, seen(*found[:3]))
    assert ids(bucket(stage, "reported")) == ["200002.1.2026-11-28"]
    assert ids(bucket(stage, "implausible")) == ["200002.1.2026-11-28"]
    assert ids(bucket(stage, "released")) == [
        "200001.1.2026-11-28",
        "200001.2.2026-11-28",
        "200002.2.2026-11-28",
        "200003.1.2026-11-28",
    ]
    assert ids(bucket(stage, "missing")) == missing
    assert ids(bucket(stage, "released", company_id="10000")) == ids(bucket(stage, "released"))


def test_a_row_says_what_staff_need(stage: Stage, adapters: Adapters) -> None:
    finding = Finding(
        "1", "usage_too_high", Severity.WARN, {"usage": 80_000, "last_on": "2026-10-28"}
    )
    machine = a_reported_machine("200001", a_confirmed_reading(findings=(finding,)))
    settle_reported(adapters, [machine])
    (row,) = bucket(stage, "implausible")

    assert row["company"] == {"id": "10000", "name": "Muster GmbH"}
    assert (row["contract_id"], row["due_on"], row["version"]) == ("70001", "2026-11-28", 2)
    assert (row["serial"], row["model"]) == ("SN200001", "IM C3000")
    assert row["location"] == {"site": "Zentrale", "building": "A", "floor": "EG", "room": "101"}
    (reading,) = row["readings"]
    assert reading["last"] == {"value": 10_000, "read_on": "2026-10-28", "estimated": False}
    assert (reading["meter_id"], reading["label"], reading["kind"]) == ("1", "S/W", "BW")
    assert (reading["value"], reading["read_on"], reading["verdict"], reading["state"]) == (
        90_000,
        "2026-11-22",
        "confirmed",
        "reported",
    )
    assert (reading["reason"], reading["reported_by"]) == ("Großauftrag im Herbst", "5001")
    assert reading["reported_at"].startswith("2026-11-22T08:00")
    assert "80.000 Seiten" in reading["findings"][0]["text"]
    english = stage.staff("GET", "/api/staff/readings?bucket=implausible", language="en").json
    told = english["machines"][0]["readings"][0]["findings"][0]["text"]
    assert "80,000 pages" in told


def test_of_a_released_reading_last_is_what_it_followed(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settle_reported(adapters)))
    (row,) = bucket(stage, "released")

    assert [reading["last"]["value"] for reading in row["readings"]] == [10_000, 4_000]


def test_missing_is_who_was_to_report(stage: Stage, adapters: Adapters) -> None:
    near = replace(a_meter(until=DUE - timedelta(days=10)), id="1")
    contracts = [
        a_contract(),
        a_contract("70002", reading_channel=ReadingChannel.MPS),
        a_contract("70003", ends_on=date(2026, 11, 22)),
    ]
    machines = [
        a_machine("200001"),
        a_machine("200002", contract_id="70002"),
        a_machine("200003", contract_id="70003"),
        a_machine("200004", meters=(near,)),
        a_machine("200005", meters=(a_meter(billable=False),)),
        a_machine("200006", due_on=None),
    ]
    settle(adapters, a_holding(contracts=contracts, machines=machines))

    assert [row["id"] for row in bucket(stage, "missing")] == ["200001"]
    (first, _) = bucket(stage, "missing")[0]["readings"]
    assert (first["state"], first["value"], first["last"]["value"]) == ("missing", None, 10_000)
    assert bucket(stage, "missing", contract_id="70002") == []


def test_a_list_is_sorted_by_due_date_over_all_companies_and_complete_in_pages(
    stage: Stage, adapters: Adapters
) -> None:
    expected = []
    for n in range(6):
        company, contract = str(10_000 + n), str(70_001 + n)
        due_on = DUE - timedelta(days=n % 3)
        numbers = [str(200_001 + 10 * n + m) for m in range(2)]
        machines = [
            a_reported_machine(
                number, a_reading("1", due_on=due_on), due_on=due_on, contract_id=contract
            )
            for number in numbers
        ]
        settle(
            adapters,
            a_holding(
                Company(company, f"Firma {n}"), contracts=[a_contract(contract)], machines=machines
            ),
        )
        expected += [(due_on.isoformat(), number) for number in numbers]

    for limit in (1, 5, 12, 50):
        assert paged(stage, "reported", limit=limit) == sorted(expected), limit
    assert paged(stage, "missing", limit=5) == sorted(expected)
    own = [place for place in sorted(expected) if place[1] in {"200021", "200022"}]
    assert paged(stage, "reported", limit=1, company_id="10002") == own
    assert paged(stage, "reported", limit=1, contract_id="70003") == own
    assert paged(stage, "reported", limit=1, contract_id="70003", company_id="10001") == []


def paged(stage: Stage, name: str, **query: Any) -> list[tuple[str, str]]:
    """(due date, number) of a bucket's machines, page after page."""
    places: list[tuple[str, str]] = []
    parameters = {"bucket": name, **query}
    while True:
        text = "&".join(f"{key}={value}" for key, value in parameters.items())
        page = stage.staff("GET", f"/api/staff/readings?{text}").json
        assert len(page["machines"]) <= query["limit"]
        places += [(row["due_on"], row["id"]) for row in page["machines"]]
        if page["next_cursor"] is None:
            return places
        parameters["cursor"] = page["next_cursor"]


def test_released_pages_go_on_behind_the_wholly_released(stage: Stage, adapters: Adapters) -> None:
    released = a_reading("1", state=ReadingState.RELEASED)
    found = [
        a_reported_machine("200001", released),
        a_reported_machine("200002", released, replace(released, meter_id="2")),
        a_reported_machine("200003", released, a_reading("2")),
    ]
    settle_reported(adapters, found)

    assert [place[1] for place in paged(stage, "released", limit=1)] == [
        "200002",
        "200001",
        "200003",
    ]


def test_a_sparse_bucket_comes_in_short_pages(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterportal.usecases.release.list_readings.LOOKED_AT", 2)
    settle_reported(
        adapters,
        [a_reported_machine(str(200001 + n)) for n in range(4)]
        + [a_reported_machine("200005", a_confirmed_reading())],
    )

    assert [place[1] for place in paged(stage, "implausible", limit=5)] == ["200005"]


def test_bad_questions_are_refused(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    cursor = stage.staff("GET", "/api/staff/readings?limit=1").json["next_cursor"]
    for query, status, code in (
        ("bucket=lost", 400, "bad_query"),
        ("limit=0", 400, "bad_page"),
        ("limit=201", 400, "bad_page"),
        ("limit=x", 400, "bad_page"),
        (f"limit=1&bucket=missing&cursor={cursor}", 400, "bad_page"),
        (f"limit=1&company_id=10000&cursor={cursor}", 400, "bad_page"),
        ("cursor=AAAA", 400, "bad_page"),
        (f"company_id={'9' * 65}", 400, "bad_query"),
    ):
        answer = stage.staff("GET", f"/api/staff/readings?{query}")
        assert (answer.status, answer.json["code"]) == (status, code), query
    assert stage.staff("GET", f"/api/staff/readings?limit=1&cursor={cursor}").status == 200
