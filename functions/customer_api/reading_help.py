"""How to read a machine's counters."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.reporting.help.pages import where
from meterportal.domain.reporting.help.shipped import alternative
from meterportal.http import Answer, language_of
from meterportal.settings import moment
from meterportal.usecases.reporting.read_help import help_for

from customer_api import cookies
from customer_api.answers.machine_pages import InstructionsJson, PictureJson
from customer_api.machines import card_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/machines/<machine_id>/help",
    summary="How to read a machine's counters",
)
def show_help(machine_id: str) -> Answer[InstructionsJson]:
    """Numbered steps for the model, its family or its maker, and where each meter's number stands."""
    event = router.current_event.raw_event
    asked = language_of(event, "") or None
    found = help_for(adapters(), moment(), cookies.given(event), machine_id, language=asked)
    machine, chosen = found.machine, found.chosen
    return Answer(
        {
            "machine_id": machine.id,
            "maker": machine.maker,
            "model": machine.model,
            "match": chosen.match,
            "title": chosen.text.title,
            "steps": list(chosen.text.steps),
            "picture": _picture(chosen.text.picture, found.language),
            "machine": card_as_json(machine, may_report=found.may_report),
            "meters": [
                {
                    "id": meter.id,
                    "label": meter.label,
                    "display_label": meter.display_label,
                    "where": where(meter, chosen.meters, found.language),
                }
                for meter in machine.billable_meters
            ],
        }
    )


def _picture(name: str | None, language: str) -> PictureJson | None:
    if name is None:
        return None
    return {"src": f"/help/{name}.svg", "alt": alternative(name, language)}
