"""Problems with a machine: what a contact reports in place of values, and what staff decide.

Nobody is asked for a machine with an open problem until staff decide; values may still be reported.
After the decision: accepted "gone" or "not ours" takes the machine out until an import changes it;
accepted "cannot read" leaves it out for this period. In all other cases, and after every rejection,
the machine is asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine, Problem, ProblemKind
from meterportal.domain.refusals import Conflict, NotFound

LONGEST_TEXT = 500

_STRIKES_OFF = frozenset({ProblemKind.GONE, ProblemKind.NOT_OURS})
_KEPT_ACCEPTED = _STRIKES_OFF | {ProblemKind.CANNOT_READ}


class ProblemState(StrEnum):
    """`settled`: the values were reported after all. Every state except `open` is final."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


class ProblemDecision(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@frozen
class ProblemEvent:
    """What befell a problem. `texts` are its text or note, `facts` all that was written down with it; of
    `place` only the store knows what it means."""

    problem_id: str
    by: str
    texts: Mapping[str, str]
    facts: Mapping[str, Any]
    place: tuple[str, str]


class ProblemOpen(Conflict):
    """Another problem of this machine is already waiting for a decision."""

    code = "problem_open"
    de = (
        "Für dieses Gerät ist bereits ein Problem gemeldet. Ziehen Sie es zurück, bevor Sie ein "
        "anderes melden."
    )
    en = (
        "A problem with this machine has been reported already. Withdraw it before you report "
        "another one."
    )


class ProblemDecided(Conflict):
    """Facts: `state`."""

    code = "problem_decided"
    de = "Über dieses Problem ist bereits entschieden."
    en = "This problem has been decided already."


def report(machine: Machine, problem: Problem) -> Machine:
    """The machine with an open problem; unchanged when the same problem is already open.

    Raises ProblemOpen when another problem is open.
    """
    known = machine.problem
    if known is None or known.accepted:
        return replace(machine, problem=problem)
    if (known.kind, known.text, known.meter_id) != (problem.kind, problem.text, problem.meter_id):
        raise ProblemOpen(field="kind")
    return machine


def withdraw(machine: Machine, problem_id: str) -> Machine:
    """The machine without its problem. Raises NotFound, and ProblemDecided once staff have accepted
    it."""
    known = machine.problem
    if known is None or known.id != problem_id:
        raise NotFound
    if known.accepted:
        raise ProblemDecided(state=ProblemState.ACCEPTED.value)
    return replace(machine, problem=None)


def decide(machine: Machine, problem_id: str, decision: ProblemDecision) -> Machine:
    """The machine after a decision; unchanged when it no longer has this problem."""
    known = machine.problem
    if known is None or known.id != problem_id:
        return machine
    if decision is ProblemDecision.ACCEPTED and known.kind in _KEPT_ACCEPTED:
        return replace(machine, problem=replace(known, accepted=True))
    return replace(machine, problem=None)


def after_entry(machine: Machine) -> Machine:
    """The machine without a problem "cannot read", once all its values have been reported."""
    known = machine.problem
    if known is None or known.kind is not ProblemKind.CANNOT_READ or not machine.complete:
        return machine
    return replace(machine, problem=None)


def after_import(machine: Machine, *, changed: bool, due_on: date | None) -> Machine:
    """The machine after an import, which keeps an open problem. An accepted one ends when the ERP
    has changed the machine's own data (`changed`) or, if it was accepted for one period, with that
    period (`due_on` is the current one)."""
    known = machine.problem
    if known is None or not known.accepted:
        return machine
    over = changed if known.kind in _STRIKES_OFF else known.due_on != due_on
    return replace(machine, problem=None) if over else machine


@frozen
class ProblemRow:
    """A problem with its machine, contract and company, and with the decision. `decided_by` is a
    staff or contact id, "" while the problem is open."""

    id: str
    company_id: str
    machine_id: str
    contract_id: str
    kind: ProblemKind
    state: ProblemState
    reported_on: date
    reported_at: datetime
    reported_by: str
    due_on: date | None = None
    text: str = ""
    meter_id: str = ""
    note: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
