"""Photos of a display, sent when a value is disputed: which may be sent, and which may be shown.

The browser puts a photo straight into the bucket. Until the portal has checked its first bytes, the
photo is only announced and nobody can see it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Conflict, Refusal

MOST_BYTES = 8 * 1024 * 1024
MOST_OF_A_METER = 10
"""Photos announced for one meter and due date."""

UPLOAD_TIME = timedelta(minutes=15)
"""How long an announced photo may be uploaded, also again."""

KEPT = timedelta(days=400)
"""How long the bucket keeps a photo, and the machine its entry."""

SNIFFED = 12
"""The first bytes, from which the format is recognised."""

_SETTLES = UPLOAD_TIME + timedelta(minutes=1)


class PhotoKind(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


class PhotoState(StrEnum):
    ANNOUNCED = "announced"
    SEEN = "seen"
    REFUSED = "refused"


class PhotoSizeRefused(Refusal):
    """Facts: `most` in MB."""

    code = "photo_size_refused"
    de = "Ein Foto darf höchstens {most} MB groß sein und nicht leer."
    en = "A photo may have at most {most} MB and must not be empty."


class TooManyPhotos(Conflict):
    code = "too_many_photos"
    de = "Zu diesem Zähler liegen schon {most} Fotos vor. Mehr werden nicht gebraucht."
    en = "There are {most} photos of this meter already. No more are needed."


@frozen
class Photo:
    """`due_on` is its period, `by` the contact who sends it, `asked_at` when it was announced."""

    id: str
    meter_id: str
    due_on: date
    kind: PhotoKind
    size: int
    by: str
    asked_at: datetime
    state: PhotoState = PhotoState.ANNOUNCED

    def settled(self, now: datetime) -> bool:
        """Whether the time for uploading or replacing it is over."""
        return now >= self.asked_at + _SETTLES

    def judged(self, begin: bytes | None) -> Photo:
        """The photo after a check of its first bytes (None: nothing was uploaded)."""
        genuine = begin is not None and kind_of(begin) is self.kind
        return replace(self, state=PhotoState.SEEN if genuine else PhotoState.REFUSED)


@frozen
class Album:
    """A machine's photos, oldest first. `rev` counts its writes, 0 for none yet."""

    company_id: str
    machine_id: str
    photos: tuple[Photo, ...] = ()
    rev: int = 0

    def key(self, photo: Photo) -> str:
        """The photo's key in the bucket."""
        return f"photos/{self.company_id}/{self.machine_id}/{photo.id}"

    def with_photo(self, photo: Photo) -> Album:
        """The album with one more photo, and without those that the bucket has deleted by now.
        Raises TooManyPhotos."""
        kept = [old for old in self.photos if photo.asked_at < old.asked_at + KEPT]
        period = (photo.meter_id, photo.due_on)
        if sum((old.meter_id, old.due_on) == period for old in kept) >= MOST_OF_A_METER:
            raise TooManyPhotos(most=MOST_OF_A_METER)
        return replace(self, photos=(*kept, photo))


def announced(
    machine: Machine,
    meter_id: str,
    kind: PhotoKind,
    size: int,
    *,
    photo_id: str,
    by: str,
    now: datetime,
) -> Photo:
    """A photo that a contact is about to send: of a meter of `machine`, for its current period.

    Raises PhotoSizeRefused. The caller has to check that the meter exists.
    """
    if not 1 <= size <= MOST_BYTES:
        raise PhotoSizeRefused(field="size", most=MOST_BYTES // 1024**2)
    assert machine.due_on is not None, "asked for only with a period"
    return Photo(photo_id, meter_id, machine.due_on, kind, size, by, now)


def kind_of(begin: bytes) -> PhotoKind | None:
    """The format by a file's first twelve bytes; its name and declared type do not matter.

    The signatures are those of ITU-T T.81 (SOI and the next marker), RFC 2083 and the WebP
    container.
    """
    if begin.startswith(b"\xff\xd8\xff"):
        return PhotoKind.JPEG
    if begin.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoKind.PNG
    if begin[:4] == b"RIFF" and begin[8:12] == b"WEBP":
        return PhotoKind.WEBP
    return None
