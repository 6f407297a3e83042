"""Which photos a machine has: one item each, beside its history. The photos themselves are in the
bucket.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from meterportal.domain.reporting.photos import KEPT, Album, Photo, PhotoKind, PhotoState
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write

Place = tuple[str, str]
"""Company id and machine id."""


def load(table: Table, place: Place) -> Album:
    """One machine's photos. One read."""
    item = table.get(*keys.photos(*place))
    return _unpack(item, place) if item else Album(*place)


def load_many(table: Table, places: Iterable[Place]) -> dict[Place, Album]:
    """The machines' photos, without machines that have none. One read per hundred."""
    by_key = {keys.photos(*place): place for place in places}
    found = table.batch_get(by_key)
    return {by_key[key]: _unpack(item, by_key[key]) for key, item in found.items()}


def save(table: Table, album: Album) -> None:
    """Stores an album in place of the one that was read; fails when it was written since."""
    pk, sk = keys.photos(album.company_id, album.machine_id)
    newest = max(photo.asked_at for photo in album.photos)
    item = {
        "pk": pk,
        "sk": sk,
        "rev": album.rev + 1,
        "photos": json.dumps([_pack(photo) for photo in album.photos], separators=(",", ":")),
        "expires_at": int((newest + KEPT).timestamp()),
    }
    if album.rev == 0:
        table.write(Write(put=item, condition="attribute_not_exists(pk)"))
        return
    table.write(Write(put=item, condition="#rev = :rev", values={"rev": album.rev}))


def forget(table: Table, album: Album, by: str) -> list[str]:
    """Takes a contact's photos out of an album; gives their keys in the bucket. Fails when the album
    was written since."""
    theirs = [album.key(photo) for photo in album.photos if photo.by == by]
    left = replace(album, photos=tuple(photo for photo in album.photos if photo.by != by))
    if theirs and left.photos:
        save(table, left)
    elif theirs:
        place = keys.photos(album.company_id, album.machine_id)
        gone = {"rev": album.rev}
        table.write(Write(key=place, delete=True, condition="#rev = :rev", values=gone))
    return theirs


def _pack(photo: Photo) -> list[Any]:
    return [
        photo.id,
        photo.meter_id,
        photo.due_on.isoformat(),
        photo.kind.value,
        photo.size,
        photo.by,
        photo.asked_at.isoformat(timespec="seconds"),
        photo.state.value,
    ]


def _unpack(item: Item, place: Place) -> Album:
    photos = tuple(_photo(row) for row in json.loads(item["photos"]))
    return Album(*place, photos=photos, rev=item["rev"])


def _photo(row: list[Any]) -> Photo:
    number, meter_id, due_on, kind, size, by, asked_at, state = row
    return Photo(
        number,
        meter_id,
        date.fromisoformat(due_on),
        PhotoKind(kind),
        size,
        by,
        datetime.fromisoformat(asked_at),
        PhotoState(state),
    )
