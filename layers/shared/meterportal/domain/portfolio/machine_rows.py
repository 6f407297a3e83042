"""What a machine's item says of it for the console's lists, beside its own attributes.

Apart from the other rows, because every report writes it, and a start would pay for the read model, too.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntFlag
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import wholly_billed, wholly_exported, wholly_released
from meterportal.domain.release.buckets import needs_a_person
from meterportal.domain.reporting.estimates import estimates_in_a_row
from meterportal.domain.reporting.readings import Reading

_ZONE = ZoneInfo("Europe/Berlin")
_BREAKS = str.maketrans("\n\r\t", "   ")


class MachineFlag(IntFlag):
    """`ASKED_FOR` to `BEGUN`, `EXPORTED` and `BILLED` are what a contract's counts are made of; see
    `Counts`. What is billed is exported, too. Two more bits behind `ESTIMATES` hold a number."""

    ACTIVE = 1
    ASKED_FOR = 2
    COMPLETE = 4
    SET_ASIDE = 8
    RELEASED = 16
    BEGUN = 32
    STRUCK_OFF = 64
    PROBLEM_WAITS = 128
    NEEDS_A_PERSON = 256
    EXPORTED = 512
    BILLED = 1024


ESTIMATES = 11
"""The two bits from here on of a machine's flags: how many estimates in a row it has, 3 for more."""


def one_line(text: str) -> str:
    """The text without ends of lines and tabs."""
    return text if text.isprintable() else text.translate(_BREAKS)


def packed_machine(machine: Machine) -> list[Any]:
    """What a machine's row says beyond the attributes that its item has anyway."""
    place = machine.location
    texts = (
        machine.serial,
        machine.maker,
        machine.model,
        machine.customer_no,
        place.site,
        place.building,
        place.floor,
        place.room,
    )
    return [*map(one_line, texts), flags_of(machine), *_reported(machine)]


def flags_of(machine: Machine) -> int:
    """`MachineFlag`s, and behind them how many estimates in a row it has."""
    problem, standing = machine.problem, machine.standing
    flags = sum_of(
        (MachineFlag.ACTIVE, machine.active),
        (MachineFlag.ASKED_FOR, machine.asked_for),
        (MachineFlag.COMPLETE, all(standing)),
        (MachineFlag.SET_ASIDE, machine.set_aside),
        (MachineFlag.RELEASED, wholly_released(standing)),
        (MachineFlag.BEGUN, any(standing)),
        (MachineFlag.STRUCK_OFF, machine.struck_off),
        (MachineFlag.PROBLEM_WAITS, problem is not None and not problem.accepted),
        (MachineFlag.NEEDS_A_PERSON, any(map(needs_a_person, machine.readings))),
        (MachineFlag.EXPORTED, wholly_exported(standing)),
        (MachineFlag.BILLED, wholly_billed(standing)),
    )
    return flags + (min(estimates_in_a_row(machine), 3) << ESTIMATES)


def _reported(machine: Machine) -> tuple[str, str]:
    """Of the value of the period that came last; what an import brought came when it was read."""
    current = [reading for reading in machine.readings if reading.due_on == machine.due_on]
    told = [(_came_on(reading), reading.channel.value) for reading in current]
    return max(told, default=("", ""))


def _came_on(reading: Reading) -> str:
    at = reading.reported_at
    return _day_here(at) if at else reading.read_on.isoformat()


@lru_cache(maxsize=8)
def _day_here(at: datetime) -> str:
    """Kept, because the values of a report come at the same moment."""
    return at.astimezone(_ZONE).date().isoformat()


def sum_of(*given: tuple[int, bool]) -> int:
    """The flags that hold."""
    return sum(flag for flag, holds in given if holds)
