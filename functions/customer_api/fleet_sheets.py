"""The fleet as a spreadsheet: handed out to be filled in, and handed in again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.texts import day, thousands
from meterportal.domain.refusals import Invalid
from meterportal.http import (
    Answer,
    CsvFile,
    FindingJson,
    Workbook,
    WrongContentType,
    file_body,
    findings_as_json,
    header,
    language_of,
    location_as_json,
    note_as_json,
    refuses,
    request_key,
)
from meterportal.settings import moment

from customer_api import cookies
from customer_api.answers.fleet import (
    HandedInJson,
    LeftRowJson,
    MachineToCheckJson,
    ReadSheetJson,
    SheetMachineJson,
    SumsJson,
    TakenMachineJson,
    TakenReadingJson,
)
from customer_api.machines import stored_as_json

if TYPE_CHECKING:
    from meterportal.domain.reporting.fleet.matching import Claim, Left
    from meterportal.domain.reporting.readings import Reading
    from meterportal.usecases.reporting.fill_in_fleet import HandedIn, TakenMachine, ToCheck

router = APIGatewayHttpRouter()

_TYPES = {
    Workbook.media_type,
    "application/vnd.oasis.opendocument.spreadsheet",
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


@router.get("/api/fleet.xlsx", summary="The contact's meters as a workbook to fill in")
def get_workbook() -> Workbook:
    """One row per meter, in walking order; the last two columns are to be filled in."""
    # Reading and writing sheets costs a start more than most contacts' whole visit.
    from meterportal.usecases.reporting import fill_in_fleet

    event = router.current_event.raw_event
    at, wanted = moment(), language_of(event, "")
    content = fill_in_fleet.as_workbook(adapters(), at, cookies.given(event), wanted or None)
    return Workbook(content, f"{_name(wanted)}-{at.today}.xlsx")


@router.get("/api/fleet.csv", summary="The contact's meters as CSV to fill in")
def get_csv() -> CsvFile:
    """The same as CSV: semicolons, UTF-8 with a byte order mark."""
    from meterportal.usecases.reporting import fill_in_fleet

    event = router.current_event.raw_event
    at, wanted = moment(), language_of(event, "")
    content = fill_in_fleet.as_csv(adapters(), at, cookies.given(event), wanted or None)
    return CsvFile(content, f"{_name(wanted)}-{at.today}.csv")


@router.post(
    "/api/fleet",
    summary="Hand in a filled-in workbook, CSV file or pasted cells (1 MB, 5,000 new readings)",
    responses=refuses(Invalid),
)
def hand_in(dry_run: Annotated[Literal["0", "1"], Query()] = "0") -> Answer[HandedInJson]:
    """What is plausible is stored at once; the rest comes back, each with its line.

    The body is the file itself, sent as application/octet-stream: the gateway makes UTF-8 of a body
    of type text/*, and a body that lost letters by that is refused.
    """
    from meterportal.usecases.reporting import fill_in_fleet

    event = router.current_event.raw_event
    _expect_a_sheet(event)
    told = fill_in_fleet.hand_in(
        adapters(),
        moment(),
        cookies.given(event),
        file_body(event),
        dry_run=dry_run == "1",
        key=request_key(event),
    )
    language = language_of(event, told.language)
    return Answer(
        {
            "dry_run": dry_run == "1",
            "read": _read(told),
            "taken": [_taken(one, language) for one in told.taken],
            "to_check": [_to_check(one, language) for one in told.to_check],
            "not_recognised": [_left(one, language) for one in told.left],
            "blank": told.blank,
            "sums": _sums(told),
            "progress": {"reported": told.reported, "total": told.total},
        }
    )


@router.post(
    "/api/fleet/rejected.xlsx",
    summary="The rows of a sheet that are not taken, as a workbook to mend and hand in again",
    responses=refuses(Invalid),
)
def hand_back() -> Workbook:
    """The body is the sheet as it was handed in. Nothing is stored; each row has its reason behind."""
    from meterportal.usecases.reporting import fill_in_fleet

    event = router.current_event.raw_event
    _expect_a_sheet(event)
    at, wanted = moment(), language_of(event, "")
    content = fill_in_fleet.rejected(
        adapters(), at, cookies.given(event), file_body(event), wanted or None
    )
    name = "to-mend" if wanted == "en" else "zu-berichtigen"
    return Workbook(content, f"{name}-{at.today}.xlsx")


def _expect_a_sheet(event: Mapping[str, Any]) -> None:
    kind = (header(event, "content-type") or "").partition(";")[0].strip().casefold()
    if kind and kind not in _TYPES:
        raise WrongContentType(expected=f"application/octet-stream, {Workbook.media_type}")


def _read(told: HandedIn) -> ReadSheetJson:
    return {
        "sheet": told.sheet_name,
        "columns": list(told.sheet.used),
        "rows": len(told.sheet.rows),
        "separator": told.sheet.separator,
    }


def _sums(told: HandedIn) -> SumsJson:
    """Everything that the sheet holds, each once: `entries` is the sum of the others. What is to
    be checked and what was taken is counted by value, the rest by value or by row without one."""
    taken = sum(len(one.claim.lines) for one in told.taken)
    to_check = sum(len(one.claim.lines) for one in told.to_check)
    return {
        "entries": taken + to_check + len(told.left) + told.ignored + told.blank,
        "taken": taken,
        "to_check": to_check,
        "not_recognised": len(told.left),
        "ignored": told.ignored,
        "blank": told.blank,
    }


def _name(language: str) -> str:
    return "meter-readings" if language == "en" else "zaehlerstaende"


def _named(claim: Claim) -> SheetMachineJson:
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


def _taken(taken: TakenMachine, language: str) -> TakenMachineJson:
    meters = {meter.id: meter for meter in taken.claim.machine.meters}
    readings: list[TakenReadingJson] = [
        {
            **stored_as_json(reading, language),
            "label": meters[reading.meter_id].label,
            "kind": meters[reading.meter_id].kind,
        }
        for reading in taken.told.readings
    ]
    return {**_named(taken.claim), "version": taken.told.version, "readings": readings}


def _to_check(one: ToCheck, language: str) -> MachineToCheckJson:
    report = one.report
    return {
        **_named(one.claim),
        "labels": {
            meter.id: meter.label
            for meter in one.claim.machine.billable_meters
            if meter.id in one.claim.values
        },
        "values": dict(one.claim.values),
        "read_on": report.read_on.isoformat() if report.read_on else None,
        "version": report.version,
        "findings": list(_findings(one, language)),
    }


def _findings(one: ToCheck, language: str) -> Iterator[FindingJson]:
    """What the check found, why else nothing was stored, and what stands there already."""
    refusal = one.refusal
    found = refusal.facts.get("findings") if refusal else None
    if isinstance(found, list | tuple):
        yield from findings_as_json(found, language, {})
    elif refusal:
        text = refusal.text(language)
        yield note_as_json(min(one.claim.values), refusal.code, Severity.WARN, text)
    for meter_id, reading in one.standing.items():
        standing = _standing(reading, language)
        yield note_as_json(meter_id, "reported_already", Severity.INFO, standing)


def _standing(reading: Reading, language: str) -> str:
    return _REPORTED_ALREADY[language == "en"].format(
        value=thousands(reading.value, language), day=day(reading.read_on, language)
    )


def _left(left: Left, language: str) -> LeftRowJson:
    return {
        "line": left.line.number,
        "text": left.line.text,
        "code": left.reason.code,
        "reason": left.reason.text(language),
    }
