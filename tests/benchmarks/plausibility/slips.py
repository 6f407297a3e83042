"""What people do wrong when they type a counter's value: one function per kind of slip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from meterportal.domain.portfolio.machines import Meter

from tests.benchmarks.plausibility.fleets import Held


@dataclass(frozen=True, slots=True)
class Slip:
    """One planted error at the meter `meter_id`: `values` are what is typed for the machine.

    `right` is what a suggestion has to say, by meter id; empty where no number can be known.
    """

    kind: str
    held: Held
    others: Sequence[Held]
    meter_id: str
    values: dict[str, int]
    right: dict[str, int]

    @property
    def change(self) -> float:
        """How far the typed value is from the true one, in true usages."""
        true = self.held.values[self.meter_id]
        return abs(self.values[self.meter_id] - true) / self.held.pages[self.meter_id]


def _missing(random: Random, digits: str) -> str:
    place = random.randrange(len(digits))
    return digits[:place] + digits[place + 1 :]


def _added(random: Random, digits: str) -> str:
    place = random.randrange(len(digits) + 1)
    return digits[:place] + str(random.randrange(10)) + digits[place:]


def _doubled(random: Random, digits: str) -> str:
    place = random.randrange(len(digits))
    return digits[: place + 1] + digits[place:]


def _wrong(random: Random, digits: str) -> str:
    place = random.randrange(len(digits))
    other = (int(digits[place]) + random.randrange(1, 10)) % 10
    return digits[:place] + str(other) + digits[place + 1 :]


def _transposed(random: Random, digits: str) -> str:
    if len(digits) < 2:
        return digits
    place = random.randrange(len(digits) - 1)
    return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def _thousands(_random: Random, digits: str) -> str:
    return digits[:-3]


_DIGIT_SLIPS: dict[str, Callable[[Random, str], str]] = {
    "missing": _missing,
    "added": _added,
    "doubled": _doubled,
    "wrong": _wrong,
    "transposed": _transposed,
    "thousands": _thousands,
}
KINDS = (*_DIGIT_SLIPS, "swapped", "other_machine")


def plant(random: Random, held: Held, others: Sequence[Held], meter: Meter) -> Slip | None:
    """One slip at the meter, its kind drawn uniformly from those that are possible there.

    `others` are the company's other machines. None: no kind of slip changes this value.
    """
    for kind in random.sample(KINDS, len(KINDS)):
        if slip := plant_kind(kind, random, held, others, meter):
            return slip
    return None


def plant_kind(
    kind: str, random: Random, held: Held, others: Sequence[Held], meter: Meter
) -> Slip | None:
    """One slip of a kind, None where it is not possible or changes nothing."""
    true = held.values[meter.id]
    if kind == "swapped":
        return _swapped(random, held, others, meter)
    if kind == "other_machine":
        return _of_another_machine(random, held, others, meter)
    typed = _DIGIT_SLIPS[kind](random, str(true))
    if typed == "" or int(typed) == true:
        return None
    values = {**held.values, meter.id: int(typed)}
    return Slip(kind, held, others, meter.id, values, {meter.id: true})


def _swapped(random: Random, held: Held, others: Sequence[Held], meter: Meter) -> Slip | None:
    """Any two meters of the machine; black and white with colour where it has both."""
    pairs = {"BW": "COLOUR", "COLOUR": "BW"}
    partners = [m for m in held.machine.meters if m.id != meter.id and m.id in held.values]
    if not partners:
        return None
    natural = [m for m in partners if m.kind.value == pairs.get(meter.kind.value)]
    other = random.choice(natural or partners)
    here, there = held.values[meter.id], held.values[other.id]
    if here == there:
        return None
    values = {**held.values, meter.id: there, other.id: here}
    return Slip("swapped", held, others, meter.id, values, {meter.id: here, other.id: there})


def _of_another_machine(
    random: Random, held: Held, others: Sequence[Held], meter: Meter
) -> Slip | None:
    """The value of the same kind of meter at another machine of the company."""
    found = [
        other.values[m.id]
        for other in others
        for m in other.machine.meters
        if m.kind is meter.kind and m.id in other.values
    ]
    if not found or (value := random.choice(found)) == held.values[meter.id]:
        return None
    return Slip("other_machine", held, others, meter.id, {**held.values, meter.id: value}, {})
