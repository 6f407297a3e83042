"""Which machine and meter each line of a fleet sheet means; which lines are refused, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from meterportal.domain.exchange.imports.cells import shortened
from meterportal.domain.exchange.imports.columns import fold
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.numbers import normalise
from meterportal.domain.plausibility.usage import digits_shown
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind
from meterportal.domain.refusals import AlreadyReleased, Refusal
from meterportal.domain.reporting.fleet.filled import Filled, FilledLine
from meterportal.domain.reporting.fleet.headings import kind_of
from meterportal.domain.reporting.fleet.refusals import (
    DayDiffers,
    Misread,
    NoSuchMeter,
    NotYours,
    NumberMissing,
    NumbersDisagree,
    RowOfSums,
    RowRefused,
    SerialAmbiguous,
    SerialSpoilt,
    StandsAlready,
    TwoValues,
    WhichMeter,
)
from meterportal.domain.reporting.readings import ReadingState

_LONGEST = 64
_ALIKE = str.maketrans("OIZSB", "01258")
"""Letters that are taken for digits, and digits for letters."""

_SUMS = {
    "summe",
    "zwischensumme",
    "gesamtsumme",
    "gesamt",
    "sum",
    "subtotal",
    "total",
    "grandtotal",
}
_NAMED = 5


@frozen
class Left:
    """A refused line, and why."""

    line: FilledLine
    reason: Refusal


@dataclass(slots=True)
class Claim:
    """The lines about one machine: values by meter id, each with its line. `read_on` is None where
    the sheet has no date. `disputed` are meters with two values, each with the line of the
    second."""

    machine: Machine
    read_on: date | None
    lines: dict[str, FilledLine] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    disputed: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of its first line, which a refusal names."""
        return min(line.number for line in self.lines.values())


@dataclass(slots=True)
class Matched:
    """The result for a sheet: `claims` in the order of its lines, `left` the refused lines.

    `ignored` are values in columns for meters that the machine does not bill; `blank` are rows of
    known machines without a value. Every line of the sheet is in exactly one of the four.
    """

    claims: list[Claim]
    left: list[Left]
    ignored: list[FilledLine]
    blank: list[FilledLine]


def match(sheet: Filled, machines: Mapping[str, Machine]) -> Matched:
    """The values for each machine, and why the other lines are refused.

    If two lines give different values for a meter, both are refused. A row with text that names
    none of these machines is refused, never counted as blank.
    """
    index = _Index(machines)
    claims: dict[str, Claim] = {}
    left: list[Left] = []
    ignored: list[FilledLine] = []
    for _, row in groupby(sheet.lines, key=lambda line: line.number):
        _match_row(list(row), index, claims, left, ignored)
    for claim in claims.values():
        for meter_id, other in claim.disputed.items():
            left.append(Left(claim.lines.pop(meter_id), TwoValues(line=other)))
            del claim.values[meter_id]
    blank: list[FilledLine] = []
    for line in sheet.blank:
        try:
            index.machine(line)
            blank.append(line)
        except Refusal as refusal:
            left.append(Left(line, refusal))
    left.sort(key=lambda refused: refused.line.number)
    return Matched([claim for claim in claims.values() if claim.values], left, ignored, blank)


def _match_row(
    row: list[FilledLine],
    index: _Index,
    claims: dict[str, Claim],
    left: list[Left],
    ignored: list[FilledLine],
) -> None:
    """Sort the values of one row: there are several when meters are columns."""
    for line in row:
        try:
            if line.fault:
                raise line.fault
            machine = index.machine(line)
            if line.of_column and not _billed_there(machine, line, row):
                ignored.append(line)
            else:
                _add(claims, line, machine)
        except Refusal as refusal:
            left.append(Left(line, refusal))


def _billed_there(machine: Machine, line: FilledLine, row: Sequence[FilledLine]) -> bool:
    """Whether a value in a meter's column is to be reported for this machine. A device list has the
    same columns for all machines, so some do not apply: for a meter that the machine does not bill,
    a zero is no value, and neither is a total beside the values of the machine's own meters."""
    if _named(machine, line.label):
        return True
    if kind_of(line.label) is MeterKind.TOTAL:
        beside = [cell for cell in row if cell is not line and _named(machine, cell.label)]
        return not beside
    return line.value not in {0, "0"}


def _add(claims: dict[str, Claim], line: FilledLine, machine: Machine) -> None:
    meter = _meter(machine, line)
    value = normalise(line.value, digits=digits_shown(meter))
    _refuse_released(machine, meter)
    claim = claims.setdefault(machine.id, Claim(machine, line.read_on))
    if meter.id in claim.lines:
        before = claim.lines[meter.id].number
        if value != claim.values[meter.id] or meter.id in claim.disputed:
            claim.disputed.setdefault(meter.id, line.number)
            raise TwoValues(line=before)
        raise StandsAlready(line=before)
    if line.read_on != claim.read_on:
        raise DayDiffers(line=claim.first)
    claim.lines[meter.id] = line
    claim.values[meter.id] = value


