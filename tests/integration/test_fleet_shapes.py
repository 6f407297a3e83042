"""Real answers about many machines keep to the shapes that the OpenAPI document promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from customer_api.app import app
from jsonschema import Draft202012Validator, FormatChecker
from meterportal.doors import Doors

from tests.builders import a_holding, a_machine
from tests.customers import signed_in
from tests.stage import Answer, Stage


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    text = app.get_openapi_json_schema(title="Contacts", version="1", openapi_version="3.1.0")
    read: dict[str, Any] = json.loads(text)["paths"]
    return read


def test_answers_keep_to_their_promised_shapes(
    stage: Stage, doors: Doors, paths: dict[str, Any]
) -> None:
    def holds(method: str, path: str, answer: Answer) -> None:
        told = paths[path][method]["responses"][str(answer.status)]
        schema = told["content"]["application/json"]["schema"]
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)

    signed_in(stage, doors, a_holding(machines=[a_machine(str(200_001 + n)) for n in range(4)]))
    machines = [
        {"machine_id": "200001", "values": {"1": 11_000}, "version": 1},
        {"machine_id": "200002", "values": {"1": 99_000}, "version": 1},
        {"machine_id": "unknown", "values": {}, "version": 1},
    ]
    stored = stage.customer("PUT", "/api/readings", {"machines": machines})
    assert [one["status"] for one in stored.json["machines"]] == [200, 409, 404]
    holds("put", "/api/readings", stored)
    table = b"SN200003\tS/W\t11000\nSN200004\tS/W\t99000\nSN200001\tS/W\t11001\nSN1\tS/W\t1\n"
    handed_in = stage.customer("POST", "/api/fleet", table)
    assert [len(handed_in.json[part]) for part in ("taken", "to_check")] == [1, 2]
    assert len(handed_in.json["not_recognised"]) == 1
    holds("post", "/api/fleet", handed_in)
    holds("get", "/api/stickers", stage.customer("GET", "/api/stickers"))


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_files_are_promised_as_files(
    stage: Stage, doors: Doors, paths: dict[str, Any], form: str
) -> None:
    signed_in(stage, doors)
    answer = stage.customer("GET", f"/api/fleet.{form}")
    ((kind, content),) = paths[f"/api/fleet.{form}"]["get"]["responses"]["200"]["content"].items()
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert content["schema"]["format"] == "binary"
