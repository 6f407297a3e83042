"""The door, which people read before they open their machines."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.http import NoContent

router = APIGatewayHttpRouter()


@router.get("/api/door", summary="Be ready for an opening")
def get_door() -> NoContent:
    """Has the function start and open what the opening of a link needs, its keys and the way to its
    table, while somebody reads the door. Reads nothing of the table, and tells nothing.
    """
    open_now = adapters()
    _ = open_now.keys, open_now.table
    return NoContent()
