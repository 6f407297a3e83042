"""Real answers around one machine keep to the shapes that the OpenAPI document promises."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from customer_api.app import app
from jsonschema import Draft202012Validator, FormatChecker
from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.machines import Effective
from meterportal.doors import Doors

from tests.builders import a_holding, a_machine, a_meter
from tests.customers import put, signed_in
from tests.stage import Answer, Stage


def test_answers_keep_to_their_promised_shapes(stage: Stage, doors: Doors) -> None:
    text = app.get_openapi_json_schema(title="Contacts", version="1", openapi_version="3.1.0")
    document: dict[str, Any] = json.loads(text)

    def holds(method: str, path: str, answer: Answer) -> None:
        told = document["paths"][path][method]["responses"][str(answer.status)]
        schema = told["content"]["application/json"]["schema"]
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)

    history = (
        Effective(date(2026, 8, 1), 100, ReadingChannel.ESTIMATE, estimated=True),
        Effective(date(2026, 9, 1), 20, reset_end=150, reset_start=10),
    )
    machines = [
        a_machine(meters=(a_meter(history=history), a_meter("2", last_value=None))),
        a_machine("200002", maker="", model=""),
    ]
    signed_in(stage, doors, a_holding(machines=machines))
    assert put(stage, values={"1": 60}, version=1, confirm={"1": "Messe"}).status == 200
    one = "/api/machines/{machine_id}"
    for machine in ("200001", "200002"):
        path = f"/api/machines/{machine}"
        holds("get", f"{one}/history", stage.customer("GET", f"{path}/history"))
        holds("get", f"{one}/help", stage.customer("GET", f"{path}/help"))
        body = {"kind": "cannot_read", "text": "zu hoch", "meter_id": "1"}
        holds("post", f"{one}/problems", stage.customer("POST", f"{path}/problems", body))
    holds("get", "/api/machines", stage.customer("GET", "/api/machines"))
    named = {"name": "Erika Neu", "email": "erika@muster.example"}
    holds("post", "/api/successors", stage.customer("POST", "/api/successors", named))
