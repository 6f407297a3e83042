"""Many machines at once: reported in one request, or filled in on a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.readings import Reading
from meterportal.domain.refusals import Refusal
from meterportal.doors import doors
from meterportal.http import Body, answer, header, language_of, problem_fields
from meterportal.settings import moment
from meterportal.usecases.report_fleet import MOST, Outcome, report_fleet
from meterportal.usecases.report_readings import Report
from pydantic import Field

from customer_api import cookies, fleet_shapes
from customer_api.machines import ReadingsBody, reading_as_json

router = APIGatewayHttpRouter()


class FleetReadingsBody(ReadingsBody):
    """One machine's readings."""

    machine_id: str


class FleetBody(Body):
    machines: Annotated[list[FleetReadingsBody], Field(min_length=1, max_length=MOST)]


@router.put(
    "/api/readings",
    summary="Store or correct the readings of up to 500 machines, each for itself",
    responses=fleet_shapes.STORED,
)
def put_fleet_readings(body: FleetBody) -> Response[str]:
    """What became of each machine, in the order sent: 200 or a refusal. One machine's refusal keeps
    no other from being stored."""
    event = router.current_event.raw_event
    reports = [
        (one.machine_id, Report(one.values, one.confirm or {}, one.version, one.read_on))
        for one in body.machines
    ]
    outcomes, own = report_fleet(
        doors(),
        moment(),
        cookies.given(event),
        reports,
        key=header(event, "idempotency-key"),
    )
    language = language_of(event, own)
    rows = zip(reports, outcomes, strict=True)
    return answer({"machines": [_outcome(number, told, language) for (number, _), told in rows]})


def _outcome(machine_id: str, told: Outcome, language: str) -> dict[str, Any]:
    if isinstance(told, Refusal):
        return {"machine_id": machine_id, **problem_fields(told, language)}
    return {
        "machine_id": machine_id,
        "status": 200,
        "version": told.version,
        "readings": _readings(told.readings, language),
    }


def _readings(readings: Sequence[Reading], language: str) -> list[dict[str, Any]]:
    return [
        {"meter_id": reading.meter_id} | reading_as_json(reading, language) for reading in readings
    ]
