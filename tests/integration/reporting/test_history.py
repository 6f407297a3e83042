"""The history of a machine: what was read, where it comes from, and the pages between."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import PortalRights, ReadingChannel
from meterportal.domain.portfolio.machines import Effective

from tests.support.builders import (
    a_contact,
    a_contract,
    a_holding,
    a_machine,
    a_meter,
    settle_machine,
)
from tests.support.customers import put, release, second_company, signed_in
from tests.support.stage import Stage


def entries(stage: Stage, meter: int = 0, machine_id: str = "200001") -> list[dict[str, Any]]:
    answer = stage.customer("GET", f"/api/machines/{machine_id}/history")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["meters"][meter]["readings"]
    return found


def a_history(*readings: Effective, **fields: Any) -> Any:
    return a_machine(meters=(a_meter(history=readings, **fields),))


def test_values_stand_newest_first_with_the_pages_since_the_one_before(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    found = entries(stage)
    assert len(found) == 11  # as many as the meter has counted down to 0
    assert found[0] == {
        "value": 10_000,
        "read_on": "2026-10-28",
        "origin": "imported",
        "state": "billed",
        "channel": "PORTAL",
        "estimated": False,
        "usage": 1_000,
        "per_day": 33.3,
        "reset": None,
    }
    assert found[-1]["usage"] is None
    assert found[-1]["per_day"] is None
    days = [entry["read_on"] for entry in found]
    assert days == sorted(days, reverse=True)


def test_what_waits_for_release_stands_first_and_is_told_apart_once_it_is_released(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 10_800}, version=1).status == 200
    newest = entries(stage)[0]
    assert (newest["origin"], newest["state"], newest["usage"]) == ("reported", "reported", 800)
    assert newest["per_day"] == 30.8  # 800 pages in 26 days
    release(adapters)
    assert entries(stage)[0]["origin"] == "imported"  # the builder's release leaves the history


def test_a_released_reading_is_told_as_ours(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 10_800, "2": 4_250}, version=1).status == 200
    run = stage.staff(
        "POST", "/api/staff/releases", {"selection": {"ids": ["200001"], "versions": {"200001": 2}}}
    )
    assert run.status == 202, run.text
    stage.drain()
    newest = entries(stage)[0]
    assert (newest["origin"], newest["state"], newest["value"]) == ("released", "released", 10_800)
    assert newest["usage"] == 800
    assert [entry["value"] for entry in entries(stage)].count(10_800) == 1


def test_pages_are_counted_over_a_reset_a_rollover_and_an_estimate(
    stage: Stage, adapters: Adapters
) -> None:
    machine = a_history(
        Effective(date(2026, 1, 1), 99_900),
        Effective(date(2026, 2, 1), 400),  # five digits: over the last one
        Effective(date(2026, 3, 1), 150, reset_end=900, reset_start=50),
        Effective(date(2026, 4, 1), 700, ReadingChannel.ESTIMATE, estimated=True),
        Effective(date(2026, 5, 1), 200),  # nothing explains this
        digits=5,
    )
    signed_in(stage, adapters, a_holding(machines=[machine]))
    told = [(e["origin"], e["usage"], e["estimated"]) for e in reversed(entries(stage))]
    assert told == [
        ("imported", None, False),
        ("imported", 500, False),
        ("reset", 600, False),
        ("estimated", 550, True),
        ("imported", None, False),
    ]
    assert entries(stage)[2]["reset"] == {"end": 900, "start": 50}


def test_of_two_values_on_one_day_the_later_one_has_the_pages(
    stage: Stage, adapters: Adapters
) -> None:
    machine = a_history(
        Effective(date(2026, 1, 1), 100),
        Effective(date(2026, 2, 1), 150),
        Effective(date(2026, 2, 1), 200),
    )
    signed_in(stage, adapters, a_holding(machines=[machine]))
    assert [e["usage"] for e in entries(stage)] == [100, None, None]


def test_a_meter_that_restarts_shows_its_period_s_pages(stage: Stage, adapters: Adapters) -> None:
    machine = a_history(
        Effective(date(2026, 1, 1), 500), Effective(date(2026, 2, 1), 300), cumulative=False
    )
    signed_in(stage, adapters, a_holding(machines=[machine]))
    assert entries(stage)[0]["usage"] == 300


def test_only_meters_that_are_billed_are_shown(stage: Stage, adapters: Adapters) -> None:
    machine = a_machine(meters=(a_meter(), a_meter("2", billable=False)))
    signed_in(stage, adapters, a_holding(machines=[machine]))
    answer = stage.customer("GET", "/api/machines/200001/history", language="en")
    assert [(m["id"], m["unit"]) for m in answer.json["meters"]] == [("1", "pages")]


def test_the_right_to_machines_shows_those_of_other_reporters_and_its_lack_hides_them(
    stage: Stage, adapters: Adapters
) -> None:
    def company(rights: PortalRights) -> Any:
        return a_holding(
            contacts=[
                a_contact(rights=rights),
                a_contact("5002", first_name="Paul", email="paul@muster.example"),
            ],
            contracts=[a_contract(), a_contract("70002", reporters=("5002",))],
            machines=[a_machine(), a_machine("200002", contract_id="70002")],
        )

    signed_in(stage, adapters, company(PortalRights(readings=True, machines=True)))
    assert len(entries(stage, machine_id="200002")) == 11
    body = {"kind": "gone"}
    read_only = stage.customer("POST", "/api/machines/200002/problems", body)
    assert read_only.status == 404
    adapters.table.batch_write(deletes=[("COMPANY#10000", "CONTACT#5001")])
    adapters.table.batch_write(
        deletes=[("COMPANY#10000", f"MACHINE#{n}") for n in (200001, 200002)]
    )
    signed_in(stage, adapters, company(PortalRights(readings=True, machines=False)))
    assert len(entries(stage)) == 11
    assert stage.customer("GET", "/api/machines/200002/history").status == 404


@pytest.mark.parametrize("machine_id", ["200009", "999999", "x" * 65, "COMPANY", "%20", "20.1"])
@pytest.mark.parametrize("what", ["history", "help"])
def test_foreign_and_unknown_machines_look_alike(
    stage: Stage, adapters: Adapters, machine_id: str, what: str
) -> None:
    second_company(adapters)  # holds 200009
    signed_in(stage, adapters)
    settle_machine(adapters, a_machine("200003", active=False))
    expected = stage.customer("GET", f"/api/machines/200003/{what}").json
    answer = stage.customer("GET", f"/api/machines/{machine_id}/{what}")
    assert answer.status == 404
    assert answer.json | {"correlation_id": ""} == expected | {"correlation_id": ""}


def test_nobody_signed_in_learns_nothing(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    stage.cookies.clear()
    assert stage.customer("GET", "/api/machines/200001/history").status == 401
