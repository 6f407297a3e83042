"""Staff list the problems that contacts have reported, and decide them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember, added
from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.reporting import problems
from meterportal.domain.reporting.problems import (
    ProblemDecided,
    ProblemDecision,
    ProblemRow,
    ProblemState,
)
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, machines
from meterportal.store.reporting import problems as store
from meterportal.store.writes import ConditionFailed

_ATTEMPTS = 5


@frozen
class ListedProblem:
    """A problem with its company and machine for the list of staff. `machine` is None when its item
    is gone.
    """

    row: ProblemRow
    company: str
    contact: str
    machine: Machine | None


def list_problems(
    adapters: Adapters, *, waits: bool, limit: int, before: str | None
) -> tuple[list[ListedProblem], str | None]:
    """Problems, newest first, and the place where the next page starts. Four reads."""
    found = list(islice(store.newest(adapters.table, waits=waits, before=before), limit + 1))
    rows = [row for _, row in found[:limit]]
    return _named(adapters, rows), found[limit - 1][0] if len(found) > limit else None


def decide_problem(
    adapters: Adapters,
    at: Moment,
    problem_id: str,
    decision: ProblemDecision,
    *,
    note: str,
    by: StaffMember,
) -> ListedProblem:
    """Decides an open problem. Repeating the same decision changes nothing.

    Raises NotFound, TextRefused, and ProblemDecided for a problem that was decided differently,
    withdrawn, or settled by reported values. A concurrent write to the machine is not overwritten.
    """
    taken = plain(note, field="note", longest=problems.LONGEST_TEXT, lines=True, needed=False)
    for _ in range(_ATTEMPTS):
        row = store.load(adapters.table, problem_id)
        if row is None:
            raise NotFound
        if row.state is not ProblemState.OPEN:
            if row.state.value == decision.value and row.note == taken:
                return _named(adapters, [row])[0]
            raise ProblemDecided(state=row.state.value)
        if _decided(adapters, row, decision, taken, by=by, at=at):
            decided = store.load(adapters.table, problem_id) or row
            return _named(adapters, [decided])[0]
    raise Unavailable


def _decided(
    adapters: Adapters,
    row: ProblemRow,
    decision: ProblemDecision,
    note: str,
    *,
    by: StaffMember,
    at: Moment,
) -> bool:
    """Stores the decision in one transaction; False when the machine or the problem was written
    meanwhile.
    """
    machine = machines.load(adapters.table, row.company_id, row.machine_id)
    if machine is None:
        raise NotFound
    after = problems.decide(machine, row.id, decision)
    state = ProblemState(decision.value)
    writes = store.close(machine, row.id, state, by=by.id, at=at.now, note=note)
    if after is not machine:
        writes = [*machines.save(after, seen=machine, event=None), *writes]
    deed = Deed(
        Action.PROBLEM_DECIDED,
        "problem",
        row.id,
        row.company_id,
        row.contract_id,
        row.machine_id,
        row.reported_by,
        (FieldChange("state", row.state.value, state.value), *added(kind=row.kind.value)),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        return False
    return True


def _named(adapters: Adapters, rows: Iterable[ProblemRow]) -> list[ListedProblem]:
    rows = list(rows)
    places = {(row.company_id, row.machine_id) for row in rows}
    devices = machines.load_places(adapters.table, places)
    for place in places - devices.keys():
        # It may have stood here under a provisional number.
        if found := machines.load(adapters.table, *place):
            devices[place] = found
    people = holdings.contacts(adapters.table, {(row.company_id, row.reported_by) for row in rows})
    names = holdings.companies(adapters.table, {row.company_id for row in rows})
    return [
        ListedProblem(
            row,
            company.name if (company := names.get(row.company_id)) else "",
            person.name if (person := people.get((row.company_id, row.reported_by))) else "",
            devices.get((row.company_id, row.machine_id)),
        )
        for row in rows
    ]
