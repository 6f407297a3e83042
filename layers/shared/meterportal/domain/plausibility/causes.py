"""P9 to P11: what probably happened to a doubtful value, and which number was meant.

Every explanation gets a chance, the product of three: how often people make this kind of error (all
kinds are taken as equally common), how likely this error results in exactly these digits, and how
likely the number meant is by the meter's own forecast (Bayes' rule over the explanations; one of
them is that the value is unusual but true). A cause is named if it is likelier than all others
together. A number is offered if it is likelier than all others together; two numbers are offered if
nothing else is nearly as likely.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility import slips
from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.pattern import FEW
from meterportal.domain.plausibility.prepared import Prepared, prepare
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.reporting.readings import ReadingState

SWAPPED = "meters_swapped"
OTHER_MACHINE = "value_of_other_machine"
OTHER_METER = "value_of_other_meter"
SLIP = "digit_slip"

_KINDS = 8
"""The number of kinds of error; all are equally common."""
_TRUE_ODDS = 0.1
"""How often a doubtful value is true, compared with one error of any kind."""
_CLEARLY = 0.05
"""A cause is given only if errors together are at least so many times as likely as a true value."""
_TRUE_SPREAD = 1.0
_CLEARLY_NAMED = 0.5
"""The same limit for a cause without a number."""
_NEW_BOARD = 0.001
_TWO_ERRORS = 0.02
_LEAST = 1e-300
"""The least chance by which another is divided: smaller ones may be zero for a computer."""
_OFFERED = 0.5
_BOTH_OFFERED = 0.8
_SECOND = 0.1
_FEW_OFFERED = 0.25
"""A doubled or transposed digit leaves few possible numbers: one of them is offered from this share
of the chances on."""
_NAMED = 0.5
_ALREADY_THERE = 0.5
_UNKNOWN = 0.05
_OUTSIDE = 0.01


@frozen
class Scene:
    """All values of one machine: `cases` by meter id, those `typed` now and those reported in the
    period.

    `due` is the number of pages that a meter should have counted by the sum of the other meters,
    and by how many pages it may differ. `others` are the company's other machines.
    """

    machine: Machine
    cases: Mapping[str, Case]
    typed: frozenset[str]
    doubted: frozenset[str]
    others: Sequence[Machine] = ()
    due: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@frozen
class Cause:
    """A cause, reported in place of the doubt.

    `suggestion` holds values by meter id. `numbers` fill the sentence: `meant`, `or_meant` (a
    second number), `other` (a meter's label), `machine` (another machine's number, with its
    `machine_serial`, `machine_model` and `machine_meter`). `partner` is the meter with which it was
    swapped. `gain` is how many times likelier this is than a true value.
    """

    code: str
    suggestion: Mapping[str, int] | None
    numbers: Mapping[str, int | str]
    partner: str | None = None
    gain: float = 0.0


def cause_of(scene: Scene, meter_id: str) -> Cause | None:
    """The most likely cause of a doubtful value, None if no cause is clearly the most likely.

    None as well if the last reading does not fit the history before it: then usage since that
    reading proves no error.
    """
    case = scene.cases[meter_id]
    if case.expected is None or case.value < 0 or case.prepared.base_doubtful:
        return None
    chances = _Chances()
    for kind, number, chance in slips.meant(case.value):
        weigh = _chance_loosely if kind in slips.FEW_ORIGINS else _chance_of
        if likely := weigh(scene, case.prepared, number):
            chances.add(kind, number, chance * likely / _KINDS)
    chances.add_cause(
        slips.THOUSANDS, Cause(slips.THOUSANDS, None, {}), _in_thousands(case) / _KINDS
    )
    for cause, chance in (*_swaps(scene, case), *_elsewhere(scene, case)):
        chances.add_cause(cause.code, cause, chance / _KINDS)
    return chances.best(meter_id, true=_true_chance(scene, case))


class _Chances:
    """The chances of explanations, by number and by other cause."""

    def __init__(self) -> None:
        self._numbers: dict[int, float] = defaultdict(float)
        self._kinds: dict[str, float] = defaultdict(float)
        self._kind_of: dict[int, tuple[float, str]] = {}
        self._causes: list[tuple[float, Cause]] = []

    def add(self, kind: str, number: int, chance: float) -> None:
        self._numbers[number] += chance
        self._kinds[kind] += chance
        self._kind_of[number] = max(self._kind_of.get(number, (0.0, "")), (chance, kind))

    def add_cause(self, code: str, cause: Cause, chance: float) -> None:
        if chance > 0:
            self._kinds[code] += chance
            self._causes.append((chance, cause))

    def best(self, meter_id: str, *, true: float) -> Cause | None:
        total = sum(self._kinds.values())
        if total < _CLEARLY * true or not total:
            return None
        ranked = sorted(self._numbers, key=lambda number: (-self._numbers[number], number))
        self._causes.sort(key=lambda item: -item[0])
        first = self._numbers[ranked[0]] if ranked else 0.0
        if self._causes and self._causes[0][0] > max(2 * first, _NAMED * total):
            chance, cause = self._causes[0]
            return replace(cause, gain=chance / true)
        offered = self._offered(ranked, total)
        if not offered:
            return self._named(total) if total > _CLEARLY_NAMED * true else None
        numbers = dict(zip(("meant", "or_meant"), offered, strict=False))
        kind = self._kind_of[offered[0]][1]
        gain = self._numbers[offered[0]] / true
        return Cause(kind, {meter_id: offered[0]}, numbers, gain=gain)

    def _offered(self, ranked: Sequence[int], total: float) -> Sequence[int]:
        """At most two numbers, the likelier first; none if no number is clearly the most likely."""
        shares = [self._numbers[number] / total for number in ranked[:2]]
        if sum(shares) >= _BOTH_OFFERED:
            return [n for n, share in zip(ranked, shares, strict=False) if share >= _SECOND]
        if shares and shares[0] >= _OFFERED:
            return ranked[:1]
        few = [n for n in ranked if self._kind_of[n][1] in slips.FEW_ORIGINS]
        if few and self._numbers[few[0]] >= _FEW_OFFERED * total:
            return sorted({few[0], ranked[0]}, key=ranked.index)
        return []

    def _named(self, total: float) -> Cause | None:
        kind, chance = max(self._kinds.items(), key=lambda item: item[1])
        if chance >= _NAMED * total:
            return next(
                (cause for _, cause in self._causes if cause.code == kind), Cause(kind, None, {})
            )
        slipped = sum(self._kinds[code] for code in slips.OF_ONE_DIGIT)
        return Cause(SLIP, None, {}) if slipped >= _BOTH_OFFERED * total else None


def _chance_of(scene: Scene, prepared: Prepared, number: int) -> float:
    """How likely the meter shows the number; 0 if the number would be doubtful itself."""
    if not (0 <= number < prepared.limit and prepared.usual(prepared.counted_on(number))):
        return 0.0
    taken = prepared.usage(number)
    if taken is None or not taken.pages:
        return 0.0
    return _with_sum(scene, prepared, taken.pages)


def _chance_loosely(scene: Scene, prepared: Prepared, number: int) -> float:
    """The same if only few numbers can have been meant: then a somewhat unusual number counts,
    too."""
    return _chance_of(scene, prepared, number) or (
        0.0 if prepared.meter.id in scene.due else _loosely(prepared, number)
    )


def _with_sum(scene: Scene, prepared: Prepared, pages: int) -> float:
    chance = math.exp(prepared.log_chance(pages))
    if prepared.meter.id not in scene.due:
        return chance
    due, slack = scene.due[prepared.meter.id]
    fits = 0.9 / (2 * slack + 1) if abs(pages - due) <= slack else 0.0
    return fits + chance / 10


def _chance_of_value(case: Case) -> float:
    return math.exp(case.prepared.log_chance(case.pages)) if case.pages else 0.0


def _true_chance(scene: Scene, case: Case) -> float:
    """How likely the unusual value is true: by a wider forecast, or by a new board if it is
    lower."""
    if case.meter.id not in scene.doubted:
        return max(_chance_of_value(case), _LEAST)
    if case.value >= case.limit or case.expected is None:
        return _LEAST
    if case.pages is None:
        return _TRUE_ODDS * _NEW_BOARD / (case.value + 1)
    spread = max(_TRUE_SPREAD, 2 * case.expected.spread)
    off = (math.log(case.pages + FEW) - case.expected.log_pages) / spread
    return _TRUE_ODDS * math.exp(-off * off / 2) / spread / (case.pages + FEW) + _LEAST


def _in_thousands(case: Case) -> float:
    """The chance of the thousand numbers that begin with the typed one."""
    expected, last, first = case.expected, case.last, case.value * 1000
    if expected is None or last is None or first >= case.limit or not case.value:
        return 0.0
    base = last.value if case.meter.cumulative else 0
    low = max(first - base, expected.low, 1)
    high = min(first + 999 - base, expected.high)
    return _between(expected.log_pages, expected.spread, low, high) if low <= high else 0.0


def _between(log_pages: float, spread: float, low: int, high: int) -> float:
    width = max(spread, 0.05) * math.sqrt(2)
    below = math.erf((math.log(low + FEW - 0.5) - log_pages) / width)
    return (math.erf((math.log(high + FEW + 0.5) - log_pages) / width) - below) / 2


def _swaps(scene: Scene, case: Case) -> Iterator[tuple[Cause, float]]:
    """P9: the value belongs to another meter of the machine. That meter has this one's value, or
    none yet."""
    meter_id = case.meter.id
    partners = [m for m in scene.machine.meters if m.id != meter_id and m.id in scene.cases]
    for other in partners:
        other_case = scene.cases[other.id]
        prepared, other_prepared = case.prepared, other_case.prepared
        if other.id not in scene.typed or other_case.value == case.value:
            continue
        mine, theirs = _loosely(prepared, other_case.value), _loosely(other_prepared, case.value)
        if not mine * theirs:
            continue
        as_typed = _chance_of_value(other_case)
        if other.id in scene.doubted or as_typed <= 0:
            as_typed = max(_TWO_ERRORS * theirs / 50, _LEAST)
        yield (
            Cause(
                SWAPPED,
                {meter_id: other_case.value, other.id: case.value},
                {"other": other.label},
                partner=other.id,
            ),
            mine * theirs / as_typed / len(partners),
        )
    empty = [m for m in scene.machine.billable_meters if m.id not in scene.cases]
    for other in empty:
        chance = _fitting(other, case)
        if chance:
            yield Cause(OTHER_METER, None, {"other": other.label}), chance / len(empty)


def _elsewhere(scene: Scene, case: Case) -> Iterator[tuple[Cause, float]]:
    """P10: the value belongs to the same kind of meter of another machine of the company."""
    candidates = [
        (machine, meter)
        for machine in scene.others
        if machine.id != scene.machine.id and machine.active
        for meter in machine.meters
        if meter.kind is case.meter.kind and meter.history
    ]
    for machine, meter in candidates:
        chance = _already_recorded(machine, meter, case) or _fitting(meter, case)
        if chance:
            numbers = {
                "machine": machine.id,
                "machine_serial": machine.serial,
                "machine_model": machine.model,
                "machine_meter": meter.id,
                "other": meter.label,
            }
            yield Cause(OTHER_MACHINE, None, numbers), chance / len(candidates)


def _already_recorded(machine: Machine, meter: Meter, case: Case) -> float:
    """The chance if exactly this number is already stored for the other machine; else 0."""
    reading = machine.reading(meter.id)
    reported = reading is not None and reading.state is ReadingState.REPORTED
    if reported and reading is not None and reading.value == case.value:
        return _ALREADY_THERE
    last = meter.last
    return _ALREADY_THERE if last and last.value == case.value and case.value else 0.0


def _fitting(meter: Meter, case: Case) -> float:
    """How likely the other meter shows the value on this day; 0 if it would be doubtful there."""
    last = meter.last
    if last is None or not meter.cumulative or case.value <= last.value:
        return 0.0
    first = meter.history[0]
    known = (last.read_on - first.read_on).days
    rate = max(0, last.value - first.value) / known if known else 0
    days = (case.read_on - last.read_on).days
    if known and case.value - last.value > 20 * rate * days + 1000:
        return 0.0  # Far too high: no forecast is needed.
    return _loosely(prepare(meter, read_on=case.read_on), case.value)


def _loosely(prepared: Prepared, value: int) -> float:
    """How likely the meter shows the value, also with usage somewhat outside the usual range."""
    taken = prepared.usage(value) if 0 <= value < prepared.limit else None
    if taken is None or taken.pages is None:
        return 0.0
    if prepared.expected is None:
        return _UNKNOWN / (taken.pages + 100)
    if prepared.usual(taken.pages):
        return math.exp(prepared.log_chance(taken.pages))
    near = prepared.expected.low <= 2 * taken.pages and taken.pages <= 2 * prepared.expected.high
    return math.exp(prepared.log_chance(taken.pages)) + (
        _OUTSIDE / (taken.pages + 10) if near else 0.0
    )
