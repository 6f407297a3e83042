"""A machine's page: everything that is known of a machine."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Exchange
from meterportal.http import Answer, company_as_json, location_as_json
from meterportal.http.history_json import past_as_json
from meterportal.settings import moment
from meterportal.usecases.portfolio.show_machine import (
    ShownMachine,
    ShownMachineMeter,
    show_machine,
)

from staff_api.answers.companies import (
    ExchangeJson,
    MachineMeterJson,
    MachinePageJson,
    OpenProblemJson,
)
from staff_api.photos import photo_as_json
from staff_api.staff import staff_of
from staff_api.timelines import events_as_json
from staff_api.values import value_as_json

router = APIGatewayHttpRouter()


@router.get("/api/staff/machines/<machine_id>", summary="Everything about a machine")
def show(machine_id: str) -> Answer[MachinePageJson]:
    """The time line tells of the newest hundred changes; the meters' histories go further back."""
    staff = staff_of(router.current_event.raw_event, "read")
    at = moment()
    found = show_machine(adapters(), at, machine_id)
    machine = found.machine
    return Answer(
        {
            "id": machine.id,
            "company": company_as_json(found.company),
            "contract": {"id": found.contract.id, "name": found.contract.name},
            "reading_channel": found.contract.reading_channel,
            "serial": machine.serial,
            "maker": machine.maker,
            "model": machine.model,
            "customer_no": machine.customer_no,
            "location": location_as_json(machine.location),
            "active": machine.active,
            "due_on": machine.due_on.isoformat() if machine.due_on else None,
            "state": machine.state,
            "version": machine.version,
            "meters": [_meter(one) for one in found.meters],
            "released": [
                {
                    "id": one.id,
                    "meter_id": one.reading.meter_id,
                    "value": one.reading.value,
                    "read_on": one.reading.read_on.isoformat(),
                    "exported": one.exported,
                }
                for one in found.released
            ],
            "provisional": machine.provisional,
            "replaced_by": _exchange(machine.replaced_by),
            "replaces": _exchange(machine.replaces),
            "photos": [photo_as_json(one) for one in found.photos],
            "problem": _problem(found),
            "timeline": events_as_json(found.events, staff, at.now),
        }
    )


def _exchange(other: Exchange | None) -> ExchangeJson | None:
    if other is None:
        return None
    return {"id": other.machine_id, "serial": other.serial, "on": other.on.isoformat()}


def _meter(shown: ShownMachineMeter) -> MachineMeterJson:
    meter, expected = shown.meter, shown.expected
    return {
        "id": meter.id,
        "label": meter.label,
        "display_label": meter.display_label,
        "kind": meter.kind,
        "digits": meter.digits,
        "billable": meter.billable,
        "period": value_as_json(shown.period) if shown.period else None,
        "expected": {
            "pages": expected.pages,
            "low": expected.low,
            "high": expected.high,
            "days": expected.days,
        }
        if expected
        else None,
        "history": [past_as_json(entry) for entry in shown.history],
    }


def _problem(found: ShownMachine) -> OpenProblemJson | None:
    problem, row = found.machine.problem, found.problem
    if problem is None or row is None:
        return None
    who = problem.reported_by
    return {
        "id": problem.id,
        "kind": problem.kind,
        "state": row.state,
        "text": problem.text,
        "meter_id": problem.meter_id or None,
        "reported_on": problem.reported_on.isoformat(),
        "reported_by": {"id": who, "name": found.events.names.get(who, "")},
    }