class _Index:
    """Machines by their numbers and serial numbers, in the spellings of people and spreadsheets."""

    def __init__(self, machines: Mapping[str, Machine]) -> None:
        self._machines = machines
        self._numbers = _folded((machine.id, machine.id) for machine in machines.values())
        self._serials = _folded((m.serial, m.id) for m in machines.values() if m.serial)

    def machine(self, line: FilledLine) -> Machine:
        """The machine that a line means. Raises a RowRefused."""
        if not line.machine and not line.serial:
            raise NumberMissing
        by_number = self._one(self._numbers, line.machine) if line.machine else None
        if not line.serial:
            if by_number is None:
                raise self._unknown(line.machine)
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
            raise self._unknown(line.serial)
        if len(found) > 1:
            raise SerialAmbiguous(
                number=_short(line.serial), machines=", ".join(sorted(found)[:_NAMED])
            )
        return self._machines[found[0]]

    def _unknown(self, number: str) -> RowRefused:
        """Why no machine has this number; one that only looks like it is named."""
        if fold(number) in _SUMS:
            return RowOfSums()
        if shortened(number):
            return SerialSpoilt(number=_short(number))
        alike = {m.serial for m in self._machines.values() if m.serial and _alike(m.serial, number)}
        if len(alike) == 1:
            return Misread(number=_short(number), meant=alike.pop())
        return NotYours(number=_short(number))

    def _one(self, numbers: list[dict[str, list[str]]], text: str) -> str | None:
        found = self._found(numbers, text)
        return found[0] if len(found) == 1 else None

    def _found(self, numbers: list[dict[str, list[str]]], text: str) -> list[str]:
        """The machines with a number: first compared as written, then without signs and leading
        zeros."""
        if len(text) > _LONGEST:
            return []
        for known, key in zip(numbers, _keys(text), strict=True):
            if key and (machine_ids := known.get(key)):
                return machine_ids
        return []


def _folded(pairs: Iterable[tuple[str, str]]) -> list[dict[str, list[str]]]:
    """For each way of comparing numbers: key -> ids of the machines that have it."""
    known: list[dict[str, list[str]]] = [defaultdict(list), defaultdict(list)]
    for number, machine_id in pairs:
        for by_key, key in zip(known, _keys(number), strict=True):
            by_key[key].append(machine_id)
    return known


def _keys(number: str) -> tuple[str, str]:
    """The two forms in which a number is compared: without spaces and case; and also without signs
    and leading zeros, which spreadsheets lose."""
    tight = "".join(number.split()).upper()
    return tight, "".join(letter for letter in tight if letter.isalnum()).lstrip("0")


def _alike(one: str, other: str) -> bool:
    return len(other) <= _LONGEST and _look(one) == _look(other)


def _look(number: str) -> str:
    return _keys(number)[0].translate(_ALIKE)


def _meter(machine: Machine, line: FilledLine) -> Meter:
    """The meter that a line means: by its number, else by its name or kind, else the machine's only
    one."""
    meters = machine.billable_meters
    names = ", ".join(meter.label for meter in meters)
    if not line.meter and not line.label:
        if len(meters) > 1:
            raise WhichMeter(meters=names)
        return meters[0]
    if line.meter:
        found = [meter for meter in meters if meter.id == line.meter]
    else:
        found = _named(machine, line.label) or _only_counter(machine, line.label)
    if len(found) != 1:
        raise NoSuchMeter(meter=_short(line.meter or line.label), meters=names)
    return found[0]


def _named(machine: Machine, label: str) -> list[Meter]:
    """The billable meters that a text names: by their own name, else their number, else their
    kind."""
    meters, wanted = machine.billable_meters, fold(label)
    found = [m for m in meters if wanted in {fold(m.label), fold(m.display_label)}]
    found = found or [meter for meter in meters if meter.id == label]
    return found or [meter for meter in meters if meter.kind is kind_of(label)]


def _only_counter(machine: Machine, label: str) -> list[Meter]:
    """The meter that a total means when the machine prints in black only: its single counter."""
    printing = [meter for meter in machine.meters if meter.kind is not MeterKind.SCAN]
    alone = len(printing) == 1 and printing[0].billable and printing[0].kind is MeterKind.BW
    return printing if alone and kind_of(label) is MeterKind.TOTAL else []


def _refuse_released(machine: Machine, meter: Meter) -> None:
    reading = machine.reading(meter.id)
    if reading is not None and reading.state is not ReadingState.REPORTED:
        raise AlreadyReleased(state=reading.state.value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
