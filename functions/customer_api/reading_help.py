"""How to read a machine's counters."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.help.pages import where
from meterportal.domain.help.shipped import alternative
from meterportal.doors import doors
from meterportal.http import answer, language_of
from meterportal.settings import moment
from meterportal.usecases.read_help import help_for

from customer_api import cookies, machine_shapes
from customer_api.machines import card_as_json

router = APIGatewayHttpRouter()


@router.get(
    "/api/machines/<machine_id>/help",
    summary="How to read a machine's counters",
    responses=machine_shapes.HELP,
)
def show_help(machine_id: str) -> Response[str]:
    """Numbered steps for the model, its family or its maker, and where each meter's number stands."""
    event = router.current_event.raw_event
    asked = language_of(event, "") or None
    found = help_for(doors(), moment(), cookies.given(event), machine_id, language=asked)
    machine, chosen = found.machine, found.chosen
    return answer(
        {
            "machine_id": machine.id,
            "maker": machine.maker,
            "model": machine.model,
            "match": chosen.match.value,
            "title": chosen.text.title,
            "steps": list(chosen.text.steps),
            "picture": _picture(chosen.text.picture, found.language),
            "machine": card_as_json(machine) | {"may_report": found.may_report},
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


def _picture(name: str | None, language: str) -> dict[str, Any] | None:
    if name is None:
        return None
    return {"src": f"/help/{name}.svg", "alt": alternative(name, language)}
