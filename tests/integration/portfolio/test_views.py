"""Staff keep their own views and columns: theirs alone, and no window overwrites another."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import StaffMember
from meterportal.store.writes import Write

from tests.support.stage import Answer, Stage
from tests.support.wire import counted

PATH = "/api/staff/views"
BORIS = StaffMember("staff-2", "Boris Klein")
SOME: dict[str, Any] = {
    "views": [
        {"list": "contracts", "name": "Offen im November", "query": "state=unasked&due=2026-11-30"},
        {"list": "machines", "name": "Offen im November", "query": "q=j%C3%BCr"},
    ],
    "columns": {
        "contracts": {},
        "companies": {},
        "machines": {"maker": True, "city": False},
    },
}
NOTHING: dict[str, Any] = {
    "views": [],
    "columns": {"contracts": {}, "companies": {}, "machines": {}},
}


def get(stage: Stage, **more: Any) -> dict[str, Any]:
    answer = stage.staff("GET", PATH, **more)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def put(stage: Stage, version: Any = 0, **body: Any) -> Answer:
    groups = body.pop("groups", "read")
    return stage.staff("PUT", PATH, {"version": version, **SOME, **body}, groups=groups)


def test_before_anything_is_set_nothing_is(stage: Stage) -> None:
    assert get(stage, groups="read") == {"version": 0, **NOTHING}


def test_what_is_kept_comes_back_to_this_person_alone(stage: Stage) -> None:
    told = put(stage)
    assert (told.status, told.json) == (200, {"version": 1, **SOME})
    assert get(stage) == {"version": 1, **SOME}
    assert get(stage, by=BORIS) == {"version": 0, **NOTHING}


def test_the_same_once_more_changes_nothing(stage: Stage) -> None:
    put(stage)
    assert put(stage).json["version"] == 1
    assert put(stage, 1).json["version"] == 1


def test_another_window_is_not_overwritten(stage: Stage) -> None:
    put(stage)
    late = put(stage, views=[])
    assert (late.status, late.json["code"]) == (412, "changed_meanwhile")
    assert late.json["version"] == 1
    assert "in einem anderen Fenster" in late.json["detail"]
    assert get(stage) == {"version": 1, **SOME}
    assert put(stage, 1, views=[]).json == {"version": 2, **SOME, "views": []}


@pytest.mark.parametrize("condition", [True, False], ids=["with", "without"])
def test_two_windows_that_write_at_once_are_decided_in_the_write(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, *, condition: bool
) -> None:
    original = adapters.table.write

    def write(given: Write) -> None:
        monkeypatch.setattr(adapters.table, "write", original)
        put(stage)
        original(given if condition else given._replace(condition=None, values={}))

    monkeypatch.setattr(adapters.table, "write", write)
    late = put(stage, views=[])
    lost = get(stage)["views"] == []
    assert (late.status == 412, lost) == ((True, False) if condition else (False, True))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"views": [{"list": "contacts", "name": "A", "query": ""}]}, "views.0.list"),
        ({"views": [{"list": "contracts", "name": " ", "query": ""}]}, "views.0.name"),
        ({"views": [{"list": "contracts", "name": "A" * 41, "query": ""}]}, "views.0.name"),
        ({"views": [{"list": "contracts", "name": "A\nB", "query": ""}]}, "views.0.name"),
        ({"views": [{"list": "contracts", "name": "A", "query": "a b"}]}, "views.0.query"),
        ({"views": [{"list": "contracts", "name": "A", "query": "a" * 801}]}, "views.0.query"),
        (
            {"views": [{"list": "contracts", "name": name, "query": ""} for name in ("A", " A ")]},
            "views.1.name",
        ),
        (
            {"views": [{"list": "contracts", "name": str(n), "query": ""} for n in range(51)]},
            "views",
        ),
        ({"columns": {"machines": {str(n): True for n in range(41)}}}, "columns.machines"),
        ({"columns": {"machines": {"maker": 1}}}, "columns.machines.maker"),
        ({"version": "0"}, "version"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name(
    stage: Stage, body: dict[str, Any], field: str
) -> None:
    told = put(stage, **body)
    assert told.status == 422, told.text
    assert told.json["field"] == field
    assert get(stage)["version"] == 0


def test_the_fullest_settings_fit_in_their_item(stage: Stage) -> None:
    full = [{"list": "contracts", "name": f"{n:ä>40}", "query": "x" * 800} for n in range(50)]
    columns = {
        name: {f"{n:_>40}": True for n in range(40)}
        for name in ("contracts", "companies", "machines")
    }
    assert put(stage, views=full, columns=columns).status == 200
    assert get(stage)["columns"] == columns


def test_keeping_costs_one_read_and_one_write(stage: Stage, adapters: Adapters) -> None:
    with counted(adapters.table._client) as counts:
        put(stage)
    assert counts == {"dynamodb.GetItem": 1, "dynamodb.PutItem": 1}
