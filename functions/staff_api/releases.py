"""Release runs: start one, follow it, read its release report as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.refusals import Conflict
from meterportal.domain.release.judging import LineOutcome, ReportLine
from meterportal.domain.release.runs import (
    MachineLines,
    Release,
    ReportPlace,
    SnapshotRunning,
    Tally,
)
from meterportal.domain.reporting.readings import reading_id
from meterportal.domain.runs import RunKind
from meterportal.domain.sheets import BOM, Cell, csv_of
from meterportal.http import (
    Accepted,
    Answer,
    Body,
    CsvFile,
    Workbook,
    findings_as_json,
    refuses,
    request_key,
)
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.release import list_releases, release_readings
from pydantic import Field

from staff_api.answers.release import ReleaseJson, ReleasePageJson, ReleasesJson, ReportLineJson
from staff_api.answers.runs import StartedJson
from staff_api.pages import opened, sealed
from staff_api.runs import state_as_json
from staff_api.selection import SelectionBody
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


_SHEET = 5000
"""Machines per CSV: with their reasons this stays below what a function may answer (6 MB)."""

_HEADINGS = {
    "de": "Firma;Maschinennummer;Seriennummer;Zählernummer;Zähler;Fällig am;Datum;Stand;"
    "Ergebnis;Grund;Begründung des Kunden;Hinweise bei der Meldung",
    "en": "Company;Machine;Serial no.;Meter no.;Meter;Due on;Read on;Value;"
    "Result;Reason;Customer's reason;Notes at entry",
}
_RESULTS = {
    "de": {
        "released": "freigegeben",
        "releasable": "freigabefähig",
        "refused": "nicht freigegeben",
    },
    "en": {"released": "released", "releasable": "releasable", "refused": "not released"},
}


class TooLongForAWorkbook(Conflict):
    code = "too_long_for_a_workbook"
    de = "Dieses Protokoll ist für eine Arbeitsmappe zu lang. Bitte nehmen Sie die CSV-Datei."
    en = "This report is too long for a workbook. Please take the CSV file."


class ReleaseBody(Body):
    """What to release, with the versions or the dry run that was seen."""

    selection: SelectionBody
    dry_run: bool = False


@router.post(
    "/api/staff/releases",
    summary="Release reported readings, or a dry run of it",
    responses=refuses(SnapshotRunning),
)
def start_release(body: ReleaseBody) -> Accepted[StartedJson]:
    """Start a run, or a dry run, and give its id."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    started = release_readings.start(
        adapters(),
        body.selection.selection(),
        dry_run=body.dry_run,
        by=staff.member,
        at=moment(),
        request_key=request_key(event),
    )
    return Accepted({"id": started})


@router.get("/api/staff/releases", summary="Release runs, newest first")
def list_runs(
    limit: Annotated[int, Field(ge=1, le=100), DIGITS, Query()] = 50, cursor: Cursor = None
) -> Answer[ReleasesJson]:
    """Runs, newest first; releases by hand among them."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "releases", cursor)
    found, more = list_releases.newest(
        adapters(), before=place["at"] if place else None, limit=limit
    )
    following = {"at": more} if more else None
    return Answer(
        {
            "releases": [
                _run(release, release.result or Tally(), staff.language) for release in found
            ],
            "next_cursor": sealed(staff, "releases", following),
        }
    )


@router.get(
    "/api/staff/releases/<release_id>",
    summary="One run: progress and release report",
)
def get_release(
    release_id: str,
    limit: Annotated[int, Field(ge=1, le=1000), DIGITS, Query()] = 200,
    result: Annotated[LineOutcome | None, Query()] = None,
    cursor: Cursor = None,
) -> Answer[ReleasePageJson]:
    """A run with its progress and a page of its release report: all lines of up to `limit` machines, or
    of them those with one `result`."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"protocol {release_id} {result or ''}"
    place = opened(staff, name, cursor)
    release, progress = list_releases.find(adapters(), release_id)
    rows, more = list_releases.report(adapters(), release_id, after=_behind(place), limit=limit)
    return Answer(
        {
            **_run(release, progress.tally, staff.language),
            "progress": {"done": progress.done, "chunks": progress.chunks},
            "protocol": [
                _line(row, line, staff.language)
                for row in rows
                for line in row.lines
                if result in (None, line.outcome)
            ],
            "next_cursor": sealed(staff, name, _place(more)),
        }
    )


