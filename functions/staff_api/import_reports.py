"""What an import has found, and deciding about it: by cause, as CSV; what a full export lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.exchange.import_runs import (
    FileGone,
    ImportedMeanwhile,
    NoDryRun,
    NoFullExport,
    NotLatest,
)
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.missing import MissingRecord
from meterportal.domain.refusals import Invalid
from meterportal.domain.sheets import BOM, Cell, csv_of
from meterportal.http import Accepted, Answer, Body, CsvFile, Number, refuses
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.exchange.end_missing import Standing, end_missing
from meterportal.usecases.exchange.list_imports import (
    findings_of_cause,
    import_page,
    missing_page,
)
from meterportal.usecases.exchange.take_over_import import take_over
from pydantic import Field

from staff_api.answers.exchange import (
    EndedJson,
    FindingsJson,
    ImportFindingJson,
    MissingJson,
    MissingRecordJson,
)
from staff_api.answers.runs import StartedJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class MissingKind(StrEnum):
    """What a full export can lack."""

    CONTRACTS = "contracts"
    MACHINES = "machines"
    CONTACTS = "contacts"


_FINDING_HEADINGS = {
    "de": "Datei;Zeile;Feld;Gewicht;Befund;Code",
    "en": "File;Line;Field;Severity;Finding;Code",
}
_SEVERITIES = {
    "de": {"error": "abgewiesen", "warning": "Warnung", "info": "Hinweis"},
    "en": {"error": "rejected", "warning": "warning", "info": "note"},
}
_MISSING_HEADINGS = {
    "de": "Nummer;Bezeichnung;Firmennummer;Firma;Fällig am;Stand",
    "en": "Number;Name;Company no.;Company;Due on;State",
}
_STANDINGS = {
    "de": {"in_use": "in Gebrauch", "ended": "beendet", "gone": "nicht mehr bei dieser Firma"},
    "en": {"in_use": "in use", "ended": "ended", "gone": "no longer at this company"},
}


@router.post(
    "/api/staff/imports/<import_id>/apply",
    summary="Import the file of a dry run, this time for good",
    responses=refuses(NoDryRun, ImportedMeanwhile, FileGone),
)
def apply(import_id: str) -> Accepted[StartedJson]:
    """The file need not be sent again. Refused when another import came in between: the dry run no longer
    shows what would happen. A repeated request gives the same import."""
    staff = staff_of(router.current_event.raw_event, "admin")
    return Accepted({"id": take_over(adapters(), import_id, moment(), by=staff.member)})


@router.get("/api/staff/imports/<import_id>/findings", summary="All findings of one cause")
def list_findings(
    import_id: str,
    cause: Annotated[int, Field(ge=0, le=999), DIGITS, Query()] = 0,
    cursor: Cursor = None,
) -> Answer[FindingsJson]:
    """`cause` is a cause's `number` in the import, the first unless given. An answer reads a part of the report: it may hold no
    finding and still have a `next_cursor`."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"findings#{import_id}#{cause}"
    place = opened(staff, name, cursor)
    page = findings_of_cause(
        adapters(), import_id, cause, (place["page"], place["left"]) if place else None
    )
    following = page.following
    return Answer(
        {
            "findings": [finding_as_json(fault, staff.language) for fault in page.findings],
            "next_cursor": sealed(
                staff, name, {"page": following[0], "left": following[1]} if following else None
            ),
        }
    )


