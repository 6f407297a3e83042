"""The overview through the front door: whose machines, in which order, what is said of each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, PortalRights, ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Location, MeterKind
from meterportal.domain.reporting.readings import ReadingState
from meterportal.store.portfolio import holdings, machines, outlines, packed_histories
from meterportal.usecases.access.sign_in import named_by

from tests.support import clock
from tests.support.builders import (
    a_contact,
    a_contract,
    a_holding,
    a_link,
    a_machine,
    a_meter,
    settle,
    settle_machine,
)
from tests.support.customers import CLARA, change, put, signed_in, stored
from tests.support.stage import Answer, Stage
from tests.support.units import metered


def overview(stage: Stage, path: str = "/api/machines") -> Answer:
    answer = stage.customer("GET", path)
    assert answer.status == 200, answer.text
    return answer


def listed(stage: Stage) -> list[str]:
    return [machine["id"] for machine in overview(stage).json["machines"]]


def test_the_overview_has_the_agreed_shape(stage: Stage, adapters: Adapters) -> None:
    last = a_meter().history[-1]
    meter = replace(a_meter(), history=(last, Effective(date(2026, 11, 1), 10_100, estimated=True)))
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(meter,))]))
    assert overview(stage).json == {
        "company": {"id": "10000", "name": "Muster GmbH"},
        "today": "2026-11-23",
        "due_on": "2026-11-28",
        "progress": {"reported": 0, "total": 1},
        "next_cursor": None,
        "machines": [
            {
                "id": "200001",
                "serial": "SN200001",
                "maker": "Ricoh",
                "model": "IM C3000",
                "location": {"site": "Zentrale", "building": "A", "floor": "EG", "room": "101"},
                "customer_no": "K-1",
                "due_on": "2026-11-28",
                "version": 1,
                "complete": False,
                "problem": None,
                "meters": [
                    {
                        "id": "1",
                        "label": "S/W",
                        "display_label": "Drucke gesamt S/W",
                        "kind": "BW",
                        "last": {"value": 10_100, "read_on": "2026-11-01", "estimated": True},
                        "reading": None,
                    }
                ],
            }
        ],
    }


def test_a_reading_of_the_period_is_shown_with_verdict_reason_and_findings(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 99_000}, confirm={"1": "Messe"}, version=1).status == 200
    first, second = overview(stage).json["machines"][0]["meters"]
    assert second["reading"] is None
    (finding,) = first["reading"].pop("findings")
    del first["reading"]["reported_at"]
    assert first["reading"] == {
        "value": 99_000,
        "read_on": "2026-11-23",
        "state": "reported",
        "verdict": "confirmed",
        "reason": "Messe",
        "released_on": None,
        "reported_by": {"name": "Clara Schäfer", "me": True},
    }
    assert finding["code"] == "usage_too_high"
    assert "89.000 Seiten" in finding["text"]


def test_a_reading_says_who_reported_it_and_when(stage: Stage, adapters: Adapters) -> None:
    colleague = a_contact("5002", first_name="Anna", last_name="König", email="anna@muster.example")
    held = a_holding(
        contacts=[a_contact(), colleague],
        contracts=[a_contract(reporters=("5001", "5002"))],
        machines=[a_machine(), a_machine("200002")],
    )
    signed_in(stage, adapters, held)
    put(stage, values={"1": 10_850}, version=1)
    stage.customer(
        "POST", "/api/session", {"token": a_link(adapters, mailbox=colleague.mailbox or "")}
    )
    put(stage, "200002", values={"1": 10_850}, version=1)
    first, second = (
        machine["meters"][0]["reading"] for machine in overview(stage).json["machines"]
    )
    assert first["reported_by"] == {"name": "Clara Schäfer", "me": False}
    assert second["reported_by"] == {"name": "Anna König", "me": True}
    told = datetime.fromisoformat(first["reported_at"])
    assert told.tzinfo is not None
    assert abs(told - clock.now()) < timedelta(minutes=5)
    assert overview(stage).json["machines"][0]["meters"][1]["reading"] is None


def test_what_no_contact_reported_names_nobody(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 10_850}, version=1)
    seen = stored(adapters)
    change(adapters, readings=tuple(replace(r, reported_by="staff-1") for r in seen.readings))
    shown = overview(stage).json["machines"][0]["meters"][0]["reading"]
    assert shown["reported_by"] is None
    assert shown["reported_at"] is not None


def test_findings_speak_the_language_that_is_asked_for(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(contacts=[a_contact(language="en")]))
    put(stage, values={"1": 99_000}, confirm={"1": "fair"}, version=1)

    def text(**more: str) -> str:
        machines = stage.customer("GET", "/api/machines", **more).json["machines"]
        found: str = machines[0]["meters"][0]["reading"]["findings"][0]["text"]
        return found

    assert "89.000 Seiten" in text(language="de-AT,de;q=0.9")
    assert "89,000 pages" in text(language="en")
    assert "89,000 pages" in text(language="")


def test_what_is_released_says_so(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 11_000, "2": 4300}, version=1)
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    readings = tuple(
        replace(r, state=ReadingState.RELEASED, released_at=now) for r in stored(adapters).readings
    )
    change(adapters, readings=readings)
    shown = overview(stage).json["machines"][0]["meters"][0]["reading"]
    assert (shown["state"], shown["released_on"]) == ("released", "2026-11-24")


def test_machines_stand_in_walking_order(stage: Stage, adapters: Adapters) -> None:
    places = {
        "1": Location("Werk", "A", "EG", "1"),
        "2": Location("Filiale", "B", "1. OG", "10"),
        "3": Location("Filiale", "B", "1. OG", "9"),
        "4": Location("Filiale", "B", "UG", "2"),
        "5": Location("Filiale", "B", "EG", "2"),
    }
    machines = [a_machine(number, location=place) for number, place in places.items()]
    signed_in(stage, adapters, a_holding(machines=machines))
    assert listed(stage) == ["4", "5", "3", "2", "1"]


def test_only_billable_meters_are_shown_in_their_order(stage: Stage, adapters: Adapters) -> None:
    meters = (
        a_meter("3", kind=MeterKind.TOTAL),
        a_meter("1"),
        a_meter("2", kind=MeterKind.SCAN, billable=False),
    )
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=meters)]))
    (machine,) = overview(stage).json["machines"]
    assert [meter["id"] for meter in machine["meters"]] == ["3", "1"]


def test_only_machines_that_are_asked_for_are_shown(stage: Stage, adapters: Adapters) -> None:
    machines = [
        a_machine("1"),
        a_machine("2", active=False),
        a_machine("3", meters=(a_meter(billable=False),)),
        a_machine("4", due_on=None),
        a_machine("5", contract_id="70002"),
        a_machine("6", contract_id="70003"),
        a_machine("7", contract_id="70004"),
        a_machine("8", contract_id="70099"),
    ]
    contracts = [
        a_contract("70001", ends_on=date(2025, 1, 1)),
        a_contract("70002", reading_channel=ReadingChannel.MPS),
        a_contract("70003", reporters=("5002",)),
        a_contract("70004", reporters=()),
    ]
    contacts = [a_contact(), a_contact("5002", email="b@muster.example", role="meter_reporting")]
    signed_in(stage, adapters, a_holding(contacts=contacts, contracts=contracts, machines=machines))
    assert listed(stage) == ["1"]
    stage.customer("POST", "/api/session", {"token": a_link(adapters, mailbox="b@muster.example")})
    assert listed(stage) == ["6", "7"]


def test_who_may_not_report_sees_nothing_to_report(stage: Stage, adapters: Adapters) -> None:
    rights = PortalRights(machines=True)
    signed_in(stage, adapters, a_holding(contacts=[a_contact(rights=rights)]))
    shown = overview(stage).json
    assert (shown["machines"], shown["due_on"]) == ([], None)
    assert shown["progress"] == {"reported": 0, "total": 0}


def test_progress_counts_complete_machines(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine(str(number)) for number in range(1, 4)]
    signed_in(stage, adapters, a_holding(machines=machines))
    put(stage, "1", values={"1": 11_000, "2": 4300}, version=1)
    put(stage, "2", values={"1": 11_000}, version=1)
    shown = overview(stage).json
    assert shown["progress"] == {"reported": 1, "total": 3}
    assert [machine["complete"] for machine in shown["machines"]] == [True, False, False]


def test_the_overviews_due_date_is_the_earliest_that_is_still_open(
    stage: Stage, adapters: Adapters
) -> None:
    machines = [
        a_machine("1"),
        a_machine("2", due_on=date(2026, 12, 5)),
        a_machine("3", due_on=date(2026, 12, 1)),
    ]
    signed_in(stage, adapters, a_holding(machines=machines))
    seen = []
    for number in ("1", "3", "2"):
        seen.append(overview(stage).json["due_on"])
        put(stage, number, values={"1": 11_000, "2": 4300}, version=1)
    assert seen == ["2026-11-28", "2026-12-01", "2026-12-05"]
    assert overview(stage).json["due_on"] == "2026-11-28"


def test_long_lists_come_in_pages_that_together_are_whole(stage: Stage, adapters: Adapters) -> None:
    rooms = {str(number): str(9 - number) for number in range(1, 8)}
    machines = [a_machine(n, location=Location(room=room)) for n, room in rooms.items()]
    signed_in(stage, adapters, a_holding(machines=machines))
    put(stage, "7", values={"1": 11_000, "2": 4300}, version=1)
    first = overview(stage, "/api/machines?limit=3").json
    assert [machine["id"] for machine in first["machines"]] == ["7", "6", "5"]
    assert first["order"] == ["4", "3", "2", "1"]
    pages, cursor = [], first["next_cursor"]
    put(stage, "1", values={"1": 11_000, "2": 4300}, version=1)
    while cursor:
        page = overview(stage, f"/api/machines?limit=3&cursor={cursor}").json
        assert "order" not in page
        assert {name: page[name] for name in ("progress", "due_on")} == {
            "progress": {"reported": 1, "total": 7},
            "due_on": "2026-11-28",
        }, "the first page's facts"
        pages.append([machine["id"] for machine in page["machines"]])
        cursor = page["next_cursor"]
    assert pages == [["3", "2", "1"], ["6", "5", "4"], ["7"]]


def test_what_waits_is_told_on_every_page(stage: Stage, adapters: Adapters) -> None:
    later = [a_machine(str(n), due_on=date(2027, 3, n)) for n in range(1, 5)]
    signed_in(stage, adapters, a_holding(machines=later))
    first = overview(stage, "/api/machines?limit=2").json
    second = overview(stage, f"/api/machines?limit=2&cursor={first['next_cursor']}").json
    third = overview(stage, f"/api/machines?limit=2&cursor={second['next_cursor']}").json
    assert {page["opens_on"] for page in (first, second, third)} == {first["opens_on"]}
    assert first["opens_on"] == min(machine["opens_on"] for machine in second["machines"])


def test_all_pages_together_read_the_company_twice(stage: Stage, adapters: Adapters) -> None:
    history = tuple(Effective(date(2020, 1, 1) + timedelta(days=30 * n), n) for n in range(40))
    meters = tuple(replace(a_meter(str(n)), history=history) for n in range(1, 4))
    machines = [a_machine(str(n), meters=meters) for n in range(1000, 1120)]
    costs = {}
    signed_in(stage, adapters, a_holding(machines=machines[:60]))
    for count in (60, 120):
        for machine in machines[60:count]:
            settle_machine(adapters, machine)
        with metered(adapters.table._client) as once:
            holdings.load(adapters.table, "10000")
        with metered(adapters.table._client) as consumed:
            page = overview(stage, "/api/machines?limit=10").json
            while page["next_cursor"]:
                page = overview(stage, f"/api/machines?limit=10&cursor={page['next_cursor']}").json
        pages = count // 10 + 1
        # Session, mailbox, account, link, and the company's people: 6 at most on every page.
        assert consumed.read <= 2 * once.read + 7 * pages
        assert consumed.requests["Query"] == 2 * pages - 1
        costs[count] = consumed.read
    assert costs[120] <= 2.05 * costs[60]


def test_a_body_is_read_where_it_is_shown_and_makes_no_machine(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order, progress and counts are read of outlines."""
    signed_in(stage, adapters, a_holding(machines=[a_machine(str(n)) for n in range(100, 130)]))
    read: list[str] = []
    original = outlines.shown

    def noticed(item: Any) -> Any:
        read.append(item["sk"])
        return original(item)

    monkeypatch.setattr(outlines, "shown", noticed)
    monkeypatch.delattr(machines, "unpack")
    page = overview(stage, "/api/machines?limit=10").json
    assert (len(read), page["progress"]["total"]) == (10, 30)
    while page["next_cursor"]:
        page = overview(stage, f"/api/machines?limit=10&cursor={page['next_cursor']}").json
    assert len(read) == 10 + 30
    read.clear()
    assert stage.customer("GET", "/api/session?counts=1").json["companies"][0]["open"] == 30
    assert read == []


