"""Importing an export of the ERP: read, compared with the table, reported row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from meterportal.adapters import Adapters
from meterportal.archives import MIB
from meterportal.domain.exchange.import_runs import Import, ImportedMeanwhile
from meterportal.domain.exchange.imports.causes import causes_of
from meterportal.domain.exchange.imports.columns import (
    KINDS,
    BadColumns,
    Columns,
    columns_from,
    default_columns,
)
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity, Refused, refusal
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunKind
from meterportal.queues import OutOfTime
from meterportal.settings import Moment
from meterportal.store import runs
from meterportal.store.exchange import import_reports, imports
from meterportal.store.exchange.import_reports import Summary
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.exchange.apply_import import (
    ImportOutcome,
    ImportOver,
    count_written,
    refuse_stale,
)
from meterportal.usecases.exchange.import_at_once import ShortRun, TooLong
from meterportal.usecases.exchange.import_findings import Findings
from meterportal.usecases.exchange.import_in_pieces import LongRun
from meterportal.usecases.exchange.read_upload import is_long
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot
from meterportal.usecases.runs.take_up import begin

COLUMNS_KEY = "config/columns.toml"
AT_ONCE = 4 * MIB
"""Bytes of an upload up to which it is read as a whole, if no more is in it than in a request; what is longer
is imported in pieces."""


def run_import(
    adapters: Adapters, import_id: str, at: Moment, *, has_time: Callable[[], bool] = lambda: True
) -> Import:
    """Imports what was uploaded; returns the header as it is then. An import that has ended is not
    run again.

    Out of time it queues itself again and stays running. Raises NotFound or Unavailable, or
    OutOfTime when nothing could be written in all that time: then the queue's deliveries count the
    try.
    """
    running = imports.load(adapters.table, import_id)
    if running is None:
        raise NotFound
    if running.state != "running":
        _clear(adapters, running, long=bool(running.work))
        return running
    begin(adapters, RunKind.IMPORT, import_id, now=at.now)
    outcome, state, worker = ImportOutcome(), "done", None
    try:
        worker = _worker(adapters, running, at, has_time)
        try:
            outcome, told = worker.run()
        except TooLong:
            worker = _worker(adapters, running, at, has_time, long=True)
            outcome, told = worker.run()
    except Refused as refused:
        state = "failed"
        if not running.dry_run:
            with suppress(ImportOver):  # the other worker's result stays
                # What was written before stays written.
                count_written(adapters, running, outcome)
        faults = [refused.fault, *outcome.faults]
        told = worker.refused(faults) if worker else _refused_whole(faults)
    except ImportOver:
        return imports.load(adapters.table, import_id) or running
    except OutOfTime:
        return _go_on_later(adapters, running)
    ended = _finish(adapters, running, told, outcome, state, at)
    _clear(adapters, ended, long=isinstance(worker, LongRun))
    return ended


def _worker(
    adapters: Adapters,
    running: Import,
    at: Moment,
    has_time: Callable[[], bool],
    *,
    long: bool = False,
) -> ShortRun | LongRun:
    """Raises `Refused` for a faulty mapping, and for a file that is gone."""
    words = _columns(adapters)
    try:
        stream = adapters.files.open(*running.place, etag=running.etag)
    except NotFound:
        raise refusal(running.file, "file_gone") from None
    long = long or bool(running.work) or stream.size > AT_ONCE or is_long(stream)
    return (LongRun if long else ShortRun)(
        adapters,
        running,
        words,
        at,
        has_time=has_time,
        standing=partial(_standing, adapters, running),
    )


def _go_on_later(adapters: Adapters, running: Import) -> Import:
    found = imports.load(adapters.table, running.id)
    if found is None or (found.counted, found.work) == (running.counted, running.work):
        raise OutOfTime("not even one change was written")
    runs.hand_on(adapters.table, RunKind.IMPORT, running.id)
    adapters.queues.send(adapters.settings.import_queue, [{"import_id": running.id}])
    return found


def _columns(adapters: Adapters) -> Columns:
    """The shipped mapping, or the dealer's; with a faulty mapping the import fails."""
    override = adapters.files.find(adapters.settings.import_bucket, COLUMNS_KEY)
    if override is None:
        return default_columns()
    try:
        return columns_from(override)
    except BadColumns as bad:
        raise refusal(COLUMNS_KEY, "bad_columns", de=bad.de, en=bad.en) from bad


