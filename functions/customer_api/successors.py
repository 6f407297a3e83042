"""The words "I am not the right one": the contact names who reports from now on."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases.name_successor import name_successor
from pydantic import Field

from customer_api import cookies, machine_shapes

router = APIGatewayHttpRouter()


class SuccessorBody(Body):
    """Without `contract_ids`: all that the contact reports for at this company, up to 90."""

    name: str
    email: str
    contract_ids: Annotated[list[str], Field(max_length=1000)] | None = None
    text: str | None = None


@router.post(
    "/api/successors", summary="Name who reports from now on", responses=machine_shapes.SUCCESSOR
)
def ask(body: SuccessorBody) -> Response[str]:
    """Staff decide; until then nothing changes."""
    asked = name_successor(
        doors(),
        moment(),
        cookies.given(router.current_event.raw_event),
        name=body.name,
        email=body.email,
        contract_ids=body.contract_ids,
        text=body.text or "",
    )
    told = {"id": asked.id, "state": asked.state.value, "contract_ids": list(asked.contract_ids)}
    return answer(told, 201)
