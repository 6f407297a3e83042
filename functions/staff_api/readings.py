"""Readings by bucket, and the release of one reading by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import AlreadyReleased, ChangedMeanwhile
from meterportal.domain.release.buckets import Bucket, ShownMeter
from meterportal.domain.release.judging import NotInErp
from meterportal.domain.release.second_person import SamePerson, SecondPersonMissing
from meterportal.domain.reporting.readings import Reading, reading_id
from meterportal.http import (
    Answer,
    Body,
    findings_as_json,
    last_as_json,
    location_as_json,
    refuses,
)
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.release import list_readings
from meterportal.usecases.release.list_readings import ListPlace
from meterportal.usecases.release.release_by_hand import release_by_hand
from meterportal.usecases.reporting.show_photos import Albums, ShownPhoto, joined, photos_beside
from pydantic import Field, StrictInt, StringConstraints

from staff_api.answers.release import (
    BucketJson,
    ListedMachineJson,
    ListedReadingJson,
    ReleasedReadingJson,
)
from staff_api.answers.reporting import PhotoJson
from staff_api.decisions import decision_as_json
from staff_api.pages import opened, sealed
from staff_api.photos import photo_as_json
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Number = Annotated[str | None, Query(min_length=1, max_length=64)]


class HandReleaseBody(Body):
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
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[BucketJson]:
    """Machines with their readings in a bucket, by due date. Pages may be shorter than `limit`."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"readings {bucket} {company_id or ''} {contract_id or ''}"
    place = opened(staff, name, cursor)
    at = moment()
    rows, after = list_readings.page(
        adapters(),
        bucket,
        company_id=company_id,
        contract_id=contract_id,
        limit=limit,
        after=ListPlace(place["s"], place["d"], place["m"]) if place else None,
        at=at,
    )
    albums = photos_beside(
        adapters(), at, [place for row in rows for place in _places(row.machine)]
    )
    names = list_readings.deciders(adapters(), rows)
    following = {"s": after.section, "d": after.due_on, "m": after.machine_id} if after else None
    return Answer(
        {
            "machines": [_row(row, staff.language, albums, names) for row in rows],
            "next_cursor": sealed(staff, name, following),
        }
    )


@router.post(
    "/api/staff/readings/<reading_id>/release",
    summary="Release one reading by hand",
    responses=refuses(AlreadyReleased, ChangedMeanwhile, NotInErp, SecondPersonMissing, SamePerson),
)
def release_one(reading_id: str, body: HandReleaseBody) -> Answer[ReleasedReadingJson]:
    """Release one reading by hand, whatever the checks say."""
    staff = staff_of(router.current_event.raw_event, "release")
    release, decision = release_by_hand(
        adapters(), reading_id, reason=body.reason, seen=body.version, by=staff.member, at=moment()
    )
    machine, reading = decision.changed, decision.released[0]
    assert machine is not None, "a release by hand changes its machine"
    return Answer(
        {
            "release_id": release.id,
            "id": reading_id,
            "machine_id": machine.id,
            "meter_id": reading.meter_id,
            "value": reading.value,
            "state": reading.state,
            "version": machine.version,
        }
    )


def _row(
    row: list_readings.ReadingRow, language: str, albums: Albums, names: dict[str, str]
) -> ListedMachineJson:
    machine = row.machine
    photos = joined(albums, _places(machine))
    return {
        "id": machine.id,
        "company": {"id": machine.company_id, "name": row.company},
        "contract_id": machine.contract_id,
        "serial": machine.serial,
        "model": machine.model,
        "customer_no": machine.customer_no,
        "location": location_as_json(machine.location),
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "version": machine.version,
        "readings": [
            _shown(machine, entry, _photos_of(entry, photos), language, names)
            for entry in row.shown
        ],
    }


def _places(machine: Machine) -> list[tuple[str, str]]:
    """Where its photos may be: the ERP may have brought it after they were sent."""
    return [(machine.company_id, number) for number in machine.numbers]


def _photos_of(entry: ShownMeter, photos: Iterable[ShownPhoto]) -> list[PhotoJson]:
    """Those of this reading's meter and due date."""
    period = (entry.meter.id, entry.due_on)
    return [
        photo_as_json(one) for one in photos if (one.photo.meter_id, one.photo.due_on) == period
    ]


def _shown(
    machine: Machine,
    entry: ShownMeter,
    photos: list[PhotoJson],
    language: str,
    names: dict[str, str],
) -> ListedReadingJson:
    meter, reading = entry.meter, entry.reading
    last = meter.last
    if reading is not None and reading.released_at is not None:
        # What is released stands in the history itself: last is what it followed.
        last = next((e for e in reversed(meter.history) if e.read_on < reading.read_on), None)
    told: ListedReadingJson = {
        "id": reading_id(machine.id, meter.id, entry.due_on, reading.number if reading else 1),
        "meter_id": meter.id,
        "label": meter.label,
        "kind": meter.kind,
        "due_on": entry.due_on.isoformat(),
        "last": last_as_json(last),
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
        "decision": None,
        "photos": photos,
    }
    if reading is not None:
        _fill_in(told, reading, language)
        told["decision"] = decision_as_json(reading.decision, names)
    return told


def _fill_in(told: ListedReadingJson, reading: Reading, language: str) -> None:
    told["value"] = reading.value
    told["read_on"] = reading.read_on.isoformat()
    told["state"] = reading.state
    told["verdict"] = reading.verdict
    told["reason"] = reading.reason
    told["channel"] = reading.channel
    told["reported_by"] = reading.reported_by
    told["reported_at"] = reading.reported_at.isoformat() if reading.reported_at else None
    told["refused"] = reading.refused
    told["findings"] = findings_as_json(reading.findings, language, {})
    told["released_at"] = reading.released_at.isoformat() if reading.released_at else None
    told["release_reason"] = reading.release_reason
    told["export_refused"] = reading.export_refused
