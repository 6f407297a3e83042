"""Photos that contacts sent along with disputed values."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.http import answer
from meterportal.settings import moment
from meterportal.usecases.show_photos import Shown, photos_of

from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


@router.get("/api/staff/machines/<machine_id>/photos", summary="Photos of a machine's displays")
def show(machine_id: str) -> Response[str]:
    """Oldest first, each with an address of this site that is good for 15 minutes."""
    staff_of(router.current_event.raw_event, "read")
    found = photos_of(doors(), moment(), machine_id)
    return answer({"machine_id": machine_id, "photos": [photo_as_json(one) for one in found]})


def photo_as_json(shown: Shown) -> dict[str, Any]:
    photo = shown.photo
    return {
        "photo_id": photo.id,
        "meter_id": photo.meter_id,
        "due_on": photo.due_on.isoformat(),
        "content_type": photo.kind.value,
        "size": photo.size,
        "sent_by": photo.by,
        "sent_at": photo.asked_at.isoformat(timespec="seconds"),
        "url": shown.url,
    }
