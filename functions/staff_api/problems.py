"""Problems that contacts have reported with their machines, and what staff decide."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.problems import ProblemDecided, ProblemDecision, ProblemState
from meterportal.http import Answer, Body, Words, location_as_json, refuses
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.reporting.decide_problems import (
    ListedProblem,
    decide_problem,
    list_problems,
)
from pydantic import Field

from staff_api.answers.reporting import (
    ProblemMachineJson,
    ProblemsJson,
    ReportedProblemJson,
)
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class ProblemDecisionBody(Body):
    """`note` (up to 500 characters) says why; staff read it later."""

    decision: Annotated[ProblemDecision, Field(strict=False)]
    note: Words | None = None


@router.get("/api/staff/problems", summary="Problems with machines, newest first")
def list_all(
    state: Annotated[Literal["open", "decided"], Query()] = "open",
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[ProblemsJson]:
    """Open: by the day of the report. Decided, withdrawn or answered by values: by that day."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"problems {state}"
    place = opened(staff, name, cursor) or {"before": None}
    found, before = list_problems(
        adapters(), waits=state == "open", limit=limit, before=place["before"]
    )
    following = sealed(staff, name, {"before": before} if before else None)
    return Answer({"problems": [_listed(one) for one in found], "next_cursor": following})


@router.post(
    "/api/staff/problems/<problem_id>/decision",
    summary="Decide what becomes of a problem",
    responses=refuses(ProblemDecided),
)
def decide(problem_id: str, body: ProblemDecisionBody) -> Answer[ReportedProblemJson]:
    """Accepted: gone and not ours strike the machine off until an import changes it, cannot read
    excepts it for this period. Everything else, and every rejection, makes it due again."""
    staff = staff_of(router.current_event.raw_event, "remind")
    decided = decide_problem(
        adapters(), moment(), problem_id, body.decision, note=body.note or "", by=staff.member
    )
    return Answer(_listed(decided))


def _listed(listed: ListedProblem) -> ReportedProblemJson:
    row = listed.row
    decided_at = row.decided_at
    return {
        "id": row.id,
        "state": row.state,
        "kind": row.kind,
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
            "decision": row.state,
            "note": row.note,
            "by": row.decided_by,
            "at": decided_at.isoformat(timespec="seconds") if decided_at else None,
        },
    }


def _label(machine: Machine | None, meter_id: str) -> str | None:
    meter = machine.meter(meter_id) if machine and meter_id else None
    return meter.label if meter else None


def _machine(machine_id: str, machine: Machine | None) -> ProblemMachineJson:
    known = machine or Machine(machine_id, "", "")
    return {
        "id": machine_id,
        "serial": known.serial,
        "maker": known.maker,
        "model": known.model,
        "customer_no": known.customer_no,
        "location": location_as_json(known.location),
        "active": known.active,
    }
