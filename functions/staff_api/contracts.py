"""The clerk's list of contracts."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.crypto import digest
from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.progress import SlotState
from meterportal.domain.selections import Filter
from meterportal.doors import doors
from meterportal.http import Day, answer
from meterportal.settings import moment
from meterportal.usecases.list_contracts import Listed, Reporter, list_contracts

from staff_api.pages import opened, sealed
from staff_api.reasons import reasons_as_json
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_Number = Annotated[str | None, Query(min_length=1, max_length=64)]


@router.get("/api/staff/contracts", summary="Contracts by due date, with what stands in the way")
def list_all(
    company_id: _Number = None,
    contract_id: _Number = None,
    reading_channel: Annotated[ReadingChannel | None, Query()] = None,
    due_before: Annotated[Day | None, Query()] = None,
    state: Annotated[SlotState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query()] = None,
) -> Response[str]:
    """`due_before` includes the day itself; `state` is that of the current slot."""
    staff = staff_of(router.current_event.raw_event, "read")
    wanted = Filter(
        company_id, contract_id, reading_channel, due_before, state.value if state else None
    )
    name = f"contracts#{digest(repr(wanted))[:16]}"
    place = opened(staff, name, cursor)
    after = tuple(place["after"]) if place else None
    page, more = list_contracts(doors(), wanted, moment(), limit=limit, after=after)
    return answer(
        {
            "contracts": [_contract(listed, staff.language) for listed in page],
            "next_cursor": sealed(staff, name, {"after": page[-1].place} if more else None),
        }
    )


def _contract(listed: Listed, language: str) -> dict[str, Any]:
    contract, progress = listed.contract, listed.progress
    return {
        "id": contract.id,
        "company": {"id": listed.company.id, "name": listed.company.name},
        "name": contract.name,
        "reading_channel": contract.reading_channel.value,
        "interval": contract.interval.value if contract.interval else None,
        "due_on": contract.due_on.isoformat() if contract.due_on else None,
        "reporters": [_reporter(reporter) for reporter in listed.reporters],
        "machines": {
            "total": progress.total,
            "reported": progress.reported,
            "released": progress.released,
        },
        "state": progress.state.value,
        "asked": listed.asked,
        "ready": listed.readiness.ready,
        "reasons": reasons_as_json(listed.readiness.errors, language),
        "notes": reasons_as_json(listed.readiness.notes, language),
    }


def _reporter(reporter: Reporter) -> dict[str, Any]:
    contact = reporter.contact
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "granted": reporter.granted,
    }
