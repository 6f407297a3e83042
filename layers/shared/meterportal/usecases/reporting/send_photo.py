"""A contact adds a photo of the display to a disputed value."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting import photos
from meterportal.domain.reporting.entry import UnknownMeter
from meterportal.domain.reporting.photos import UPLOAD_TIME, PhotoKind
from meterportal.settings import Moment
from meterportal.store.reporting import photos as store
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.reporting.machine_access import access_to_report

_ATTEMPTS = 5


@frozen
class Upload:
    """Where the browser uploads the photo: an address of this site, with the headers that the
    upload must have.
    """

    photo_id: str
    url: str
    headers: Mapping[str, str]


def announce_photo(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    meter_id: str,
    kind: PhotoKind,
    size: int,
) -> Upload:
    """Notes that a photo will be uploaded, and returns the address. Type and size are signed: the
    bucket accepts nothing else. A photo that is never uploaded does no harm. Four reads, one write.

    Raises NotSignedIn, NotFound, UnknownMeter, PhotoSizeRefused, TooManyPhotos.
    """
    access = access_to_report(adapters, at, cookie, machine_id)
    machine = access.machine
    if meter_id not in {meter.id for meter in machine.billable_meters}:
        raise UnknownMeter(field="meter_id")
    photo = photos.announced(
        machine,
        meter_id,
        kind,
        size,
        photo_id=adapters.new_number(),
        by=access.contact.id,
        now=at.now,
    )
    for _ in range(_ATTEMPTS):
        album = store.load(adapters.table, (machine.company_id, machine.id)).with_photo(photo)
        try:
            store.save(adapters.table, album)
        except ConditionFailed:
            continue
        url = adapters.files.upload_path(
            adapters.settings.photo_bucket,
            album.key(photo),
            content_type=kind.value,
            size=size,
            seconds=int(UPLOAD_TIME.total_seconds()),
        )
        return Upload(photo.id, url, {"Content-Type": kind.value})
    raise Unavailable
