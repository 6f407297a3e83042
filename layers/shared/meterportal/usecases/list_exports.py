"""Exports for reading: the list, and one of them."""

from __future__ import annotations

from itertools import islice

from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.store import exports
from meterportal.store.exports import Export


def newest(doors: Doors, *, before: str | None, limit: int) -> tuple[list[Export], str | None]:
    """Exports, newest first, and the place that the next page starts behind."""
    found = list(islice(exports.newest(doors.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [export for _, export in found[:limit]], more


def find(doors: Doors, export_id: str) -> Export:
    """An export; raises NotFound."""
    export = exports.load(doors.table, export_id)
    if export is None:
        raise NotFound
    return export
