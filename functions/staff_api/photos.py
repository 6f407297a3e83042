"""Photos that contacts sent along with disputed values."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.http import Answer
from meterportal.settings import moment
from meterportal.usecases.reporting.show_photos import ShownPhoto, photos_of

from staff_api.answers.reporting import PhotoJson, PhotosJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


@router.get(
    "/api/staff/machines/<machine_id>/photos",
    summary="Photos of a machine's displays",
)
def show(machine_id: str) -> Answer[PhotosJson]:
    """Oldest first, each with an address of this site that is good for 15 minutes."""
    staff_of(router.current_event.raw_event, "read")
    found = photos_of(adapters(), moment(), machine_id)
    return Answer({"machine_id": machine_id, "photos": [photo_as_json(one) for one in found]})


def photo_as_json(shown: ShownPhoto) -> PhotoJson:
    photo = shown.photo
    return {
        "photo_id": photo.id,
        "meter_id": photo.meter_id,
        "due_on": photo.due_on.isoformat(),
        "content_type": photo.kind,
        "size": photo.size,
        "sent_by": photo.by,
        "sent_at": photo.asked_at.isoformat(timespec="seconds"),
        "url": shown.url,
    }
