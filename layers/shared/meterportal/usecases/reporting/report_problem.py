"""A contact reports a problem with a machine, or withdraws it before staff have decided."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.plain_text import plain
from meterportal.domain.portfolio.machines import Problem, ProblemKind
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.reporting import problems
from meterportal.domain.reporting.entry import UnknownMeter
from meterportal.domain.reporting.problems import ProblemDecided, ProblemState
from meterportal.settings import Moment
from meterportal.store.portfolio import machines
from meterportal.store.reporting import problems as store
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.reporting.machine_access import MachineAccess, access_to_report

_ATTEMPTS = 5
_LONGEST_ID = 64


def report_problem(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    kind: ProblemKind,
    text: str,
    meter_id: str,
) -> Problem:
    """The open problem. The same report again gives the same problem. Three reads, one transaction.

    Raises NotSignedIn, NotFound, TextRefused, UnknownMeter, ProblemOpen.
    """
    taken = plain(text, field="text", longest=problems.LONGEST_TEXT, lines=True, needed=False)
    for _ in range(_ATTEMPTS):
        access = access_to_report(adapters, at, cookie, machine_id)
        machine = access.machine
        if meter_id and meter_id not in {meter.id for meter in machine.billable_meters}:
            raise UnknownMeter(field="meter_id")
        reported = Problem(
            id=adapters.new_number(),
            kind=kind,
            reported_on=at.today,
            reported_by=access.contact.id,
            due_on=machine.due_on,
            text=taken,
            meter_id=meter_id,
        )
        after = problems.report(machine, reported)
        if after is machine and machine.problem is not None:
            return machine.problem
        try:
            adapters.table.transact(
                store.report(after, seen=machine, by=access.contact.id, at=at.now)
            )
        except ConditionFailed:
            continue
        return reported
    raise Unavailable


def withdraw_problem(
    adapters: Adapters, at: Moment, cookie: str | None, machine_id: str, problem_id: str
) -> None:
    """Withdraws an open problem; every reporter of the machine may do so. The machine is due again.

    Repeating changes nothing. Raises NotSignedIn, NotFound, and ProblemDecided when staff have
    decided.
    """
    for _ in range(_ATTEMPTS):
        access = access_to_report(adapters, at, cookie, machine_id)
        known = access.machine.problem
        if known is None or known.id != problem_id:
            _refuse_unless_withdrawn(adapters, access, problem_id)
            return
        after = problems.withdraw(access.machine, problem_id)
        writes = [
            *machines.save(after, seen=access.machine, event=None),
            *store.close(
                after, problem_id, ProblemState.WITHDRAWN, by=access.contact.id, at=at.now
            ),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            continue
        return
    raise Unavailable


def _refuse_unless_withdrawn(adapters: Adapters, access: MachineAccess, problem_id: str) -> None:
    row = store.load(adapters.table, problem_id) if len(problem_id) <= _LONGEST_ID else None
    place = (access.machine.company_id, access.machine.id)
    if row is None or (row.company_id, row.machine_id) != place:
        raise NotFound
    if row.state is not ProblemState.WITHDRAWN:
        raise ProblemDecided(state=row.state.value)
