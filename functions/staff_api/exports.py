"""Exports of released readings, and the ERP's answer to them."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.exchange.batches import BatchState, Export
from meterportal.domain.exchange.exports import (
    Acknowledgement,
    AlreadyBilled,
    NotExportedYet,
    kept_reason,
)
from meterportal.domain.exchange.line_kinds import LineAnswer, LineKind
from meterportal.domain.refusals import Invalid
from meterportal.domain.runs import RunKind
from meterportal.http import Accepted, Answer, Body, refuses, request_key
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.exchange import (
    acknowledge_exports,
    export_readings,
    list_exports,
    write_export,
)
from pydantic import Field, StringConstraints

from staff_api.answers.exchange import (
    ExportFileJson,
    ExportJson,
    ExportLineJson,
    ExportLinesJson,
    ExportPageJson,
    ExportProgressJson,
    ExportsJson,
)
from staff_api.answers.runs import StartedJson
from staff_api.pages import opened, sealed
from staff_api.runs import state_as_json
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_LINK_SECONDS = 900

ReadingId = Annotated[str, Field(min_length=1, max_length=200)]


class ExportBody(Body):
    """Nothing to choose: an export takes all that is released."""


class RefusedLine(Body):
    """A reading that the ERP does not take, and why, in its words: 500 bytes of them are kept."""

    reading_id: ReadingId
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=500)
    ]


class AcknowledgeBody(Body):
    """`accepted` is "all" (but the refused ones), "open" (those without an answer so far, but the refused
    ones) or reading ids; at most 1,000 named at once."""

    accepted: Literal["all", "open"] | Annotated[list[ReadingId], Field(max_length=1000)] = "all"
    refused: list[RefusedLine] = Field(default=[], max_length=1000)

    def acknowledgement(self) -> Acknowledgement:
        refused = {line.reading_id: kept_reason(line.reason) for line in self.refused}
        accepted = frozenset(self.accepted) if isinstance(self.accepted, list) else None
        if len(refused) < len(self.refused) or refused.keys() & (accepted or set()):
            raise Invalid(
                field="refused",
                de="Ein Zählerstand steht doppelt in dieser Quittung.",
                en="A reading stands twice in this acknowledgement.",
            )
        return Acknowledgement(accepted, refused, only_open=self.accepted == "open")


@router.post("/api/staff/exports", summary="Export all released readings")
def start_export(body: ExportBody) -> Accepted[StartedJson]:  # noqa: ARG001 - checked to be empty
    """Start an export of all released readings and give its id."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    started = export_readings.start(
        adapters(), by=staff.member, at=moment(), request_key=request_key(event)
    )
    return Accepted({"id": started})


@router.get("/api/staff/exports", summary="Exports, newest first")
def list_all(
    limit: Annotated[int, Field(ge=1, le=100), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[ExportsJson]:
    """Exports, newest first."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "exports", cursor)
    found, more = list_exports.newest(
        adapters(), before=place["at"] if place else None, limit=limit
    )
    following = {"at": more} if more else None
    return Answer(
        {
            "exports": [_export(export, staff.language) for export in found],
            "next_cursor": sealed(staff, "exports", following),
        }
    )


@router.get(
    "/api/staff/exports/<export_id>",
    summary="One export with its files",
)
def get_export(export_id: str) -> Answer[ExportPageJson]:
    """An export with addresses to download its files from, good for a quarter of an hour."""
    staff = staff_of(router.current_event.raw_event, "read")
    return Answer(_with_files(list_exports.find(adapters(), export_id), staff.language))


@router.get("/api/staff/exports/<export_id>/lines", summary="The lines of an export")
def list_lines(
    export_id: str,
    state: Annotated[LineAnswer | None, Query()] = None,
    limit: Annotated[int, Field(ge=1, le=500), DIGITS, Query()] = 200,
    cursor: Cursor = None,
) -> Answer[ExportLinesJson]:
    """Lines with the ERP's answer; `state` is one of open, accepted, refused. An answer reads 1,000
    machines at most: it may hold fewer lines than `limit`, even none, and still have a `next_cursor`; all
    lines of a machine stand in one answer."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"line_rows#{export_id}#{state}"
    place = opened(staff, name, cursor)
    lines, more = list_exports.lines(
        adapters(), export_id, state, after=place["row"] if place else None, limit=limit
    )
    return Answer(
        {
            "lines": [_line(line) for line in lines],
            "next_cursor": sealed(staff, name, {"row": more} if more else None),
        }
    )


@router.post(
    "/api/staff/exports/<export_id>/ack",
    summary="The ERP's answer to an export",
    responses=refuses(NotExportedYet, AlreadyBilled),
)
def acknowledge(export_id: str, body: AcknowledgeBody) -> Answer[ExportJson] | Accepted[ExportJson]:
    """The ERP's answer. 200 when it is worked off, 202 when the queue goes on with a large batch."""
    staff = staff_of(router.current_event.raw_event, "release")
    export, done = acknowledge_exports.acknowledge(
        adapters(), export_id, body.acknowledgement(), by=staff.member, at=moment()
    )
    told = _export(export, staff.language)
    return Answer(told) if done else Accepted(told)


def _export(export: Export, language: str) -> ExportJson:
    answered = export.answered
    return {
        "id": export.id,
        **state_as_json(export_readings.state_of(export, moment()), RunKind.EXPORT, language),
        "created_at": export.created_at.isoformat(),
        "by": export.by,
        "count": export.count,
        "sum": export.total,
        "already_billed": export.already_billed,
        "progress": _progress(export),
        "acknowledged": {
            "at": export.answered_at.isoformat() if export.answered_at else None,
            "accepted": answered.accepted,
            "refused": answered.refused,
            "open": export.count - answered.accepted - answered.refused,
        },
    }


def _progress(export: Export) -> ExportProgressJson | None:
    if export.state is BatchState.DONE:
        return None
    written = export.writing.rows
    return {"gathered": max(export.gathered, written), "written": written}


def _line(shown: list_exports.AnsweredLine) -> ExportLineJson:
    line = shown.line
    return {
        "reading_id": line["reading_id"],
        "company": {"id": line["company_id"], "name": shown.company},
        "machine_id": line["machine_id"],
        "serial": line["serial"],
        "meter_id": line["meter_id"],
        "label": line["label"],
        "due_on": line["due_on"],
        "read_on": line["read_on"],
        "value": line["value"],
        "entry": LineKind(line.get("entry", LineKind.READING)),
        "answer": shown.answer,
        "reason": shown.reason or None,
    }


def _with_files(export: Export, language: str) -> ExportPageJson:
    files, bucket = adapters().files, adapters().settings.export_bucket
    listed: list[ExportFileJson] = [
        {
            "name": file.name,
            "url": files.link(
                bucket,
                write_export.place_of(export.id, file.name),
                seconds=_LINK_SECONDS,
                name=f"{export.id}-{file.name}",
            ),
            "sha256": file.sha256,
            "bytes": file.size,
        }
        for file in export.files
    ]
    return {**_export(export, language), "files": listed}
