"""Imports of the ERP's export: start one, follow it, read its report."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.exchange.imports.causes import FaultCause
from meterportal.domain.exchange.imports.effects import ChangedField
from meterportal.domain.exchange.imports.faults import FaultSeverity
from meterportal.domain.exchange.imports.planning import Sample
from meterportal.domain.refusals import Invalid
from meterportal.domain.runs import RunKind
from meterportal.http import (
    Accepted,
    Answer,
    Body,
    Created,
    Day,
    WrongContentType,
    file_body,
    header,
    refuses,
    request_key,
)
from meterportal.http.queries import DIGITS, Cursor, Flag
from meterportal.settings import moment
from meterportal.usecases.exchange.list_imports import import_page, newest_imports, state_of
from meterportal.usecases.exchange.start_imports import (
    UploadMissing,
    UploadStarted,
    announce_upload,
    start_import,
    start_uploaded,
)
from pydantic import Field, StrictInt

from staff_api.answers.exchange import (
    AnnouncedUploadJson,
    CauseJson,
    ChangedFieldJson,
    ImportFindingJson,
    ImportJson,
    ImportPageJson,
    ImportsJson,
    SampleJson,
)
from staff_api.answers.runs import StartedJson
from staff_api.import_reports import finding_as_json
from staff_api.pages import opened, sealed
from staff_api.runs import state_as_json
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


class UploadBody(Body):
    """`size` in bytes, up to 2 GB."""

    file: Annotated[str, Field(max_length=200)]
    size: StrictInt


@router.post(
    "/api/staff/imports/uploads",
    summary="Announce a large file and learn where to put it",
    responses=refuses(Invalid),
)
def announce(body: UploadBody) -> Created[AnnouncedUploadJson]:
    """The address is good for two hours, and for a body of this size only. Then the import is started by
    `POST /api/staff/imports?upload=`, with the same file name."""
    staff_of(router.current_event.raw_event, "admin")
    made = announce_upload(adapters(), body.file, body.size)
    return Created(
        {
            "upload_id": made.id,
            "upload": {"method": "PUT", "url": made.url, "headers": made.headers},
        }
    )


@router.post(
    "/api/staff/imports",
    summary="Import an export of the ERP: a zip of files, or one file",
    responses=refuses(Invalid, UploadMissing, UploadStarted),
)
def start(
    dry_run: Annotated[Flag, Query()] = False,
    file: Annotated[str | None, Query(max_length=200)] = None,
    as_of: Annotated[Day | None, Query()] = None,
    full: Annotated[Flag, Query()] = False,
    upload: Annotated[str | None, Query(pattern="^[a-z2-7]{20}$", max_length=20)] = None,
) -> Accepted[StartedJson]:
    """202 with the id. The body is the file itself, sent as application/zip or
    application/octet-stream: the gateway makes UTF-8 of a body of type text/*, and one that lost
    letters by that is refused. `file` names a single file. `as_of` is the day that the export was
    made: an export older than the last one is refused as a whole. `full`: it is meant to hold everything,
    and what it lacks is listed; absent rows change nothing either way. `upload`: in place of the body
    the file that was put to this upload's address."""
    event = router.current_event.raw_event
    staff = staff_of(event, "admin")
    if upload is not None:
        number = start_uploaded(
            adapters(),
            upload,
            moment(),
            by=staff.member,
            name=file or "",
            as_of=as_of,
            dry_run=dry_run,
            full=full,
        )
        return Accepted({"id": number})
    kind = (header(event, "content-type") or "").partition(";")[0].strip().casefold()
    if kind and kind not in _TYPES:
        raise WrongContentType(expected="application/zip, application/octet-stream")
    number = start_import(
        adapters(),
        file_body(event),
        moment(),
        by=staff.member,
        name=file,
        as_of=as_of,
        dry_run=dry_run,
        full=full,
        request_key=request_key(event),
    )
    return Accepted({"id": number})


@router.get("/api/staff/imports", summary="Imports, newest first")
def list_all(
    limit: Annotated[int, Field(ge=1, le=100), DIGITS, Query()] = 20,
    cursor: Cursor = None,
) -> Answer[ImportsJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "imports", cursor) or {"before": None}
    found, before = newest_imports(adapters(), limit=limit, before=place["before"])
    following = sealed(staff, "imports", {"before": before} if before else None)
    shown = [_listed(one, staff.language) for one in found]
    return Answer({"imports": shown, "next_cursor": following})


@router.get(
    "/api/staff/imports/<import_id>",
    summary="One import: numbers, changes, findings",
)
def show(import_id: str, cursor: Cursor = None) -> Answer[ImportPageJson]:
    """Findings come by the thousand; the cursor leads to the next ones. The first page says what they
    come to, and of a dry run what would change."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, f"import#{import_id}", cursor) or {"page": 0}
    page = import_page(adapters(), import_id, number=place["page"])
    following = {"page": place["page"] + 1} if page.more else None
    told = _listed(page.found, staff.language)
    return Answer(
        {
            **told,
            "findings": [
                *_broken_off(told),
                *(finding_as_json(fault, staff.language) for fault in page.findings),
            ],
            "causes": [
                _cause(number, cause, staff.language)
                for number, cause in enumerate(page.summary.causes)
            ],
            "effects": dict(page.summary.effects),
            "fields": [_field(field) for field in page.summary.fields],
            "sample": [_sample(sample) for sample in page.summary.samples],
            "next_cursor": sealed(staff, f"import#{import_id}", following),
        }
    )


def _broken_off(told: ImportJson) -> list[ImportFindingJson]:
    """A run that broke off has no report, but a reason: it is told as a finding, too."""
    if told["problem"] is None:
        return []
    return [
        {
            "file": told["file"],
            "line": None,
            "field": None,
            "code": told["problem"],
            "severity": FaultSeverity.ERROR,
            "text": told["problem_text"] or "",
        }
    ]


def _listed(found: Import, language: str) -> ImportJson:
    facts = {"changes": sum(found.counted.values())}
    return {
        "id": found.id,
        **state_as_json(state_of(found, moment()), RunKind.IMPORT, language, **facts),
        "dry_run": found.dry_run,
        "full": found.full,
        "applies": found.applies or None,
        "applied": found.applied or None,
        "checksum": found.checksum or None,
        "progress": {"done": found.progress[0], "of": found.progress[1]}
        if found.progress[1]
        else None,
        "missing": [
            {"kind": kind, "count": count, "due": due, "unnamed": unnamed}
            for kind, (count, due, unnamed) in found.missing.items()
        ],
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
                "encoding": one.encoding or None,
                "delimiter": one.delimiter or None,
                "headings_line": one.headings_line or None,
            }
            for one in found.files
        ],
        "changes": {kind: dict(numbers) for kind, numbers in found.changes.items()},
        "finding_count": found.findings,
    }


def _cause(number: int, cause: FaultCause, language: str) -> CauseJson:
    example = finding_as_json(cause.example, language)
    return {"number": number, "count": cause.count, **example}


def _field(changed: ChangedField) -> ChangedFieldJson:
    return {
        "kind": changed.kind,
        "field": changed.field,
        "count": changed.count,
        "old": changed.old,
        "new": changed.new,
    }


def _sample(sample: Sample) -> SampleJson:
    return {
        "file": sample.file,
        "line": sample.line,
        "key": sample.key,
        "field": sample.field,
        "old": sample.old,
        "new": sample.new,
    }
