"""How an import comes in: handed in by HTTP, uploaded to a signed address, or dropped into the bucket."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.archives import MAX_UPLOAD, MIB, is_zip
from meterportal.domain.access.journal import Action, Deed, StaffMember, added
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Conflict, NotFound, Refusal
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.access import journal
from meterportal.store.exchange import imports
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.runs import once

DROP = "drop"
UPLOADS = "uploads/"
"""Where files lie until they are imported, each below the number of its import."""
BYTES = "application/octet-stream"
UPLOAD_TIME = timedelta(hours=2)
"""How long a signed address is good: 2 GB at 300 KB a second."""


class NothingUploaded(Refusal):
    code = "nothing_uploaded"
    de = "Es wurde keine Datei übertragen."
    en = "No file was sent."


class UploadMissing(Conflict):
    code = "upload_missing"
    de = "Die Datei ist noch nicht übertragen. Bitte übertragen Sie sie noch einmal."
    en = "The file has not been sent yet. Please send it again."


class UploadStarted(Conflict):
    code = "upload_started"
    de = "Diese Datei wird schon mit anderen Angaben importiert. Bitte übertragen Sie sie noch einmal."
    en = "This file is being imported with other settings. Please send it again."


class UploadTooLarge(Refusal):
    code = "upload_too_large"
    de = "Die Datei ist größer als {limit} MB. Bitte teilen Sie den Export auf."
    en = "The file is larger than {limit} MB. Please split the export."


class AsOfInFuture(Refusal):
    code = "as_of_in_future"
    de = "Der Stand des Exports (as_of) liegt in der Zukunft."
    en = "The date of the export (as_of) lies in the future."


@frozen
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
        bucket, place = adapters.settings.import_bucket, _place(number, file)
        kind = "application/zip" if is_zip(content) else BYTES
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


@frozen
class SignedUpload:
    """Where a file is to be put: `url` takes exactly this file, with these headers."""

    id: str
    url: str
    headers: dict[str, str]


def announce_upload(adapters: Adapters, name: str, size: int) -> SignedUpload:
    """An address for a file of so many bytes, good for `UPLOAD_TIME`. Nothing is stored: a file
    that nobody starts goes with an erasure, or after 90 days. Raises NothingUploaded or UploadTooLarge."""
    if not size:
        raise NothingUploaded
    if size > MAX_UPLOAD:
        raise UploadTooLarge(field="size", limit=MAX_UPLOAD // MIB)
    number = adapters.new_number()
    url = adapters.files.upload_path(
        adapters.settings.import_bucket,
        _place(number, _safe_name(name) or "export"),
        content_type=BYTES,
        size=size,
        seconds=int(UPLOAD_TIME.total_seconds()),
    )
    return SignedUpload(number, url, {"Content-Type": BYTES})


def start_uploaded(
    adapters: Adapters,
    upload: str,
    at: Moment,
    *,
    by: StaffMember,
    name: str,
    as_of: date | None = None,
    dry_run: bool = False,
    full: bool = False,
) -> str:
    """Queues the import of a file that was put to its signed address; returns the import's id, which is
    the upload's. A second time changes nothing. Raises UploadMissing, AsOfInFuture, or UploadStarted
    where it was started with another `dry_run`, `full` or `as_of`.
    """
    if as_of and as_of > at.today:
        raise AsOfInFuture(field="as_of")
    file = _safe_name(name) or "export"
    bucket, place = adapters.settings.import_bucket, _place(upload, file)
    try:
        etag = adapters.files.open(bucket, place).etag
    except NotFound:
        raise UploadMissing from None
    old = as_of.isoformat() if as_of else _age(at, at.now)
    new = Import(
        *(upload, by.id, at.now, old, file, (bucket, place), dry_run), etag=etag, full=full
    )
    noted = [] if dry_run else noted_start(adapters, new, by)
    try:
        once.start(adapters, None, imports.create(new), upload, now=at.now, noted=noted)
    except ConditionFailed:
        # Started before: the message may have been lost, and a second one does no harm.
        before = imports.load(adapters.table, upload)
        if before and not _same_start(before, new, as_of):
            raise UploadStarted from None
    adapters.queues.send(adapters.settings.import_queue, [{"import_id": upload}])
    return upload


def _same_start(before: Import, new: Import, as_of: date | None) -> bool:
    """Whoever names no day gets the time of the start, which is another one each time."""
    if (before.dry_run, before.full) != (new.dry_run, new.full):
        return False
    return as_of is None or before.as_of == new.as_of


def _place(number: str, file: str) -> str:
    return f"{UPLOADS}{number}/{file}"


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
    """The name for the report."""
    return _safe_name(name) or ("export.zip" if is_zip(content) else "export.csv")


def _safe_name(name: str | None) -> str:
    """The caller's name without folders and special characters, "" if nothing is left."""
    given = re.sub(r"[^\w .()+-]", "_", PurePosixPath((name or "").replace("\\", "/")).name)[:100]
    return given.strip(" .")
