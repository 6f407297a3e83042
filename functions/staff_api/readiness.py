"""Portal Ready for a selection: at once, or as a check that can be asked for."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.readiness import Outcome
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases import check_readiness

from staff_api.pages import opened, sealed
from staff_api.reasons import left_out_as_json, reasons_as_json
from staff_api.selection import SelectionBody
from staff_api.shapes import DONE_OR_STARTED
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

_ROWS = 8
"""Result rows in one answer: some thousand contracts."""


class ReadinessBody(Body):
    """A dry run grants nothing."""

    selection: SelectionBody
    dry_run: bool = False


@router.post(
    "/api/staff/readiness",
    summary="Portal Ready: check contracts and grant rights",
    responses=DONE_OR_STARTED,
)
def check(body: ReadinessBody) -> Response[str]:
    """200 with the outcome; beyond 1,000 contracts 202 with the id of a check."""
    staff = staff_of(router.current_event.raw_event, "remind")
    outcome = check_readiness.check_selection(
        doors(), body.selection.selection(), moment(), dry_run=body.dry_run, by=staff.id
    )
    if isinstance(outcome, str):
        return answer({"id": outcome}, 202)
    return answer(_outcome(outcome, staff.language))


@router.get("/api/staff/readiness/<check_id>", summary="The outcome of a large check")
def show(check_id: str, cursor: Annotated[str | None, Query()] = None) -> Response[str]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, f"check#{check_id}", cursor) or {"row": 0}
    check, outcome = check_readiness.result(doors(), check_id, row=place["row"], rows=_ROWS)
    state = "failed" if check.problem else "done" if check.done_at else "running"
    return answer(
        {
            "id": check.id,
            "state": state,
            "problem": check.problem or None,
            "dry_run": check.dry_run,
            **_outcome(outcome, staff.language),
            "next_cursor": _next(staff, check_id, place["row"] + _ROWS, check.rows),
        }
    )


def _next(staff: Staff, check_id: str, row: int, rows: int) -> str | None:
    return sealed(staff, f"check#{check_id}", {"row": row} if row < rows else None)


def _outcome(outcome: Outcome, language: str) -> dict[str, Any]:
    return {
        "ready": outcome.ready,
        "not_ready": left_out_as_json(outcome.not_ready, language),
        "notes": [
            {
                "contract_id": number,
                "severity": note.weight.value,
                **reasons_as_json([note], language)[0],
            }
            for number, note in outcome.notes
        ],
        "granted": [
            {
                "contact_id": one.contact_id,
                "company_id": one.company_id,
                "rights": {
                    "readings": one.rights.readings,
                    "machines": one.rights.machines,
                    "service_orders": one.rights.service_orders,
                },
                "new": one.new,
            }
            for one in outcome.granted
        ],
    }
