"""The check of many machines' values at once."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.finding_json import SCHEMA
from meterportal.http import Body, Day, answer, findings_as_json
from meterportal.settings import moment
from meterportal.usecases.check_values import Judged, Typed, check_values
from pydantic import Field, WithJsonSchema

from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Number = Annotated[str, Field(min_length=1, max_length=64)]
Counter = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})]
"""A counter as typed: text ("12.345") or an integer. What is neither is a finding of its meter."""

_MACHINE = {
    "type": "object",
    "properties": {
        "machine_id": {"type": "string"},
        "verdict": {"enum": ["plausible", "unchecked", "implausible", None]},
        "findings": {"type": "array", "items": SCHEMA},
    },
    "required": ["machine_id", "verdict", "findings"],
    "additionalProperties": False,
}
_CHECKED: dict[int, Any] = {
    200: {
        "description": "A verdict per machine, in the order asked; null for an unknown machine",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"machines": {"type": "array", "items": _MACHINE}},
                    "required": ["machines"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


class MachineBody(Body):
    """Values by meter id; `read_on` is the day asked for unless given."""

    machine_id: Number
    read_on: Day | None = None
    values: Annotated[dict[Number, Counter], Field(min_length=1, max_length=100)]


class CheckBody(Body):
    """`as_of`: judge with the readings of earlier days only."""

    machines: Annotated[list[MachineBody], Field(min_length=1, max_length=500)]
    as_of: Day | None = None


@router.post(
    "/api/staff/check",
    summary="Check the values of up to 500 machines, store nothing",
    responses=_CHECKED,
)
def check(body: CheckBody) -> Response[str]:
    """What the values look like, now or as of a past day."""
    staff = staff_of(router.current_event.raw_event, "read")
    asked = [Typed(one.machine_id, one.values, one.read_on) for one in body.machines]
    judged = check_values(doors(), moment(), asked, as_of=body.as_of)
    return answer({"machines": [_machine(one, staff.language) for one in judged]})


def _machine(judged: Judged, language: str) -> dict[str, Any]:
    faults = [
        {
            "meter_id": meter_id,
            "code": fault.code,
            "severity": "block",
            "text": fault.text(language),
            "suggestion": None,
        }
        for meter_id, fault in judged.faults.items()
    ]
    return {
        "machine_id": judged.machine_id,
        "verdict": judged.verdict.value if judged.verdict else None,
        "findings": [*faults, *findings_as_json(judged.findings, language, {})],
    }