@router.get(
    "/api/staff/releases/<release_id>/protocol.csv",
    summary="The release report as CSV",
)
def get_report_as_csv(release_id: str, cursor: Cursor = None) -> CsvFile:
    """The release report as CSV; beyond 5,000 machines a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"protocol.csv {release_id}"
    place = opened(staff, name, cursor)
    list_releases.find(adapters(), release_id)
    rows, more = list_releases.report(adapters(), release_id, after=_behind(place), limit=_SHEET)
    following = sealed(staff, name, _place(more))
    path = f"/api/staff/releases/{release_id}/protocol.csv"
    return CsvFile(
        BOM + csv_of(_sheet(rows, staff.language, headed=place is None)),
        f"protocol-{release_id}.csv",
        next_part=f"{path}?cursor={following}" if following else None,
    )


@router.get(
    "/api/staff/releases/<release_id>/protocol.xlsx",
    summary="The release report as a workbook",
    responses=refuses(TooLongForAWorkbook),
)
def get_report_as_workbook(release_id: str) -> Workbook:
    """The same lines as in the CSV, for runs of up to 5,000 machines."""
    # Writing workbooks costs a start more than all else that this function does.
    from meterportal.usecases.release.write_report import as_workbook

    staff = staff_of(router.current_event.raw_event, "read")
    list_releases.find(adapters(), release_id)
    rows, more = list_releases.report(adapters(), release_id, after=None, limit=_SHEET)
    if more:
        raise TooLongForAWorkbook
    table = _sheet(rows, staff.language, headed=True)
    return Workbook(as_workbook(table, staff.language), f"protocol-{release_id}.xlsx")


def _place(more: ReportPlace | None) -> dict[str, str] | None:
    return {"m": more[0], "n": str(more[1])} if more else None


def _behind(place: Mapping[str, str] | None) -> ReportPlace | None:
    """Cursors of earlier versions name a row of one machine."""
    return (place["m"], int(place.get("n", "0"))) if place else None


def _run(release: Release, tally: Tally, language: str) -> ReleaseJson:
    state = release_readings.state_of(release, moment())
    facts = {"done": tally.machines, "machines": release.machines}
    return {
        "id": release.id,
        **state_as_json(state, RunKind.RELEASE, language, **facts),
        "kind": release.kind,
        "dry_run": release.dry_run,
        "snapshot": release.id if release.dry_run else release.snapshot,
        "created_at": release.created_at.isoformat(),
        "by": release.by,
        "finished_at": release.finished_at.isoformat() if release.finished_at else None,
        "machines": release.machines,
        "done": tally.machines,
        "total": tally.released + tally.releasable + tally.refused,
        "released": tally.released,
        "releasable": tally.releasable,
        "refused": tally.refused,
    }


def _line(row: MachineLines, line: ReportLine, language: str) -> ReportLineJson:
    due_on, number = line.due_on, line.number
    return {
        "machine_id": row.machine_id,
        "version": row.seen,
        "company_id": row.company_id or None,
        "company": row.company,
        "serial": row.serial,
        "meter_id": line.meter_id or None,
        "label": line.label,
        "reading_id": reading_id(row.machine_id, line.meter_id, due_on, number) if due_on else None,
        "due_on": due_on.isoformat() if due_on else None,
        "read_on": line.read_on.isoformat() if line.read_on else None,
        "value": line.value,
        "result": line.outcome,
        "code": line.code,
        "reason": line.reason(language),
        "customer_reason": line.customer_reason or None,
        "release_reason": line.release_reason or None,
        "findings_at_entry": findings_as_json(line.at_entry, language, {}),
        "findings_at_release": findings_as_json(line.at_release, language, {}),
    }


def _sheet(
    rows: Sequence[MachineLines], language: str, *, headed: bool
) -> Iterator[Sequence[Cell]]:
    if headed:
        yield _HEADINGS[language].split(";")
    for row in rows:
        for line in row.lines:
            yield (
                row.company,
                row.machine_id,
                row.serial,
                line.meter_id,
                line.label,
                line.due_on,
                line.read_on,
                line.value,
                _RESULTS[language][line.outcome.value],
                line.reason(language),
                line.customer_reason,
                " ".join(finding_text(finding, language) for finding in line.at_entry),
            )
