"""Addresses that no mail reaches."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.http import Answer, company_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.usecases.mailing.list_unreachable import UnreachableAddress, list_unreachable
from pydantic import Field

from staff_api.answers.addresses import UnreachableAddressesJson, UnreachableAddressJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_NAME = "addresses"


@router.get("/api/staff/addresses", summary="Addresses that no mail reaches")
def list_all(
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[UnreachableAddressesJson]:
    """Those that bounced for good or complained, until they are mended or lifted. An answer may hold
    fewer than `limit` and still have a `next_cursor`."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, _NAME, cursor)
    found, after = list_unreachable(adapters(), limit=limit, after=place["after"] if place else "")
    return Answer(
        {
            "addresses": [_address(one) for one in found],
            "next_cursor": sealed(staff, _NAME, {"after": after} if after else None),
        }
    )


def _address(found: UnreachableAddress) -> UnreachableAddressJson:
    box = found.mailbox
    return {
        "address": box.address,
        "state": "complained" if box.delivery is Delivery.COMPLAINED else "bounced",
        "since": box.delivery_at,
        "people": [
            {
                "contact": {"id": contact.id, "name": contact.name},
                "company": company_as_json(company),
                "phone": contact.phone,
            }
            for contact, company in found.people
        ],
    }
