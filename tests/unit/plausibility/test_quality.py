"""The goal of the check, on small fleets that it was not tuned on; the whole table is a benchmark.

`python -m tests.benchmarks.plausibility` measures ten times as many meters (docs/plausibility.md).
"""

from __future__ import annotations

import sys
from functools import cache
from types import FrameType

from meterportal.domain.plausibility.usage import segments
from meterportal.domain.plausibility.verdict import prepare_machine

from tests.benchmarks.plausibility.demo import demo_companies
from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS, TUNING_SEEDS, Held, fleet
from tests.benchmarks.plausibility.measure import EAGER, Quality, measure
from tests.benchmarks.plausibility.reference import REFERENCE_RULES, Rule
from tests.benchmarks.plausibility.slips import KINDS
from tests.benchmarks.plausibility.speed import speed


@cache
def companies() -> list[list[Held]]:
    """The first companies of the first reporting seed."""
    return list(fleet(REPORTING_SEEDS[0], 40))


@cache
def quality() -> Quality:
    """One slip at each of some 1,000 meters."""
    return measure(companies(), seed=REPORTING_SEEDS[0])


def test_tuning_and_reporting_share_no_seed() -> None:
    assert not set(TUNING_SEEDS) & set(REPORTING_SEEDS)


def test_a_seed_makes_one_fleet_and_another_seed_another() -> None:
    one, same, other = (list(fleet(seed, 2)) for seed in (1, 1, 2))
    assert one == same != other


def test_fleets_hold_what_they_promise() -> None:
    machines: list[Held] = [held for company in companies() for held in company]
    families = {held.family for held in machines}
    assert families == {"steady", "seasonal", "trending", "bursty", "near_idle", "new"}
    assert {len(held.machine.meters) for held in machines} == {2, 3, 4}
    entries = [entry for held in machines for m in held.machine.meters for entry in m.history]
    assert any(entry.estimated for entry in entries)
    assert any(entry.reset_end is not None for entry in entries)
    meters = [meter for held in machines for meter in held.machine.meters]
    assert any(not meter.cumulative for meter in meters)
    assert any(s.how == "rolled_over" for meter in meters for s in segments(meter))


def test_true_values_are_left_alone() -> None:
    assert quality().true["goal"] > 500
    assert quality().false_alarms() <= 0.01


def test_slips_are_found() -> None:
    assert quality().share_found("half") >= 0.96
    assert quality().share_found("twice") >= 0.995


def test_the_right_number_is_offered() -> None:
    found = quality()
    assert found.share_of_found(found.offered, "doubled", "transposed") >= 0.95
    assert found.share_of_found(found.offered, "swapped") >= 0.98


def test_a_number_that_is_not_clear_is_not_offered() -> None:
    found = quality()
    for kind in ("missing", "wrong"):
        silent, right = (found.share_of_found(n, kind) for n in (found.silent, found.offered))
        assert right > 4 * (1 - silent - right)
        assert found.share_of_found(found.named, kind) > 0.7


def test_every_kind_of_slip_is_planted_and_mostly_named() -> None:
    found = quality()
    for kind in KINDS:
        assert found.planted[kind, "all"] > 40
        assert found.share_of_found(found.named, kind) > 0.7


@cache
def eager() -> Quality:
    return measure(companies(), seed=REPORTING_SEEDS[0], tolerances=EAGER)


def test_every_reference_rule_asks_more_and_finds_less() -> None:
    """Against the eager ±50 %, with eager tolerances: at its own limit it asks every eighth."""
    for rule in REFERENCE_RULES:
        fits = quality() if rule.name != "±50 %" else eager()
        assert fits.false_alarms() < rule_asks(rule, "true")
        for size in ("half", "twice"):
            assert fits.share_found(size) >= rule_asks(rule, size)


def rule_asks(rule: Rule, size: str) -> float:
    return quality().asked_by(rule, size)


def test_reference_rules_made_as_quiet_find_less() -> None:
    found = quality()
    for rule in REFERENCE_RULES:
        quiet = found.limit_as_quiet(rule)
        for size in ("half", "twice"):
            assert found.asked_by(rule, size, limit=quiet) < found.share_found(size)


def test_on_the_demo_export_too() -> None:
    found = measure(demo_companies(), seed=1)
    assert found.asked["goal"] <= 3
    assert found.share_found("half") >= 0.96


def test_a_usual_value_costs_a_few_calls_whatever_the_history() -> None:
    """What makes 100,000 checks a second, counted: nothing is forecast again."""
    held = next(h for company in companies() for h in company if h.family == "steady")
    prepared = prepare_machine(held.machine, read_on=held.read_on, today=held.read_on)
    calls: list[str] = []

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(count)
    prepared.check(held.values)
    sys.setprofile(None)
    assert prepared.check(held.values).findings == ()
    assert len(calls) <= 4 + 2 * len(held.values)


def test_the_speed_is_measured_for_each_part() -> None:
    measured = speed(companies=3, runs=1)
    assert all(value > 0 for value in measured.values())
