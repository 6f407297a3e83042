"""Export for the ERP: released readings into batches, each reading into exactly one.

A batch gathers the waiting readings, is sealed, and only then written to files (`write_export`). A reading that an import has marked as
billed while it waited is left out and counted, so that nothing is billed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.batches import weighed
from meterportal.domain import runs
from meterportal.domain.access.journal import Action, Deed, StaffMember
from meterportal.domain.exchange.batches import BatchState, Export
from meterportal.domain.exchange.exchanges import numbered, unnumbered
from meterportal.domain.exchange.exports import (
    ExportLine,
    Place,
    by_place,
    handed_over,
    places,
)
from meterportal.domain.exchange.standing import Stood, holder, unbilled
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound
from meterportal.domain.runs import RunKind, RunProblem, RunState
from meterportal.settings import Moment
from meterportal.store import runs as store
from meterportal.store.access import journal
from meterportal.store.exchange import exports, standing
from meterportal.store.exchange.exports import Waiting
from meterportal.store.portfolio import machines, provisional
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.exchange.write_export import write_files
from meterportal.usecases.runs import once as starting
from meterportal.usecases.runs.once import Once
from meterportal.usecases.runs.take_up import begin

WRITES = 99
"""Two writes a row, one a machine, and the batch's own state are all of the 100 writes that a transaction
takes.
"""

MACHINES_A_READ = 99
"""Machines that are read at a time, of the 100 that one request takes: for three transactions of rows of one
machine, or one of three rows of many."""

FORGOTTEN = timedelta(minutes=15)


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


def export(adapters: Adapters, export_id: str, *, at: Moment, has_time: Callable[[], bool]) -> None:
    """Gathers, seals, writes and notes, starting at the batch's state. Raises NotFound without a
    header.

    Without time left a message continues it, from where it stands.
    """
    found = _load(adapters, export_id)
    if found.state is not BatchState.DONE:
        begin(adapters, RunKind.EXPORT, export_id, now=at.now)
    if found.state is BatchState.GATHERING:
        if not _gather(adapters, export_id, has_time):
            _go_on_later(adapters, export_id)
            return
        _write_once(adapters, exports.seal(export_id))
        found = _load(adapters, export_id)  # with the final number of lines left out
    if found.state is BatchState.SEALED:
        written = write_files(adapters, found, has_time=has_time)
        if written is None:
            _go_on_later(adapters, export_id)
            return
        _write_once(adapters, exports.finish(written))
    _queue(adapters, _forgotten(adapters, export_id, at))


def _go_on_later(adapters: Adapters, export_id: str) -> None:
    store.hand_on(adapters.table, RunKind.EXPORT, export_id)
    _queue(adapters, [export_id])


def _load(adapters: Adapters, export_id: str) -> Export:
    found = exports.load(adapters.table, export_id)
    if found is None:
        raise NotFound
    return found


def _gather(adapters: Adapters, export_id: str, has_time: Callable[[], bool]) -> bool:
    """Moves waiting rows into the batch; False when the time ran out."""
    waiting = exports.waiting(adapters.table)
    for read in weighed(waiting, lambda row: len(row.places), MACHINES_A_READ):
        found = _machines_of(adapters, read)
        for rows in weighed(_numbered(adapters, read), lambda row: len(row.places) + 2, WRITES):
            if not has_time():
                return False
            if not _move(adapters, export_id, rows, found):
                return True  # another worker has sealed the batch: its rows are complete
    return True


def _machines_of(adapters: Adapters, rows: Iterable[Waiting]) -> dict[Place, Stood]:
    return standing.load(adapters.table, (place for row in rows for place in row.places))


def _numbered(adapters: Adapters, rows: Sequence[Waiting]) -> list[Waiting]:
    """The rows with the numbers that the ERP has given since their release. One read where a row names a
    provisional one."""
    waiting = unnumbered(line for row in rows for line in row.lines)
    brought = provisional.brought(adapters.table, waiting)
    return [replace(row, lines=tuple(numbered(row.lines, brought))) for row in rows]


def _move(
    adapters: Adapters, export_id: str, rows: Sequence[Waiting], found: Mapping[Place, Stood]
) -> bool:
    """Moves some rows, each with its remaining lines, without what another batch takes, or staff withdraw;
    False when this batch is sealed. `found` are the rows' machines, which are told that they are exported.
    """
    while rows:
        left = [(row, unbilled(found, row.lines)) for row in rows]
        moves = [
            write.named(f"row {n}")
            for n, (row, lines) in enumerate(left)
            for write in exports.move(export_id, row, lines)
        ]
        gathering = exports.still_gathering(
            export_id,
            gathered=sum(len(places(lines)) for _, lines in left),
            already_billed=sum(len(row.lines) - len(lines) for row, lines in left),
        )
        told = _told(export_id, left, found)
        try:
            adapters.table.transact([gathering.named("batch"), *moves, *told])
        except ConditionFailed as lost:
            if lost.on("batch"):
                return False
            # Where a line of many was withdrawn, the others are still to be taken.
            fresh = exports.again(
                adapters.table, (row.key for n, row in enumerate(rows) if lost.on(f"row {n}"))
            )
            rows = [row for n, row in enumerate(rows) if not lost.on(f"row {n}")]
            rows += _numbered(adapters, fresh)
            found = _machines_of(adapters, rows)
        else:
            return True
    return True


def _told(
    export_id: str,
    rows: Iterable[tuple[Waiting, Sequence[ExportLine]]],
    found: Mapping[Place, Stood],
) -> list[Write]:
    """The machines of some rows, one write each, with the batch that took their readings."""
    before: dict[Place, Machine] = {}
    after: dict[Place, Machine] = {}
    for _, lines in rows:
        for place, own in by_place(lines).items():
            if place in found:
                machine = holder(found[place], own)
                # Of before and after it changed its company, it is named by two places.
                here = machine.company_id, machine.id
                before[here] = machine
                after[here] = handed_over(after.get(here, machine), own, batch=export_id)
    return [
        write.named("machine")
        for here, machine in after.items()
        if machine != before[here]
        for write in machines.save(machine, seen=before[here], event=None)
    ]


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
