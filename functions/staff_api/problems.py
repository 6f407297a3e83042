"""Problems that contacts have reported with their machines, and what staff decide."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.machines import Machine
from meterportal.domain.problems import Decision, ProblemState
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases.decide_problems import Listed, decide_problem, list_problems
from pydantic import Field

from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class DecisionBody(Body):
    """`note` (up to 500 characters) says why; staff read it later."""

    decision: Annotated[Decision, Field(strict=False)]
    note: str | None = None


@router.get("/api/staff/problems", summary="Problems with machines, newest first")
def list_all(
    state: Annotated[Literal["open", "decided"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response[str]:
    """Open: by the day of the report. Decided, withdrawn or answered by values: by that day."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"problems {state}"
    place = opened(staff, name, cursor) or {"before": None}
    found, before = list_problems(
        doors(), waits=state == "open", limit=limit, before=place["before"]
    )
    following = sealed(staff, name, {"before": before} if before else None)
    return answer({"problems": [_listed(one) for one in found], "next_cursor": following})


@router.post(
    "/api/staff/problems/<problem_id>/decision", summary="Decide what becomes of a problem"
)
def decide(problem_id: str, body: DecisionBody) -> Response[str]:
    """Accepted: gone and not ours strike the machine off until an import changes it, cannot read
    excepts it for this slot. Everything else, and every rejection, makes it due again."""
    staff = staff_of(router.current_event.raw_event, "remind")
    decided = decide_problem(
        doors(), moment(), problem_id, body.decision, note=body.note or "", by=staff.id
    )
    return answer(_listed(decided))


def _listed(listed: Listed) -> dict[str, Any]:
    row = listed.row
    decided_at = row.decided_at
    return {
        "id": row.id,
        "state": row.state.value,
        "kind": row.kind.value,
        "text": row.text,
        "meter_id": row.meter_id or None,
        "meter_label": _label(listed.machine, row.meter_id),
        "machine": _machine(row.machine_id, listed.machine),
        "company": {"id": row.company_id, "name": listed.company},
        "contract_id": row.contract_id,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "reported_on": row.reported_on.isoformat(),
        "reported_at": row.reported_at.isoformat(timespec="seconds"),
        "reported_by": {"id": row.reported_by, "name": listed.contact},
        "decision": None
        if row.state is ProblemState.OPEN
        else {
            "decision": row.state.value,
            "note": row.note,
            "by": row.decided_by,
            "at": decided_at.isoformat(timespec="seconds") if decided_at else None,
        },
    }


def _label(machine: Machine | None, meter_id: str) -> str | None:
    meter = machine.meter(meter_id) if machine and meter_id else None
    return meter.label if meter else None


def _machine(machine_id: str, machine: Machine | None) -> dict[str, Any]:
    known = machine or Machine(machine_id, "", "")
    place = known.location
    return {
        "id": machine_id,
        "serial": known.serial,
        "maker": known.maker,
        "model": known.model,
        "customer_no": known.customer_no,
        "location": {
            "site": place.site,
            "building": place.building,
            "floor": place.floor,
            "room": place.room,
        },
        "active": known.active,
    }
