"""Machines and their meters, with the effective history that plausibility judges by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.readings import Reading, ReadingState

HISTORY_KEPT = 64
"""Effective readings kept per meter beside the machine: more than five years of monthly ones."""


class MeterKind(StrEnum):
    BW = "BW"
    COLOUR = "COLOUR"
    SCAN = "SCAN"
    TOTAL = "TOTAL"


@dataclass(frozen=True, slots=True)
class Effective:
    """A reading that counts: imported, released or from a reset; the base of usage and forecast.

    With a reset, `reset_end` is the old board's last value and `reset_start` the new one's first:
    usage since the previous reading = (reset_end - previous) + (value - reset_start).
    `confirmed`: it was asked about, confirmed with a reason and released all the same.
    """

    read_on: date
    value: int
    channel: ReadingChannel = ReadingChannel.PORTAL
    estimated: bool = False
    billed: bool = False
    reset_end: int | None = None
    reset_start: int | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """One counter. `history` is oldest first. `volume` is an agreed volume in pages per year."""

    id: str
    label: str
    kind: MeterKind
    display_label: str = ""
    digits: int = 8
    cumulative: bool = True
    billable: bool = True
    click_factor: int = 1
    free_copies: int = 0
    volume: int | None = None
    history: tuple[Effective, ...] = ()

    @property
    def last(self) -> Effective | None:
        return self.history[-1] if self.history else None


@dataclass(frozen=True, slots=True)
class Location:
    site: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""


class ProblemKind(StrEnum):
    """What a contact may say of a machine instead of its values."""

    GONE = "gone"
    MOVED = "moved"
    NOT_OURS = "not_ours"
    PREVIOUS_READING_WRONG = "previous_reading_wrong"
    CANNOT_READ = "cannot_read"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a contact has said of a machine, while it matters for who is asked.

    `due_on` is the slot in which it was said, `reported_by` a contact's id. `accepted`: staff agreed,
    and the machine is left alone because of it; else it waits for them.
    """

    id: str
    kind: ProblemKind
    reported_on: date
    reported_by: str
    due_on: date | None = None
    text: str = ""
    meter_id: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of a company under a contract.

    `version` is what clients see: +1 for every stored change of its readings by anybody, never for
    master data. `rev` counts every write and is the optimistic lock.
    """

    id: str
    company_id: str
    contract_id: str
    serial: str = ""
    maker: str = ""
    model: str = ""
    customer_no: str = ""
    location: Location = Location()
    active: bool = True
    due_on: date | None = None
    version: int = 1
    rev: int = 0
    meters: tuple[Meter, ...] = ()
    readings: tuple[Reading, ...] = ()
    problem: Problem | None = None

    @property
    def billable_meters(self) -> tuple[Meter, ...]:
        return tuple(meter for meter in self.meters if meter.billable)

    def meter(self, meter_id: str) -> Meter | None:
        return next((meter for meter in self.meters if meter.id == meter_id), None)

    def reading(self, meter_id: str, due_on: date | None = None) -> Reading | None:
        """The reading in a slot, the current one if no `due_on` is given."""
        slot = due_on or self.due_on
        return next((r for r in self.readings if r.meter_id == meter_id and r.due_on == slot), None)

    @property
    def asked_for(self) -> bool:
        """Asked for and shown: active, with a slot and something to bill, and not struck off."""
        slot = self.active and self.due_on is not None and bool(self.billable_meters)
        return slot and not self.struck_off

    @property
    def struck_off(self) -> bool:
        """Staff agreed that it is gone or not the customer's: left alone until the ERP changes it."""
        lost = {ProblemKind.GONE, ProblemKind.NOT_OURS}
        return self.problem is not None and self.problem.accepted and self.problem.kind in lost

    @property
    def set_aside(self) -> bool:
        """Shown, but nobody is asked for it: a problem waits for staff, or they excepted this slot."""
        problem = self.problem
        return problem is not None and (not problem.accepted or problem.due_on == self.due_on)

    @property
    def complete(self) -> bool:
        return all(self.reading(meter.id) for meter in self.billable_meters)

    @property
    def state(self) -> str:
        """`reported` while anything waits for release, else `open`, else `released`."""
        if any(reading.state is ReadingState.REPORTED for reading in self.readings):
            return "reported"
        return "released" if self.complete and self.billable_meters else "open"


_NUMBERS = re.compile(r"(\d+)")


def _floor_rank(floor: str) -> tuple[int, str]:
    text = floor.strip().casefold()
    numbers = [int(part) for part in _NUMBERS.findall(text)]
    if text.startswith(("ug", "keller", "basement")) or text.endswith(("ug", "basement")):
        return (-(numbers[0] if numbers else 1), text)
    if text.startswith(("eg", "erdgeschoss", "ground", "parterre")):
        return (0, text)
    if numbers:
        return (numbers[0], text)
    return (1000, text)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that counts: room 9 comes before room 10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in _NUMBERS.split(text)
        if part
    )


def walking_order(machine: Machine) -> tuple[object, ...]:
    """Sort key: site, building, floor (UG < EG < 1. OG), room (numeric), then the machine's number."""
    place = machine.location
    return (
        natural(place.site),
        natural(place.building),
        _floor_rank(place.floor),
        natural(place.room),
        natural(machine.id),
    )
