"""Importing an export of the ERP: taken in by HTTP or by the drop, read, reported row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePosixPath

from meterportal import crypto
from meterportal.domain.imports.archives import is_zip, unpack
from meterportal.domain.imports.batch import gather
from meterportal.domain.imports.columns import (
    KINDS,
    BadColumns,
    Columns,
    columns_from,
    default_columns,
)
from meterportal.domain.imports.faults import Fault, Refused, Severity, in_order, refusal
from meterportal.domain.imports.rows import Sheet, read_file
from meterportal.domain.refusals import NotFound, Refusal
from meterportal.doors import Doors
from meterportal.mail.addresses import mailbox
from meterportal.queues import OutOfTime
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store import imports
from meterportal.store.imports import FileCount, Import
from meterportal.store.table import ConditionFailed
from meterportal.usecases import once
from meterportal.usecases.apply_import import ImportOver, Outcome, apply_import, refuse_stale

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
    """A file put into the bucket; `sequencer` and `etag` tell one put from the next."""

    bucket: str
    key: str
    etag: str
    sequencer: str
    at: datetime


def start_import(
    doors: Doors,
    content: bytes,
    at: Moment,
    *,
    by: str,
    name: str | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    request_key: str | None = None,
) -> str:
    """Keep an upload and queue its import; gives back the import's id.

    `as_of` is how old the export is, the upload's time unless given. Raises NothingUploaded,
    AsOfInFuture or ReusedKey.
    """
    if not content:
        raise NothingUploaded
    if as_of and as_of > at.today:
        raise AsOfInFuture(field="as_of")
    file = _file_name(name, content)
    asked = crypto.digest(f"{file}|{as_of}|{dry_run}|" + content.hex())
    key = once.Once(by, request_key, asked) if request_key else None
    number = once.started_before(doors.table, key, now=at.now)
    if number is None:
        number = doors.new_number()
        bucket, place = doors.settings.import_bucket, f"uploads/{number}/{file}"
        kind = "application/zip" if is_zip(content) else "text/csv"
        doors.files.put(bucket, place, content, content_type=kind)
        old = as_of.isoformat() if as_of else _age(at, at.now)
        new = Import(number, by, at.now, old, file, (bucket, place), dry_run)
        number = once.start(doors.table, key, imports.create(new), number, now=at.now)
    doors.queues.send(doors.settings.import_queue, [{"import_id": number}])
    return number


def take_drop(doors: Doors, dropped: Dropped, at: Moment) -> str:
    """The import of a dropped file; the same put, however often it is told, is the same import."""
    put = f"{dropped.bucket}|{dropped.key}|{dropped.etag}|{dropped.sequencer}"
    number = f"drop-{crypto.digest(put)[:20]}"
    file = PurePosixPath(dropped.key).name or "drop"
    age = _age(at, dropped.at)
    try:
        doors.table.write(
            imports.create(Import(number, DROP, at.now, age, file, (dropped.bucket, dropped.key)))
        )
    except ConditionFailed:
        return number
    return number


def _age(at: Moment, uploaded: datetime) -> str:
    """Business date and time of an upload; on a demonstration's own day only the day is known."""
    if at.now.astimezone(BUSINESS_ZONE).date() != at.today:
        return at.today.isoformat()
    return uploaded.astimezone(BUSINESS_ZONE).replace(tzinfo=None).isoformat(timespec="seconds")


def _file_name(name: str | None, content: bytes) -> str:
    """The name to report by: the caller's without its folders, never more than a plain name."""
    given = re.sub(r"[^\w .()+-]", "_", PurePosixPath((name or "").replace("\\", "/")).name)[:100]
    return given.strip(" .") or ("export.zip" if is_zip(content) else "export.csv")


def run_import(
    doors: Doors, import_id: str, at: Moment, *, has_time: Callable[[], bool] = lambda: True
) -> Import:
    """Import what was uploaded; the header as it stands then. What is over is not run again.

    Out of time it queues itself again and is still running. Raises NotFound or Unavailable, or
    OutOfTime when nothing could be written in all that time: then it is the delivery that counts.
    """
    running = imports.load(doors.table, import_id)
    if running is None:
        raise NotFound
    if running.state != "running":
        return running
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    outcome, state = Outcome(), "done"
    try:
        outcome = _import(doors, running, at, sheets, faults, has_time=has_time)
    except Refused as refused:
        faults.append(refused.fault)
        state = "failed"
    except ImportOver:
        return imports.load(doors.table, import_id) or running
    except OutOfTime:
        return _go_on_later(doors, running)
    for sheet in sheets:
        sheet.refused = sheet.refused or state == "failed"
        faults += sheet.faults
    return _finish(doors, running, sheets, [*faults, *outcome.faults], outcome, state, at)


