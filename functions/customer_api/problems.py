"""Problems with a machine: reported instead of its values, or taken back."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.machines import ProblemKind
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases.report_problem import report_problem, withdraw_problem
from pydantic import Field

from customer_api import cookies, machine_shapes
from customer_api.machines import problem_as_json

router = APIGatewayHttpRouter()


class ProblemBody(Body):
    """`text` (up to 500 characters) and `meter_id` may say more."""

    kind: Annotated[ProblemKind, Field(strict=False)]
    text: str | None = None
    meter_id: str | None = None


@router.post(
    "/api/machines/<machine_id>/problems",
    summary="Say what is wrong with a machine",
    responses=machine_shapes.PROBLEM,
)
def report(machine_id: str, body: ProblemBody) -> Response[str]:
    """Until staff have decided, nobody is asked for the machine; values are taken all the same."""
    problem = report_problem(
        doors(),
        moment(),
        _cookie(),
        machine_id,
        kind=body.kind,
        text=body.text or "",
        meter_id=body.meter_id or "",
    )
    return answer(problem_as_json(problem), 201)


@router.delete(
    "/api/machines/<machine_id>/problems/<problem_id>",
    summary="Take a problem back",
    responses=machine_shapes.WITHDRAWN,
)
def withdraw(machine_id: str, problem_id: str) -> Response[None]:
    """Take a problem back that staff have not decided; the machine is due again."""
    withdraw_problem(doors(), moment(), _cookie(), machine_id, problem_id)
    return Response(status_code=204)


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)
