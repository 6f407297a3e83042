"""How many values are checked per second on one core, and what each part of it costs.

A check is the judgement of one typed value by a machine that is prepared for the day: all values of
a machine at once, P8 between its meters included. Preparing (the forecast from the history) does
not depend on what is typed and is told apart; so is the whole of both, and the search for a cause.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random

from meterportal.domain.plausibility.verdict import PreparedMachine, prepare_machine

from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS, Held, fleet
from tests.benchmarks.plausibility.reference import FACTOR_THREE
from tests.benchmarks.plausibility.slips import plant

Typed = list[tuple[PreparedMachine, dict[str, int]]]


def _best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of processor time of the fastest run: the one that others disturbed least."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _all(typed: Typed) -> None:
    for prepared, values in typed:
        prepared.check(values)


def _by_factor_three(held: Sequence[Held]) -> None:
    """The reference rule on the same values, its expectation from the history as it stands."""
    for machine in held:
        for meter in machine.machine.meters:
            if meter.history and meter.id in machine.values:
                FACTOR_THREE.asks(meter, machine.values[meter.id], machine.read_on)


def _with_slips(company: Sequence[Held], prepared: dict[str, PreparedMachine]) -> Typed:
    """One machine in every thirty with a slip in one of its values."""
    random = Random("speed")  # noqa: S311  # chance that can be repeated, no secret
    typed: Typed = []
    for held in company:
        values = held.values
        meter = held.machine.meters[0]
        if random.random() < 1 / 30 and held.pages[meter.id]:
            slip = plant(random, held, [], meter)
            values = slip.values if slip else values
        typed.append((prepared[held.machine.id], values))
    return typed


def speed(companies: int = 40, runs: int = 7) -> dict[str, float]:
    """Checks per second and microseconds per value."""
    held = [machine for company in fleet(REPORTING_SEEDS[0], companies) for machine in company]
    prepared = {
        h.machine.id: prepare_machine(h.machine, read_on=h.read_on, today=h.read_on) for h in held
    }
    values = sum(len(h.values) for h in held)
    true: Typed = [(prepared[h.machine.id], h.values) for h in held]
    mixed = _with_slips(held, prepared)
    slipped = [m for m, h in zip(mixed, held, strict=True) if m[1] is not h.values]
    preparing = _best_of(
        3,
        lambda: [prepare_machine(h.machine, read_on=h.read_on, today=h.read_on) for h in held],
    )
    checking = _best_of(runs, lambda: _all(true))
    return {
        "values": values,
        "checks_per_second_true_values": values / checking,
        "checks_per_second_with_slips": values / _best_of(runs, lambda: _all(mixed)),
        "checks_per_second_prepared_for_each": values / (preparing + checking),
        "checks_per_second_by_factor_three": values / _best_of(3, lambda: _by_factor_three(held)),
        "microseconds_to_prepare_a_meter": preparing / values * 1e6,
        "microseconds_to_explain_a_slip": _best_of(runs, lambda: _all(slipped))
        / max(1, len(slipped))
        * 1e6,
    }
