"""The overview, the check of an entry, and the entry itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.machines import Location, Machine, Meter, Problem
from meterportal.domain.readings import Reading
from meterportal.domain.refusals import Invalid
from meterportal.doors import doors
from meterportal.http import Body, Day, answer, findings_as_json, header, language_of
from meterportal.settings import Moment, moment
from meterportal.usecases import overview, report_readings
from meterportal.usecases.overview import Overview
from meterportal.usecases.report_readings import Checked, Report
from pydantic import StrictInt, WithJsonSchema

from customer_api import cookies, shapes

router = APIGatewayHttpRouter()

PAGE = 200
"""Machines per answer, at most; the page fetches the others behind the first."""

COMPANY = "company"
"""The scope of a list: what the contact may see of the company, instead of what they report for."""

Scope = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "enum": [COMPANY]})] | None,
    Query(description="company: every machine that the contact may see, each with may_report"),
]

Typed = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})]
"""A counter as typed: text ("12.345") or an integer. What is neither is refused by its meter."""


class EntryBody(Body):
    """Values by meter id; `read_on` is today unless given."""

    read_on: Day | None = None
    values: dict[str, Typed]


class ReadingsBody(EntryBody):
    """`confirm` holds reasons by meter id, `version` what the contact saw."""

    confirm: dict[str, str] | None = None
    version: StrictInt


@router.get(
    "/api/machines", summary="The contact's machines and what is due", responses=shapes.OVERVIEW
)
def list_machines(
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    scope: Scope = None,
) -> Response[str]:
    """The contact's machines in walking order, with what is due and what is reported."""
    if scope not in {None, COMPANY}:
        raise Invalid(
            field="scope",
            de=f"Diesen Umfang gibt es nicht: erwartet wird scope={COMPANY} oder keine Angabe.",
            en=f"There is no such scope: expected is scope={COMPANY}, or none.",
        )
    at = moment()
    found = overview.overview(
        doors(), at, _cookie(), cursor=cursor, limit=limit, whole_company=scope == COMPANY
    )
    return answer(overview_as_json(found, at, router.current_event.raw_event))


@router.post(
    "/api/machines/<machine_id>/check",
    summary="Check values, store nothing",
    responses=shapes.CHECKED,
)
def check_readings(machine_id: str, body: EntryBody) -> Response[str]:
    """What the values look like. Nothing is stored."""
    checked = report_readings.check_readings(
        doors(), moment(), _cookie(), machine_id, values=body.values, read_on=body.read_on
    )
    meters = _checked(checked, _language(checked.language))
    findings = [finding for meter in meters for finding in meter["findings"]]
    return answer({"machine_id": machine_id, "meters": meters, "findings": findings})


@router.put(
    "/api/machines/<machine_id>/readings",
    summary="Store or correct readings",
    responses=shapes.REPORTED,
)
def put_readings(machine_id: str, body: ReadingsBody) -> Response[str]:
    """Store or correct a machine's readings: all of them or none."""
    report = Report(body.values, body.confirm or {}, body.version, body.read_on)
    key = header(router.current_event.raw_event, "idempotency-key")
    told = report_readings.report_readings(
        doors(), moment(), _cookie(), machine_id, report, key=key
    )
    language = _language(told.language)
    readings = [
        {"meter_id": reading.meter_id} | reading_as_json(reading, language)
        for reading in told.readings
    ]
    return answer({"version": told.version, "readings": readings})


def overview_as_json(found: Overview, at: Moment, event: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the overview, in the language that the caller asked for, else the contact's."""
    language = language_of(event, found.language)
    return {
        "company": {"id": found.company.id, "name": found.company.name},
        "today": at.today.isoformat(),
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "progress": {"reported": found.reported, "total": found.total},
        "next_cursor": found.next_cursor,
        "machines": [_machine(machine, found, language) for machine in found.machines],
    }


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)


def _language(own: str) -> str:
    return language_of(router.current_event.raw_event, own)


