"""Imports for staff: their state and results, the report page by page, the findings of one cause, and
what a full export lacks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain import runs
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.exchange.imports.causes import key_of
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.missing import MissingRecord
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunState
from meterportal.settings import Moment
from meterportal.store.exchange import import_reports, imports
from meterportal.store.exchange.import_reports import Summary
from meterportal.usecases.exchange.end_missing import Standing, standings

_PAGES = 5
"""Rows of the report that one answer reads, at most."""

_ENOUGH = 200
"""Findings of a cause after which an answer reads no further row."""


@frozen
class ImportPage:
    """An import with one page of its findings; the summary is on the first page."""

    found: Import
    findings: list[Fault]
    summary: Summary
    more: bool


@frozen
class CausePage:
    """Findings of one cause; `following` is where the next ones are: row and how many are left."""

    findings: list[Fault]
    following: tuple[int, int] | None


def state_of(found: Import, at: Moment) -> RunState:
    """The state of an import: also "failed" when it refused its files, which is no problem of the
    run.
    """
    if found.state == "failed":
        return RunState("failed")
    return runs.state_of(
        finished=found.state == "done",
        broken=found.broken,
        created_at=found.created_at,
        now=at.now,
    )


def newest_imports(
    adapters: Adapters, *, limit: int, before: str | None
) -> tuple[list[Import], str | None]:
    """Imports, newest first, and the place where the next page starts."""
    found = list(islice(imports.newest(adapters.table, before=before), limit + 1))
    more = found[limit - 1][0] if len(found) > limit else None
    return [header for _, header in found[:limit]], more


def import_page(adapters: Adapters, import_id: str, *, number: int) -> ImportPage:
    """An import with one page of its report (counted from 0); raises NotFound."""
    found = _found(adapters, import_id)
    ended = found.state != "running"
    return ImportPage(
        found,
        import_reports.report(adapters.table, import_id, number) if ended else [],
        import_reports.summary(adapters.table, import_id) if ended and not number else Summary(),
        more=number + 1 < found.reports,
    )


def findings_of_cause(
    adapters: Adapters, import_id: str, number: int, place: tuple[int, int] | None
) -> CausePage:
    """Findings of a cause (counted from 0) from a place on. Raises NotFound."""
    found = _found(adapters, import_id)
    causes = import_reports.summary(adapters.table, import_id).causes
    if number >= len(causes):
        raise NotFound
    cause = causes[number]
    page, left = place or (cause.first, cause.count)
    findings: list[Fault] = []
    for _ in range(_PAGES):
        if page >= found.reports or left <= 0 or len(findings) >= _ENOUGH:
            break
        rows = import_reports.report(adapters.table, import_id, page)
        fitting = [fault for fault in rows if key_of(fault) == cause.key]
        findings += fitting
        page, left = page + 1, left - len(fitting)
    over = left <= 0 or page >= found.reports
    return CausePage(findings, None if over else (page, left))


def missing_page(
    adapters: Adapters, import_id: str, kind: str, number: int, at: Moment
) -> tuple[Sequence[tuple[MissingRecord, Standing]], bool]:
    """A page (counted from 0) of what a full export lacks, each with what became of it since; whether
    there is more. Raises NotFound."""
    found = _found(adapters, import_id)
    if kind not in found.missing:
        raise NotFound
    records = import_reports.missing(adapters.table, import_id, kind, number)
    standing = standings(adapters, kind, records, at)
    more = bool(import_reports.missing(adapters.table, import_id, kind, number + 1))
    return [(record, standing[record.id]) for record in records], more


def _found(adapters: Adapters, import_id: str) -> Import:
    found = imports.load(adapters.table, import_id)
    if found is None:
        raise NotFound
    return found
