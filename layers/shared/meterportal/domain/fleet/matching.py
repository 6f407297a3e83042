"""Which machine and meter each line of a sheet means, and which lines cannot be taken, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from meterportal.domain.fleet.filled import Line
from meterportal.domain.fleet.refusals import (
    DayDiffers,
    DayUnreadable,
    NoSuchMeter,
    NotYours,
    NumberMissing,
    NumbersDisagree,
    SerialAmbiguous,
    SerialSpoilt,
    StandsAlready,
    TwoValues,
    WhichMeter,
)
from meterportal.domain.imports.cells import BadCell, clean, day
from meterportal.domain.imports.columns import default_columns, fold
from meterportal.domain.machines import Machine, Meter
from meterportal.domain.plausibility.numbers import normalise
from meterportal.domain.plausibility.usage import digits_shown
from meterportal.domain.readings import ReadingState
from meterportal.domain.refusals import AlreadyReleased, Refusal

_SPOILT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_LONGEST = 64
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Left:
    """A line that is not taken, and why."""

    line: Line
    reason: Refusal


@dataclass(slots=True)
class Claim:
    """What the lines of one machine say: values by meter id, each with its line. `read_on` is None
    where no date stands there. `disputed` are meters with two values, and the line of the second.
    """

    machine: Machine
    read_on: date | None
    lines: dict[str, Line] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    disputed: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The line by which the machine is found again."""
        return min(line.number for line in self.lines.values())


def match(lines: Iterable[Line], machines: Mapping[str, Machine]) -> tuple[list[Claim], list[Left]]:
    """What is claimed of each machine, in the order of the lines, and the lines left over.

    A meter that two lines give different values for is claimed by neither.
    """
    index = _Index(machines)
    claims: dict[str, Claim] = {}
    left: list[Left] = []
    for line in lines:
        try:
            _add(claims, line, index.machine(line))
        except Refusal as refusal:
            left.append(Left(line, refusal))
    for claim in claims.values():
        for meter_id, other in claim.disputed.items():
            left.append(Left(claim.lines.pop(meter_id), TwoValues(line=other)))
            del claim.values[meter_id]
    left.sort(key=lambda one: one.line.number)
    return [claim for claim in claims.values() if claim.values], left


def _add(claims: dict[str, Claim], line: Line, machine: Machine) -> None:
    meter = _meter(machine, line)
    value = normalise(line.value, digits=digits_shown(meter))
    read_on = _day(line.read_on)
    _refuse_released(machine, meter)
    claim = claims.setdefault(machine.id, Claim(machine, read_on))
    if meter.id in claim.lines:
        before = claim.lines[meter.id].number
        if value != claim.values[meter.id] or meter.id in claim.disputed:
            claim.disputed.setdefault(meter.id, line.number)
            raise TwoValues(line=before)
        raise StandsAlready(line=before)
    if read_on != claim.read_on:
        raise DayDiffers(line=claim.first)
    claim.lines[meter.id] = line
    claim.values[meter.id] = value


class _Index:
    """Machines by their numbers and serial numbers, as people and spreadsheets write them."""

    def __init__(self, machines: Mapping[str, Machine]) -> None:
        self._machines = machines
        self._numbers = _folded((machine.id, machine.id) for machine in machines.values())
        self._serials = _folded((m.serial, m.id) for m in machines.values() if m.serial)

    def machine(self, line: Line) -> Machine:
        """The machine that a line means. Raises a RowRefused."""
        if not line.machine and not line.serial:
            raise NumberMissing
        by_number = self._one(self._numbers, line.machine) if line.machine else None
        if not line.serial:
            if by_number is None:
                raise NotYours(number=_short(line.machine))
            return self._machines[by_number]
        found = self._found(self._serials, line.serial)
        if by_number is not None:
            if found and by_number not in found:
                raise NumbersDisagree(machine=_short(line.machine), serial=_short(line.serial))
            return self._machines[by_number]
        # A table without headings may give the machine's number in place of its serial number.
        own = self._one(self._numbers, line.serial)
        found = found or ([own] if own else [])
        if not found:
            spoilt = _SPOILT.fullmatch(line.serial)
            raise (SerialSpoilt if spoilt else NotYours)(number=_short(line.serial))
        if len(found) > 1:
            raise SerialAmbiguous(
                number=_short(line.serial), machines=", ".join(sorted(found)[:_NAMED])
            )
        return self._machines[found[0]]

    def _one(self, numbers: list[dict[str, list[str]]], text: str) -> str | None:
        found = self._found(numbers, text)
        return found[0] if len(found) == 1 else None

    def _found(self, numbers: list[dict[str, list[str]]], text: str) -> list[str]:
        """The machines behind a number: written alike, else but for signs and leading zeros."""
        if len(text) > _LONGEST:
            return []
        for known, key in zip(numbers, _keys(text), strict=True):
            if key and (there := known.get(key)):
                return there
        return []


def _folded(pairs: Iterable[tuple[str, str]]) -> list[dict[str, list[str]]]:
    """For each way of comparing numbers: key -> the machines that have it."""
    known: list[dict[str, list[str]]] = [defaultdict(list), defaultdict(list)]
    for number, machine_id in pairs:
        for there, key in zip(known, _keys(number), strict=True):
            there[key].append(machine_id)
    return known


def _keys(number: str) -> tuple[str, str]:
    """A number without spaces and case; and also without signs and leading zeros, which
    spreadsheets lose."""
    tight = "".join(number.split()).upper()
    return tight, "".join(letter for letter in tight if letter.isalnum()).lstrip("0")


def _meter(machine: Machine, line: Line) -> Meter:
    """The meter that a line means: by its number, else by its name or kind, else the only one."""
    meters = machine.billable_meters
    names = ", ".join(meter.label for meter in meters)
    if not line.meter and not line.label:
        if len(meters) > 1:
            raise WhichMeter(meters=names)
        return meters[0]
    if line.meter:
        found = [meter for meter in meters if meter.id == line.meter]
    else:
        wanted = fold(line.label)
        found = [m for m in meters if wanted in {fold(m.label), fold(m.display_label)}]
        found = found or [meter for meter in meters if meter.id == line.label]
        kind = default_columns().word("kind", line.label)
        found = found or [meter for meter in meters if meter.kind.value == kind]
    if len(found) != 1:
        raise NoSuchMeter(meter=_short(line.meter or line.label), meters=names)
    return found[0]


def _day(cell: object) -> date | None:
    """A cell's date, None where none stands there."""
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case None:
            return None
    text = clean(str(cell))
    if not text:
        return None
    try:
        return day(text, default_columns())
    except BadCell:
        raise DayUnreadable(day=_short(text)) from None


def _refuse_released(machine: Machine, meter: Meter) -> None:
    reading = machine.reading(meter.id)
    if reading is not None and reading.state is not ReadingState.REPORTED:
        raise AlreadyReleased(state=reading.state.value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
