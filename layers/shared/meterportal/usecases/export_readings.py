"""Export for the ERP: released readings into batches, each reading into exactly one.

A batch gathers what waits, is sealed, and only then written to files, so that the files can be
written again at any time and come out byte by byte the same. What an import has acknowledged while
it waited is billed already: it stays out and is counted, so that nothing is billed twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from tempfile import SpooledTemporaryFile

from meterportal import crypto
from meterportal.batches import batches
from meterportal.domain.exports import COLUMNS, ExportLine, as_columns, unbilled
from meterportal.domain.refusals import NotFound
from meterportal.domain.sheets import BOM, rows_as_csv
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import exports, machines
from meterportal.store.exports import BatchFile, BatchState, Export, Waiting
from meterportal.store.table import ConditionFailed, Table, Write
from meterportal.usecases import once as starting
from meterportal.usecases.once import Once

ROWS_A_TRANSACTION = 49
"""Two writes a row and the batch's own state make 99 of the 100 that a transaction takes."""

TRANSACTIONS_A_READ = 2
"""Machines are read for the rows of so many transactions: 98 of the 100 that one request takes."""

FORGOTTEN = timedelta(minutes=15)
GIVEN_UP = timedelta(hours=6)

CSV, JSON, MANIFEST = "readings.csv", "readings.json", "manifest.json"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    JSON: "application/json",
    MANIFEST: "application/json",
}


def start(doors: Doors, *, by: str, at: Moment, request_key: str | None = None) -> str:
    """Start an export of all that is released and give back its id.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises ReusedKey when it
    came with another request.
    """
    once = Once(by, request_key, crypto.digest("export")) if request_key else None
    earlier = starting.started_before(doors.table, once, now=at.now)
    export = Export(earlier or doors.new_number(), by, at.now)
    started = earlier or starting.start(
        doors.table, once, exports.create(export), export.id, now=at.now
    )
    _queue(doors, [started])
    return started


def state_of(export: Export, at: Moment) -> str:
    """running, done or failed."""
    if export.state is BatchState.DONE:
        return "done"
    return "failed" if at.now - export.created_at > GIVEN_UP else "running"


def place_of(export_id: str, name: str) -> str:
    """Where a batch's file lies in the bucket."""
    return f"exports/{export_id}/{name}"


def export(doors: Doors, export_id: str, *, at: Moment, has_time: Callable[[], bool]) -> None:
    """Gather, seal, write, note: from wherever the batch stands. Raises NotFound without a header.

    Without time left to gather on, the rest is handed on by a message.
    """
    table = doors.table
    found = _load(table, export_id)
    if found.state is BatchState.GATHERING:
        if not _gather(table, export_id, has_time):
            _queue(doors, [export_id])
            return
        _write_once(table, exports.seal(export_id))
        found = _load(table, export_id)  # with all that was left out
    if found.state is BatchState.SEALED:
        _write_once(table, exports.finish(_written(doors, found)))
    _queue(doors, _forgotten(table, export_id, at))


def _load(table: Table, export_id: str) -> Export:
    found = exports.load(table, export_id)
    if found is None:
        raise NotFound
    return found


def _gather(table: Table, export_id: str, has_time: Callable[[], bool]) -> bool:
    """Move what waits into the batch; False when the time ran short."""
    for read in batches(exports.waiting(table), TRANSACTIONS_A_READ * ROWS_A_TRANSACTION):
        found = machines.load_places(table, (row.place for row in read))
        for rows in batches(read, ROWS_A_TRANSACTION):
            if not has_time():
                return False
            left = [(row, unbilled(found.get(row.place), row.lines)) for row in rows]
            if not _move(table, export_id, left):
                return True  # another worker has sealed the batch: its rows are complete
    return True


def _move(
    table: Table, export_id: str, rows: Sequence[tuple[Waiting, Sequence[ExportLine]]]
) -> bool:
    """Move some rows, each with the lines that are left of it, without those that another batch
    takes; False when this batch is sealed."""
    while rows:
        moves = [exports.move(export_id, row, lines) for row, lines in rows]
        row_of = [n for n, writes in enumerate(moves) for _ in writes]
        left_out = sum(len(row.lines) - len(lines) for row, lines in rows)
        gathering = exports.still_gathering(export_id, already_billed=left_out)
        try:
            table.transact([gathering, *(write for writes in moves for write in writes)])
        except ConditionFailed as lost:
            if 0 in lost.failed:
                return False
            taken = {row_of[position - 1] for position in lost.failed}
            rows = [row for n, row in enumerate(rows) if n not in taken]
        else:
            return True
    return True


def _written(doors: Doors, found: Export) -> Export:
    """Write the three files; the header as it will stand, with what they hold."""
    sums = _Sums()
    files = [
        _write_file(doors, found.id, CSV, _as_csv(sums.of(doors.table, found.id))),
        _write_file(doors, found.id, JSON, _as_json(found, _Sums().of(doors.table, found.id))),
    ]
    manifest = {
        "batch_id": found.id,
        "created_at": found.created_at.isoformat(timespec="milliseconds"),
        "count": sums.count,
        "sum": sums.total,
        "already_billed": found.already_billed,
        "files": [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in files],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    files.append(_write_file(doors, found.id, MANIFEST, [text]))
    return replace(found, rows=sums.rows, count=sums.count, total=sums.total, files=tuple(files))


class _Sums:
    """Counts what passes through: rows, readings, and the sum of their values."""

    def __init__(self) -> None:
        self.rows = self.count = self.total = 0

    def of(self, table: Table, export_id: str) -> Iterator[ExportLine]:
        for row in exports.rows(table, export_id):
            self.rows += 1
            for line in row.lines:
                self.count += 1
                self.total += line["value"]
                yield line


def _as_csv(lines: Iterable[ExportLine]) -> Iterator[str]:
    yield BOM
    yield from rows_as_csv([COLUMNS])
    yield from rows_as_csv(as_columns(line) for line in lines)


def _as_json(found: Export, lines: Iterable[ExportLine]) -> Iterator[str]:
    """One object with the readings, one reading a line."""
    yield f'{{"batch_id":{json.dumps(found.id)},"readings":['
    for n, line in enumerate(lines):
        comma = "," if n else ""
        yield f"{comma}\n{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}"
    yield "\n]}\n"


def _write_file(doors: Doors, export_id: str, name: str, texts: Iterable[str]) -> BatchFile:
    """Write a file through the disk, so that a batch of any size fits into memory."""
    digest, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=8_000_000) as held:
        for text in texts:
            piece = text.encode()
            digest.update(piece)
            size += held.write(piece)
        held.seek(0)
        doors.files.put(
            doors.settings.export_bucket,
            place_of(export_id, name),
            held,
            content_type=CONTENT_TYPES[name],
        )
    return BatchFile(name, size, digest.hexdigest())


def _write_once(table: Table, write: Write) -> None:
    try:
        table.write(write)
    except ConditionFailed:
        return  # another worker came first with the same


def _forgotten(table: Table, export_id: str, at: Moment) -> list[str]:
    """Exports of the last days that never ended: what they hold would never reach the ERP."""
    found = []
    for _, other in exports.newest(table):
        age = at.now - other.created_at
        if age > timedelta(days=7):
            break
        if other.id != export_id and other.state is not BatchState.DONE and age > FORGOTTEN:
            found.append(other.id)
    return found


def _queue(doors: Doors, export_ids: Iterable[str]) -> None:
    doors.queues.send(doors.settings.export_queue, ({"export_id": number} for number in export_ids))
