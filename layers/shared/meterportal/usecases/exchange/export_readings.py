"""Export for the ERP: released readings into batches, each reading into exactly one.

A batch gathers the waiting readings, is sealed, and only then written to files. So the files can be
written again at any time and are the same, byte by byte. A reading that an import has marked as
billed while it waited is left out and counted, so that nothing is billed twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from tempfile import SpooledTemporaryFile

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain import runs
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.exchange.batches import BatchFile, BatchState, Export
from meterportal.domain.exchange.exchanges import numbered, unnumbered
from meterportal.domain.exchange.exports import (
    COLUMNS,
    ExportLine,
    as_columns,
    handed_over,
    unbilled,
)
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunKind, RunProblem, RunState
from meterportal.domain.sheets import BOM, rows_as_csv
from meterportal.settings import Moment
from meterportal.store import runs as store
from meterportal.store.access import journal
from meterportal.store.exchange import exports
from meterportal.store.exchange.exports import Waiting
from meterportal.store.portfolio import machines, provisional
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.runs import once as starting
from meterportal.usecases.runs.once import Once
from meterportal.usecases.runs.take_up import begin

ROWS_A_TRANSACTION = 33
"""Three writes a row and the batch's own state are all of the 100 writes that a transaction takes."""

TRANSACTIONS_A_READ = 3
"""Machines are read for the rows of this many transactions: 99 of the 100 keys that one request
takes.
"""

FORGOTTEN = timedelta(minutes=15)

Place = tuple[str, str]
"""Company and machine."""

CSV, JSON, MANIFEST = "readings.csv", "readings.json", "manifest.json"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    JSON: "application/json",
    MANIFEST: "application/json",
}


def start(
    adapters: Adapters, *, by: StaffMember, at: Moment, request_key: str | None = None
) -> str:
    """Starts an export of all released readings and returns its id.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises ReusedKey when it
    came with another request.
    """
    once = Once(by.id, request_key, crypto.digest("export")) if request_key else None
    earlier = starting.started_before(adapters, once, now=at.now)
    export = Export(earlier or adapters.new_number(), by.id, at.now)
    deed = Deed(Action.EXPORT_STARTED, "export", export.id)
    started = earlier or starting.start(
        adapters,
        once,
        exports.create(export),
        export.id,
        now=at.now,
        noted=journal.entries(adapters.new_number(), by, at.now, deed),
    )
    _queue(adapters, [started])
    return started


def state_of(export: Export, at: Moment) -> RunState:
    """The state of the export itself: once done it stays done, whatever happens to the ERP's
    answer.
    """
    found = runs.state_of(
        finished=export.state is BatchState.DONE,
        broken=export.broken,
        created_at=export.created_at,
        now=at.now,
    )
    if found.state == "done" and export.broken.answers:
        return replace(found, problem=RunProblem.ANSWER_LEFT, at=export.broken.at)
    return found


def place_of(export_id: str, name: str) -> str:
    """The key of a batch's file in the bucket."""
    return f"exports/{export_id}/{name}"


def export(adapters: Adapters, export_id: str, *, at: Moment, has_time: Callable[[], bool]) -> None:
    """Gathers, seals, writes and notes, starting at the batch's state. Raises NotFound without a
    header.

    Without time left for gathering, a message continues it.
    """
    table = adapters.table
    found = _load(adapters, export_id)
    if found.state is not BatchState.DONE:
        begin(adapters, RunKind.EXPORT, export_id, now=at.now)
    if found.state is BatchState.GATHERING:
        if not _gather(adapters, export_id, has_time):
            store.hand_on(table, RunKind.EXPORT, export_id)
            _queue(adapters, [export_id])
            return
        _write_once(adapters, exports.seal(export_id))
        found = _load(adapters, export_id)  # with the final number of lines left out
    if found.state is BatchState.SEALED:
        _write_once(adapters, exports.finish(_written(adapters, found)))
    _queue(adapters, _forgotten(adapters, export_id, at))


def _load(adapters: Adapters, export_id: str) -> Export:
    found = exports.load(adapters.table, export_id)
    if found is None:
        raise NotFound
    return found


def _gather(adapters: Adapters, export_id: str, has_time: Callable[[], bool]) -> bool:
    """Moves waiting rows into the batch; False when the time ran out."""
    for read in batches(exports.waiting(adapters.table), TRANSACTIONS_A_READ * ROWS_A_TRANSACTION):
        found = machines.load_places(adapters.table, (row.place for row in read))
        for rows in batches(_numbered(adapters, read), ROWS_A_TRANSACTION):
            if not has_time():
                return False
            if not _move(adapters, export_id, rows, found):
                return True  # another worker has sealed the batch: its rows are complete
    return True


