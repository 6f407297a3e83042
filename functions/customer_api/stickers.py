"""Stickers to print, each with the code of its machine."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.http import Answer, location_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.reporting import list_stickers
from meterportal.usecases.reporting.list_stickers import PAGE, Sticker
from pydantic import Field

from customer_api import cookies
from customer_api.answers.machine_pages import StickerJson, StickersJson

router = APIGatewayHttpRouter()


@router.get(
    "/api/stickers",
    summary="Stickers with QR codes for the contact's machines",
)
def get_stickers(
    cursor: Cursor = None,
    limit: Annotated[int, Field(ge=1, le=PAGE), DIGITS, Query()] = PAGE,
) -> Answer[StickersJson]:
    """The contact's machines in walking order, each with a code that opens its card."""
    given = cookies.given(router.current_event.raw_event)
    found, next_cursor = list_stickers.list_stickers(
        adapters(), moment(), given, cursor=cursor, limit=limit
    )
    return Answer({"stickers": [_sticker(one) for one in found], "next_cursor": next_cursor})


def _sticker(sticker: Sticker) -> StickerJson:
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
