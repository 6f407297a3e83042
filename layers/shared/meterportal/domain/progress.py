"""How far a contract's current slot has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from meterportal.domain.machines import Machine, Meter
from meterportal.domain.readings import ReadingState


class SlotState(StrEnum):
    """empty: nothing to report; partly: some meter's reading is there, not all of them."""

    EMPTY = "empty"
    OPEN = "open"
    PARTLY = "partly"
    COMPLETE = "complete"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Progress:
    """Machines that are asked for: all, those complete, those wholly released (part of the latter).

    A machine that is set aside for a problem counts only when it was reported all the same.
    """

    total: int
    reported: int
    released: int
    state: SlotState


def progress(machines: Iterable[Machine]) -> Progress:
    """The progress of one contract's machines in their current slot."""
    asked = [m for m in machines if m.asked_for and (m.complete or not m.set_aside)]
    reported = sum(machine.complete for machine in asked)
    released = sum(_released(machine) for machine in asked)
    return Progress(len(asked), reported, released, _state(asked, reported, released))


def _state(asked: list[Machine], reported: int, released: int) -> SlotState:
    if not asked:
        return SlotState.EMPTY
    if released == len(asked):
        return SlotState.RELEASED
    if reported == len(asked):
        return SlotState.COMPLETE
    begun = any(machine.reading(m.id) for machine in asked for m in machine.billable_meters)
    return SlotState.PARTLY if begun else SlotState.OPEN


def _released(machine: Machine) -> bool:
    readings = [machine.reading(meter.id) for meter in machine.billable_meters]
    return all(r is not None and r.state is not ReadingState.REPORTED for r in readings)


def still_open(machine: Machine, grace_days: int) -> bool:
    """Whether a machine is to be asked for: some billable meter has no reading for the slot.

    A reading dated up to `grace_days` before the due date counts for it, whoever reported it.
    """
    if not machine.asked_for or machine.set_aside or machine.due_on is None:
        return False
    since = machine.due_on - timedelta(days=grace_days)
    return any(not _covered(machine, meter, since) for meter in machine.billable_meters)


def _covered(machine: Machine, meter: Meter, since: date) -> bool:
    if machine.reading(meter.id) is not None:
        return True
    if meter.last is not None and meter.last.read_on >= since:
        return True
    return any(r.meter_id == meter.id and r.read_on >= since for r in machine.readings)
