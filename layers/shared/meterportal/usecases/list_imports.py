"""Imports as staff see them: their results, and the report page by page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from meterportal.domain.imports.faults import Fault
from meterportal.domain.imports.planning import Sample
from meterportal.domain.refusals import NotFound
from meterportal.doors import Doors
from meterportal.store import imports
from meterportal.store.imports import Import


@dataclass(frozen=True, slots=True)
class Page:
    """An import with a part of its findings; the sample of changes stands on the first page."""

    found: Import
    findings: list[Fault]
    samples: list[Sample]
    more: bool


def newest_imports(
    doors: Doors, *, limit: int, before: str | None
) -> tuple[list[Import], str | None]:
    """Imports, newest first, and the place to go on from."""
    found = list(islice(imports.newest(doors.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [one for _, one in found[:limit]], more


def import_page(doors: Doors, import_id: str, *, number: int) -> Page:
    """An import with the page of its report counted from 0; raises NotFound."""
    found = imports.load(doors.table, import_id)
    if found is None:
        raise NotFound
    ended = found.state != "running"
    return Page(
        found,
        imports.report(doors.table, import_id, number) if ended else [],
        imports.samples(doors.table, import_id) if ended and found.dry_run and not number else [],
        more=number + 1 < found.reports,
    )
