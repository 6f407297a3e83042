"""Estimates for what nobody reported."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import Invalid
from meterportal.domain.reporting.estimates import IN_A_ROW
from meterportal.http import Answer, Body, last_as_json
from meterportal.settings import moment
from meterportal.usecases.reporting.estimate_missing import (
    MOST,
    EstimatedMachine,
    company_names,
    estimate_chosen,
    propose,
)
from pydantic import Field, StrictInt

from staff_api.answers.machines import EstimatedMachineJson, EstimatesJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_NAME = "estimates"


class EstimatesBody(Body):
    """`versions`: the machines to estimate, each with the version that was seen. Without it a dry run
    proposes whatever is due and missing, by the page: `cursor` goes on from the last answer. `announced`:
    only what the schedule estimates itself on a day that was announced, or only what it does not.
    """

    versions: (
        Annotated[
            dict[Annotated[str, Field(min_length=1, max_length=64)], StrictInt],
            Field(min_length=1, max_length=MOST),
        ]
        | None
    ) = None
    dry_run: bool = False
    announced: bool | None = None
    cursor: Annotated[str, Field(max_length=4000)] | None = None


@router.post("/api/staff/estimates", summary="Estimate missing readings, or a dry run of it")
def estimate(body: EstimatesBody) -> Answer[EstimatesJson]:
    """Last value + usual pages a day x days, on the due date. An estimate waits for release like any
    reading; a true value takes its place until then."""
    staff = staff_of(router.current_event.raw_event, "release")
    if body.versions is not None:
        done = estimate_chosen(
            adapters(), moment(), body.versions, dry_run=body.dry_run, by=staff.member
        )
        return Answer({"machines": _machines(done), "next_cursor": None})
    if not body.dry_run:
        raise Invalid(
            field="versions",
            de="Es fehlt die Angabe, welche Geräte in welchem Stand geschätzt werden sollen (versions).",
            en="It is missing which machines, in which state, are to be estimated (versions).",
        )
    place = opened(staff, _NAME, body.cursor)
    after = (place["d"], place["m"]) if place else None
    found, more = propose(adapters(), moment(), limit=MOST, after=after, announced=body.announced)
    following = {"d": more[0], "m": more[1]} if more else None
    return Answer(
        {
            "machines": _machines(found),
            "next_cursor": sealed(staff, _NAME, following),
        }
    )


def _machines(found: list[EstimatedMachine]) -> list[EstimatedMachineJson]:
    names = company_names(adapters(), found)
    return [_machine(one, names) for one in found]


def _machine(one: EstimatedMachine, names: dict[str, str]) -> EstimatedMachineJson:
    machine = one.machine
    meters = {meter.id: meter for meter in machine.meters} if machine else {}
    return {
        "machine_id": one.machine_id,
        "outcome": one.outcome,
        "company_id": machine.company_id if machine else None,
        "company": names.get(machine.company_id, "") if machine else "",
        "serial": machine.serial if machine else "",
        "due_on": machine.due_on.isoformat() if machine and machine.due_on else None,
        "version": machine.version if machine else None,
        "estimates": [
            {
                "meter_id": found.meter_id,
                "label": meters[found.meter_id].label,
                "last": last_as_json(meters[found.meter_id].last),
                "value": found.value,
                "read_on": found.read_on.isoformat(),
                "days": found.days,
                "per_day": found.per_day,
                "in_a_row": found.in_a_row,
                "look_closer": found.in_a_row >= IN_A_ROW,
            }
            for found in one.estimates
        ],
        "without": list(one.without),
        "announced_for": one.announced_for.isoformat() if one.announced_for else None,
    }
