"""A contact says what is wrong with a machine, or takes it back while staff have not decided."""

from __future__ import annotations

from meterportal.domain import problems
from meterportal.domain.entry import UnknownMeter
from meterportal.domain.machines import Problem, ProblemKind
from meterportal.domain.plain_text import plain
from meterportal.domain.problems import ProblemDecided, ProblemState
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import machines
from meterportal.store import problems as store
from meterportal.store.table import ConditionFailed
from meterportal.usecases.machine_desk import MachineDesk, desk_to_report

_ATTEMPTS = 5
_LONGEST_ID = 64


def report_problem(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    kind: ProblemKind,
    text: str,
    meter_id: str,
) -> Problem:
    """The problem that waits now. Said again, exactly so, it is the same one. Three reads, one
    transaction.

    Raises NotSignedIn, NotFound, TextRefused, UnknownMeter, ProblemOpen.
    """
    taken = plain(text, field="text", longest=problems.LONGEST_TEXT, lines=True, needed=False)
    for _ in range(_ATTEMPTS):
        desk = desk_to_report(doors, at, cookie, machine_id)
        machine = desk.machine
        if meter_id and meter_id not in {meter.id for meter in machine.billable_meters}:
            raise UnknownMeter(field="meter_id")
        said = Problem(
            id=doors.new_number(),
            kind=kind,
            reported_on=at.today,
            reported_by=desk.contact.id,
            due_on=machine.due_on,
            text=taken,
            meter_id=meter_id,
        )
        after = problems.report(machine, said)
        if after is machine and machine.problem is not None:
            return machine.problem
        try:
            doors.table.transact(store.report(after, seen=machine, by=desk.contact.id, at=at.now))
        except ConditionFailed:
            continue
        return said
    raise Unavailable


def withdraw_problem(
    doors: Doors, at: Moment, cookie: str | None, machine_id: str, problem_id: str
) -> None:
    """Take an open problem back; whoever reports for the machine may. The machine is due again.

    Taken back before: nothing more to do. Raises NotSignedIn, NotFound, and ProblemDecided for what
    staff have decided.
    """
    for _ in range(_ATTEMPTS):
        desk = desk_to_report(doors, at, cookie, machine_id)
        known = desk.machine.problem
        if known is None or known.id != problem_id:
            _refuse_unless_withdrawn(doors, desk, problem_id)
            return
        after = problems.withdraw(desk.machine, problem_id)
        writes = [
            *machines.save(after, seen=desk.machine, event=None),
            *store.close(after, problem_id, ProblemState.WITHDRAWN, by=desk.contact.id, at=at.now),
        ]
        try:
            doors.table.transact(writes)
        except ConditionFailed:
            continue
        return
    raise Unavailable


def _refuse_unless_withdrawn(doors: Doors, desk: MachineDesk, problem_id: str) -> None:
    row = store.load(doors.table, problem_id) if len(problem_id) <= _LONGEST_ID else None
    place = (desk.machine.company_id, desk.machine.id)
    if row is None or (row.company_id, row.machine_id) != place:
        raise NotFound
    if row.state is not ProblemState.WITHDRAWN:
        raise ProblemDecided(state=row.state.value)
