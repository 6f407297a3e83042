"""How far a contract's period has come in the order of work, as the console's lists say it."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.machine_rows import MachineFlag, flags_of
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.rows import Counts


class WorkState(StrEnum):
    """idle: nothing to report; conspicuous: a person has to look at a value or a problem. Whether a mail
    was opened is not known here: what the lists call opened is asked."""

    IDLE = "idle"
    UNASKED = "unasked"
    ASKED = "asked"
    PARTLY = "partly"
    COMPLETE = "complete"
    CONSPICUOUS = "conspicuous"
    RELEASED = "released"
    EXPORTED = "exported"
    BILLED = "billed"


def asked_now(contract: Contract) -> bool:
    """Whether somebody was asked for the current period."""
    return bool(contract.asked) and contract.asked_for == contract.due_on


def work_state(contract: Contract, machines: Collection[Machine]) -> WorkState:
    """The state of a contract; `machines` are all of it. The same as `contractState` of the console's
    model/progress.js."""
    counts = Counts()
    for machine in machines:
        flags = flags_of(machine)
        if flags & (MachineFlag.NEEDS_A_PERSON | MachineFlag.PROBLEM_WAITS):
            return WorkState.CONSPICUOUS
        counts.add(flags)
    if not counts.total:
        return WorkState.IDLE
    for state, count in (
        (WorkState.BILLED, counts.billed),
        (WorkState.EXPORTED, counts.exported),
        (WorkState.RELEASED, counts.released),
        (WorkState.COMPLETE, counts.reported),
    ):
        if count == counts.total:
            return state
    if counts.begun:
        return WorkState.PARTLY
    return WorkState.ASKED if asked_now(contract) else WorkState.UNASKED
