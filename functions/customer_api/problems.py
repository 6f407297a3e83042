"""Problems with a machine: reported instead of its values, or taken back."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import ProblemKind
from meterportal.domain.reporting.problems import ProblemDecided, ProblemOpen
from meterportal.http import Body, Created, NoContent, Number, Words, refuses
from meterportal.http.overview_json import ProblemJson, problem_as_json
from meterportal.settings import moment
from meterportal.usecases.reporting.report_problem import report_problem, withdraw_problem
from pydantic import Field

from customer_api import cookies

router = APIGatewayHttpRouter()


class ProblemBody(Body):
    """`text` (up to 500 characters) and `meter_id` may say more."""

    kind: Annotated[ProblemKind, Field(strict=False)]
    text: Words | None = None
    meter_id: Number | None = None


@router.post(
    "/api/machines/<machine_id>/problems",
    summary="Say what is wrong with a machine",
    responses=refuses(ProblemOpen),
)
def report(machine_id: str, body: ProblemBody) -> Created[ProblemJson]:
    """Until staff have decided, nobody is asked for the machine; values are taken all the same."""
    problem = report_problem(
        adapters(),
        moment(),
        _cookie(),
        machine_id,
        kind=body.kind,
        text=body.text or "",
        meter_id=body.meter_id or "",
    )
    return Created(problem_as_json(problem))


@router.delete(
    "/api/machines/<machine_id>/problems/<problem_id>",
    summary="Take a problem back",
    responses=refuses(ProblemDecided),
)
def withdraw(machine_id: str, problem_id: str) -> NoContent:
    """Take a problem back that staff have not decided; the machine is due again."""
    withdraw_problem(adapters(), moment(), _cookie(), machine_id, problem_id)
    return NoContent()


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)
