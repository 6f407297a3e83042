"""Release runs: start one, follow it, read its protocol as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.readings import reading_id
from meterportal.domain.release import Line
from meterportal.domain.sheets import BOM, Cell, rows_as_csv
from meterportal.doors import doors
from meterportal.http import Body, answer, findings_as_json
from meterportal.settings import moment
from meterportal.store.releases import MachineLines, Release, Tally
from meterportal.usecases import list_releases, release_readings

from staff_api.pages import opened, sealed
from staff_api.request_keys import request_key_of
from staff_api.selection import SelectionBody
from staff_api.shapes import CSV, STARTED
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Cursor = Annotated[str | None, Query(max_length=4000)]

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


class StartBody(Body):
    """What to release, with the versions or the dry run that was seen."""

    selection: SelectionBody
    dry_run: bool = False


@router.post(
    "/api/staff/releases",
    summary="Release reported readings, or a dry run of it",
    responses=STARTED,
)
def start_release(body: StartBody) -> Response[str]:
    """Start a run, or a dry run, and give its id."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    started = release_readings.start(
        doors(),
        body.selection.selection(),
        dry_run=body.dry_run,
        by=staff.id,
        at=moment(),
        request_key=request_key_of(event),
    )
    return answer({"id": started}, 202)


@router.get("/api/staff/releases", summary="Release runs, newest first")
def list_runs(
    limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: Cursor = None
) -> Response[str]:
    """Runs, newest first; releases by hand among them."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "releases", cursor)
    found, more = list_releases.newest(doors(), before=place["at"] if place else None, limit=limit)
    following = {"at": more} if more else None
    return answer(
        {
            "releases": [_run(release, release.result or Tally()) for release in found],
            "next_cursor": sealed(staff, "releases", following),
        }
    )


@router.get("/api/staff/releases/<release_id>", summary="One run: progress and protocol")
def get_release(
    release_id: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Cursor = None,
) -> Response[str]:
    """A run with its progress and a page of its protocol: all lines of up to `limit` machines."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"protocol {release_id}"
    place = opened(staff, name, cursor)
    release, progress = list_releases.find(doors(), release_id)
    rows, more = list_releases.protocol(
        doors(), release_id, after=place["m"] if place else None, limit=limit
    )
    return answer(
        _run(release, progress.tally)
        | {
            "progress": {"done": progress.done, "chunks": progress.chunks},
            "protocol": [_line(row, line, staff.language) for row in rows for line in row.lines],
            "next_cursor": sealed(staff, name, {"m": more} if more else None),
        }
    )


@router.get(
    "/api/staff/releases/<release_id>/protocol.csv",
    summary="The protocol as CSV",
    responses=CSV,
)
def get_protocol(release_id: str, cursor: Cursor = None) -> Response[str]:
    """The protocol as CSV; beyond 5,000 machines a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"protocol.csv {release_id}"
    place = opened(staff, name, cursor)
    list_releases.find(doors(), release_id)
    rows, more = list_releases.protocol(
        doors(), release_id, after=place["m"] if place else None, limit=_SHEET
    )
    headers = {"Content-Disposition": f'attachment; filename="protocol-{release_id}.csv"'}
    if more:
        path = f"/api/staff/releases/{release_id}/protocol.csv"
        following = sealed(staff, name, {"m": more})
        headers["Link"] = f'<{path}?cursor={following}>; rel="next"'
    return Response(
        status_code=200,
        content_type="text/csv; charset=utf-8",
        body=BOM + "".join(rows_as_csv(_sheet(rows, staff.language, headed=place is None))),
        headers=dict(headers),
    )


def _run(release: Release, tally: Tally) -> dict[str, Any]:
    return {
        "id": release.id,
        "state": release_readings.state_of(release, moment()),
        "kind": release.kind,
        "dry_run": release.dry_run,
        "snapshot": release.id if release.dry_run else release.snapshot,
        "created_at": release.created_at.isoformat(),
        "by": release.by,
        "finished_at": release.finished_at and release.finished_at.isoformat(),
        "machines": release.machines,
        "done": tally.machines,
        "total": tally.released + tally.releasable + tally.refused,
        "released": tally.released,
        "releasable": tally.releasable,
        "refused": tally.refused,
    }


def _line(row: MachineLines, line: Line, language: str) -> dict[str, Any]:
    number = reading_id(row.machine_id, line.meter_id, line.due_on) if line.due_on else None
    return {
        "machine_id": row.machine_id,
        "version": row.seen,
        "company_id": row.company_id or None,
        "company": row.company,
        "serial": row.serial,
        "meter_id": line.meter_id or None,
        "label": line.label,
        "reading_id": number,
        "due_on": line.due_on and line.due_on.isoformat(),
        "read_on": line.read_on and line.read_on.isoformat(),
        "value": line.value,
        "result": line.outcome.value,
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
