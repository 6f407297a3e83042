"""The overview, the check of an entry, and the entry itself."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Invalid,
    NeedsConfirmation,
)
from meterportal.domain.reporting.readings import Reading, Verdict
from meterportal.http import (
    Answer,
    Body,
    Day,
    FindingJson,
    Number,
    Words,
    fault_as_json,
    findings_as_json,
    language_of,
    location_as_json,
    refuses,
    request_key,
)
from meterportal.http.overview_json import OverviewJson, overview_as_json, reading_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.reporting import overview, report_readings
from meterportal.usecases.reporting.report_readings import Checked, Report
from pydantic import Field, StrictInt, WithJsonSchema

from customer_api import cookies
from customer_api.answers.machines import (
    CardJson,
    CheckedMachineJson,
    CheckedMeterJson,
    StoredJson,
    StoredReadingJson,
)

router = APIGatewayHttpRouter()

PAGE = 200
"""Machines per answer, at most; the page fetches the others behind the first."""

MOST_METERS = 100
"""Meters in a body about one machine."""

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
    values: Annotated[dict[Number, Typed], Field(max_length=MOST_METERS)]


class ReadingsBody(EntryBody):
    """`confirm` holds reasons by meter id, `version` what the contact saw."""

    confirm: Annotated[dict[Number, Words], Field(max_length=MOST_METERS)] | None = None
    version: StrictInt


@router.get(
    "/api/machines",
    summary="The contact's machines and what is due",
    responses=refuses(Invalid),
)
def list_machines(
    cursor: Cursor = None,
    limit: Annotated[int, Field(ge=1, le=PAGE), DIGITS, Query()] = PAGE,
    scope: Scope = None,
) -> Answer[OverviewJson]:
    """The contact's machines in walking order, with what is due and what is reported."""
    if scope not in {None, COMPANY}:
        raise Invalid(
            field="scope",
            de=f"Diesen Umfang gibt es nicht: erwartet wird scope={COMPANY} oder keine Angabe.",
            en=f"There is no such scope: expected is scope={COMPANY}, or none.",
        )
    at = moment()
    found, next_cursor = overview.overview(
        adapters(), at, _cookie(), cursor=cursor, limit=limit, whole_company=scope == COMPANY
    )
    return Answer(overview_as_json(found, next_cursor, at.today, _language(found.language)))


@router.post(
    "/api/machines/<machine_id>/check",
    summary="Check values, store nothing",
    responses=refuses(AlreadyReleased),
)
def check_readings(machine_id: str, body: EntryBody) -> Answer[CheckedMachineJson]:
    """What the values look like. Nothing is stored."""
    checked = report_readings.check_readings(
        adapters(), moment(), _cookie(), machine_id, values=body.values, read_on=body.read_on
    )
    meters = _checked(checked, _language(checked.language))
    findings = [finding for meter in meters for finding in meter["findings"]]
    return Answer({"machine_id": machine_id, "meters": meters, "findings": findings})


@router.put(
    "/api/machines/<machine_id>/readings",
    summary="Store or correct readings",
    responses=refuses(AlreadyReleased, NeedsConfirmation, ChangedMeanwhile),
)
def put_readings(machine_id: str, body: ReadingsBody) -> Answer[StoredJson]:
    """Store or correct a machine's readings: all of them or none."""
    report = Report(body.values, body.confirm or {}, body.version, body.read_on)
    key = request_key(router.current_event.raw_event)
    told = report_readings.report_readings(
        adapters(), moment(), _cookie(), machine_id, report, key=key
    )
    language = _language(told.language)
    readings = [stored_as_json(reading, language) for reading in told.readings]
    return Answer({"version": told.version, "readings": readings})


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)


def _language(own: str) -> str:
    return language_of(router.current_event.raw_event, own)


def card_as_json(machine: Machine, *, may_report: bool) -> CardJson:
    """What a machine is and where it stands."""
    return {
        "id": machine.id,
        "serial": machine.serial,
        "maker": machine.maker,
        "model": machine.model,
        "location": location_as_json(machine.location),
        "customer_no": machine.customer_no,
        "may_report": may_report,
    }


def stored_as_json(reading: Reading, language: str) -> StoredReadingJson:
    return {"meter_id": reading.meter_id, **reading_as_json(reading, language)}


def _checked(checked: Checked, language: str) -> list[CheckedMeterJson]:
    """One entry per meter that was sent, in the machine's order."""
    said, check = checked.entry, checked.check
    meters: list[CheckedMeterJson] = []
    for meter in checked.machine.billable_meters:
        if meter.id in said.faults:
            fault = fault_as_json(meter.id, said.faults[meter.id], language)
            meters.append(_judged(meter, None, Verdict.UNCHECKED, [fault]))
        elif meter.id in said.values:
            findings = findings_as_json(check.of(meter.id), language, {})
            verdict = check.verdict(meter.id)
            meters.append(_judged(meter, said.values[meter.id], verdict, findings))
    return meters


def _judged(
    meter: Meter, value: int | None, verdict: Verdict, findings: list[FindingJson]
) -> CheckedMeterJson:
    return {"meter_id": meter.id, "value": value, "verdict": verdict, "findings": findings}
