"""A snapshot of the portfolio, built from the index of changes: for lists, counts and search.

Its files are immutable and have names of their own; the row that names the newest is written last. So
whoever is killed in between leaves nothing behind that anybody reads, and of two at once the one that
knows more stays. The first build of all fills the index with the items of earlier versions, company by
company, and goes on where it was cut off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.rows import OpeningRow, newest
from meterportal.domain.portfolio.searching import search_text
from meterportal.domain.portfolio.snapshots import (
    HELD_BACK,
    Packed,
    Snapshot,
    SnapshotPart,
    ordered,
    part_key,
    parts,
    search_key,
    zipped,
)
from meterportal.settings import Moment
from meterportal.store.mailing import openings
from meterportal.store.portfolio import changes, holdings, snapshots, touching
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.portfolio.count_statistics import count_statistics

_PIECE = 100
"""Companies that are filled into the index between two notes of how far it has come."""


def ask_for_snapshot(adapters: Adapters, at: Moment) -> None:
    """Have a snapshot built that knows what was written until now. One message."""
    message = {"step": "build", "asked_at": at.now.isoformat(timespec="milliseconds")}
    adapters.queues.send(adapters.settings.portfolio_queue, [message])


def build(
    adapters: Adapters,
    at: Moment,
    *,
    asked_at: datetime | None = None,
    has_time: Callable[[], bool],
) -> Snapshot | None:
    """The newest snapshot; it is built unless there is one begun since `asked_at`. None: time ran
    out while the index was filled, and a message goes on with it. 8 queries and half a unit per 4 KB
    of the index, 4 files, 2 reads, 1 write; for each month that is counted 1 write, 2 files, 1 fetched."""
    if not _filled(adapters, has_time):
        ask_for_snapshot(adapters, at)
        return None
    known = snapshots.newest(adapters.table)
    if known is not None and asked_at is not None and known.built_at >= asked_at:
        return known
    found = ordered(newest(changes.everything(adapters.table)).values())
    version = f"{at.now:%Y%m%dT%H%M%S}-{adapters.new_number()}"
    _put(adapters, search_key(version), zipped(search_text(found)))
    made = Snapshot(
        version=version,
        built_at=at.now,
        after=at.now - HELD_BACK,
        parts=tuple(_kept(adapters, version, part) for part in parts(found)),
    )
    count_statistics(
        adapters, at, found
    )  # before: who repeats the message finds the snapshot and goes
    snapshots.publish(adapters.table, made)
    _forget(adapters, found.past, has_time)
    return made


def _forget(adapters: Adapters, past: Sequence[OpeningRow], has_time: Callable[[], bool]) -> None:
    """Takes openings out of the index that tell of no contract any more, as many as there is time for."""
    for opening in past:
        if not has_time():
            return
        with suppress(ConditionFailed):
            adapters.table.write(openings.forget(opening.round_id, opening.mailbox))


def _kept(adapters: Adapters, version: str, part: Packed) -> SnapshotPart:
    content = zipped(part.content)
    key = part_key(version, part.name)
    _put(adapters, key, content)
    return SnapshotPart(
        part.name, key, len(content), part.rows, hashlib.sha256(content).hexdigest()
    )


def _put(adapters: Adapters, key: str, content: bytes) -> None:
    bucket = adapters.settings.portfolio_bucket
    adapters.files.put(bucket, key, content, content_type="application/octet-stream")


def _filled(adapters: Adapters, has_time: Callable[[], bool]) -> bool:
    """Whether the index holds every item; fills it as long as there is time."""
    table = adapters.table
    while (place := snapshots.filled_up_to(table)) is not None:
        reached, left = place, _PIECE
        for found in islice(holdings.company_ids(table, after=place), _PIECE):
            if not has_time():
                break
            touching.touch(table, found[1])
            reached, left = found, left - 1
        over = left > 0 and has_time()
        snapshots.note_filled(table, seen=place, up_to=reached, done=over)
        if not over and not has_time():
            return False
    return True
