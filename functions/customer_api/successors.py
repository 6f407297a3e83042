"""The words "I am not the right one": the contact names who reports from now on."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import NotFound
from meterportal.domain.reporting.successors import NothingToHandOver, TooManySuccessors
from meterportal.http import Address, Body, Created, Number, Words, refuses
from meterportal.settings import moment
from meterportal.usecases.reporting.name_successor import name_successor
from pydantic import Field

from customer_api import cookies
from customer_api.answers.machine_pages import AskedSuccessorJson

router = APIGatewayHttpRouter()


class SuccessorBody(Body):
    """Without `contract_ids`: all that the contact reports for at this company, up to 90."""

    name: Words
    email: Address
    contract_ids: Annotated[list[Number], Field(max_length=1000)] | None = None
    text: Words | None = None


@router.post(
    "/api/successors",
    summary="Name who reports from now on",
    responses=refuses(NotFound, TooManySuccessors, NothingToHandOver),
)
def ask(body: SuccessorBody) -> Created[AskedSuccessorJson]:
    """Staff decide; until then nothing changes."""
    asked = name_successor(
        adapters(),
        moment(),
        cookies.given(router.current_event.raw_event),
        name=body.name,
        email=body.email,
        contract_ids=body.contract_ids,
        text=body.text or "",
    )
    return Created({"id": asked.id, "state": asked.state, "contract_ids": list(asked.contract_ids)})
