"""Importing an export of the ERP: received by HTTP or as a dropped file,
read, reported row by row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.archives import is_zip
from meterportal.domain.access.journal import Action, Deed, StaffMember, added
from meterportal.domain.exchange.import_runs import FileCount, Import, ImportedMeanwhile
from meterportal.domain.exchange.imports.archives import SourceFile
from meterportal.domain.exchange.imports.batch import gather
from meterportal.domain.exchange.imports.causes import causes_of
from meterportal.domain.exchange.imports.columns import (
    KINDS,
    BadColumns,
    Columns,
    columns_from,
    default_columns,
)
from meterportal.domain.exchange.imports.faults import (
    Fault,
    FaultSeverity,
    Refused,
    in_order,
    refusal,
)
from meterportal.domain.exchange.imports.missing import missing_from, numbers_named, unnamed
from meterportal.domain.exchange.imports.reading import read_book, read_text
from meterportal.domain.exchange.imports.rows import ReadFile
from meterportal.domain.refusals import NotFound, Refusal
from meterportal.domain.runs import RunKind
from meterportal.domain.unreadable import Unreadable
from meterportal.mail.addresses import mailbox
from meterportal.queues import OutOfTime
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store import runs
from meterportal.store.access import journal
from meterportal.store.exchange import import_reports, imports
from meterportal.store.exchange.import_reports import Summary
from meterportal.store.portfolio import changes
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.exchange.apply_import import (
    ImportOutcome,
    ImportOver,
    apply_import,
    refuse_stale,
)
from meterportal.usecases.exchange.unpack_upload import Source, unpack
from meterportal.usecases.portfolio.build_portfolio import ask_for_snapshot
from meterportal.usecases.runs import once
from meterportal.usecases.runs.take_up import begin

COLUMNS_KEY = "config/columns.toml"
MAX_FINDINGS = 50_000
DROP = "drop"


class NothingUploaded(Refusal):
    code = "nothing_uploaded"
    de = "Es wurde keine Datei übertragen."
    en = "No file was sent."


class AsOfInFuture(Refusal):
    code = "as_of_in_future"
    de = "Der Stand des Exports (as_of) liegt in der Zukunft."
    en = "The date of the export (as_of) lies in the future."


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was put into the bucket; `sequencer` and `etag` identify the put."""

    bucket: str
    key: str
    etag: str
    sequencer: str
    at: datetime


def start_import(
    adapters: Adapters,
    content: bytes,
    at: Moment,
    *,
    by: StaffMember,
    name: str | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    full: bool = False,
    request_key: str | None = None,
) -> str:
    """Stores an upload and queues its import; returns the import's id.

    `full`: it is meant to hold everything, and what it lacks is listed. `as_of` is the time of the export, by default the time of the upload. Raises NothingUploaded,
    AsOfInFuture or ReusedKey.
    """
    if not content:
        raise NothingUploaded
    if as_of and as_of > at.today:
        raise AsOfInFuture(field="as_of")
    file = _file_name(name, content)
    asked = crypto.digest(f"{file}|{as_of}|{dry_run}|{full}|" + content.hex())
    key = once.Once(by.id, request_key, asked) if request_key else None
    number = once.started_before(adapters, key, now=at.now)
    if number is None:
        number = adapters.new_number()
        bucket, place = adapters.settings.import_bucket, f"uploads/{number}/{file}"
        kind = "application/zip" if is_zip(content) else "application/octet-stream"
        adapters.files.put(bucket, place, content, content_type=kind)
        old = as_of.isoformat() if as_of else _age(at, at.now)
        checksum = hashlib.sha256(content).hexdigest()[:8]
        new = Import(
            *(number, by.id, at.now, old, file, (bucket, place), dry_run),
            checksum=checksum,
            full=full,
        )
        noted = [] if dry_run else noted_start(adapters, new, by)
        header = imports.create(new)
        number = once.start(adapters, key, header, number, now=at.now, noted=noted)
    adapters.queues.send(adapters.settings.import_queue, [{"import_id": number}])
    return number


def noted_start(adapters: Adapters, new: Import, by: StaffMember) -> list[Write]:
    """The journal's rows about an import that staff have started."""
    deed = Deed(Action.IMPORT_STARTED, "import", new.id, changes=added(as_of=new.as_of))
    return journal.entries(adapters.new_number(), by, new.created_at, deed)


def take_drop(adapters: Adapters, dropped: Dropped, at: Moment) -> str:
    """The import of a dropped file; repeated notifications of the same put give the same import."""
    put = f"{dropped.bucket}|{dropped.key}|{dropped.etag}|{dropped.sequencer}"
    number = f"drop-{crypto.digest(put)[:20]}"
    file = PurePosixPath(dropped.key).name or "drop"
    age = _age(at, dropped.at)
    try:
        adapters.table.write(
            imports.create(Import(number, DROP, at.now, age, file, (dropped.bucket, dropped.key)))
        )
    except ConditionFailed:
        return number
    return number


def _age(at: Moment, uploaded: datetime) -> str:
    """Business date and time of an upload; only the date where a demonstration has a fixed day."""
    if at.now.astimezone(BUSINESS_ZONE).date() != at.today:
        return at.today.isoformat()
    return uploaded.astimezone(BUSINESS_ZONE).replace(tzinfo=None).isoformat(timespec="seconds")