def test_meters_that_machines_share_are_read_once(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(str(n)) for n in range(100, 130)]))
    outlines._rows.cache_clear()
    assert len(overview(stage, "/api/machines").json["machines"]) == 30
    assert outlines._rows.cache_info().misses == 1


def test_a_list_makes_no_entry_of_a_history(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = tuple(Effective(date(2020, 1, 1) + timedelta(days=30 * n), n) for n in range(40))
    meters = tuple(replace(a_meter(str(n)), history=history) for n in range(1, 4))
    signed_in(stage, adapters, a_holding(machines=[a_machine(str(n), meters=meters) for n in "12"]))
    for name in ("unpack_entry", "entries_of", "_numbers"):
        monkeypatch.delattr(packed_histories, name)
    shown = overview(stage).json["machines"]
    assert {meter["last"]["value"] for machine in shown for meter in machine["meters"]} == {39}


def test_a_cursor_belongs_to_its_session_company_and_list(stage: Stage, adapters: Adapters) -> None:
    other = Company("10007", "Abakus AG")
    settle(
        adapters,
        a_holding(
            other,
            contacts=[a_contact("6001")],
            contracts=[a_contract("70009", reporters=("6001",))],
            machines=[a_machine("8", contract_id="70009"), a_machine("9", contract_id="70009")],
        ),
    )
    machines = [a_machine(str(number)) for number in range(1, 4)]
    held = signed_in(stage, adapters, a_holding(machines=machines))
    cursor = overview(stage, "/api/machines?limit=2").json["next_cursor"]
    path = f"/api/machines?limit=2&cursor={cursor}"
    assert {machine["id"] for machine in overview(stage, path).json["machines"]} == {"1", "2"}

    change(adapters, "2", active=False)
    assert {machine["id"] for machine in overview(stage, path).json["machines"]} == {"1"}
    change(adapters, "2", active=True)
    stage.customer("PUT", "/api/session/company", {"company_id": other.id})
    bad = [stage.customer("GET", path)]
    stage.customer("PUT", "/api/session/company", {"company_id": held.company.id})
    assert stage.customer("GET", path).status == 200
    for forged in (cursor[:-1], cursor + "A", "x", "", "k1.", "ü", "a" * 5000):
        bad.append(stage.customer("GET", f"/api/machines?cursor={forged}"))
    from_another_list = adapters.keys.seal_cursor("staff-1", {"after": "1"})
    bad.append(stage.customer("GET", f"/api/machines?cursor={from_another_list}"))
    session = named_by(stage.cookies["__Host-session"])
    of_an_earlier_version = adapters.keys.seal_cursor(
        f"machines/{session}/{held.company.id}", {"after": "1"}
    )
    bad.append(stage.customer("GET", f"/api/machines?cursor={of_an_earlier_version}"))
    for limit in ("0", "-1", "201", "1000000", "x", "1.5", ""):
        bad.append(stage.customer("GET", f"/api/machines?limit={limit}"))
    assert {(answer.status, answer.json["code"]) for answer in bad} == {(400, "bad_page")}


def test_large_answers_are_zipped(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine(str(number)) for number in range(1, 31)]
    signed_in(stage, adapters, a_holding(machines=machines))
    zipped = stage.customer("GET", "/api/machines")
    assert zipped.headers["Content-Encoding"] == "gzip"
    plain = stage.customer("GET", "/api/machines", headers={"accept-encoding": "identity"})
    assert json.loads(plain.text) == zipped.json


def test_an_address_is_never_part_of_the_overview(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 11_000}, version=1)
    assert CLARA not in overview(stage).text
