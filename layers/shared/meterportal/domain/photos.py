"""Photos of a display, sent along when a value is disputed: what may be sent, what may be shown.

A photo goes straight into the bucket. Until somebody has looked at its first bytes it is only
announced, and shown to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from meterportal.domain.machines import Machine
from meterportal.domain.refusals import Conflict, Refusal

MOST_BYTES = 8 * 1024 * 1024
MOST_OF_A_METER = 10
"""Photos announced for one meter and due date."""

UPLOAD_TIME = timedelta(minutes=15)
"""How long an announced photo may be put, and put again."""

KEPT = timedelta(days=400)
"""How long the bucket keeps a photo, and the machine its mention."""

SNIFFED = 12
"""First bytes that tell the format."""

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


@dataclass(frozen=True, slots=True)
class Photo:
    """`due_on` is the slot that it belongs to, `by` the contact, `asked_at` when it was announced."""

    id: str
    meter_id: str
    due_on: date
    kind: PhotoKind
    size: int
    by: str
    asked_at: datetime
    state: PhotoState = PhotoState.ANNOUNCED

    def settled(self, now: datetime) -> bool:
        """Whether nobody can put or replace it any more."""
        return now >= self.asked_at + _SETTLES

    def judged(self, begin: bytes | None) -> Photo:
        """The photo after a look at its first bytes (None: nothing was put)."""
        genuine = begin is not None and kind_of(begin) is self.kind
        return replace(self, state=PhotoState.SEEN if genuine else PhotoState.REFUSED)


@dataclass(frozen=True, slots=True)
class Album:
    """A machine's photos, oldest first. `rev` counts its writes, 0 for none yet."""

    company_id: str
    machine_id: str
    photos: tuple[Photo, ...] = ()
    rev: int = 0

    def key(self, photo: Photo) -> str:
        """Where a photo lies in the bucket."""
        return f"photos/{self.company_id}/{self.machine_id}/{photo.id}"

    def with_photo(self, photo: Photo) -> Album:
        """The album with one more, without those that the bucket has forgotten. Raises TooManyPhotos."""
        kept = [old for old in self.photos if photo.asked_at < old.asked_at + KEPT]
        slot = (photo.meter_id, photo.due_on)
        if sum((old.meter_id, old.due_on) == slot for old in kept) >= MOST_OF_A_METER:
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
    """A photo that somebody means to send of a meter of `machine`, for its current slot.

    Raises PhotoSizeRefused. The meter is the caller's to check.
    """
    if not 1 <= size <= MOST_BYTES:
        raise PhotoSizeRefused(field="size", most=MOST_BYTES // 1024**2)
    assert machine.due_on is not None, "asked for only with a slot"
    return Photo(photo_id, meter_id, machine.due_on, kind, size, by, now)


def kind_of(begin: bytes) -> PhotoKind | None:
    """The format that a file's first twelve bytes show, whatever it is called.

    The marks are those of ITU-T T.81 (SOI and the next marker), RFC 2083 and the WebP container.
    """
    if begin.startswith(b"\xff\xd8\xff"):
        return PhotoKind.JPEG
    if begin.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoKind.PNG
    if begin[:4] == b"RIFF" and begin[8:12] == b"WEBP":
        return PhotoKind.WEBP
    return None
