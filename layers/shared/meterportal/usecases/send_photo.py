"""A contact sends a photo of a display along with a value that is disputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meterportal.domain import photos
from meterportal.domain.entry import UnknownMeter
from meterportal.domain.photos import UPLOAD_TIME, PhotoKind
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import photos as store
from meterportal.store.table import ConditionFailed
from meterportal.usecases.machine_desk import desk_to_report

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """Where the photo is to be put: an address of this site, with the headers that it must have."""

    photo_id: str
    url: str
    headers: Mapping[str, str]


def announce_photo(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    meter_id: str,
    kind: PhotoKind,
    size: int,
) -> Upload:
    """Note that a photo is coming, and say where to. Type and size are signed: the bucket takes
    nothing else. A photo that never comes harms nobody. Four reads, one write.

    Raises NotSignedIn, NotFound, UnknownMeter, PhotoSizeRefused, TooManyPhotos.
    """
    desk = desk_to_report(doors, at, cookie, machine_id)
    machine = desk.machine
    if meter_id not in {meter.id for meter in machine.billable_meters}:
        raise UnknownMeter(field="meter_id")
    photo = photos.announced(
        machine, meter_id, kind, size, photo_id=doors.new_number(), by=desk.contact.id, now=at.now
    )
    for _ in range(_ATTEMPTS):
        album = store.load(doors.table, (machine.company_id, machine.id)).with_photo(photo)
        try:
            doors.table.write(store.save(album))
        except ConditionFailed:
            continue
        url = doors.files.upload_path(
            doors.settings.photo_bucket,
            album.key(photo),
            content_type=kind.value,
            size=size,
            seconds=int(UPLOAD_TIME.total_seconds()),
        )
        return Upload(photo.id, url, {"Content-Type": kind.value})
    raise Unavailable
