"""The phone list: contracts that no mail brings any further."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.contracts import Contact
from meterportal.domain.machines import Machine
from meterportal.domain.sheets import BOM, Cell, rows_as_csv
from meterportal.doors import doors
from meterportal.http import answer
from meterportal.settings import moment
from meterportal.usecases.list_calls import Listed, Place, list_calls

from staff_api.pages import opened, sealed
from staff_api.reasons import reasons_as_json
from staff_api.shapes import CSV
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

Cursor = Annotated[str | None, Query()]
_SHEET = 1000
_HEADINGS = {
    "de": "Fällig am;Firmennummer;Firma;Vertrag;Ansprechpartner;Telefon;E-Mail;Grund;"
    "Letzte E-Mail am;Gerät;Seriennummer;Modell;Standort;Es fehlt",
    "en": "Due on;Company number;Company;Contract;Contact;Phone;E-mail;Reason;"
    "Last e-mail on;Machine;Serial number;Model;Location;Missing",
}


@router.get("/api/staff/phone-list", summary="Whom to call: open after the last mail")
def show(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Cursor = None,
) -> Response[str]:
    """Contracts still open after their last reminder, or whose reporter no mail reaches, by due date."""
    staff = staff_of(router.current_event.raw_event, "read")
    page, following = _page(staff, "phone-list", limit, cursor)
    return answer(
        {
            "calls": [_call(listed, staff.language) for listed in page],
            "next_cursor": following,
        }
    )


@router.get("/api/staff/phone-list.csv", summary="The phone list as CSV", responses=CSV)
def get_sheet(cursor: Cursor = None) -> Response[str]:
    """One row a machine; beyond 1,000 contracts a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    page, following = _page(staff, "phone-list.csv", _SHEET, cursor)
    headers = {"Content-Disposition": 'attachment; filename="phone-list.csv"'}
    if following:
        headers["Link"] = f'</api/staff/phone-list.csv?cursor={following}>; rel="next"'
    rows = _rows(page, staff.language, headed=cursor is None)
    return Response(
        status_code=200,
        content_type="text/csv; charset=utf-8",
        body=BOM + "".join(rows_as_csv(rows)),
        headers=dict(headers),
    )


def _page(
    staff: Staff, name: str, limit: int, cursor: str | None
) -> tuple[list[Listed], str | None]:
    place = opened(staff, name, cursor)
    after: Place | None = tuple(place["after"]) if place else None
    page, more = list_calls(doors(), moment(), limit=limit, after=after)
    return page, sealed(staff, name, {"after": page[-1].place} if more else None)


def _call(listed: Listed, language: str) -> dict[str, Any]:
    call = listed.call
    contract = call.contract
    return {
        "company": {"id": listed.company.id, "name": listed.company.name},
        "contract": {"id": contract.id, "name": contract.name},
        "due_on": contract.due_on.isoformat() if contract.due_on else None,
        "contacts": [_contact(contact) for contact in call.contacts],
        "machines": [_machine(machine) for machine in call.machines],
        "reasons": reasons_as_json(call.reasons, language),
        "mailed_on": call.mailed_on.isoformat() if call.mailed_on else None,
    }


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "name": contact.name,
        "phone": contact.phone or None,
        "email": contact.email,
    }


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "serial": machine.serial,
        "model": f"{machine.maker} {machine.model}".strip(),
        "location": _place(machine),
        "missing": _missing(machine),
    }


def _place(machine: Machine) -> str:
    spot = machine.location
    return ", ".join(filter(None, [spot.site, spot.building, spot.floor, spot.room]))


def _missing(machine: Machine) -> list[str]:
    return [
        meter.label or meter.kind.value
        for meter in machine.billable_meters
        if machine.reading(meter.id) is None
    ]


def _rows(page: Sequence[Listed], language: str, *, headed: bool) -> Iterator[Sequence[Cell]]:
    if headed:
        yield _HEADINGS[language].split(";")
    for listed in page:
        call = listed.call
        for machine in call.machines:
            yield (
                call.contract.due_on,
                listed.company.id,
                listed.company.name,
                call.contract.id,
                ", ".join(contact.name for contact in call.contacts),
                ", ".join(contact.phone for contact in call.contacts if contact.phone),
                ", ".join(contact.email for contact in call.contacts),
                " ".join(reason.text(language) for reason in call.reasons),
                call.mailed_on,
                machine.id,
                machine.serial,
                f"{machine.maker} {machine.model}".strip(),
                _place(machine),
                ", ".join(_missing(machine)),
            )
