"""The fleet as a spreadsheet: handed out to be filled in, and handed in again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.plausibility.texts import day, thousands
from meterportal.doors import doors
from meterportal.http import (
    WrongContentType,
    answer,
    attachment,
    findings_as_json,
    header,
    language_of,
    raw_body,
)
from meterportal.settings import moment

from customer_api import cookies, fleet_shapes
from customer_api.machines import location_as_json, reading_as_json

if TYPE_CHECKING:
    from meterportal.domain.fleet.matching import Claim, Left
    from meterportal.domain.readings import Reading
    from meterportal.usecases.fill_in_fleet import Taken, ToCheck

router = APIGatewayHttpRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {
    XLSX,
    "application/octet-stream",
    "application/vnd.ms-excel",
    "application/csv",
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
}
_REPORTED_ALREADY = (
    "Gemeldet ist bereits {value} vom {day}. Wenn Sie bestätigen, gilt der neue Wert.",
    "{value} of {day} has been reported already. If you confirm, the new value counts.",
)


@router.get(
    "/api/fleet.xlsx",
    summary="The contact's meters as a workbook to fill in",
    responses=fleet_shapes.a_file(XLSX),
)
def get_workbook() -> Response[str]:
    """One row per meter, in walking order; the last two columns are to be filled in."""
    # Reading and writing sheets costs a start more than most contacts' whole visit.
    from meterportal.usecases import fill_in_fleet

    event = router.current_event.raw_event
    at, wanted = moment(), language_of(event, "")
    content = fill_in_fleet.as_workbook(doors(), at, cookies.given(event), wanted or None)
    return attachment(content, XLSX, f"{_name(wanted)}-{at.today}.xlsx")


@router.get(
    "/api/fleet.csv",
    summary="The contact's meters as CSV to fill in",
    responses=fleet_shapes.a_file("text/csv"),
)
def get_csv() -> Response[str]:
    """The same as CSV: semicolons, UTF-8 with a byte order mark."""
    from meterportal.usecases import fill_in_fleet

    event = router.current_event.raw_event
    at, wanted = moment(), language_of(event, "")
    content = fill_in_fleet.as_csv(doors(), at, cookies.given(event), wanted or None)
    name = f"{_name(wanted)}-{at.today}.csv"
    return attachment(content.encode(), "text/csv; charset=utf-8", name)


@router.post(
    "/api/fleet",
    summary="Hand in a filled-in workbook, CSV file or pasted cells (1 MB, 5,000 new readings)",
    responses=fleet_shapes.HANDED_IN,
)
def hand_in(dry_run: Annotated[Literal["0", "1"], Query()] = "0") -> Response[str]:
    """What is plausible is stored at once; the rest comes back, each with its line.

    The body is the file itself, best sent as application/octet-stream: the gateway takes a body of
    type text/* for UTF-8.
    """
    from meterportal.usecases import fill_in_fleet

    event = router.current_event.raw_event
    kind = (header(event, "content-type") or "").partition(";")[0].strip().casefold()
    if kind and kind not in _TYPES:
        raise WrongContentType(expected=f"{XLSX}, text/csv, text/plain")
    told = fill_in_fleet.hand_in(
        doors(),
        moment(),
        cookies.given(event),
        raw_body(event),
        dry_run=dry_run == "1",
        key=header(event, "idempotency-key"),
    )
    language = language_of(event, told.language)
    return answer(
        {
            "dry_run": dry_run == "1",
            "taken": [_taken(one, language) for one in told.taken],
            "to_check": [_to_check(one, language) for one in told.to_check],
            "not_recognised": [_left(one, language) for one in told.left],
            "blank": told.blank,
        }
    )


def _name(language: str) -> str:
    return "meter-readings" if language == "en" else "zaehlerstaende"


def _named(claim: Claim) -> dict[str, Any]:
    machine = claim.machine
    return {
        "machine_id": machine.id,
        "serial": machine.serial,
        "model": machine.model,
        "customer_no": machine.customer_no,
        "location": location_as_json(machine.location),
        "line": claim.first,
        "lines": {meter_id: line.number for meter_id, line in claim.lines.items()},
    }


def _taken(taken: Taken, language: str) -> dict[str, Any]:
    readings = [
        {"meter_id": reading.meter_id} | reading_as_json(reading, language)
        for reading in taken.told.readings
    ]
    return _named(taken.claim) | {"version": taken.told.version, "readings": readings}


def _to_check(one: ToCheck, language: str) -> dict[str, Any]:
    report = one.report
    return _named(one.claim) | {
        "labels": {
            meter.id: meter.label
            for meter in one.claim.machine.billable_meters
            if meter.id in one.claim.values
        },
        "values": one.claim.values,
        "read_on": report.read_on.isoformat() if report.read_on else None,
        "version": report.version,
        "findings": list(_findings(one, language)),
    }


def _findings(one: ToCheck, language: str) -> Iterator[dict[str, Any]]:
    """What the check found, why else nothing was stored, and what stands there already."""
    refusal = one.refusal
    found = refusal.facts.get("findings") if refusal else None
    if isinstance(found, list | tuple):
        yield from findings_as_json(found, language, {})
    elif refusal:
        text = refusal.text(language)
        yield _finding(min(one.claim.values), refusal.code, "warn", text)
    for meter_id, reading in one.standing.items():
        yield _finding(meter_id, "reported_already", "info", _standing(reading, language))


def _standing(reading: Reading, language: str) -> str:
    return _REPORTED_ALREADY[language == "en"].format(
        value=thousands(reading.value, language), day=day(reading.read_on, language)
    )


def _finding(meter_id: str, code: str, severity: str, text: str) -> dict[str, Any]:
    return {
        "meter_id": meter_id,
        "code": code,
        "severity": severity,
        "text": text,
        "suggestion": None,
    }


def _left(left: Left, language: str) -> dict[str, Any]:
    return {
        "line": left.line.number,
        "text": left.line.text,
        "code": left.reason.code,
        "reason": left.reason.text(language),
    }
