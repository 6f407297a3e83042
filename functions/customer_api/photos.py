"""Photos of a display, sent along with a disputed value."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.reporting.photos import PhotoKind, TooManyPhotos
from meterportal.http import Body, Created, Number, refuses
from meterportal.settings import moment
from meterportal.usecases.reporting.send_photo import announce_photo
from pydantic import Field, StrictInt

from customer_api import cookies
from customer_api.answers.machine_pages import AnnouncedPhotoJson

router = APIGatewayHttpRouter()


class PhotoBody(Body):
    """`size` in bytes, up to 8 MiB."""

    meter_id: Number
    content_type: Annotated[PhotoKind, Field(strict=False)]
    size: StrictInt


@router.post(
    "/api/machines/<machine_id>/photos",
    summary="Announce a photo of a display and learn where to put it",
    responses=refuses(TooManyPhotos),
)
def announce(machine_id: str, body: PhotoBody) -> Created[AnnouncedPhotoJson]:
    """The address is good for 15 minutes, and for a body of this type and size only."""
    upload = announce_photo(
        adapters(),
        moment(),
        cookies.given(router.current_event.raw_event),
        machine_id,
        meter_id=body.meter_id,
        kind=body.content_type,
        size=body.size,
    )
    return Created(
        {
            "photo_id": upload.photo_id,
            "upload": {"method": "PUT", "url": upload.url, "headers": dict(upload.headers)},
        }
    )