def _machine(machine: Machine, found: Overview, language: str) -> dict[str, Any]:
    alone = machine.set_aside or machine.struck_off
    shown = card_as_json(machine) | {
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "version": machine.version,
        "complete": machine.complete,
        "problem": problem_as_json(machine.problem) if machine.problem and alone else None,
        "meters": [_meter(machine, meter, found, language) for meter in machine.billable_meters],
    }
    if found.reportable is None:
        return shown
    may_report = machine.id in found.reportable
    return (shown if may_report else _without_words(shown)) | {"may_report": may_report}


def _without_words(shown: dict[str, Any]) -> dict[str, Any]:
    """For who only looks: values, days and names, but not what a reporter and the dealer tell each
    other: reasons, what was asked about a value, words about a problem."""
    silent = {"reason": "", "findings": []}
    problem = shown["problem"]
    return shown | {
        "problem": problem and problem | {"text": ""},
        "meters": [
            meter | {"reading": meter["reading"] and meter["reading"] | silent}
            for meter in shown["meters"]
        ],
    }


def card_as_json(machine: Machine) -> dict[str, Any]:
    """What a machine is and where it stands."""
    return {
        "id": machine.id,
        "serial": machine.serial,
        "maker": machine.maker,
        "model": machine.model,
        "location": location_as_json(machine.location),
        "customer_no": machine.customer_no,
    }


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """`state` accepted: staff agreed that nobody is asked for this slot."""
    return {
        "id": problem.id,
        "kind": problem.kind.value,
        "reported_on": problem.reported_on.isoformat(),
        "state": "accepted" if problem.accepted else "open",
        "text": problem.text,
        "meter_id": problem.meter_id or None,
    }


def location_as_json(place: Location) -> dict[str, str]:
    return {
        "site": place.site,
        "building": place.building,
        "floor": place.floor,
        "room": place.room,
    }


def _meter(machine: Machine, meter: Meter, found: Overview, language: str) -> dict[str, Any]:
    last, reading = meter.last, machine.reading(meter.id)
    return {
        "id": meter.id,
        "label": meter.label,
        "display_label": meter.display_label,
        "kind": meter.kind.value,
        "last": last
        and {
            "value": last.value,
            "read_on": last.read_on.isoformat(),
            "estimated": last.estimated,
        },
        "reading": reading and reading_as_json(reading, language) | _reported(reading, found),
    }


def _reported(reading: Reading, found: Overview) -> dict[str, Any]:
    """When and by whom a value came in; no name where it was none of the company's contacts."""
    at, by = reading.reported_at, reading.reported_by
    name = found.people.get(by)
    return {
        "reported_at": at.isoformat(timespec="seconds") if at else None,
        "reported_by": {"name": name, "me": by == found.contact_id} if name else None,
    }


def reading_as_json(reading: Reading, language: str) -> dict[str, Any]:
    released = reading.released_at
    return {
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state.value,
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "findings": findings_as_json(reading.findings, language, {}),
        "released_on": released.date().isoformat() if released else None,
    }


def _checked(checked: Checked, language: str) -> list[dict[str, Any]]:
    """One entry per meter that was sent, in the machine's order."""
    said, check = checked.entry, checked.check
    meters: list[dict[str, Any]] = []
    for meter in checked.machine.billable_meters:
        if meter.id in said.faults:
            fault = said.faults[meter.id]
            finding = {
                "meter_id": meter.id,
                "code": fault.code,
                "severity": "block",
                "text": fault.text(language),
                "suggestion": None,
            }
            meters.append(_judged(meter, None, "unchecked", [finding]))
        elif meter.id in said.values:
            findings = findings_as_json(check.of(meter.id), language, {})
            verdict = check.verdict(meter.id).value
            meters.append(_judged(meter, said.values[meter.id], verdict, findings))
    return meters


def _judged(
    meter: Meter, value: int | None, verdict: str, findings: list[dict[str, Any]]
) -> dict[str, Any]:
    return {"meter_id": meter.id, "value": value, "verdict": verdict, "findings": findings}
