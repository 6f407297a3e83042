"""Machines and their meters, with the effective history that the plausibility check is based on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.reporting.readings import Reading, ReadingState

HISTORY_KEPT = 64
"""Effective readings per meter that are kept in the machine's item: over five years of monthly
ones."""


PROVISIONAL = "portal-"
"""How the number of a machine begins that staff put in place of another and the ERP has not brought yet."""


class MeterKind(StrEnum):
    BW = "BW"
    COLOUR = "COLOUR"
    SCAN = "SCAN"
    TOTAL = "TOTAL"


class Effective(NamedTuple):
    """A reading that counts: imported, released or from a reset. Usage and forecast are based on
    these.

    With a reset, `reset_end` is the old board's last value and `reset_start` the new one's first:
    usage since the previous reading = (reset_end - previous) + (value - reset_start). `confirmed`:
    the value was in doubt, was confirmed with a reason, and was released. `entered_here`: staff entered
    the reset, and the ERP does not know of it yet.

    A tuple, because whoever judges a machine makes all entries of its history: a frozen dataclass
    takes three times as long.
    """

    read_on: date
    value: int
    channel: ReadingChannel = ReadingChannel.PORTAL
    estimated: bool = False
    billed: bool = False
    reset_end: int | None = None
    reset_start: int | None = None
    confirmed: bool = False
    entered_here: bool = False


@frozen
class Meter:
    """One meter. `history` is oldest first. `volume` is an agreed volume in pages per year."""

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
    history: Sequence[Effective] = ()

    @property
    def last(self) -> Effective | None:
        return self.history[-1] if self.history else None


@frozen
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


@frozen
class Problem:
    """What a contact reported about a machine, as long as it matters for who is asked.

    `due_on` is the period in which it was reported, `reported_by` a contact's id. `accepted`: staff
    accepted it, so nobody is asked for the machine; if not, it waits for their decision.
    """

    id: str
    kind: ProblemKind
    reported_on: date
    reported_by: str
    due_on: date | None = None
    text: str = ""
    meter_id: str = ""
    accepted: bool = False

    @property
    def strikes_off(self) -> bool:
        """Whether staff accepted that the machine is gone or not the customer's."""
        return self.accepted and self.kind in {ProblemKind.GONE, ProblemKind.NOT_OURS}

    def sets_aside(self, due_on: date | None) -> bool:
        """Whether it waits for a decision, or staff left the machine out for the period that ends on
        this day."""
        return not self.accepted or self.due_on == due_on


@frozen
class Exchange:
    """The other machine of a replacement, as it was known on the day `on`."""

    machine_id: str
    serial: str
    on: date


@frozen
class Machine:
    """A machine of a company under a contract.

    `version` is what clients see: it grows by one with every stored change of the readings, never
    with a change of master data. `rev` counts every write and is the optimistic lock.

    `replaced_by` and `replaces` are what staff entered about a replacement; `former` is the provisional
    number under which it stood here until the ERP brought it. `went_to` is the company to which its readings have gone
    from here, with their contract.
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
    replaced_by: Exchange | None = None
    replaces: Exchange | None = None
    former: str = ""
    went_to: str = ""
    written_at: str = field(default="", compare=False)

    @property
    def provisional(self) -> bool:
        """Whether the ERP has not brought it yet: its number is one of ours."""
        return self.id.startswith(PROVISIONAL)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers under which something may be stored about it."""
        return (self.id, self.former) if self.former else (self.id,)

    @property
    def billable_meters(self) -> tuple[Meter, ...]:
        return tuple(meter for meter in self.meters if meter.billable)

    def meter(self, meter_id: str) -> Meter | None:
        return next((meter for meter in self.meters if meter.id == meter_id), None)

    def reading(self, meter_id: str, due_on: date | None = None) -> Reading | None:
        """The reading in a period; in the current one if no `due_on` is given."""
        period = due_on or self.due_on
        return next(
            (r for r in self.readings if r.meter_id == meter_id and r.due_on == period), None
        )

    @property
    def standing(self) -> list[Reading | None]:
        """The current period's reading of each billable meter, None where there is none yet."""
        current = current_of(self.readings, self.due_on)
        return [current.get(meter.id) for meter in self.meters if meter.billable]

    @property
    def asked_for(self) -> bool:
        """Whether it is asked for and shown: active, with a period and a billable meter, and not
        struck off."""
        period = self.active and self.due_on is not None and bool(self.billable_meters)
        return period and not self.struck_off

    @property
    def struck_off(self) -> bool:
        """Whether staff accepted that it is gone or not the customer's. It stays out until the ERP
        changes it."""
        return self.problem is not None and self.problem.strikes_off

    @property
    def set_aside(self) -> bool:
        """Whether nobody is asked for it although it is shown: a problem waits for a decision, or
        staff left it out for this period."""
        return self.problem is not None and self.problem.sets_aside(self.due_on)

    def ends_with(self, meter_ids: Iterable[str]) -> bool:
        """Whether it was replaced and these meters' end readings wait, so that they may be corrected."""
        waiting = {
            one.meter_id
            for one in self.readings
            if one.state is ReadingState.REPORTED and one.due_on == self.due_on
        }
        return self.replaced_by is not None and waiting.issuperset(meter_ids)

    @property
    def complete(self) -> bool:
        return all(self.standing)

    @property
    def begun(self) -> bool:
        """Whether any billable meter has a reading of the current period."""
        return any(self.standing)

    @property
    def state(self) -> str:
        """`reported` while any reading waits for release, else `open` or `released`."""
        if any(reading.state is ReadingState.REPORTED for reading in self.readings):
            return "reported"
        return "released" if self.complete and self.billable_meters else "open"


def current_of(readings: Sequence[Reading], due_on: date | None) -> dict[str, Reading]:
    """The readings of the period that ends on this day, by meter id."""
    return {r.meter_id: r for r in reversed(readings) if r.due_on == due_on}


class Listed(Protocol):
    """What lists ask of each machine: a `Machine` says it, and an `Outline`, for which nothing more is
    unpacked."""

    @property
    def id(self) -> str: ...
    @property
    def contract_id(self) -> str: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def location(self) -> Location: ...
    @property
    def active(self) -> bool: ...
    @property
    def asked_for(self) -> bool: ...
    @property
    def complete(self) -> bool: ...
    @property
    def set_aside(self) -> bool: ...
    @property
    def begun(self) -> bool: ...


_NUMBERS = re.compile(r"(\d+)")


def fold_serial(serial: str) -> str:
    """A serial number for comparison: upper case, without spaces."""
    return re.sub(r"\s", "", serial).upper()


@lru_cache(maxsize=4096)
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


@lru_cache(maxsize=4096)
def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which numbers in a text are compared as numbers: room 9 comes before room 10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in _NUMBERS.split(text)
        if part
    )


def walking_order(machine: Listed) -> tuple[object, ...]:
    """Sort key: site, building, floor (UG < EG < 1. OG), room (numeric), then the machine's number."""
    place = machine.location
    return (
        natural(place.site),
        natural(place.building),
        _floor_rank(place.floor),
        natural(place.room),
        natural(machine.id),
    )