def _standing(
    adapters: Adapters,
    running: Import,
    kinds: set[str],
    begun: bool,
) -> tuple[dict[str, str], str]:
    """The ages of these kinds of files, and the newest import before. They are entered unless it is a
    dry run, and only once: an import that has `begun` leaves alone what others have entered since.
    Raises `Refused` when a newer export was imported."""
    seen, latest = imports.standing(adapters.table)
    refuse_stale(running, kinds, seen, code="overtaken" if begun else "stale_import")
    if running.dry_run or begun:
        return {kind: seen.get(kind, running.as_of) for kind in kinds}, latest
    return _move_ages(adapters, running, kinds), latest


def _move_ages(adapters: Adapters, running: Import, kinds: set[str]) -> dict[str, str]:
    """Stores the new ages of these kinds of files, and that this import is the latest; raises
    `Refused` when a newer export was imported meanwhile, or any since the dry run that this import
    takes over.
    """
    while True:
        seen, latest = imports.standing(adapters.table)
        begun = running.counted or latest == running.id
        if running.applies and not begun and latest != running.seen:
            raise refusal(running.file, ImportedMeanwhile.code)
        refuse_stale(running, kinds, seen, code="stale_import")
        ages = {
            kind: max(running.as_of, seen[kind]) if kind in seen else running.as_of
            for kind in kinds
        }
        moved = {kind for kind in kinds if seen.get(kind) != ages[kind]}
        if not moved and latest == running.id:
            return ages
        new = {kind: ages[kind] for kind in moved}
        try:
            imports.move_ages(adapters.table, (seen, latest), new, latest=running.id)
        except ConditionFailed:
            continue
        return ages


def _refused_whole(faults: Sequence[Fault]) -> Findings:
    return Findings((), tuple(faults), len(faults), tuple(causes_of(faults)))


def _finish(
    adapters: Adapters,
    running: Import,
    told: Findings,
    outcome: ImportOutcome,
    state: str,
    at: Moment,
) -> Import:
    """Stores report and result; if another worker has ended the import, its result stays."""
    findings = list(told.kept)
    if told.total > len(findings):
        more: tuple[tuple[str, int], ...] = (("more", told.total - len(findings)),)
        findings.append(Fault(running.file, None, None, "more_faults", FaultSeverity.INFO, more))
    summary = Summary(
        causes=told.causes,
        effects={effect.value: n for effect, n in outcome.effects.items()},
        fields=outcome.fields.told(),
        samples=outcome.samples if running.dry_run else (),
        missing=outcome.missing.records,
    )
    reports = import_reports.keep_report(adapters.table, running.id, findings, summary, at=at.now)
    ended = replace(
        running,
        state=state,
        files=told.files,
        changes={
            kind: {
                status: outcome.counts[kind, status] for status in ("new", "changed", "unchanged")
            }
            for kind in KINDS
        },
        findings=len(findings),
        reports=reports,
        missing={
            kind: (*numbers, outcome.unnamed.get(kind, 0))
            for kind, numbers in outcome.missing.counts.items()
        },
        seen=outcome.seen if running.dry_run else running.seen,
    )
    written = any(n for (_, status), n in outcome.counts.items() if status != "unchanged")
    if written and not running.dry_run:
        ask_for_snapshot(adapters, at)
    try:
        imports.finish(adapters.table, ended)
    except ConditionFailed:
        return imports.load(adapters.table, running.id) or ended
    return ended


def _clear(adapters: Adapters, ended: Import, *, long: bool) -> None:
    """Deletes what a long import has put beside its upload."""
    if long:
        adapters.files.erase_below(adapters.settings.import_bucket, ended.work_folder)
