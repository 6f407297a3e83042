"""Imports of the ERP's export: start one, follow it, read its report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.imports.faults import Fault
from meterportal.domain.imports.planning import Sample
from meterportal.doors import doors
from meterportal.http import WrongContentType, answer, header, raw_body
from meterportal.settings import moment
from meterportal.store.imports import Import
from meterportal.usecases.import_master_data import start_import
from meterportal.usecases.list_imports import import_page, newest_imports

from staff_api.pages import opened, sealed
from staff_api.request_keys import request_key_of
from staff_api.shapes import STARTED
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_TYPES = {
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
    "text/csv",
    "text/plain",
    "application/csv",
    "application/vnd.ms-excel",
}


@router.post(
    "/api/staff/imports",
    summary="Import an export of the ERP: a zip of CSVs, or one CSV",
    responses=STARTED,
)
def start(
    dry_run: Annotated[bool, Query()] = False,
    file: Annotated[str | None, Query(max_length=200)] = None,
    as_of: Annotated[date | None, Query()] = None,
) -> Response[str]:
    """202 with the id. The body is the file itself; `file` names a single CSV. `as_of` is the day
    that the export was made: an export older than the last one is refused as a whole."""
    event = router.current_event.raw_event
    staff = staff_of(event, "admin")
    kind = (header(event, "content-type") or "").partition(";")[0].strip().casefold()
    if kind and kind not in _TYPES:
        raise WrongContentType(expected="application/zip, text/csv")
    number = start_import(
        doors(),
        raw_body(event),
        moment(),
        by=staff.id,
        name=file,
        as_of=as_of,
        dry_run=dry_run,
        request_key=request_key_of(event),
    )
    return answer({"id": number}, 202)


@router.get("/api/staff/imports", summary="Imports, newest first")
def list_all(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query()] = None,
) -> Response[str]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "imports", cursor) or {"before": None}
    found, before = newest_imports(doors(), limit=limit, before=place["before"])
    following = sealed(staff, "imports", {"before": before} if before else None)
    return answer({"imports": [_listed(one) for one in found], "next_cursor": following})


@router.get("/api/staff/imports/<import_id>", summary="One import: numbers, changes, findings")
def show(import_id: str, cursor: Annotated[str | None, Query()] = None) -> Response[str]:
    """Findings come by the thousand; the cursor leads to the next ones. A dry run also shows a
    sample of what would change."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, f"import#{import_id}", cursor) or {"page": 0}
    page = import_page(doors(), import_id, number=place["page"])
    following = {"page": place["page"] + 1} if page.more else None
    return answer(
        {
            **_listed(page.found),
            "findings": [_finding(fault, staff.language) for fault in page.findings],
            "sample": [_sample(sample) for sample in page.samples],
            "next_cursor": sealed(staff, f"import#{import_id}", following),
        }
    )


def _listed(found: Import) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": found.state,
        "dry_run": found.dry_run,
        "file": found.file,
        "as_of": found.as_of,
        "by": found.by,
        "created_at": found.created_at.isoformat(timespec="seconds"),
        "rows": found.rows,
        "accepted": found.accepted,
        "rejected": found.rejected,
        "files": [
            {
                "file": one.file,
                "kind": one.kind or None,
                "rows": one.rows,
                "accepted": one.accepted,
                "rejected": one.rejected,
            }
            for one in found.files
        ],
        "changes": {kind: dict(numbers) for kind, numbers in found.changes.items()},
        "finding_count": found.findings,
    }


def _finding(fault: Fault, language: str) -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "field": fault.field,
        "code": fault.code,
        "severity": fault.severity.value,
        "text": fault.text(language),
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "file": sample.file,
        "line": sample.line,
        "key": sample.key,
        "field": sample.field,
        "old": sample.old,
        "new": sample.new,
    }
