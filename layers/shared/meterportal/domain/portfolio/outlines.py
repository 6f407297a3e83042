"""Machines as lists need them: an outline for order and progress, and what a page shows of one.

Both are made of what is stored, without the machine, its meters and their histories in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from meterportal.domain.portfolio.machine_rows import MachineFlag
from meterportal.domain.portfolio.machines import Location, Problem
from meterportal.domain.reporting.readings import Reading

# As plain numbers: testing an IntFlag makes another of its kind, for each machine of a company.
_ACTIVE = int(MachineFlag.ACTIVE)
_ASKED_FOR = int(MachineFlag.ASKED_FOR)
_COMPLETE = int(MachineFlag.COMPLETE)
_SET_ASIDE = int(MachineFlag.SET_ASIDE)
_BEGUN = int(MachineFlag.BEGUN)


LastValue = tuple[int, date, bool]
"""A meter's last effective reading: its value, its day, and whether it is an estimate."""


class OverviewMeter(NamedTuple):
    """A billable meter: its last value, and its reading of the current period. `kind` is a `MeterKind`'s
    text."""

    id: str
    label: str
    display_label: str
    kind: str
    last: LastValue | None
    reading: Reading | None


class OverviewMachine(NamedTuple):
    """A machine as a page shows it. `problem` is one for which nobody is asked for it."""

    id: str
    serial: str
    maker: str
    model: str
    customer_no: str
    location: Location
    due_on: date | None
    version: int
    problem: Problem | None
    meters: Sequence[OverviewMeter]

    @property
    def complete(self) -> bool:
        return all(meter.reading for meter in self.meters)


class Outline(NamedTuple):
    """A machine by what its row says (`MachineFlag`s among it), which is written with the machine: it
    says the same as the machine does. `shown` makes what a page shows of it."""

    id: str
    contract_id: str
    due_on: date | None
    location: Location
    flags: int
    shown: Callable[[], OverviewMachine]

    @property
    def active(self) -> bool:
        return bool(self.flags & _ACTIVE)

    @property
    def asked_for(self) -> bool:
        return bool(self.flags & _ASKED_FOR)

    @property
    def complete(self) -> bool:
        return bool(self.flags & _COMPLETE)

    @property
    def set_aside(self) -> bool:
        return bool(self.flags & _SET_ASIDE)

    @property
    def begun(self) -> bool:
        return bool(self.flags & _BEGUN)
