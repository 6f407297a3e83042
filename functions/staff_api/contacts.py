"""What staff do about a contact."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.http import answer
from meterportal.settings import moment
from meterportal.usecases.revoke_links import revoke_links

from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


@router.post(
    "/api/staff/contacts/<contact_id>/links/revoke",
    summary="End all links, codes and sessions of a contact's address",
)
def revoke(contact_id: str) -> Response[str]:
    """For a mail that fell into wrong hands. A password stays; links sent later open again."""
    staff_of(router.current_event.raw_event, "remind")
    revoke_links(doors(), moment(), contact_id)
    return answer({"contact_id": contact_id})
