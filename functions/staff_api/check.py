"""The check of many machines' values at once."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.http import Answer, Body, Day, fault_as_json, findings_as_json
from meterportal.settings import moment
from meterportal.usecases.plausibility.check_values import Judged, Typed, check_values
from pydantic import Field, WithJsonSchema

from staff_api.answers.plausibility import JudgedJson, JudgedMachineJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Number = Annotated[str, Field(min_length=1, max_length=64)]
Counter = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})]
"""A counter as typed: text ("12.345") or an integer. What is neither is a finding of its meter."""


class MachineBody(Body):
    """Values by meter id; `read_on` is the day asked for unless given."""

    machine_id: Number
    read_on: Day | None = None
    values: Annotated[dict[Number, Counter], Field(min_length=1, max_length=100)]


class CheckBody(Body):
    """`as_of`: judge with the readings of earlier days only."""

    machines: Annotated[list[MachineBody], Field(min_length=1, max_length=500)]
    as_of: Day | None = None


@router.post("/api/staff/check", summary="Check the values of up to 500 machines, store nothing")
def check(body: CheckBody) -> Answer[JudgedJson]:
    """What the values look like, now or as of a past day."""
    staff = staff_of(router.current_event.raw_event, "read")
    asked = [Typed(one.machine_id, one.values, one.read_on) for one in body.machines]
    judged = check_values(adapters(), moment(), asked, as_of=body.as_of)
    return Answer({"machines": [_machine(one, staff.language) for one in judged]})


def _machine(judged: Judged, language: str) -> JudgedMachineJson:
    faults = [fault_as_json(meter_id, fault, language) for meter_id, fault in judged.faults.items()]
    return {
        "machine_id": judged.machine_id,
        "verdict": judged.verdict,
        "findings": [*faults, *findings_as_json(judged.findings, language, {})],
    }
