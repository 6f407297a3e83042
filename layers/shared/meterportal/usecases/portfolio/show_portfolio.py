"""Where staff's browsers fetch the newest snapshot of the portfolio, and having a new one built."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.snapshots import Snapshot, SnapshotPart
from meterportal.domain.refusals import NotFound
from meterportal.settings import Moment
from meterportal.store.portfolio import snapshots
from meterportal.usecases.portfolio.read_changes import After

_GOOD_FOR = 900
"""Seconds that an address of a part is good for."""


class NoSnapshot(NotFound):
    """None was built so far, or the last one is too old to be fetched."""

    code = "no_snapshot"
    de = "Die Übersicht wird gerade erst aufgebaut. Bitte versuchen Sie es in einer Minute noch einmal."
    en = "The overview is being built. Please try again in a minute."


@frozen
class ShownPart:
    part: SnapshotPart
    url: str


@frozen
class ShownSnapshot:
    """`after` is what to ask for changes with."""

    version: str
    built_at: datetime
    after: After
    parts: Sequence[ShownPart]


def newest_snapshot(adapters: Adapters, at: Moment) -> ShownSnapshot:
    """The newest snapshot, each part with a signed address of this site. Raises NoSnapshot. One read."""
    found = readable_snapshot(adapters, at)
    return ShownSnapshot(
        found.version,
        found.built_at,
        After(found.after),
        [ShownPart(part, _address(adapters, part)) for part in found.parts],
    )


def readable_snapshot(adapters: Adapters, at: Moment) -> Snapshot:
    """The newest snapshot, while its files are there. Raises NoSnapshot. One read."""
    found = snapshots.newest(adapters.table)
    if found is None or not found.readable(at.now):
        raise NoSnapshot
    return found


def _address(adapters: Adapters, part: SnapshotPart) -> str:
    return adapters.files.view_path(
        adapters.settings.portfolio_bucket,
        part.key,
        content_type="application/octet-stream",
        seconds=_GOOD_FOR,
    )
