"""Staff see photos, but only those whose first bytes match the announced type.

A contact's browser has put the file into the bucket, so its content is not trusted before this
check. While the file can still be replaced it is checked each time; afterwards once, and the result
is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotFound
from meterportal.domain.reporting.photos import SNIFFED, Album, Photo, PhotoState
from meterportal.settings import Moment
from meterportal.store.portfolio import holdings, machines
from meterportal.store.reporting import photos as store
from meterportal.store.reporting.photos import Place
from meterportal.store.writes import ConditionFailed

MOST_LOOKS = 100
"""Highest number of photos that one list checks; the others are checked when their machine is
opened.
"""

_SHOWN_FOR = 900
"""Seconds for which the address of a photo is valid."""


@frozen
class ShownPhoto:
    photo: Photo
    url: str


Albums = Mapping[Place, Sequence[ShownPhoto]]
"""The photos that may be shown, by machine; empty for machines without photos."""


def photos_of(adapters: Adapters, at: Moment, machine_id: str) -> list[ShownPhoto]:
    """One machine's photos, oldest first. Raises NotFound for an unknown machine."""
    companies = holdings.companies_of(adapters.table, "MACHINE", [machine_id])
    if machine_id not in companies:
        raise NotFound(field="machine_id")
    company_id = companies[machine_id]
    machine = machines.load(adapters.table, company_id, machine_id)
    places = [(company_id, number) for number in (machine.numbers if machine else [machine_id])]
    return joined(photos_beside(adapters, at, places), places)


def joined(albums: Albums, places: Iterable[Place]) -> list[ShownPhoto]:
    """The photos of one machine under all of its numbers, oldest first."""
    found = [photo for place in places for photo in albums.get(place, ())]
    return sorted(found, key=lambda one: one.photo.asked_at)


def photos_beside(adapters: Adapters, at: Moment, places: Iterable[Place]) -> Albums:
    """The photos of machines in a list. One read per hundred machines, and one read from the bucket
    for each photo without a final result.
    """
    looks = MOST_LOOKS
    shown: dict[Place, list[ShownPhoto]] = {}
    for place, album in store.load_many(adapters.table, places).items():
        judged = []
        for photo in album.photos:
            if photo.state is PhotoState.ANNOUNCED and looks > 0:
                looks -= 1
                judged.append(_judged(adapters, album, photo))
            else:
                judged.append(photo)
        _remember(adapters, at, album, judged)
        seen = [photo for photo in judged if photo.state is PhotoState.SEEN]
        if seen:
            shown[place] = [ShownPhoto(photo, _address(adapters, album, photo)) for photo in seen]
    return shown


def _judged(adapters: Adapters, album: Album, photo: Photo) -> Photo:
    begin = adapters.files.beginning(adapters.settings.photo_bucket, album.key(photo), SNIFFED)
    return photo.judged(begin)


def _remember(adapters: Adapters, at: Moment, album: Album, judged: Iterable[Photo]) -> None:
    """Keeps the final results; if the write fails, the next call tries again."""
    kept = tuple(
        found if found.settled(at.now) else before
        for before, found in zip(album.photos, judged, strict=True)
    )
    if kept == album.photos:
        return
    try:
        store.save(adapters.table, replace(album, photos=kept))
    except ConditionFailed:
        return


def _address(adapters: Adapters, album: Album, photo: Photo) -> str:
    return adapters.files.view_path(
        adapters.settings.photo_bucket,
        album.key(photo),
        content_type=photo.kind.value,
        seconds=_SHOWN_FOR,
    )
