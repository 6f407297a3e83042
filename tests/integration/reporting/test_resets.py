"""Staff enter that a board was swapped: end value of the old one, start value of the new one."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.plausibility.usage import segments

from tests.support.builders import a_holding, a_machine, settle
from tests.support.customers import before_the_next_write, change, events, put, signed_in, stored
from tests.support.exported import lines
from tests.support.reported import export, release, seen
from tests.support.stage import Answer, Stage


def reset(stage: Stage, machine_id: str = "200001", **fields: Any) -> Answer:
    body = {
        "meter_id": "1",
        "read_on": "2026-11-10",
        "end": "10.400",
        "start": 0,
        "version": 1,
    } | fields
    headers = body.pop("headers", {})
    path = f"/api/staff/machines/{machine_id}/resets"
    return stage.staff("POST", path, body, groups="release", headers=headers)


def test_usage_goes_across_the_swap(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    told = reset(stage)
    assert (told.status, told.json) == (200, {"version": 2, "value": 0})
    last = stored(adapters).meters[0].last
    assert last is not None
    assert (last.value, last.reset_end, last.reset_start) == (0, 10_400, 0)
    assert segments(stored(adapters).meters[0])[-1].pages == 400

    shown = stage.customer("GET", "/api/machines").json["machines"][0]["meters"][0]
    assert shown["last"] == {"value": 0, "read_on": "2026-11-10", "estimated": False}
    answer = put(stage, values={"1": 430}, version=2)
    assert answer.status == 200, answer.text
    assert answer.json["readings"][0]["verdict"] == "plausible"
    page = stage.staff("GET", "/api/staff/machines/200001").json
    assert page["meters"][0]["history"][1]["reset"] == {"end": 10_400, "start": 0}
    assert events(adapters) == ["reset", "reported"]
    assert page["timeline"][1]["text"] == "Zähler genullt"


def test_the_erp_learns_of_it_with_the_next_reading(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert reset(stage, start=50, value=60).status == 200
    assert reset(stage, read_on="2026-11-15", end=160, version=2).status == 200
    assert put(stage, values={"1": 250, "2": 4_250}, version=3).status == 200
    release(stage, seen(stored(adapters)))
    bw, colour = lines(adapters, export(stage))
    # Two boards: 10,400 - 10,000 + 160 - 50 + 250 - 0 = 760 pages since the last reading.
    assert bw["reset"] == {"read_on": "2026-11-15", "end": 10_510, "start": 0}
    assert (bw["value"], colour["reset"]) == (250, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"end": 9_000}, "end"),
        ({"end": "12,5"}, None),
        ({"start": -1}, None),
        ({"start": 100, "value": 50}, "value"),
        ({"read_on": "2026-12-24"}, "read_on"),
        ({"read_on": "2026-10-01"}, "read_on"),
        ({"meter_id": "9"}, "meter_id"),
        ({"version": None}, "version"),
        ({"more": 1}, "more"),
    ],
)
def test_bad_input_is_refused(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], field: str | None
) -> None:
    settle(adapters)
    told = reset(stage, **fields)
    assert told.status == 422, told.text
    assert field is None or told.json["field"] == field
    assert stored(adapters).version == 1


def test_rights_unknown_machines_and_stale_versions(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert reset(stage, "200099").status == 404
    stale = reset(stage, version=7)
    assert (stale.status, stale.json["code"], stale.json["version"]) == (
        412,
        "changed_meanwhile",
        1,
    )
    body = {"meter_id": "1", "read_on": "2026-11-10", "end": 10_400, "start": 0, "version": 1}
    for groups in ("read", "remind"):
        path = "/api/staff/machines/200001/resets"
        assert stage.staff("POST", path, body, groups=groups).status == 403


def test_a_repeated_request_resets_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(machines=[a_machine()]))
    key = {"idempotency-key": "r1"}
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, serial="NEU"))
    first = reset(stage, headers=key)
    assert first.status == 200
    assert reset(stage, headers=key).json == first.json
    assert reset(stage).status == 412
    assert events(adapters) == ["reset"]
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert entry["action"] == "meter_reset"
    assert {"field": "end", "before": None, "after": 10_400} in entry["changes"]
