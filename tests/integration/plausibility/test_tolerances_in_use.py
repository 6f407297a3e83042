"""The tolerances count wherever a value is judged: at entry, at release, in staff's check."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.writes import Write

from tests.support.builders import a_colour_meter, a_holding, a_machine, a_meter, settle
from tests.support.customers import asked_for_all, put, signed_in, stored
from tests.support.reported import (
    a_reading,
    a_reported_machine,
    codes,
    release,
    seen,
    settle_reported,
)
from tests.support.stage import Stage
from tests.support.wire import counted

BUSY = {"1": 12_300}
"""2,300 pages where 870 are expected: asked about by the usual tolerances."""


def tolerate(stage: Stage, version: int = 0, **levels: Any) -> None:
    answer = stage.staff("PUT", "/api/staff/tolerances", {"version": version, **levels})
    assert answer.status == 200, answer.text


WIDE = {"ceiling": 6, "width": 5}
NARROW = {"ceiling": 1.05, "width": 0.2, "quiet_pages": 1}


def at_entry(stage: Stage, values: dict[str, int]) -> int:
    return put(stage, values=values, version=1).status


def test_at_entry(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert at_entry(stage, BUSY) == 409
    tolerate(stage, dealer=WIDE)
    check = stage.customer("POST", "/api/machines/200001/check", {"values": BUSY}).json
    assert [meter["verdict"] for meter in check["meters"]] == ["plausible"]
    assert at_entry(stage, BUSY) == 200
    (reading,) = stored(adapters).readings
    assert (reading.verdict.value, reading.findings) == ("plausible", ())


@pytest.mark.parametrize(
    ("levels", "status"),
    [
        ({"families": {"im c": WIDE}}, 200),
        ({"families": {"bizhub": WIDE}}, 409),
        ({"kinds": {"BW": WIDE}}, 200),
        ({"kinds": {"COLOUR": WIDE}}, 409),
        ({"contracts": {"70001": WIDE}}, 200),
        ({"contracts": {"70002": WIDE}}, 409),
        ({"dealer": WIDE, "contracts": {"70001": {"ceiling": 2, "width": 1}}}, 409),
    ],
)
def test_the_level_that_fits_the_meter_counts(
    stage: Stage, adapters: Adapters, levels: dict[str, Any], status: int
) -> None:
    signed_in(stage, adapters)
    tolerate(stage, **levels)
    assert at_entry(stage, BUSY) == status


def test_in_staffs_check(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    body = {"machines": [{"machine_id": "200001", "values": BUSY}]}

    def verdict() -> str:
        told: str = stage.staff("POST", "/api/staff/check", body).json["machines"][0]["verdict"]
        return told

    assert verdict() == "implausible"
    tolerate(stage, contracts={"70001": WIDE})
    assert verdict() == "plausible"


def test_at_release_in_the_dry_run_and_in_the_run(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(adapters, [a_reported_machine("200001", a_reading("1", 11_300))])
    dry = release(stage, {"filter": {}}, dry_run=True)
    assert codes(dry) == {("200001", "1"): None}
    tolerate(stage, kinds={"BW": NARROW})
    for run in (release(stage, {"filter": {}}, dry_run=True), release(stage, seen(*found))):
        assert codes(run) == {("200001", "1"): "implausible_now"}
    tolerate(stage, 1)
    assert codes(release(stage, seen(*found))) == {("200001", "1"): None}


def test_by_hand_the_line_tells_what_the_tolerances_object_to(
    stage: Stage, adapters: Adapters
) -> None:
    settle_reported(adapters, [a_reported_machine("200001", a_reading("1", 11_300))])
    tolerate(stage, dealer=NARROW)
    path = "/api/staff/readings/200001.1.2026-11-28/release"
    told = stage.staff("POST", path, {"reason": "Telefonat", "version": 2}).json
    (line,) = stage.staff("GET", f"/api/staff/releases/{told['release_id']}").json["protocol"]
    assert [finding["code"] for finding in line["findings_at_release"]] != []
    assert line["findings_at_release"][0]["severity"] == "warn"


@pytest.mark.parametrize("body", ["{", '{"dealer": {"ceiling": "x"}}', "7"])
def test_an_item_that_cannot_be_read_stops_nobody(
    stage: Stage, adapters: Adapters, body: str
) -> None:
    signed_in(stage, adapters, a_holding(machines=[a_machine(), a_reported_machine("200002")]))
    tolerate(stage, dealer=NARROW)
    adapters.table.write(
        Write(key=keys.tolerances(), update="SET #body = :body", values={"body": body})
    )
    assert at_entry(stage, BUSY) == 409
    assert at_entry(stage, {"1": 10_850}) == 200
    run = release(stage, {"ids": ["200002"], "versions": {"200002": 2}})
    assert run["released"] == 2


def test_they_cost_no_request_more(stage: Stage, adapters: Adapters) -> None:
    meters = (a_meter(), a_colour_meter())
    signed_in(stage, adapters, a_holding(machines=[a_machine(meters=meters)]))
    asked_for_all(adapters)
    tolerate(stage, dealer=WIDE)
    with counted(adapters.table._client) as counts:
        assert at_entry(stage, BUSY) == 200
    assert sum(counts.values()) == 4
