"""The dealer's name, colours and addresses of imprint and privacy."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.brands import Brand, BrandChanged, BrandRefused, brand_of
from meterportal.http import Address, Answer, Body, Words, refuses
from meterportal.settings import moment, settings
from meterportal.usecases.mailing.set_brand import brand_now, set_brand
from pydantic import StrictInt

from staff_api.answers.brand import BrandJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class BrandBody(Body):
    """ "" means what counts without. `version` is the one that was seen, 0 when nothing was set."""

    name: Words = ""
    head: Words = ""
    accent: Words = ""
    imprint: Address = ""
    privacy: Address = ""
    version: StrictInt


@router.get("/api/staff/brand", summary="The dealer's name, colours and addresses")
def show() -> Answer[BrandJson]:
    staff_of(router.current_event.raw_event, "read")
    return Answer(_shown(brand_now(adapters())))


@router.put(
    "/api/staff/brand",
    summary="Set the dealer's name, colours and addresses",
    responses=refuses(BrandChanged, BrandRefused),
)
def write(body: BrandBody) -> Answer[BrandJson]:
    """Page and mails show them from then on."""
    staff = staff_of(router.current_event.raw_event, "admin")
    wanted = brand_of(body.name, body.head, body.accent, body.imprint, body.privacy)
    stored = set_brand(adapters(), moment(), wanted, seen=body.version, by=staff.member)
    return Answer(_shown(stored))


def _shown(brand: Brand) -> BrandJson:
    return {
        "name": brand.name,
        "head": brand.head,
        "accent": brand.accent,
        "imprint": brand.imprint,
        "privacy": brand.privacy,
        "version": brand.version,
        "usual_name": settings().dealer_name,
    }
