"""The dealer's name, logo, colours and addresses of imprint and privacy."""

from __future__ import annotations

import base64
from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.brands import Brand, BrandChanged, BrandRefused, brand_of
from meterportal.domain.mailing.logos import Drawn, LogoRefused, drawn
from meterportal.http import Address, Answer, Body, Malformed, Words, refuses
from meterportal.settings import moment, settings
from meterportal.usecases.mailing.brand_now import brand_now
from meterportal.usecases.mailing.set_brand import set_brand
from pydantic import Field, StrictInt

from staff_api.answers.brand import BrandJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class BrandBody(Body):
    """ "" means what counts without. `version` is the one that was seen, 0 when nothing was set.

    `logo` is a file as base64, at most 40 KB as PNG or JPEG; "" means none, null keeps the stored one.
    """

    name: Words = ""
    head: Words = ""
    accent: Words = ""
    imprint: Address = ""
    privacy: Address = ""
    logo: Annotated[str, Field(max_length=900_000)] | None = None
    version: StrictInt


@router.get("/api/staff/brand", summary="The dealer's name, logo, colours and addresses")
def show() -> Answer[BrandJson]:
    staff_of(router.current_event.raw_event, "read")
    return Answer(_shown(brand_now(adapters())))


@router.put(
    "/api/staff/brand",
    summary="Set the dealer's name, logo, colours and addresses",
    responses=refuses(BrandChanged, BrandRefused, LogoRefused),
)
def write(body: BrandBody) -> Answer[BrandJson]:
    """Mails show them from then on, pages within a minute."""
    staff = staff_of(router.current_event.raw_event, "admin")
    wanted = brand_of(body.name, body.head, body.accent, body.imprint, body.privacy)
    picture = _picture(body.logo)
    stored = set_brand(
        adapters(), moment(), wanted, picture=picture, seen=body.version, by=staff.member
    )
    return Answer(_shown(stored))


def _picture(logo: str | None) -> Drawn | bool:
    if not logo:
        return logo is None
    try:
        content = base64.b64decode(logo, validate=True)
    except ValueError as error:  # binascii's own, and what it says of letters beyond ASCII
        raise Malformed(
            de="das Logo ist kein gültiges Base64", en="the logo is no valid Base64"
        ) from error
    return drawn(content)


def _shown(brand: Brand) -> BrandJson:
    return {
        "name": brand.name,
        "head": brand.head,
        "accent": brand.accent,
        "imprint": brand.imprint,
        "privacy": brand.privacy,
        "logo": f"/{brand.logo.key}" if brand.logo else "",
        "version": brand.version,
        "usual_name": settings().dealer_name,
    }