def _file_name(name: str | None, content: bytes) -> str:
    """The name for the report: the caller's name without folders and special characters."""
    given = re.sub(r"[^\w .()+-]", "_", PurePosixPath((name or "").replace("\\", "/")).name)[:100]
    return given.strip(" .") or ("export.zip" if is_zip(content) else "export.csv")


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
        return running
    begin(adapters, RunKind.IMPORT, import_id, now=at.now)
    sheets: list[ReadFile] = []
    faults: list[Fault] = []
    outcome, state = ImportOutcome(), "done"
    try:
        outcome = _import(adapters, running, at, sheets, faults, has_time=has_time)
    except Refused as refused:
        faults.append(refused.fault)
        state = "failed"
    except ImportOver:
        return imports.load(adapters.table, import_id) or running
    except OutOfTime:
        return _go_on_later(adapters, running)
    for sheet in sheets:
        sheet.refused = sheet.refused or state == "failed"
        faults += sheet.faults
    return _finish(adapters, running, sheets, [*faults, *outcome.faults], outcome, state, at)


def _go_on_later(adapters: Adapters, running: Import) -> Import:
    found = imports.load(adapters.table, running.id)
    if found is None or found.counted == running.counted:
        raise OutOfTime("not even one change was written")
    runs.hand_on(adapters.table, RunKind.IMPORT, running.id)
    adapters.queues.send(adapters.settings.import_queue, [{"import_id": running.id}])
    return found


def _import(
    adapters: Adapters,
    running: Import,
    at: Moment,
    sheets: list[ReadFile],
    faults: list[Fault],
    *,
    has_time: Callable[[], bool],
) -> ImportOutcome:
    """Reads and applies; `sheets` and `faults` are filled as far as it gets. Raises `Refused`."""
    columns = _columns(adapters)
    try:
        content = adapters.files.get(*running.place)
    except NotFound:
        raise refusal(running.file, "file_gone") from None
    sources, notes = unpack(running.file, content)
    faults += notes
    for source in sources:
        sheets += _read(source, columns, at)
    kinds = {sheet.kind for sheet in sheets if not sheet.refused}
    if not kinds:
        first = sheets[0].faults.pop()
        raise Refused(first)
    seen, latest = imports.standing(adapters.table)
    refuse_stale(running, kinds, seen, code="stale_import")
    ages = {kind: seen.get(kind, running.as_of) for kind in kinds}
    if not running.dry_run:
        ages = _move_ages(adapters, running, kinds)
    batch = gather(sheets)
    outcome = apply_import(adapters, running, batch, ages, at, has_time=has_time)
    outcome.seen = latest
    faults += batch.faults
    if running.full:
        if not has_time():
            raise OutOfTime("the list of what is missing")
        known = changes.everything(adapters.table)
        outcome.missing = missing_from(numbers_named(batch), known, at.today)
        outcome.unnamed = unnamed(batch)
    return outcome


def _read(source: Source, columns: Columns, at: Moment) -> list[ReadFile]:
    """A file's sheets. A fault found after the last row refuses the sheet."""
    match source:
        case Fault():
            return [ReadFile(source.file, faults=[source], refused=True)]
        case SourceFile():
            return [read_text(source, columns, today=at.today, address=mailbox)]
    try:
        return read_book(source.name, source.sheets, columns, today=at.today, address=mailbox)
    except Unreadable as unreadable:
        facts: dict[str, Any] = unreadable.facts
        fault = refusal(source.name, unreadable.code, **facts).fault
        return [ReadFile(source.name, faults=[fault], refused=True)]


def _counted(sheet: ReadFile) -> FileCount:
    return FileCount(
        sheet.name,
        sheet.kind,
        sheet.count,
        sheet.taken,
        sheet.count - sheet.taken,
        sheet.encoding,
        sheet.delimiter,
        sheet.headings_line,
    )


def _columns(adapters: Adapters) -> Columns:
    """The shipped mapping, or the dealer's; with a faulty mapping the import fails."""
    override = adapters.files.find(adapters.settings.import_bucket, COLUMNS_KEY)
    if override is None:
        return default_columns()
    try:
        return columns_from(override)
    except BadColumns as bad:
        raise refusal(COLUMNS_KEY, "bad_columns", de=bad.de, en=bad.en) from bad


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


def _finish(
    adapters: Adapters,
    running: Import,
    sheets: Sequence[ReadFile],
    faults: Sequence[Fault],
    outcome: ImportOutcome,
    state: str,
    at: Moment,
) -> Import:
    """Stores report and result; if another worker has ended the import, its result stays."""
    ordered = every = in_order(faults, [sheet.name for sheet in sheets])
    total = len(ordered)
    if total > MAX_FINDINGS:
        more = Fault(
            running.file,
            None,
            None,
            "more_faults",
            FaultSeverity.INFO,
            (("more", total - MAX_FINDINGS),),
        )
        ordered = [*ordered[:MAX_FINDINGS], more]
    summary = Summary(
        causes=causes_of(every),
        effects={effect.value: n for effect, n in outcome.effects.items()},
        fields=outcome.fields.told(),
        samples=outcome.samples if running.dry_run else (),
        missing=outcome.missing.records,
    )
    reports = import_reports.keep_report(adapters.table, running.id, ordered, summary, at=at.now)
    ended = replace(
        running,
        state=state,
        files=tuple(_counted(sheet) for sheet in sheets),
        changes={
            kind: {
                status: outcome.counts[kind, status] for status in ("new", "changed", "unchanged")
            }
            for kind in KINDS
        },
        findings=len(ordered),
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
