"""Real answers of the contact's routes keep to the shapes that the OpenAPI document promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from customer_api.app import app
from jsonschema import Draft202012Validator, FormatChecker
from meterportal.doors import Doors

from tests.builders import a_holding, a_link, a_machine, a_meter, settle
from tests.customers import change, put
from tests.stage import Answer, Stage


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    text = app.get_openapi_json_schema(title="Contacts", version="1", openapi_version="3.1.0")
    read: dict[str, Any] = json.loads(text)
    return read


def test_answers_keep_to_their_promised_shapes(
    stage: Stage, doors: Doors, document: dict[str, Any]
) -> None:
    def holds(method: str, path: str, answer: Answer) -> None:
        told = document["paths"][path][method]["responses"][str(answer.status)]
        schema = told["content"]["application/json"]["schema"]
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)

    machines = [a_machine(), a_machine("200002", meters=(a_meter(last_value=None),))]
    settle(doors, a_holding(machines=machines))
    opened = stage.customer("POST", "/api/session", {"token": a_link(doors)})
    holds("post", "/api/session", opened)
    holds("get", "/api/session", stage.customer("GET", "/api/session"))
    holds("get", "/api/session", stage.customer("GET", "/api/session?overview=1"))
    switched = stage.customer("PUT", "/api/session/company", {"company_id": "10000"})
    holds("put", "/api/session/company", switched)
    spoken = stage.customer("PUT", "/api/session/language", {"language": "en"})
    holds("put", "/api/session/language", spoken)
    holds("get", "/api/machines", stage.customer("GET", "/api/machines"))
    change(doors, "200002", due_on=None)
    holds("get", "/api/machines", stage.customer("GET", "/api/machines?scope=company"))
    asked = stage.customer("POST", "/api/links", {"email": "clara@muster.example"})
    holds("post", "/api/links", asked)
    secret = stage.customer("PUT", "/api/password", {"password": "kaffee regen fahrrad"})
    holds("put", "/api/password", secret)
    values = {"1": 99_000, "2": "x"}
    checked = stage.customer("POST", "/api/machines/200001/check", {"values": values})
    holds("post", "/api/machines/{machine_id}/check", checked)
    told = put(stage, values={"1": 99_000, "2": 4300}, confirm={"1": "Messe"}, version=1)
    holds("put", "/api/machines/{machine_id}/readings", told)
    holds("get", "/api/machines", stage.customer("GET", "/api/machines?limit=1"))


def test_every_route_tells_its_shape_and_its_purpose(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert not operation["summary"].startswith(method.upper()), path
            answers = {s: a for s, a in operation["responses"].items() if s.startswith("2")}
            assert len(answers) == 1, (method, path)
            (answer,) = answers.values()
            if "204" not in answers:
                ((kind, content),) = answer["content"].items()
                expected = "object" if kind == "application/json" else "string"
                assert content["schema"]["type"] == expected, (method, path)
