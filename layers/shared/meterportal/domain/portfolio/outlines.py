"""Machines as far as their order and their progress need them: no meter, value or history is unpacked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from meterportal.domain.portfolio.machine_rows import MachineFlag, flags_of
from meterportal.domain.portfolio.machines import Location, Machine

# As plain numbers: testing an IntFlag makes another of its kind, for each machine of a company.
_ACTIVE = int(MachineFlag.ACTIVE)
_ASKED_FOR = int(MachineFlag.ASKED_FOR)
_COMPLETE = int(MachineFlag.COMPLETE)
_SET_ASIDE = int(MachineFlag.SET_ASIDE)
_BEGUN = int(MachineFlag.BEGUN)


class Outline(NamedTuple):
    """A machine by what its row says (`MachineFlag`s among it), which is written with the machine: it
    says the same as the machine does. `whole` makes the machine, for those that are shown."""

    id: str
    contract_id: str
    due_on: date | None
    location: Location
    flags: int
    whole: Callable[[], Machine]

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


def outline_of(machine: Machine) -> Outline:
    """The outline of a machine that is unpacked already."""
    return Outline(
        machine.id,
        machine.contract_id,
        machine.due_on,
        machine.location,
        flags_of(machine),
        lambda: machine,
    )
