"""Checking, storing and correcting readings through the front door."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, PortalRights, ReadingChannel
from meterportal.store import keys
from meterportal.store.portfolio import machines
from meterportal.store.writes import Write

from tests.support import clock
from tests.support.builders import (
    a_contact,
    a_contract,
    a_holding,
    a_link,
    a_machine,
    a_meter,
    settle,
)
from tests.support.customers import (
    CLARA,
    change,
    events,
    everything,
    put,
    release,
    said,
    signed_in,
    stored,
    values_of,
)
from tests.support.stage import Answer, Stage

GOOD = {"1": "11.000", "2": 4300}


def check(stage: Stage, machine_id: str = "200001", **body: object) -> Answer:
    return stage.customer("POST", f"/api/machines/{machine_id}/check", body)


# storing


def test_a_report_is_stored_and_told(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    told = put(stage, read_on="2026-11-22", values=GOOD, version=1)
    assert told.status == 200
    assert told.json == {
        "version": 2,
        "readings": [
            {
                "meter_id": number,
                "value": value,
                "read_on": "2026-11-22",
                "state": "reported",
                "verdict": "plausible",
                "reason": "",
                "findings": [],
                "released_on": None,
            }
            for number, value in (("1", 11_000), ("2", 4300))
        ],
    }
    machine = stored(adapters)
    assert (machine.version, machine.state) == (2, "reported")
    assert {reading.reported_by for reading in machine.readings} == {"5001"}
    assert events(adapters) == ["reported"]


def test_every_correction_is_history(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values=GOOD, version=1)
    put(stage, values={"1": 11_010}, version=2)
    put(stage, values={"1": 99_000}, confirm={"1": "Messe"}, version=3)
    rows = list(machines.history(adapters.table, "10000", "200001"))
    assert [row["event"] for row in rows] == ["reported", "corrected", "corrected"]
    assert [row["version"] for row in rows] == [2, 3, 4]
    last = rows[-1]
    assert (last["by"], last["channel"]) == ("5001", "PORTAL")
    assert last["entries"] == [
        {
            "meter_id": "1",
            "due_on": "2026-11-28",
            "value": 99_000,
            "read_on": "2026-11-23",
            "state": "reported",
            "verdict": "confirmed",
            "reason": "Messe",
            "before": {"value": 11_010, "read_on": "2026-11-23"},
        }
    ]
    assert values_of(adapters) == {"1": 99_000, "2": 4300}


def test_an_implausible_value_asks_first_and_stores_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    before = everything(adapters)
    asked = put(stage, values={"1": 99_000, "2": 4300}, version=1)
    assert (asked.status, asked.json["code"]) == (409, "needs_confirmation")
    (finding,) = asked.json["findings"]
    expected = finding["expected"]
    assert expected["low"] < expected["pages"] < expected["high"]
    last = expected["reading"]["value"] - expected["pages"]
    assert last > 0
    assert expected["reading"]["high"] == last + expected["high"]
    assert "Es wurde mehr gedruckt als sonst." in finding["reasons"]
    assert (finding["meter_id"], finding["severity"]) == ("1", "warn")
    assert "89.000 Seiten" in finding["text"]
    assert everything(adapters) == before
    confirmed = put(stage, values={"1": 99_000, "2": 4300}, confirm={"1": "Messe"}, version=1)
    assert [reading["verdict"] for reading in confirmed.json["readings"]] == [
        "confirmed",
        "plausible",
    ]


def test_a_correction_before_release_and_none_after(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values=GOOD, version=1)
    assert put(stage, values={"1": 11_010}, version=2).status == 200
    release(adapters)
    before = everything(adapters)
    for version in (3, 4):
        refused = put(stage, values={"1": 11_020, "2": 4300}, version=version)
        assert (refused.status, refused.json["code"]) == (409, "already_released")
        assert refused.json["state"] == "released"
        assert refused.json["released_on"] == "2026-11-23"
    assert check(stage, values={"1": 11_020}).status == 409
    assert everything(adapters) == before


def test_a_reading_without_a_request_is_taken_while_the_contract_is_on_the_portal(
    stage: Stage, adapters: Adapters
) -> None:
    ended = a_contract(ends_on=datetime(2025, 1, 1, tzinfo=UTC).date())
    signed_in(stage, adapters, a_holding(contracts=[ended]))
    assert put(stage, values=GOOD, version=1).status == 200


# the check


def test_a_check_tells_everything_and_stores_nothing(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    before = everything(adapters)
    told = check(stage, values={"1": "99.000", "2": "12,5"})
    assert told.status == 200
    assert everything(adapters) == before
    body = told.json
    assert body["machine_id"] == "200001"
    assert [(m["meter_id"], m["value"], m["verdict"]) for m in body["meters"]] == [
        ("1", 99_000, "unchecked"),
        ("2", None, "unchecked"),
    ]
    assert [(f["meter_id"], f["severity"]) for f in body["findings"]] == [
        ("1", "warn"),
        ("2", "block"),
    ]
    assert body["findings"] == [f for meter in body["meters"] for f in meter["findings"]]
    assert all(finding["text"] for finding in body["findings"])


def test_a_plausible_value_is_called_plausible_by_the_check(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    (meter,) = check(stage, values={"1": 11_000}).json["meters"]
    assert meter == {"meter_id": "1", "value": 11_000, "verdict": "plausible", "findings": []}


def test_a_check_of_a_future_day_blocks(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    told = check(stage, values={"1": 11_000}, read_on="2026-11-24").json
    assert [(f["code"], f["severity"]) for f in told["findings"]] == [("in_the_future", "block")]


def test_a_digit_too_many_is_refused_with_the_number_that_was_meant(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(a_meter(digits=5),))]))
    told = check(stage, values={"1": "108.850"}).json
    (meter,) = told["meters"]
    assert (meter["value"], meter["verdict"]) == (108_850, "unchecked")
    (found,) = told["findings"]
    assert (found["code"], found["severity"]) == ("too_many_digits", "block")
    assert found["suggestion"] == {"values": {"1": 10_850}}
    before = everything(adapters)
    for confirmed in ({}, {"1": "Stimmt so"}):
        refused = put(stage, values={"1": "108.850"}, version=1, confirm=confirmed)
        assert (refused.status, refused.json["code"]) == (422, "too_many_digits")
        assert refused.json["field"] == "values.1"
        assert refused.json["findings"] == [found]
        assert "5 Stellen" in refused.json["detail"]
    assert everything(adapters) == before
    flood = put(stage, values={"1": "1" * 79}, version=1)
    assert (flood.status, flood.json["code"]) == (422, "too_many_digits")
    assert put(stage, values={"1": 10_850}, version=1).status == 200


# the same once more


def test_a_double_click_stores_once(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    first = put(stage, values=GOOD, version=1)
    once = everything(adapters)
    assert [put(stage, values=GOOD, version=1).json for _ in range(3)] == [first.json] * 3
    assert put(stage, values=GOOD, version=2).json == first.json
    assert everything(adapters) == once


def test_two_tabs_give_one_reading_or_a_clear_refusal(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 11_000}, version=1)
    other = put(stage, values={"1": 11_050}, version=1)
    assert (other.status, other.json["code"]) == (412, "changed_meanwhile")
    assert other.json["version"] == 2
    (there,) = other.json["readings"]
    assert (there["meter_id"], there["value"], there["state"]) == ("1", 11_000, "reported")
    assert put(stage, values={"1": 11_050}, version=other.json["version"]).status == 200


def test_a_refusal_says_who_has_changed_the_readings_and_when(
    stage: Stage, adapters: Adapters
) -> None:
    colleague = a_contact("5002", first_name="Anna", last_name="König", email="anna@muster.example")
    contract = a_contract(reporters=("5001", "5002"))
    held = a_holding(contacts=[a_contact(), colleague], contracts=[contract])
    signed_in(stage, adapters, held, mailbox="anna@muster.example")
    put(stage, values={"1": 11_000}, version=1)
    single = put(stage, values={"1": 11_050}, version=1).json["readings"][0]
    assert single["reported_by"] == {"name": "Anna König", "me": True}
    stage.customer("POST", "/api/session", {"token": a_link(adapters)})
    reports = [{"machine_id": "200001", "values": {"1": 11_050}, "version": 1}]
    for told in (
        put(stage, values={"1": 11_050}, version=1).json,
        stage.customer("PUT", "/api/readings", {"machines": reports}).json["machines"][0],
    ):
        (there,) = told["readings"]
        assert there["reported_by"] == {"name": "Anna König", "me": False}
        at = datetime.fromisoformat(there["reported_at"])
        assert abs(clock.now() - at) < timedelta(minutes=5)
    seen = stored(adapters)
    change(adapters, readings=tuple(replace(r, reported_by="staff-1") for r in seen.readings))
    (there,) = put(stage, values={"1": 11_050}, version=1).json["readings"]
    assert there["reported_by"] is None


def test_a_key_tells_the_same_again_whatever_came_between(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    body = {"values": {"1": 99_000}, "confirm": {"1": "Messe"}, "version": 1}
    headers = {"Idempotency-Key": "tab-1"}

    def send(body: dict[str, object]) -> Answer:
        return stage.customer("PUT", "/api/machines/200001/readings", body, headers=headers)

    first = send(body)
    assert first.status == 200
    put(stage, values={"1": 11_000}, version=2)
    assert send(body).json == first.json
    release(adapters)
    assert send(body).json == first.json
    assert values_of(adapters) == {"1": 11_000}
    for other in (body | {"version": 2}, body | {"values": {"1": 99_001}}, body | {"confirm": {}}):
        reused = send(other)
        assert (reused.status, reused.json["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_mailbox_and_lives_for_a_day(stage: Stage, adapters: Adapters) -> None:
    contacts = [a_contact(), a_contact("5002", email="b@muster.example")]
    contracts = [a_contract(reporters=("5001", "5002"))]
    signed_in(stage, adapters, a_holding(contacts=contacts, contracts=contracts))
    path, headers = "/api/machines/200001/readings", {"idempotency-key": "k"}
    stage.customer("PUT", path, {"values": {"1": 11_000}, "version": 1}, headers=headers)
    place = keys.idempotency(CLARA, "k")
    row = adapters.table.get(*place)
    assert row is not None
    assert 86_300 < row["expires_at"] - clock.now().timestamp() <= 86_400

    update = "SET #expires_at = :past"
    adapters.table.write(
        Write(key=place, update=update, values={"past": row["expires_at"] - 86_400})
    )
    second = {"values": {"1": 11_010}, "version": 2}
    assert stage.customer("PUT", path, second, headers=headers).status == 200

    stage.customer("POST", "/api/session", {"token": a_link(adapters, mailbox="b@muster.example")})
    third = {"values": {"1": 11_020}, "version": 3}
    assert stage.customer("PUT", path, third, headers=headers).status == 200


def test_a_key_of_a_refused_request_is_free_again(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    path, headers = "/api/machines/200001/readings", {"idempotency-key": "k"}
    assert stage.customer("PUT", path, {"values": {"1": 1}, "version": 1}, headers=headers).status == 409  # fmt: skip
    assert stage.customer("PUT", path, {"values": GOOD, "version": 1}, headers=headers).status == 200  # fmt: skip


def test_a_key_is_short_and_printable(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    for key in ("", "x" * 129, "ü", "a\x07b", "a\nb"):
        refused = stage.customer(
            "PUT",
            "/api/machines/200001/readings",
            {"values": GOOD, "version": 1},
            headers={"idempotency-key": key},
        )
        assert (refused.status, refused.json["field"]) == (422, "Idempotency-Key"), key
    assert stored(adapters).version == 1


# whose machine


def test_every_machine_that_is_not_theirs_gets_the_same_404(
    stage: Stage, adapters: Adapters
) -> None:
    settle(
        adapters,
        a_holding(
            Company("10007", "Fremd AG"),
            contacts=[a_contact("6001", email="x@fremd.example")],
            contracts=[a_contract("70009", reporters=("6001",))],
            machines=[a_machine("300001", contract_id="70009")],
        ),
    )
    contacts = [a_contact(), a_contact("5002", email="b@muster.example")]
    contracts = [
        a_contract(),
        a_contract("70002", reporters=("5002",)),
        a_contract("70003", reading_channel=ReadingChannel.MPS),
    ]
    devices = [
        a_machine(),
        a_machine("200002", contract_id="70002"),
        a_machine("200003", contract_id="70003"),
        a_machine("200004", active=False),
        a_machine("200005", meters=(a_meter(billable=False),)),
        a_machine("200006", due_on=None),
        a_machine("200007", contract_id="79999"),
    ]
    signed_in(stage, adapters, a_holding(contacts=contacts, contracts=contracts, machines=devices))
    before = everything(adapters)
    foreign = ["300001", *(device.id for device in devices[1:])]
    made_up = ["999999", "0", "-", "x" * 64, "x" * 65, "x" * 3000, "200001 ", "20000١", "null"]
    told = []
    for number in foreign + made_up:
        told.append(said(put(stage, number, values=GOOD, version=1)))
        told.append(said(put(stage, number, values={"9": "x"}, version=99)))
        told.append(said(check(stage, number, values=GOOD)))
    assert all(answer == told[0] for answer in told)
    assert (told[0]["status"], told[0]["code"]) == (404, "not_found")
    assert everything(adapters) == before


def test_who_may_only_look_cannot_report(stage: Stage, adapters: Adapters) -> None:
    rights = PortalRights(machines=True)
    signed_in(stage, adapters, a_holding(contacts=[a_contact(rights=rights)]))
    assert put(stage, values=GOOD, version=1).status == 404
    assert check(stage, values=GOOD).status == 404


def test_a_refusal_of_a_run_is_lifted_by_the_customers_correction(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    put(stage, values=GOOD, version=1)
    refused = tuple(replace(r, refused="implausible_now") for r in stored(adapters).readings)
    change(adapters, readings=refused)
    put(stage, values={"1": 11_010}, version=2)
    assert {r.meter_id: r.refused for r in stored(adapters).readings} == {
        "1": None,
        "2": "implausible_now",
    }


def test_a_reading_is_dated_today_unless_said_otherwise(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put(stage, values={"1": 11_000}, version=1)
    yesterday = (datetime(2026, 11, 23, tzinfo=UTC) - timedelta(days=1)).date()
    put(stage, values={"2": 4300}, read_on=yesterday.isoformat(), version=2)
    assert [reading.read_on.isoformat() for reading in stored(adapters).readings] == [
        "2026-11-23",
        "2026-11-22",
    ]
