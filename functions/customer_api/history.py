"""A machine's past readings and the pages between them."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.history import Entry, entries
from meterportal.domain.machines import Machine, Meter, MeterKind
from meterportal.doors import doors
from meterportal.http import answer, language_of
from meterportal.settings import moment
from meterportal.usecases.machine_desk import desk_to_read

from customer_api import cookies, machine_shapes
from customer_api.machines import card_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/machines/<machine_id>/history",
    summary="A machine's past readings and the usage between them",
    responses=machine_shapes.HISTORY,
)
def show_history(machine_id: str) -> Response[str]:
    """Billable meters with their values, newest first, and the pages since the value before."""
    event = router.current_event.raw_event
    desk = desk_to_read(doors(), moment(), cookies.given(event), machine_id)
    language = language_of(event, desk.language)
    meters = [_meter(desk.machine, meter, language) for meter in desk.machine.billable_meters]
    card = card_as_json(desk.machine) | {"may_report": desk.may_report}
    return answer({"machine_id": machine_id, "machine": card, "meters": meters})


def _meter(machine: Machine, meter: Meter, language: str) -> dict[str, Any]:
    pages = "pages" if language == "en" else "Seiten"
    return {
        "id": meter.id,
        "label": meter.label,
        "kind": meter.kind.value,
        "unit": "Scans" if meter.kind is MeterKind.SCAN else pages,
        "readings": [_entry(entry) for entry in entries(machine, meter)],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "value": entry.value,
        "read_on": entry.read_on.isoformat(),
        "origin": entry.origin.value,
        "state": entry.state,
        "channel": entry.channel.value,
        "estimated": entry.estimated,
        "usage": entry.pages,
        "per_day": entry.per_day,
        "reset": None
        if entry.reset_end is None
        else {"end": entry.reset_end, "start": entry.reset_start or 0},
    }
