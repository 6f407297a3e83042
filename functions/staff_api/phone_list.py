"""The phone list: contracts that no mail brings any further, of all channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.sheets import BOM, Cell, csv_of
from meterportal.http import Answer, CsvFile, company_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.mailing.list_calls import ListedCall, Place, list_calls
from pydantic import Field

from staff_api.answers.mailing import (
    CalledContactJson,
    CalledMachineJson,
    CallJson,
    PhoneListJson,
)
from staff_api.pages import opened, sealed
from staff_api.reasons import reasons_as_json
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

_SHEET = 1000
_HEADINGS = {
    "de": "Fällig am;Firmennummer;Firma;Vertrag;Ansprechpartner;Telefon;E-Mail;Grund;"
    "Letzte E-Mail am;Gerät;Seriennummer;Modell;Standort;Es fehlt",
    "en": "Due on;Company number;Company;Contract;Contact;Phone;E-mail;Reason;"
    "Last e-mail on;Machine;Serial number;Model;Location;Missing",
}


@router.get("/api/staff/phone-list", summary="Whom to call: open after the last mail")
def show(
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[PhoneListJson]:
    """By due date: contracts still open after their last reminder, or whose reporter no mail reaches;
    those that report by telephone; and those of other channels whose readings are late."""
    staff = staff_of(router.current_event.raw_event, "read")
    page, following = _page(staff, "phone-list", limit, cursor)
    return Answer(
        {
            "calls": [_call(listed, staff.language) for listed in page],
            "next_cursor": following,
        }
    )


@router.get("/api/staff/phone-list.csv", summary="The phone list as CSV")
def get_sheet(cursor: Cursor = None) -> CsvFile:
    """One row a machine; beyond 1,000 contracts a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    page, following = _page(staff, "phone-list.csv", _SHEET, cursor)
    rows = _rows(page, staff.language, headed=cursor is None)
    return CsvFile(
        BOM + csv_of(rows),
        "phone-list.csv",
        next_part=f"/api/staff/phone-list.csv?cursor={following}" if following else None,
    )


def _page(
    staff: Staff, name: str, limit: int, cursor: str | None
) -> tuple[list[ListedCall], str | None]:
    place = opened(staff, name, cursor)
    after: Place | None = tuple(place["after"]) if place else None
    page, more = list_calls(adapters(), moment(), limit=limit, after=after)
    return page, sealed(staff, name, {"after": page[-1].place} if more else None)


def _call(listed: ListedCall, language: str) -> CallJson:
    call = listed.call
    contract = call.contract
    return {
        "company": company_as_json(listed.company),
        "contract": {"id": contract.id, "name": contract.name},
        "reading_channel": contract.reading_channel,
        "due_on": contract.due_on.isoformat() if contract.due_on else None,
        "contacts": [_contact(contact) for contact in call.contacts],
        "machines": [_machine(machine) for machine in call.machines],
        "reasons": reasons_as_json(call.reasons, language),
        "mailed_on": call.mailed_on.isoformat() if call.mailed_on else None,
    }


def _contact(contact: Contact) -> CalledContactJson:
    return {
        "id": contact.id,
        "name": contact.name,
        "phone": contact.phone or None,
        "email": contact.email,
    }


def _machine(machine: Machine) -> CalledMachineJson:
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


def _rows(page: Sequence[ListedCall], language: str, *, headed: bool) -> Iterator[Sequence[Cell]]:
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
