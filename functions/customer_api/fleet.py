"""Many machines at once: reported in one request, or filled in on a spreadsheet."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import Refusal
from meterportal.http import Answer, Body, Number, language_of, problem_fields, request_key
from meterportal.settings import moment
from meterportal.usecases.reporting.report_fleet import MOST, Outcome, report_fleet
from meterportal.usecases.reporting.report_readings import Report
from pydantic import Field

from customer_api import cookies
from customer_api.answers.fleet import RefusedMachineJson, StoredFleetJson, StoredMachineJson
from customer_api.machines import ReadingsBody, stored_as_json

router = APIGatewayHttpRouter()


class FleetReadingsBody(ReadingsBody):
    """One machine's readings."""

    machine_id: Number


class FleetBody(Body):
    machines: Annotated[list[FleetReadingsBody], Field(min_length=1, max_length=MOST)]


@router.put(
    "/api/readings",
    summary="Store or correct the readings of up to 500 machines, each for itself",
)
def put_fleet_readings(body: FleetBody) -> Answer[StoredFleetJson]:
    """What became of each machine, in the order sent: 200 or a refusal. One machine's refusal keeps
    no other from being stored."""
    event = router.current_event.raw_event
    reports = [
        (one.machine_id, Report(one.values, one.confirm or {}, one.version, one.read_on))
        for one in body.machines
    ]
    outcomes, own = report_fleet(
        adapters(),
        moment(),
        cookies.given(event),
        reports,
        key=request_key(event),
    )
    language = language_of(event, own)
    rows = zip(reports, outcomes, strict=True)
    return Answer({"machines": [_outcome(number, told, language) for (number, _), told in rows]})


def _outcome(
    machine_id: str, told: Outcome, language: str
) -> StoredMachineJson | RefusedMachineJson:
    if isinstance(told, Refusal):
        return {"machine_id": machine_id, **problem_fields(told, language)}
    return {
        "machine_id": machine_id,
        "status": 200,
        "version": told.version,
        "readings": [stored_as_json(reading, language) for reading in told.readings],
    }
