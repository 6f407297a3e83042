"""The ERP's acknowledgement of a batch: accepted readings are billed, refused ones stay released
with a reason.

Small batches are answered at once, large ones through the queue. Both apply the same kept answer
row by row, and skip rows that already have this answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.batches import weighed
from meterportal.domain.access.journal import Action, Deed, StaffMember, added
from meterportal.domain.exchange.batches import AnswerCounts, BatchState, Export, ReleasedRow
from meterportal.domain.exchange.exports import (
    Acknowledgement,
    AlreadyBilled,
    ExportLine,
    NotExportedYet,
    NotInBatch,
    Place,
    answers_after,
    apply_answers,
    by_place,
)
from meterportal.domain.exchange.standing import holder
from meterportal.domain.portfolio.machines import PROVISIONAL, Machine
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.runs import RunKind, answer_part
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.exchange import acknowledgements, exports, standing
from meterportal.store.portfolio import histories, machines
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.runs.take_up import take_up

AT_ONCE = 200
"""Highest number of machines whose lines a request answers itself."""

_TOGETHER = 100
"""Machines that are read at a time."""

ATTEMPTS = 5


def acknowledge(
    adapters: Adapters, export_id: str, answer: Acknowledgement, *, by: StaffMember, at: Moment
) -> tuple[Export, bool]:
    """Takes the ERP's answer; returns the batch as it is then, and whether all its rows are
    answered.

    Raises NotFound, NotExportedYet, NotInBatch or AlreadyBilled; then nothing was stored.
    """
    table = adapters.table
    found = exports.load(table, export_id)
    if found is None:
        raise NotFound
    if found.state is not BatchState.DONE:
        raise NotExportedYet
    _refuse_foreign(adapters, found, answer)
    number = adapters.new_number()
    deed = Deed(
        Action.EXPORT_ACKNOWLEDGED,
        "export",
        export_id,
        changes=added(
            accepted=_accepted(answer),
            refused=len(answer.refused),
        ),
    )
    kept = acknowledgements.keep(export_id, number, answer, by=by.id, at=at.now)
    table.transact([kept, *journal.entries(number, by, at.now, deed)])
    if found.rows > AT_ONCE:
        _queue(adapters, export_id, number, after=None)
        return found, False
    work(adapters, export_id, number, after=None, at=at, has_time=lambda: True)
    return exports.load(table, export_id) or found, True


def _accepted(answer: Acknowledgement) -> str | int:
    if answer.accepted is not None:
        return len(answer.accepted)
    return "open" if answer.only_open else "all"


def _refuse_foreign(adapters: Adapters, found: Export, answer: Acknowledgement) -> None:
    """Raises NotInBatch if a number is not in the batch, AlreadyBilled if a refused reading is
    billed already.
    """
    named = set(answer.accepted or ()) | set(answer.refused)
    if not named:
        return
    if found.rows <= 20 * len(named):
        answers = _answered(exports.rows(adapters.table, found.id), named)
    else:
        answers = _looked_up(adapters, found, named)
    foreign = sorted(named - answers.keys())
    if foreign:
        raise NotInBatch(ids=foreign)
    billed = sorted(number for number in answer.refused if answers[number] == "")
    if billed:
        raise AlreadyBilled(field="refused", ids=billed)


def _looked_up(adapters: Adapters, found: Export, named: Collection[str]) -> dict[str, str | None]:
    """What was answered to these readings of a large batch, by their machines. The whole batch is read only where a
    machine does not say in which row one is, because its period is past: some twenty requests for 900,000 readings.
    """
    owners = {number: number.rsplit(".", 2)[0] for number in named}
    numbers = set(owners.values())
    known = machines.find(adapters.table, numbers)
    rows = (
        row
        for number in numbers
        for row in exports.rows_of(adapters.table, found.id, number, known.get(number))
    )
    answers = _answered(rows, named)
    # A number of no machine stands in no batch, but a provisional one may have ended since.
    left = {
        one
        for one, owner in owners.items()
        if one not in answers and (owner in known or owner.startswith(PROVISIONAL))
    }
    if left:
        answers |= _answered(exports.rows(adapters.table, found.id), left)
    return answers


def _answered(rows: Iterable[ReleasedRow], named: Collection[str]) -> dict[str, str | None]:
    """What was answered to these readings as far as the rows have them, None for nothing. Reads no further than
    the last of them."""
    found: dict[str, str | None] = {}
    for row in rows:
        for line in row.lines:
            if line["reading_id"] in named:
                found[line["reading_id"]] = row.answers.get(line["reading_id"])
        if len(found) == len(named):
            break
    return found


def work(
    adapters: Adapters,
    export_id: str,
    number: str,
    *,
    after: str | None,
    at: Moment,
    has_time: Callable[[], bool],
) -> None:
    """Applies a kept answer to the rows after `after`, then counts the answers.

    Without time left a message continues it. Raises NotFound.
    """
    table = adapters.table
    kept, batch = acknowledgements.load(table, export_id, number), exports.load(table, export_id)
    if kept is None or batch is None:
        raise NotFound
    take_up(adapters, RunKind.EXPORT, export_id, answer_part(number), batch.broken)
    answer, by = kept
    every = exports.rows(table, export_id, after=after)
    for rows in weighed(every, lambda row: len(row.places), _TOGETHER):
        if not has_time():
            _queue(adapters, export_id, number, after=after)
            return
        unanswered = [
            row for row in rows if answers_after(row.lines, row.answers, answer) != row.answers
        ]
        found = _machines_of(adapters, unanswered)
        for row in unanswered:
            _apply(adapters, export_id, row, found, answer, by=by, at=at)
        after = rows[-1].sk
    exports.keep_answered(table, export_id, _count(adapters, export_id), at=at.now)


def _machines_of(adapters: Adapters, rows: Iterable[ReleasedRow]) -> dict[Place, Machine]:
    lines: dict[Place, list[ExportLine]] = {}
    for row in rows:
        for place, own in by_place(row.lines).items():
            lines.setdefault(place, []).extend(own)
    found = standing.load(adapters.table, lines)
    return {place: holder(stood, lines[place]) for place, stood in found.items()}


def _apply(
    adapters: Adapters,
    export_id: str,
    row: ReleasedRow,
    found: Mapping[Place, Machine],
    answer: Acknowledgement,
    *,
    by: str,
    at: Moment,
) -> None:
    """Answers one row, whose machines are `found`: one transaction for the billed readings, one for the
    refused ones."""
    for event in ("billed", "export_refused"):
        for _ in range(ATTEMPTS):
            after = answers_after(row.lines, row.answers, answer)
            changes = {
                reading: reason
                for reading, reason in after.items()
                if row.answers.get(reading) != reason and bool(reason) == (event != "billed")
            }
            if not changes:
                break
            try:
                row, found = _store(adapters, export_id, row, found, changes, event, by=by, at=at)
            except ConditionFailed:
                row = exports.row_now(adapters.table, export_id, row)
                found = _machines_of(adapters, [row])
            else:
                break
        else:
            raise Unavailable


def _store(
    adapters: Adapters,
    export_id: str,
    row: ReleasedRow,
    found: Mapping[Place, Machine],
    changes: Mapping[str, str],
    event: str,
    *,
    by: str,
    at: Moment,
) -> tuple[ReleasedRow, Mapping[Place, Machine]]:
    """The row and the machines as they are stored then."""
    answered = exports.answered(row, {**row.answers, **changes})
    writes = [exports.answer_row(export_id, row, answered)]
    after = dict(found)
    for place, lines in by_place(row.lines).items():
        machine = found.get(place)
        if machine is None:
            continue
        changed, readings = apply_answers(machine, lines, changes, batch=export_id)
        if readings:
            channel = readings[0].channel
            history_event = machines.event(event, readings, at=at.now, by=by, channel=channel)
            writes += machines.save(changed, seen=machine, event=history_event)
            after[place] = replace(changed, rev=machine.rev + 1)
    adapters.table.transact(histories.listed_together(writes))
    return answered, after


def _count(adapters: Adapters, export_id: str) -> AnswerCounts:
    accepted = refused = 0
    for row in exports.rows(adapters.table, export_id):
        billed = sum(1 for reason in row.answers.values() if not reason)
        accepted, refused = accepted + billed, refused + len(row.answers) - billed
    return AnswerCounts(accepted, refused)


def _queue(adapters: Adapters, export_id: str, number: str, *, after: str | None) -> None:
    message = {"export_id": export_id, "step": "acknowledge", "ack": number, "after": after or ""}
    adapters.queues.send(adapters.settings.export_queue, [message])
