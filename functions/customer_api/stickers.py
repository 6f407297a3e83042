"""Stickers to print, each with the code of its machine."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.http import answer
from meterportal.settings import moment
from meterportal.usecases import list_stickers
from meterportal.usecases.list_stickers import PAGE, Sticker

from customer_api import cookies, fleet_shapes
from customer_api.machines import location_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/stickers",
    summary="Stickers with QR codes for the contact's machines",
    responses=fleet_shapes.STICKERS,
)
def get_stickers(
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> Response[str]:
    """The contact's machines in walking order, each with a code that opens its card."""
    given = cookies.given(router.current_event.raw_event)
    found, next_cursor = list_stickers.list_stickers(
        doors(), moment(), given, cursor=cursor, limit=limit
    )
    return answer({"stickers": [_sticker(one) for one in found], "next_cursor": next_cursor})


def _sticker(sticker: Sticker) -> dict[str, Any]:
    machine = sticker.machine
    return {
        "machine_id": machine.id,
        "serial": machine.serial,
        "model": machine.model,
        "customer_no": machine.customer_no,
        "location": location_as_json(machine.location),
        "url": sticker.url,
        "size": sticker.code.size,
        "path": sticker.code.path,
    }
