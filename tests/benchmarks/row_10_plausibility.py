"""Row 10: how fast values are checked, what is found, what is named, and what is left alone.

The same figures twice: on fleets of our own that chose no constant, and on the demo export. Beside
them the rules that other systems judge by, on the same values. `python -m
tests.benchmarks.plausibility` tells more of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.figures import (
    Goal,
    Row,
    at_least,
    at_least_times,
    at_most,
    at_most_times,
)
from tests.benchmarks.plausibility.demo import demo_companies
from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS
from tests.benchmarks.plausibility.measure import Quality, measure
from tests.benchmarks.plausibility.reference import FACTOR_THREE, REFERENCE_RULES
from tests.benchmarks.plausibility.report import of_seeds
from tests.benchmarks.plausibility.slips import KINDS
from tests.benchmarks.plausibility.speed import speed

_FOUND = {"half": at_least(96), "twice": at_least(99.5)}
_RIGHT = {"transposed": at_least(95), "doubled": at_least(95), "swapped": at_least(98)}
"""Of the kinds of slip that lead to few numbers, the right one has to be offered this often."""
_NAMED_ONLY = {"thousands", "other_machine"}
"""Kinds whose number no machine of its own can tell: the cause is named."""


def rows(
    *, seeds: Sequence[int] = REPORTING_SEEDS, companies: int = 60, runs: int = 7
) -> Iterator[Row]:
    """Speed, then quality on our own fleets (`companies` of each of the `seeds`) and the demo's."""
    yield from _speed(runs=runs, companies=min(companies, 40))
    own, _ = of_seeds(seeds, companies)
    yield from _quality("10 own fleets", own)
    yield from _quality("10 demo export", measure(demo_companies(), seed=1))


def _speed(*, runs: int, companies: int) -> Iterator[Row]:
    measured = speed(companies, runs)
    by_factor_three = measured["checks_per_second_by_factor_three"]
    for name, told, goal in (
        ("values checked, all true", "true_values", at_least(100_000)),
        ("values checked, slips on one machine in thirty", "with_slips", at_least(100_000)),
        ("values checked, each prepared for just once", "prepared_for_each", None),
    ):
        value = measured[f"checks_per_second_{told}"]
        yield Row(f"10 {name}", value, "1/s", by_factor_three, goal)


def _quality(name: str, quality: Quality) -> Iterator[Row]:
    def share(
        told: str, value: float, reference: float | None = None, goal: Goal | None = None
    ) -> Row:
        beside = None if reference is None else 100 * reference
        return Row(f"{name}: {told}", 100 * value, "%", beside, goal)

    asked = quality.false_alarms()
    yield share("false alarms", asked, quality.asked_by(FACTOR_THREE, "true"), at_most(1))
    for size, goal in _FOUND.items():
        found = quality.share_found(size)
        yield share(f"found beyond {size}", found, quality.asked_by(FACTOR_THREE, size), goal)
    for rule in REFERENCE_RULES:
        limits = {" made as quiet": quality.limit_as_quiet(rule)}
        if rule is not FACTOR_THREE:
            alarms = quality.asked_by(rule, "true")
            yield share(f"false alarms beside {rule.name}", asked, alarms, at_most_times(1))
            limits = {"": rule.limit, **limits}
        for said, limit in limits.items():
            for size in _FOUND:
                yield share(
                    f"found beyond {size} beside {rule.name}{said}",
                    quality.share_found(size),
                    quality.asked_by(rule, size, limit=limit),
                    at_least_times(1),
                )
    for kind in KINDS:
        if kind in _NAMED_ONLY:
            yield share(f"{kind}, named", quality.share_of_found(quality.named, kind))
        else:
            right = quality.share_of_found(quality.offered, kind)
            yield share(f"{kind}, right number offered", right, goal=_RIGHT.get(kind))