@router.get("/api/staff/imports/<import_id>/findings.csv", summary="The findings as CSV")
def list_findings_as_csv(
    import_id: str,
    severity: Annotated[FaultSeverity | None, Query()] = None,
    cursor: Cursor = None,
) -> CsvFile:
    """A thousand at a time; a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"findings.csv#{import_id}#{severity}"
    place = opened(staff, name, cursor)
    number = place["page"] if place else 0
    page = import_page(adapters(), import_id, number=number)
    following = sealed(staff, name, {"page": number + 1} if page.more else None)
    wanted = f"severity={severity}&" if severity else ""
    fitting = [fault for fault in page.findings if severity in {None, fault.severity}]
    sheet = _finding_sheet(fitting, staff.language, headed=place is None)
    path = f"/api/staff/imports/{import_id}/findings.csv?{wanted}cursor="
    return CsvFile(
        BOM + csv_of(sheet),
        f"findings-{import_id}.csv",
        next_part=f"{path}{following}" if following else None,
    )


@router.get("/api/staff/imports/<import_id>/missing", summary="What a full export lacks")
def list_missing(
    import_id: str,
    kind: Annotated[MissingKind, Query()] = MissingKind.CONTRACTS,
    cursor: Cursor = None,
) -> Answer[MissingJson]:
    """Records in use here that the file does not name, with how they stand now. Nothing is ended by
    itself. 5,000 of a kind are listed at most."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"missing#{import_id}#{kind}"
    place = opened(staff, name, cursor)
    number = place["page"] if place else 0
    found, more = missing_page(adapters(), import_id, kind, number, moment())
    return Answer(
        {
            "records": [_record(record, standing) for record, standing in found],
            "next_cursor": sealed(staff, name, {"page": number + 1} if more else None),
        }
    )


@router.get(
    "/api/staff/imports/<import_id>/missing.csv", summary="What a full export lacks, as CSV"
)
def list_missing_as_csv(
    import_id: str,
    kind: Annotated[MissingKind, Query()] = MissingKind.CONTRACTS,
    cursor: Cursor = None,
) -> CsvFile:
    """The same list; a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"missing.csv#{import_id}#{kind}"
    place = opened(staff, name, cursor)
    number = place["page"] if place else 0
    found, more = missing_page(adapters(), import_id, kind, number, moment())
    following = sealed(staff, name, {"page": number + 1} if more else None)
    path = f"/api/staff/imports/{import_id}/missing.csv?kind={kind}&cursor="
    sheet = _missing_sheet(found, staff.language, headed=place is None)
    return CsvFile(
        BOM + csv_of(sheet),
        f"missing-{kind}-{import_id}.csv",
        next_part=f"{path}{following}" if following else None,
    )


class EndBody(Body):
    """Which of the listed records are to end."""

    kind: Annotated[MissingKind, Field(strict=False)]
    ids: Annotated[list[Number], Field(min_length=1, max_length=25)]


@router.post(
    "/api/staff/imports/<import_id>/missing/end",
    summary="End records that a full export lacks",
    responses=refuses(NoFullExport, NotLatest, Invalid),
)
def end(import_id: str, body: EndBody) -> Answer[EndedJson]:
    """A contract ends on the day before the export, a machine or contact becomes inactive, until the ERP
    says something else. Only while the export is the latest import."""
    staff = staff_of(router.current_event.raw_event, "admin")
    ended = end_missing(adapters(), import_id, body.kind, body.ids, moment(), by=staff.member)
    return Answer(
        {"records": [{"id": number, "standing": standing} for number, standing in ended.items()]}
    )


def finding_as_json(fault: Fault, language: str) -> ImportFindingJson:
    """A finding with its sentence."""
    return {
        "file": fault.file,
        "line": fault.line,
        "field": fault.field,
        "code": fault.code,
        "severity": fault.severity,
        "text": fault.text(language),
    }


def _finding_sheet(
    found: Iterable[Fault], language: str, *, headed: bool
) -> Iterator[Sequence[Cell]]:
    if headed:
        yield _FINDING_HEADINGS[language].split(";")
    for fault in found:
        severity = _SEVERITIES[language][fault.severity]
        yield (fault.file, fault.line, fault.field, severity, fault.text(language), fault.code)


def _missing_sheet(
    found: Iterable[tuple[MissingRecord, Standing]], language: str, *, headed: bool
) -> Iterator[Sequence[Cell]]:
    if headed:
        yield _MISSING_HEADINGS[language].split(";")
    for record, standing in found:
        due_on = date.fromisoformat(record.due_on) if record.due_on else None
        state = _STANDINGS[language][standing]
        yield (record.id, record.name, record.company_id, record.company, due_on, state)


def _record(record: MissingRecord, standing: Standing) -> MissingRecordJson:
    return {
        "id": record.id,
        "name": record.name,
        "company": {"id": record.company_id, "name": record.company},
        "due_on": record.due_on or None,
        "standing": standing,
    }
