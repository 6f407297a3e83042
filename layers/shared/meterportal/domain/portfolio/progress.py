"""The progress of a contract's current period."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Listed, Machine, Meter
from meterportal.domain.reporting.readings import Reading, ReadingState

Grace = Callable[[str], int]
"""Grace days by the number of a contract: a reading dated at most so many days before the due date counts
for the period."""


_Listed = TypeVar("_Listed", bound=Listed)


class PeriodState(StrEnum):
    """empty: nothing to report; partly: some meters have a reading, others have none."""

    EMPTY = "empty"
    OPEN = "open"
    PARTLY = "partly"
    COMPLETE = "complete"
    RELEASED = "released"


@frozen
class Progress:
    """Machines that are asked for: all, the complete ones, and among these the fully released ones.

    A machine that is set aside for a problem counts only if it was reported nevertheless.
    """

    total: int
    reported: int
    released: int
    state: PeriodState


def progress(machines: Iterable[Machine]) -> Progress:
    """The progress of one contract's machines in their current period."""
    asked = [m for m in machines if m.asked_for and (m.complete or not m.set_aside)]
    reported = sum(machine.complete for machine in asked)
    released = sum(wholly_released(machine.standing) for machine in asked)
    return Progress(len(asked), reported, released, _state(asked, reported, released))


def still_missing(machines: Iterable[_Listed], waiting: Container[str]) -> list[_Listed]:
    """The machines that are to be reported now: not complete, not set aside, and with an open
    period (`waiting` are the machines whose period is not open yet)."""
    return [m for m in machines if not (m.complete or m.set_aside or m.id in waiting)]


def reported_of(machines: Collection[Listed], waiting: Container[str]) -> tuple[int, int]:
    """How many of a contact's machines are complete, and out of how many. A machine that is set
    aside or whose period is not open yet counts only if it was reported nevertheless."""
    reported = sum(machine.complete for machine in machines)
    return reported, reported + len(still_missing(machines, waiting))


def _state(asked: list[Machine], reported: int, released: int) -> PeriodState:
    if not asked:
        return PeriodState.EMPTY
    if released == len(asked):
        return PeriodState.RELEASED
    if reported == len(asked):
        return PeriodState.COMPLETE
    begun = any(reading for machine in asked for reading in machine.standing)
    return PeriodState.PARTLY if begun else PeriodState.OPEN


Standing = Iterable[Reading | None]
"""What stands at a machine's billable meters in the current period: `Machine.standing`."""


def wholly_released(standing: Standing) -> bool:
    """Whether all readings are there and released."""
    return all(r is not None and r.state is not ReadingState.REPORTED for r in standing)


def wholly_exported(standing: Standing) -> bool:
    """Whether a batch has taken all readings, and the ERP has refused none of them since."""
    return all(r is not None and is_exported(r) for r in standing)


def is_exported(reading: Reading) -> bool:
    """Whether a batch has taken it, and the ERP has not refused it since."""
    handed_over = reading.batch is not None and reading.export_refused is None
    released = reading.state is ReadingState.RELEASED
    return reading.state is ReadingState.BILLED or (released and handed_over)


def wholly_billed(standing: Standing) -> bool:
    """Whether the ERP has billed all readings."""
    return all(r is not None and r.state is ReadingState.BILLED for r in standing)


def still_open(machine: Machine, grace: Grace) -> bool:
    """Whether a machine is to be asked for: some billable meter has no reading for the period.

    A reading dated up to the grace days before the due date counts for it, whoever reported it.
    """
    if not machine.asked_for or machine.set_aside or machine.due_on is None:
        return False
    since = machine.due_on - timedelta(days=grace(machine.contract_id))
    return any(not _covered(machine, meter, since) for meter in machine.billable_meters)


def _covered(machine: Machine, meter: Meter, since: date) -> bool:
    if machine.reading(meter.id) is not None:
        return True
    if meter.last is not None and meter.last.read_on >= since:
        return True
    return any(r.meter_id == meter.id and r.read_on >= since for r in machine.readings)