def _numbered(adapters: Adapters, rows: Sequence[Waiting]) -> list[Waiting]:
    """The rows with the numbers that the ERP has given since their release. One read where a row names a
    provisional one."""
    waiting = unnumbered(line for row in rows for line in row.lines)
    brought = provisional.brought(adapters.table, waiting)
    return [replace(row, lines=tuple(numbered(row.lines, brought))) for row in rows]


def _move(
    adapters: Adapters, export_id: str, rows: Sequence[Waiting], found: Mapping[Place, Machine]
) -> bool:
    """Moves some rows, each with its remaining lines, without rows that another batch takes; False
    when this batch is sealed. `found` are the rows' machines, which are told that they are exported.
    """
    while rows:
        left = [(row, unbilled(found.get(row.place), row.lines)) for row in rows]
        moves = [
            write.named(f"row {n}")
            for n, (row, lines) in enumerate(left)
            for write in exports.move(export_id, row, lines)
        ]
        left_out = sum(len(row.lines) - len(lines) for row, lines in left)
        gathering = exports.still_gathering(export_id, rows=len(rows), already_billed=left_out)
        told = _told(export_id, left, found)
        try:
            adapters.table.transact([gathering.named("batch"), *moves, *told])
        except ConditionFailed as lost:
            if lost.on("batch"):
                return False
            rows = [row for n, row in enumerate(rows) if not lost.on(f"row {n}")]
            if lost.on("machine"):
                found = machines.load_places(adapters.table, (row.place for row in rows))
        else:
            return True
    return True


def _told(
    export_id: str,
    rows: Iterable[tuple[Waiting, Sequence[ExportLine]]],
    found: Mapping[Place, Machine],
) -> list[Write]:
    """The machines of some rows, one write each, with the batch that took their readings."""
    after = dict(found)
    for row, lines in rows:
        if row.place in after:
            after[row.place] = handed_over(after[row.place], lines, batch=export_id)
    changed = [
        (found[place], machine) for place, machine in after.items() if machine != found[place]
    ]
    return [
        write.named("machine")
        for seen, machine in changed
        for write in machines.save(machine, seen=seen, event=None)
    ]


def _written(adapters: Adapters, found: Export) -> Export:
    """Writes the three files; returns the header to store, with the sums of the files."""
    sums = _Sums()
    files = [
        _write_file(adapters, found.id, CSV, _as_csv(sums.of(adapters, found.id))),
        _write_file(adapters, found.id, JSON, _as_json(found, _Sums().of(adapters, found.id))),
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
    files.append(_write_file(adapters, found.id, MANIFEST, [text]))
    return replace(found, rows=sums.rows, count=sums.count, total=sums.total, files=tuple(files))


class _Sums:
    """Counts the lines that are written: rows, readings, and the sum of their values."""

    def __init__(self) -> None:
        self.rows = self.count = self.total = 0

    def of(self, adapters: Adapters, export_id: str) -> Iterator[ExportLine]:
        for row in exports.rows(adapters.table, export_id):
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
    """One JSON object with the readings, one reading per line."""
    yield f'{{"batch_id":{json.dumps(found.id)},"readings":['
    for n, line in enumerate(lines):
        comma = "," if n else ""
        yield f"{comma}\n{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}"
    yield "\n]}\n"


def _write_file(adapters: Adapters, export_id: str, name: str, texts: Iterable[str]) -> BatchFile:
    """Writes a file by way of the disk, so that memory is enough for a batch of any size."""
    digest, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=8_000_000) as held:
        for text in texts:
            piece = text.encode()
            digest.update(piece)
            size += held.write(piece)
        held.seek(0)
        adapters.files.put(
            adapters.settings.export_bucket,
            place_of(export_id, name),
            held,
            content_type=CONTENT_TYPES[name],
        )
    return BatchFile(name, size, digest.hexdigest())


def _write_once(adapters: Adapters, write: Write) -> None:
    try:
        adapters.table.write(write)
    except ConditionFailed:
        return  # another worker has stored the same


def _forgotten(adapters: Adapters, export_id: str, at: Moment) -> list[str]:
    """Exports of the last seven days that never ended: without a new message their readings would
    never reach the ERP.
    """
    found = []
    for _, other in exports.newest(adapters.table):
        age = at.now - other.created_at
        if age > timedelta(days=7):
            break
        if other.id != export_id and other.state is not BatchState.DONE and age > FORGOTTEN:
            found.append(other.id)
    return found


def _queue(adapters: Adapters, export_ids: Iterable[str]) -> None:
    adapters.queues.send(
        adapters.settings.export_queue, ({"export_id": number} for number in export_ids)
    )
