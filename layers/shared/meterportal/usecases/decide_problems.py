"""Staff look through the problems that contacts have reported, and decide what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from meterportal.domain import problems
from meterportal.domain.machines import Machine
from meterportal.domain.plain_text import plain
from meterportal.domain.problems import Decision, ProblemDecided, ProblemState
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import machines, portfolio
from meterportal.store import problems as store
from meterportal.store.problems import ProblemRow
from meterportal.store.table import ConditionFailed, Table

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem with what staff need beside it. `machine` is None when its item is gone."""

    row: ProblemRow
    company: str
    contact: str
    machine: Machine | None


def list_problems(
    doors: Doors, *, waits: bool, limit: int, before: str | None
) -> tuple[list[Listed], str | None]:
    """Problems, newest first, and the place to go on from. Four reads."""
    found = list(islice(store.newest(doors.table, waits=waits, before=before), limit + 1))
    rows = [row for _, row in found[:limit]]
    return _named(doors.table, rows), found[limit - 1][0] if len(found) > limit else None


def decide_problem(
    doors: Doors, at: Moment, problem_id: str, decision: Decision, *, note: str, by: str
) -> Listed:
    """Decide an open problem. The same decision again changes nothing.

    Raises NotFound, TextRefused, and ProblemDecided for what was decided otherwise, withdrawn, or
    settled by the values. Whoever wrote to the machine meanwhile is not overwritten.
    """
    taken = plain(note, field="note", longest=problems.LONGEST_TEXT, lines=True, needed=False)
    for _ in range(_ATTEMPTS):
        row = store.load(doors.table, problem_id)
        if row is None:
            raise NotFound
        if row.state is not ProblemState.OPEN:
            if row.state.value == decision.value and row.note == taken:
                return _named(doors.table, [row])[0]
            raise ProblemDecided(state=row.state.value)
        if _decided(doors.table, row, decision, taken, by=by, at=at):
            decided = store.load(doors.table, problem_id) or row
            return _named(doors.table, [decided])[0]
    raise Unavailable


def _decided(
    table: Table, row: ProblemRow, decision: Decision, note: str, *, by: str, at: Moment
) -> bool:
    """Store the decision in one transaction; False when somebody else wrote meanwhile."""
    machine = machines.load(table, row.company_id, row.machine_id)
    if machine is None:
        raise NotFound
    after = problems.decide(machine, row.id, decision)
    state = ProblemState(decision.value)
    writes = store.close(machine, row.id, state, by=by, at=at.now, note=note)
    if after is not machine:
        writes = [*machines.save(after, seen=machine, event=None), *writes]
    try:
        table.transact(writes)
    except ConditionFailed:
        return False
    return True


def _named(table: Table, rows: Iterable[ProblemRow]) -> list[Listed]:
    rows = list(rows)
    devices = machines.load_places(table, {(row.company_id, row.machine_id) for row in rows})
    people = portfolio.contacts(table, {(row.company_id, row.reported_by) for row in rows})
    names = portfolio.companies(table, {row.company_id for row in rows})
    return [
        Listed(
            row,
            company.name if (company := names.get(row.company_id)) else "",
            person.name if (person := people.get((row.company_id, row.reported_by))) else "",
            devices.get((row.company_id, row.machine_id)),
        )
        for row in rows
    ]
