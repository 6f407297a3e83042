"""Problems with a machine: what a contact says instead of its values, and what staff decide.

A machine with an open problem is not asked for until staff decide; values may still be reported.
What becomes of it: accepted "gone" or "not ours" strikes the machine off until an import changes
it; accepted "cannot read" excepts it for this slot; all else, and every refusal, makes it due again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from meterportal.domain.machines import Machine, Problem, ProblemKind
from meterportal.domain.refusals import Conflict, NotFound

LONGEST_TEXT = 500

_STRIKES_OFF = frozenset({ProblemKind.GONE, ProblemKind.NOT_OURS})
_KEPT_ACCEPTED = _STRIKES_OFF | {ProblemKind.CANNOT_READ}


class ProblemState(StrEnum):
    """`settled`: the values came in after all. Everything but `open` is decided."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ProblemOpen(Conflict):
    """Another problem of this machine waits already."""

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
    """The machine with an open problem; the same one when exactly this waits already.

    Raises ProblemOpen when something else waits.
    """
    known = machine.problem
    if known is None or known.accepted:
        return replace(machine, problem=problem)
    if (known.kind, known.text, known.meter_id) != (problem.kind, problem.text, problem.meter_id):
        raise ProblemOpen(field="kind")
    return machine


def withdraw(machine: Machine, problem_id: str) -> Machine:
    """The machine without its problem; raises NotFound, and ProblemDecided once staff agreed."""
    known = machine.problem
    if known is None or known.id != problem_id:
        raise NotFound
    if known.accepted:
        raise ProblemDecided(state=ProblemState.ACCEPTED.value)
    return replace(machine, problem=None)


def decide(machine: Machine, problem_id: str, decision: Decision) -> Machine:
    """The machine as a decision leaves it; unchanged when it no longer carries the problem."""
    known = machine.problem
    if known is None or known.id != problem_id:
        return machine
    if decision is Decision.ACCEPTED and known.kind in _KEPT_ACCEPTED:
        return replace(machine, problem=replace(known, accepted=True))
    return replace(machine, problem=None)


def after_entry(machine: Machine) -> Machine:
    """Whoever could not read the counters and then reported them all has no problem any more."""
    known = machine.problem
    if known is None or known.kind is not ProblemKind.CANNOT_READ or not machine.complete:
        return machine
    return replace(machine, problem=None)


def after_import(machine: Machine, *, changed: bool, due_on: date | None) -> Machine:
    """An open problem outlives every import. What staff agreed to ends where the ERP changed the
    machine's own data (`changed`) or, for one slot only, with that slot (`due_on` is the one now).
    """
    known = machine.problem
    if known is None or not known.accepted:
        return machine
    over = changed if known.kind in _STRIKES_OFF else known.due_on != due_on
    return replace(machine, problem=None) if over else machine
