"""A machine's past readings and the pages between them."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind
from meterportal.domain.reporting.history import entries
from meterportal.http import Answer, language_of
from meterportal.http.history_json import past_as_json
from meterportal.settings import moment
from meterportal.usecases.reporting.machine_access import access_to_read

from customer_api import cookies
from customer_api.answers.machine_pages import HistoryJson, PastMeterJson
from customer_api.machines import card_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/machines/<machine_id>/history",
    summary="A machine's past readings and the usage between them",
)
def show_history(machine_id: str) -> Answer[HistoryJson]:
    """Billable meters with their values, newest first, and the pages since the value before."""
    event = router.current_event.raw_event
    access = access_to_read(adapters(), moment(), cookies.given(event), machine_id)
    language = language_of(event, access.language)
    meters = [_meter(access.machine, meter, language) for meter in access.machine.billable_meters]
    card = card_as_json(access.machine, may_report=access.may_report)
    return Answer({"machine_id": machine_id, "machine": card, "meters": meters})


def _meter(machine: Machine, meter: Meter, language: str) -> PastMeterJson:
    pages = "pages" if language == "en" else "Seiten"
    return {
        "id": meter.id,
        "label": meter.label,
        "kind": meter.kind,
        "unit": "Scans" if meter.kind is MeterKind.SCAN else pages,
        "readings": [past_as_json(entry) for entry in entries(machine, meter)],
    }
