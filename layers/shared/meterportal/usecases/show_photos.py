"""Staff look at photos: those whose first bytes are what was announced, and no others.

What a contact's browser put into the bucket is theirs alone until it has been looked at. As long as
it can still be replaced it is looked at anew each time; afterwards once, and the finding is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from meterportal.domain.photos import SNIFFED, Album, Photo, PhotoState
from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import photos as store
from meterportal.store import portfolio
from meterportal.store.photos import Place
from meterportal.store.table import ConditionFailed

MOST_LOOKS = 100
"""Photos that one list looks at; what is left over shows when its machine is opened."""

_SHOWN_FOR = 900
"""Seconds that an address of a photo is good for."""


@dataclass(frozen=True, slots=True)
class Shown:
    photo: Photo
    url: str


Albums = Mapping[Place, Sequence[Shown]]
"""What may be shown of each machine; nothing for those without."""


def photos_of(doors: Doors, at: Moment, machine_id: str) -> list[Shown]:
    """One machine's photos, oldest first. Raises NotFound for an unknown machine."""
    companies = portfolio.companies_of(doors.table, "MACHINE", [machine_id])
    if machine_id not in companies:
        raise NotFound(field="machine_id")
    place = (companies[machine_id], machine_id)
    return list(photos_beside(doors, at, [place]).get(place, ()))


def photos_beside(doors: Doors, at: Moment, places: Iterable[Place]) -> Albums:
    """The photos of machines that stand in a list. One read per hundred machines, and a look into
    the bucket for each photo that has not settled yet."""
    looks = MOST_LOOKS
    shown: dict[Place, list[Shown]] = {}
    for place, album in store.load_many(doors.table, places).items():
        judged = []
        for photo in album.photos:
            if photo.state is PhotoState.ANNOUNCED and looks > 0:
                looks -= 1
                judged.append(_judged(doors, album, photo))
            else:
                judged.append(photo)
        _remember(doors, at, album, judged)
        seen = [photo for photo in judged if photo.state is PhotoState.SEEN]
        if seen:
            shown[place] = [Shown(photo, _address(doors, album, photo)) for photo in seen]
    return shown


def _judged(doors: Doors, album: Album, photo: Photo) -> Photo:
    begin = doors.files.beginning(doors.settings.photo_bucket, album.key(photo), SNIFFED)
    return photo.judged(begin)


def _remember(doors: Doors, at: Moment, album: Album, judged: Iterable[Photo]) -> None:
    """Keep what was found about photos that cannot change any more; next time will do as well."""
    kept = tuple(
        found if found.settled(at.now) else before
        for before, found in zip(album.photos, judged, strict=True)
    )
    if kept == album.photos:
        return
    try:
        doors.table.write(store.save(replace(album, photos=kept)))
    except ConditionFailed:
        return


def _address(doors: Doors, album: Album, photo: Photo) -> str:
    return doors.files.view_path(
        doors.settings.photo_bucket,
        album.key(photo),
        content_type=photo.kind.value,
        seconds=_SHOWN_FOR,
    )
