"""How many values are checked per second on one core, and what each part of it costs.

A check is the judgement of one typed value by a machine that is prepared for the day: all values of
a machine at once, P8 between its meters included. Preparing (the forecast from the history) does
not depend on what is typed and is told apart; so is the whole of both, and the search for a cause.
Machines are prepared anew before each timed run: what a doubt finds out about its meter and keeps
is paid for in every one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from meterportal.domain.plausibility.verdict import PreparedMachine, prepare_machine

from tests.benchmarks.plausibility.fleets import REPORTING_SEEDS, Held, fleet
from tests.benchmarks.plausibility.reference import FACTOR_THREE
from tests.benchmarks.plausibility.slips import plant

Typed = Sequence[tuple[Held, dict[str, int]]]


def _seconds(work: Callable[[], object]) -> float:
    """Of processor time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _best_of(runs: int, work: Callable[[], object]) -> float:
    """The fastest run: the one that others disturbed least."""
    return min(_seconds(work) for _ in range(runs))


def _prepared(typed: Typed) -> list[tuple[PreparedMachine, dict[str, int]]]:
    return [
        (prepare_machine(held.machine, read_on=held.read_on, today=held.read_on), values)
        for held, values in typed
    ]


def _check(prepared: Sequence[tuple[PreparedMachine, dict[str, int]]]) -> None:
    for machine, values in prepared:
        machine.check(values)


def _checking(runs: int, typed: Typed) -> float:
    """The fastest of so many runs, each with machines that are prepared for it."""
    return min(_seconds(partial(_check, _prepared(typed))) for _ in range(runs))


def _by_factor_three(held: Sequence[Held]) -> None:
    """The reference rule on the same values, its expectation from the history as it stands."""
    for machine in held:
        for meter in machine.machine.meters:
            if meter.history and meter.id in machine.values:
                FACTOR_THREE.asks(meter, machine.values[meter.id], machine.read_on)


def _with_slips(held: Sequence[Held]) -> Typed:
    """One machine in every thirty with a slip in one of its values."""
    random = Random("speed")  # noqa: S311  # chance that can be repeated, no secret
    typed: list[tuple[Held, dict[str, int]]] = []
    for machine in held:
        values = machine.values
        meter = machine.machine.meters[0]
        if random.random() < 1 / 30 and machine.pages[meter.id]:
            slip = plant(random, machine, [], meter)
            values = slip.values if slip else values
        typed.append((machine, values))
    return typed


def speed(companies: int = 40, runs: int = 7) -> dict[str, float]:
    """Checks per second and microseconds per value."""
    held = [machine for company in fleet(REPORTING_SEEDS[0], companies) for machine in company]
    values = sum(len(machine.values) for machine in held)
    true: Typed = [(machine, machine.values) for machine in held]
    mixed = _with_slips(held)
    slipped = [typed for typed in mixed if typed[1] is not typed[0].values]
    preparing = _best_of(3, lambda: _prepared(true))
    checking = _checking(runs, true)
    by_factor_three = _best_of(3, lambda: _by_factor_three(held))
    return {
        "values": values,
        "checks_per_second_true_values": values / checking,
        "checks_per_second_with_slips": values / _checking(runs, mixed),
        "checks_per_second_prepared_for_each": values / (preparing + checking),
        "checks_per_second_by_factor_three": values / by_factor_three,
        "microseconds_to_prepare_a_meter": preparing / values * 1e6,
        "microseconds_to_explain_a_slip": _checking(runs, slipped) / max(1, len(slipped)) * 1e6,
    }
