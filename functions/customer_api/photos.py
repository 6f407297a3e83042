"""Photos of a display, sent along with a disputed value."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.photos import PhotoKind
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases.send_photo import announce_photo
from pydantic import Field, StrictInt

from customer_api import cookies, fleet_shapes

router = APIGatewayHttpRouter()


class PhotoBody(Body):
    """`size` in bytes, up to 8 MiB."""

    meter_id: str
    content_type: Annotated[PhotoKind, Field(strict=False)]
    size: StrictInt


@router.post(
    "/api/machines/<machine_id>/photos",
    summary="Announce a photo of a display and learn where to put it",
    responses=fleet_shapes.UPLOAD,
)
def announce(machine_id: str, body: PhotoBody) -> Response[str]:
    """The address is good for 15 minutes, and for a body of this type and size only."""
    upload = announce_photo(
        doors(),
        moment(),
        cookies.given(router.current_event.raw_event),
        machine_id,
        meter_id=body.meter_id,
        kind=body.content_type,
        size=body.size,
    )
    put = {"method": "PUT", "url": upload.url, "headers": dict(upload.headers)}
    return answer({"photo_id": upload.photo_id, "upload": put}, 201)