def _go_on_later(doors: Doors, running: Import) -> Import:
    found = imports.load(doors.table, running.id)
    if found is None or found.counted == running.counted:
        raise OutOfTime("not even one change was written")
    doors.queues.send(doors.settings.import_queue, [{"import_id": running.id}])
    return found


def _import(
    doors: Doors,
    running: Import,
    at: Moment,
    sheets: list[Sheet],
    faults: list[Fault],
    *,
    has_time: Callable[[], bool],
) -> Outcome:
    """Read and apply; `sheets` and `faults` are filled as far as it gets. Raises `Refused`."""
    columns = _columns(doors)
    try:
        content = doors.files.get(*running.place)
    except NotFound:
        raise refusal(running.file, "file_gone") from None
    sources, notes = unpack(running.file, content)
    faults += notes
    for source in sources:
        sheets.append(read_file(source, columns, today=at.today, address=mailbox))
    kinds = {sheet.kind for sheet in sheets if not sheet.refused}
    if not kinds:
        first = sheets[0].faults.pop()
        raise Refused(first)
    seen = imports.ages(doors.table)
    refuse_stale(running, kinds, seen, code="stale_import")
    ages = {kind: seen.get(kind, running.as_of) for kind in kinds}
    if not running.dry_run:
        ages = _move_ages(doors, running, kinds)
    batch = gather(sheets)
    outcome = apply_import(doors, running, batch, ages, at, has_time=has_time)
    faults += batch.faults
    return outcome


def _columns(doors: Doors) -> Columns:
    """The shipped mapping, or the dealer's; a faulty one fails the import."""
    override = doors.files.find(doors.settings.import_bucket, COLUMNS_KEY)
    if override is None:
        return default_columns()
    try:
        return columns_from(override)
    except BadColumns as bad:
        raise refusal(COLUMNS_KEY, "bad_columns", de=bad.de, en=bad.en) from bad


def _move_ages(doors: Doors, running: Import, kinds: set[str]) -> dict[str, str]:
    """Note how old these kinds of files are now; raises `Refused` when a newer one was quicker."""
    while True:
        seen = imports.ages(doors.table)
        refuse_stale(running, kinds, seen, code="stale_import")
        ages = {
            kind: max(running.as_of, seen[kind]) if kind in seen else running.as_of
            for kind in kinds
        }
        moved = {kind for kind in kinds if seen.get(kind) != ages[kind]}
        if not moved:
            return ages
        try:
            doors.table.write(imports.move_ages(seen, {kind: ages[kind] for kind in moved}))
        except ConditionFailed:
            continue
        return ages


def _finish(
    doors: Doors,
    running: Import,
    sheets: Sequence[Sheet],
    faults: Sequence[Fault],
    outcome: Outcome,
    state: str,
    at: Moment,
) -> Import:
    """Keep report and result; whoever was quicker stays."""
    told = in_order(faults, [sheet.name for sheet in sheets])
    total = len(told)
    if total > MAX_FINDINGS:
        more = Fault(
            running.file,
            None,
            None,
            "more_faults",
            Severity.INFO,
            (("more", total - MAX_FINDINGS),),
        )
        told = [*told[:MAX_FINDINGS], more]
    samples = outcome.samples if running.dry_run else []
    reports = imports.keep_report(doors.table, running.id, told, samples, at=at.now)
    ended = replace(
        running,
        state=state,
        files=tuple(FileCount(s.name, s.kind, s.count, s.taken, s.count - s.taken) for s in sheets),
        changes={
            kind: {
                status: outcome.counts[kind, status] for status in ("new", "changed", "unchanged")
            }
            for kind in KINDS
        },
        findings=len(told),
        reports=reports,
    )
    try:
        doors.table.write(imports.finish(ended))
    except ConditionFailed:
        return imports.load(doors.table, running.id) or ended
    return ended
