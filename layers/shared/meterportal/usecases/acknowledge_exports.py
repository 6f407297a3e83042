"""The ERP's answer to a batch: accepted readings are billed, refused ones stay released with a reason.

Small batches are answered at once, large ones through the queue; both apply the same kept answer,
row by row, and what was answered the same way before is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from meterportal.batches import batches
from meterportal.domain.exports import (
    Acknowledgement,
    AlreadyBilled,
    NotExportedYet,
    NotInBatch,
    answers_after,
    apply_answers,
)
from meterportal.domain.machines import Machine
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import exports, machines
from meterportal.store.exports import Answered, BatchState, Export, Row
from meterportal.store.table import ConditionFailed, Table

AT_ONCE = 200
"""Rows of a batch that one request may work off itself."""

ATTEMPTS = 5


def acknowledge(
    doors: Doors, export_id: str, said: Acknowledgement, *, by: str, at: Moment
) -> tuple[Export, bool]:
    """Take the ERP's answer; the batch as it stands then, and whether it is worked off already.

    Raises NotFound, NotExportedYet, NotInBatch or AlreadyBilled; then nothing was stored.
    """
    table = doors.table
    found = exports.load(table, export_id)
    if found is None:
        raise NotFound
    if found.state is not BatchState.DONE:
        raise NotExportedYet
    _refuse_foreign(table, found, said)
    number = doors.new_number()
    table.write(exports.keep_acknowledgement(export_id, number, said, by=by, at=at.now))
    if found.rows > AT_ONCE:
        _queue(doors, export_id, number, after=None)
        return found, False
    work(doors, export_id, number, after=None, at=at, has_time=lambda: True)
    return exports.load(table, export_id) or found, True


def _refuse_foreign(table: Table, found: Export, said: Acknowledgement) -> None:
    """Every number named has to stand in the batch, and a refused one must not be billed already."""
    named = set(said.accepted or ()) | set(said.refused)
    if not named:
        return
    rows: Iterable[Row]
    if found.rows <= 20 * len(named):
        rows = exports.rows(table, found.id)
    else:
        owners = {number.rsplit(".", 2)[0] for number in named}
        rows = (row for owner in owners for row in exports.rows_of(table, found.id, owner))
    answers: dict[str, str | None] = {}
    for row in rows:
        for line in row.lines:
            answers[line["reading_id"]] = row.answers.get(line["reading_id"])
    foreign = sorted(named - set(answers))
    if foreign:
        raise NotInBatch(ids=foreign)
    billed = sorted(number for number in said.refused if answers[number] == "")
    if billed:
        raise AlreadyBilled(field="refused", ids=billed)


def work(
    doors: Doors,
    export_id: str,
    number: str,
    *,
    after: str | None,
    at: Moment,
    has_time: Callable[[], bool],
) -> None:
    """Apply a kept answer to the rows behind `after`, then count the answers.

    Without time left the rest is handed on by a message. Raises NotFound.
    """
    table = doors.table
    kept = exports.acknowledgement(table, export_id, number)
    if kept is None:
        raise NotFound
    said, by = kept
    for rows in batches(exports.rows(table, export_id, after=after), 100):
        if not has_time():
            _queue(doors, export_id, number, after=after)
            return
        told = [row for row in rows if answers_after(row.lines, row.answers, said) != row.answers]
        found = machines.load_many(table, ((row.company_id, row.machine_id) for row in told))
        for row in told:
            _apply(table, export_id, row, found.get(row.machine_id), said, by=by, at=at)
        after = rows[-1].sk
    table.write(exports.keep_answered(export_id, _count(table, export_id), at=at.now))


def _apply(
    table: Table,
    export_id: str,
    row: Row,
    machine: Machine | None,
    said: Acknowledgement,
    *,
    by: str,
    at: Moment,
) -> None:
    """Answer one row: one transaction for what is billed, one for what is refused."""
    for event in ("billed", "export_refused"):
        for _ in range(ATTEMPTS):
            after = answers_after(row.lines, row.answers, said)
            news = {
                reading: reason
                for reading, reason in after.items()
                if row.answers.get(reading) != reason and bool(reason) == (event != "billed")
            }
            if not news:
                break
            try:
                row, machine = _store(table, export_id, row, machine, news, event, by=by, at=at)
            except ConditionFailed:
                fresh = exports.rows_of(table, export_id, row.machine_id)
                row = next(found for found in fresh if found.sk == row.sk)
                machine = machines.load(table, row.company_id, row.machine_id)
            else:
                break
        else:
            raise Unavailable


def _store(
    table: Table,
    export_id: str,
    row: Row,
    machine: Machine | None,
    news: Mapping[str, str],
    event: str,
    *,
    by: str,
    at: Moment,
) -> tuple[Row, Machine | None]:
    answers = {**row.answers, **news}
    writes = [exports.answer_row(export_id, row, answers)]
    if machine is not None:
        changed, readings = apply_answers(machine, row.lines, news, batch=export_id)
        if readings:
            channel = readings[0].channel
            told = machines.event(event, readings, at=at.now, by=by, channel=channel)
            writes += machines.save(changed, seen=machine, event=told)
            machine = replace(changed, rev=machine.rev + 1)
    table.transact(writes)
    return replace(row, answers=answers), machine


def _count(table: Table, export_id: str) -> Answered:
    accepted = refused = 0
    for row in exports.rows(table, export_id):
        billed = sum(1 for reason in row.answers.values() if not reason)
        accepted, refused = accepted + billed, refused + len(row.answers) - billed
    return Answered(accepted, refused)


def _queue(doors: Doors, export_id: str, number: str, *, after: str | None) -> None:
    message = {"export_id": export_id, "step": "acknowledge", "ack": number, "after": after or ""}
    doors.queues.send(doors.settings.export_queue, [message])
