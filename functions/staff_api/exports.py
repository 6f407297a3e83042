"""Exports of released readings, and the ERP's answer to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.exports import Acknowledgement
from meterportal.domain.refusals import Invalid
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.store.exports import Export
from meterportal.usecases import acknowledge_exports, export_readings, list_exports
from pydantic import Field, StringConstraints

from staff_api.pages import opened, sealed
from staff_api.request_keys import request_key_of
from staff_api.shapes import ACKNOWLEDGED, STARTED
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_LINK_SECONDS = 900

ReadingId = Annotated[str, Field(min_length=1, max_length=200)]


class StartBody(Body):
    """Nothing to choose: an export takes all that is released."""


class RefusedLine(Body):
    """A reading that the ERP does not take, and why, in its words."""

    reading_id: ReadingId
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=500)
    ]


class AcknowledgeBody(Body):
    """`accepted` is "all" (but the refused ones) or reading ids; at most 1,000 named at once."""

    accepted: Literal["all"] | Annotated[list[ReadingId], Field(max_length=1000)] = "all"
    refused: list[RefusedLine] = Field(default=[], max_length=1000)

    def acknowledgement(self) -> Acknowledgement:
        refused = {line.reading_id: line.reason for line in self.refused}
        accepted = None if self.accepted == "all" else frozenset(self.accepted)
        if len(refused) < len(self.refused) or refused.keys() & (accepted or set()):
            raise Invalid(
                field="refused",
                de="Ein Zählerstand steht doppelt in dieser Quittung.",
                en="A reading stands twice in this acknowledgement.",
            )
        return Acknowledgement(accepted, refused)


@router.post("/api/staff/exports", summary="Export all released readings", responses=STARTED)
def start_export(body: StartBody) -> Response[str]:  # noqa: ARG001 - checked to be empty
    """Start an export of all released readings and give its id."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    started = export_readings.start(
        doors(), by=staff.id, at=moment(), request_key=request_key_of(event)
    )
    return answer({"id": started}, 202)


@router.get("/api/staff/exports", summary="Exports, newest first")
def list_all(
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response[str]:
    """Exports, newest first."""
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "exports", cursor)
    found, more = list_exports.newest(doors(), before=place["at"] if place else None, limit=limit)
    following = {"at": more} if more else None
    return answer(
        {
            "exports": [_export(export) for export in found],
            "next_cursor": sealed(staff, "exports", following),
        }
    )


@router.get("/api/staff/exports/<export_id>", summary="One export with its files")
def get_export(export_id: str) -> Response[str]:
    """An export with addresses to download its files from, good for a quarter of an hour."""
    staff_of(router.current_event.raw_event, "read")
    return answer(_with_files(list_exports.find(doors(), export_id)))


@router.post(
    "/api/staff/exports/<export_id>/ack",
    summary="The ERP's answer to an export",
    responses=ACKNOWLEDGED,
)
def acknowledge(export_id: str, body: AcknowledgeBody) -> Response[str]:
    """The ERP's answer. 200 when it is worked off, 202 when the queue goes on with a large batch."""
    staff = staff_of(router.current_event.raw_event, "release")
    export, done = acknowledge_exports.acknowledge(
        doors(), export_id, body.acknowledgement(), by=staff.id, at=moment()
    )
    return answer(_export(export), 200 if done else 202)


def _export(export: Export) -> dict[str, Any]:
    answered = export.answered
    return {
        "id": export.id,
        "state": export_readings.state_of(export, moment()),
        "created_at": export.created_at.isoformat(),
        "by": export.by,
        "count": export.count,
        "sum": export.total,
        "already_billed": export.already_billed,
        "acknowledged": {
            "at": export.answered_at and export.answered_at.isoformat(),
            "accepted": answered.accepted,
            "refused": answered.refused,
            "open": export.count - answered.accepted - answered.refused,
        },
    }


def _with_files(export: Export) -> dict[str, Any]:
    files, bucket = doors().files, doors().settings.export_bucket
    return _export(export) | {
        "files": [
            {
                "name": file.name,
                "url": files.link(
                    bucket,
                    export_readings.place_of(export.id, file.name),
                    seconds=_LINK_SECONDS,
                    name=f"{export.id}-{file.name}",
                ),
                "sha256": file.sha256,
                "bytes": file.size,
            }
            for file in export.files
        ]
    }
