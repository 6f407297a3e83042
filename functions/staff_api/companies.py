"""A customer's page: everything that is known of a company."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.marks import mailed
from meterportal.domain.portfolio.contracts import Company, Contract, reporters_of
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.period_values import PeriodValue
from meterportal.http import Answer, location_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.portfolio.show_company import (
    ShownCompany,
    ShownEvents,
    show_company,
    show_timeline,
)
from pydantic import Field

from staff_api.answers.companies import (
    CarryOverJson,
    CompanyCardJson,
    CompanyPageJson,
    ContractCardJson,
    MachineCardJson,
    TimelineJson,
)
from staff_api.contact_cards import contact_as_json
from staff_api.pages import opened, sealed
from staff_api.staff import Staff, staff_of
from staff_api.timelines import events_as_json
from staff_api.values import value_as_json

router = APIGatewayHttpRouter()

_EVENTS = 50


@router.get("/api/staff/companies/<company_id>", summary="Everything about a customer")
def show(
    company_id: str,
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 100,
    cursor: Cursor = None,
) -> Answer[CompanyPageJson]:
    """Machines come by the page; each has the newest lines of the time line."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"company#{company_id}"
    place = opened(staff, name, cursor)
    found = show_company(adapters(), company_id, limit=limit, after=place["m"] if place else None)
    events = show_timeline(adapters(), company_id, limit=_EVENTS, before=None)
    held = found.held
    return Answer(
        {
            "company": _company(held.company),
            "contacts": [
                contact_as_json(
                    one, held, found.boxes.get(one.mailbox or ""), found.mails.get(one.id)
                )
                for one in held.contacts.values()
            ],
            "contracts": [_contract(one, found) for one in held.contracts.values()],
            "machines": [_machine(*one) for one in found.machines],
            "machine_count": len(held.machines),
            "next_cursor": sealed(
                staff, name, {"m": found.machines[-1][0].id} if found.more else None
            ),
            "timeline": _timeline(company_id, events, staff),
        }
    )


@router.get(
    "/api/staff/companies/<company_id>/timeline",
    summary="What happened at a customer, newest first",
)
def show_events(
    company_id: str,
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = _EVENTS,
    cursor: Cursor = None,
) -> Answer[TimelineJson]:
    """Mails of the current period, changes of readings, what staff did. It may hold fewer lines than
    `limit` and still have a `next_cursor`."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, f"timeline#{company_id}", cursor)
    events = show_timeline(
        adapters(), company_id, limit=limit, before=place["at"] if place else None
    )
    return Answer(_timeline(company_id, events, staff))


def _timeline(company_id: str, events: ShownEvents, staff: Staff) -> TimelineJson:
    place = {"at": events.before} if events.before else None
    return {
        "entries": events_as_json(events, staff, moment().now),
        "next_cursor": sealed(staff, f"timeline#{company_id}", place),
    }


def _company(company: Company) -> CompanyCardJson:
    return {
        "id": company.id,
        "name": company.name,
        "language": company.language,
        "street": company.street,
        "postcode": company.postcode,
        "city": company.city,
    }


def _contract(contract: Contract, found: ShownCompany) -> ContractCardJson:
    progress = found.progress[contract.id]
    return {
        "id": contract.id,
        "version": contract.rev,
        "named": list(contract.reporters),
        "in_erp": _in_erp(contract),
        "name": contract.name,
        "reading_channel": contract.reading_channel,
        "interval": contract.interval,
        "starts_on": contract.starts_on.isoformat() if contract.starts_on else None,
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
        "due_on": contract.due_on.isoformat() if contract.due_on else None,
        "reporters": [one.id for one in reporters_of(contract, found.held.contacts)],
        "machines": {
            "total": progress.total,
            "reported": progress.reported,
            "released": progress.released,
        },
        "state": progress.state,
        "mails": [
            {
                "contact_id": contact_id,
                "round_id": mail.round_id,
                "number": mail.number,
                "on": mail.on.isoformat(),
                "opened": (mail.round_id, _mailbox(found, contact_id)) in found.opened,
            }
            for contact_id in contract.asked
            for mail in mailed(contract, contact_id)
        ],
    }


def _mailbox(found: ShownCompany, contact_id: str) -> str | None:
    contact = found.held.contacts.get(contact_id)
    return contact.mailbox if contact else None


def _in_erp(contract: Contract) -> CarryOverJson | None:
    channel, named = contract.channel_in_erp, contract.reporters_in_erp
    if channel is None and named is None:
        return None
    return {
        "reading_channel": channel or contract.reading_channel,
        "reporters": list(contract.reporters if named is None else named),
    }


def _machine(machine: Machine, values: list[PeriodValue]) -> MachineCardJson:
    return {
        "id": machine.id,
        "contract_id": machine.contract_id,
        "serial": machine.serial,
        "maker": machine.maker,
        "model": machine.model,
        "customer_no": machine.customer_no,
        "location": location_as_json(machine.location),
        "active": machine.active,
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "version": machine.version,
        "problem": machine.problem.kind if machine.problem else None,
        "meters": [value_as_json(one) for one in values],
    }
