"""Readings by bucket, and the release of one reading by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.buckets import Bucket, Shown
from meterportal.domain.machines import Machine
from meterportal.domain.readings import reading_id
from meterportal.doors import doors
from meterportal.http import Body, answer, findings_as_json
from meterportal.settings import moment
from meterportal.usecases import list_readings
from meterportal.usecases.list_readings import Place
from meterportal.usecases.release_by_hand import release_by_hand
from meterportal.usecases.show_photos import Albums, photos_beside
from meterportal.usecases.show_photos import Shown as ShownPhoto
from pydantic import Field, StrictInt, StringConstraints

from staff_api.pages import opened, sealed
from staff_api.photos import photo_as_json
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Number = Annotated[str | None, Query(min_length=1, max_length=64)]


class ReleaseBody(Body):
    """Why, in 3 to 500 characters, and the machine's version that was seen."""

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True), Field(min_length=3, max_length=500)
    ]
    version: StrictInt


@router.get("/api/staff/readings", summary="Machines with their readings, by bucket")
def list_by_bucket(
    bucket: Annotated[Bucket, Query()] = Bucket.REPORTED,
    company_id: Number = None,
    contract_id: Number = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response[str]:
    """Machines with their readings in a bucket, by due date. Pages may be shorter than `limit`."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"readings {bucket} {company_id or ''} {contract_id or ''}"
    place = opened(staff, name, cursor)
    at = moment()
    rows, after = list_readings.page(
        doors(),
        bucket,
        company_id=company_id,
        contract_id=contract_id,
        limit=limit,
        after=Place(place["s"], place["d"], place["m"]) if place else None,
        at=at,
    )
    albums = photos_beside(doors(), at, [(row.machine.company_id, row.machine.id) for row in rows])
    following = {"s": after.section, "d": after.due_on, "m": after.machine_id} if after else None
    return answer(
        {
            "machines": [_row(row, staff.language, albums) for row in rows],
            "next_cursor": sealed(staff, name, following),
        }
    )


@router.post("/api/staff/readings/<reading_id>/release", summary="Release one reading by hand")
def release_one(reading_id: str, body: ReleaseBody) -> Response[str]:
    """Release one reading by hand, whatever the checks say."""
    staff = staff_of(router.current_event.raw_event, "release")
    release, decision = release_by_hand(
        doors(), reading_id, reason=body.reason, seen=body.version, by=staff.id, at=moment()
    )
    machine, reading = decision.changed, decision.released[0]
    assert machine is not None, "a release by hand changes its machine"
    return answer(
        {
            "release_id": release.id,
            "id": reading_id,
            "machine_id": machine.id,
            "meter_id": reading.meter_id,
            "value": reading.value,
            "state": reading.state.value,
            "version": machine.version,
        }
    )


def _row(row: list_readings.Row, language: str, albums: Albums) -> dict[str, Any]:
    machine, place = row.machine, row.machine.location
    photos = albums.get((machine.company_id, machine.id), ())
    return {
        "id": machine.id,
        "company": {"id": machine.company_id, "name": row.company},
        "contract_id": machine.contract_id,
        "serial": machine.serial,
        "model": machine.model,
        "customer_no": machine.customer_no,
        "location": {
            "site": place.site,
            "building": place.building,
            "floor": place.floor,
            "room": place.room,
        },
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "version": machine.version,
        "readings": [
            _shown(machine, entry, language) | {"photos": _photos_of(entry, photos)}
            for entry in row.shown
        ],
    }


def _photos_of(entry: Shown, photos: Iterable[ShownPhoto]) -> list[dict[str, Any]]:
    """Those of this reading's meter and due date."""
    slot = (entry.meter.id, entry.due_on)
    return [photo_as_json(one) for one in photos if (one.photo.meter_id, one.photo.due_on) == slot]


def _shown(machine: Machine, entry: Shown, language: str) -> dict[str, Any]:
    meter, reading = entry.meter, entry.reading
    last = meter.last
    if reading is not None and reading.released_at is not None:
        # What is released stands in the history itself: last is what it followed.
        last = next((e for e in reversed(meter.history) if e.read_on < reading.read_on), None)
    told: dict[str, Any] = {
        "id": reading_id(machine.id, meter.id, entry.due_on),
        "meter_id": meter.id,
        "label": meter.label,
        "kind": meter.kind.value,
        "due_on": entry.due_on.isoformat(),
        "last": last
        and {"value": last.value, "read_on": last.read_on.isoformat(), "estimated": last.estimated},
        "value": None,
        "read_on": None,
        "state": "missing",
        "verdict": None,
        "reason": "",
        "reported_by": None,
        "reported_at": None,
        "refused": None,
        "findings": [],
        "released_at": None,
        "release_reason": "",
        "export_refused": None,
    }
    if reading is None:
        return told
    return told | {
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state.value,
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "channel": reading.channel.value,
        "reported_by": reading.reported_by,
        "reported_at": reading.reported_at and reading.reported_at.isoformat(),
        "refused": reading.refused,
        "findings": findings_as_json(reading.findings, language, {}),
        "released_at": reading.released_at and reading.released_at.isoformat(),
        "release_reason": reading.release_reason,
        "export_refused": reading.export_refused,
    }
