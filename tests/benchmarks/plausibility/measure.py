"""What the check finds, names and leaves alone, counted over fleets with planted slips."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from meterportal.domain.plausibility.findings import Severity
from meterportal.domain.plausibility.tolerances import Setting, ToleranceSettings
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.plausibility.verdict import Check, PreparedMachine, prepare_machine
from meterportal.domain.portfolio.machines import Machine, Meter

from tests.benchmarks.plausibility.fleets import Held
from tests.benchmarks.plausibility.reference import REFERENCE_RULES, Rule
from tests.benchmarks.plausibility.slips import Slip, plant

_DOUBT = {Severity.WARN, Severity.BLOCK}
_OF_SUMS = {"parts_do_not_add_up", "colour_over_total"}
NAMED = {
    "missing": {"digit_missing"},
    "added": {"digit_added", "digit_doubled"},
    "doubled": {"digit_doubled", "digit_added"},
    "wrong": {"digit_wrong"},
    "transposed": {"digits_transposed"},
    "thousands": {"typed_in_thousands"},
    "swapped": {"meters_swapped"},
    "other_machine": {"value_of_other_machine"},
}
"""What a finding has to be called to name a planted slip."""

EAGER = ToleranceSettings(dealer=Setting(ceiling=2.5, width=0.6, quiet_pages=3))
"""Tolerances of a dealer who would rather ask once too often, to be compared with eager rules."""

ENOUGH = 3
"""Intervals of history that a meter needs to count for the goal."""


@dataclass
class Quality:
    """Counts, by kind of slip where it says so.

    `true` and `asked`: untouched values and those asked about, by group: "goal" (enough history,
    usage above zero), "zero" (no usage), "thin" (less history), and "goal/<family>". `planted`,
    `found`, `named`, `first`, `offered`: slips in the goal's group; (`kind`, size) with size "all",
    "half" (usage changed by more than half) or "twice"; `first` is the right number offered first,
    `offered` first or second, `silent` found without any number, all by kind. `scores` are those of
    the reference rules: of true values as (rule, "true"), of slips as (rule, size).
    """

    true: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    planted: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    offered: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    scores: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Quality) -> None:
        for name in self.__dataclass_fields__:
            if name != "scores":
                getattr(self, name).update(getattr(other, name))
        for key, scores in other.scores.items():
            self.scores[key] += scores

    def asked_by(self, rule: Rule, size: str, *, limit: float | None = None) -> float:
        """Share of true values (size "true") or of slips that a reference rule asks about."""
        scores = self.scores[rule.name, size]
        bound = rule.limit if limit is None else limit
        return sum(score > bound for score in scores) / max(1, len(scores))

    def limit_as_quiet(self, rule: Rule) -> float:
        """The limit with which a reference rule raises no more false alarms than the check does.

        Chosen on the very data that is reported: to the rule's advantage.
        """
        scores = sorted(self.scores[rule.name, "true"], reverse=True)
        allowed = int(self.false_alarms() * len(scores))
        return scores[allowed] if scores else rule.limit

    def false_alarms(self, group: str = "goal") -> float:
        return self.asked[group] / max(1, self.true[group])

    def share_found(self, size: str, kind: str = "any") -> float:
        return self.found[kind, size] / max(1, self.planted[kind, size])

    def share_of_found(self, count: Counter[str], *kinds: str) -> float:
        found = sum(self.found[kind, "all"] for kind in kinds)
        return sum(count[kind] for kind in kinds) / max(1, found)


def measure(
    companies: Iterable[Sequence[Held]], *, seed: int, tolerances: ToleranceSettings | None = None
) -> Quality:
    """One slip at every meter of the goal's group, and every true value untouched.

    A machine is judged with the values of all its meters, as a customer sends them. A slip is found
    when its own meter is asked about, or the sum that it belongs to.
    """
    quality = Quality()
    random = Random(f"slips/{seed}")  # noqa: S311  # chance that can be repeated, no secret
    for company in companies:
        for held in company:
            others = [other for other in company if other is not held]
            machines = [other.machine for other in others]
            prepared = prepare_machine(
                held.machine, read_on=held.read_on, today=held.read_on, tolerances=tolerances
            )
            untouched = prepared.check(held.values, others=machines)
            for meter in held.machine.meters:
                if meter.id not in held.values:
                    continue
                group = _group(held, meter)
                _count_true(quality, untouched, held, meter, group)
                if group == "goal" and (slip := plant(random, held, others, meter)):
                    _count_slip(quality, prepared, machines, slip, meter)
    return quality


def _group(held: Held, meter: Meter) -> str:
    if len(segments(meter)) < ENOUGH:
        return "thin"
    return "goal" if held.pages[meter.id] > 0 else "zero"


def _count_true(quality: Quality, check: Check, held: Held, meter: Meter, group: str) -> None:
    asked = check.warned(meter.id) or any(f.severity in _DOUBT for f in check.of(meter.id))
    for name in (group, f"{group}/{held.family}"):
        quality.true[name] += 1
        quality.asked[name] += asked
    if asked and group == "goal":
        quality.codes[check.of(meter.id)[0].code] += 1
    if group == "goal":
        for rule in REFERENCE_RULES:
            score = rule.score(meter, held.values[meter.id], held.read_on)
            quality.scores[rule.name, "true"].append(score)


def _count_slip(
    quality: Quality,
    prepared: PreparedMachine,
    others: Sequence[Machine],
    slip: Slip,
    meter: Meter,
) -> None:
    check = prepared.check(slip.values, others=others)
    doubts = [finding for finding in check.findings if finding.severity in _DOUBT]
    own = next((finding for finding in doubts if finding.meter_id == meter.id), None)
    found = own is not None or any(finding.code in _OF_SUMS for finding in doubts)
    typed = slip.values[meter.id]
    sizes = [
        "all",
        *(["half"] if slip.change > 0.5 else []),
        *(["twice"] if slip.change > 2 else []),
    ]
    for size in sizes:
        for kind in ("any", slip.kind):
            quality.planted[kind, size] += 1
            quality.found[kind, size] += found
        for rule in REFERENCE_RULES:
            quality.scores[rule.name, size].append(rule.score(meter, typed, prepared.read_on))
    if not found:
        return
    told = {own.code, own.numbers.get("cause")} if own else set()
    quality.named[slip.kind] += bool(told & NAMED[slip.kind])
    offer = dict(own.suggestion or {}) if own else {}
    right = bool(slip.right) and offer == slip.right
    also = own.numbers.get("or_meant") if own else None
    quality.first[slip.kind] += right
    quality.offered[slip.kind] += right or (also is not None and {meter.id: also} == slip.right)
    quality.silent[slip.kind] += not offer
