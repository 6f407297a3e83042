"""One example for every finding: what happened, and the code that tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from meterportal.domain.plausibility.expectation import Expectation
from meterportal.domain.plausibility.prepared import prepare
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind

from tests.support.builders import a_colour_meter, a_machine, a_meter

READ_ON = date(2026, 11, 27)
"""Thirty days after the builders' last reading."""
LAST_ON = date(2026, 10, 28)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: a busy machine is no reason to fail."""


def check_machine(
    machine: Machine, values: Mapping[str, int], *, others: Sequence[Machine] = (), **context: Any
) -> Check:
    """As values are judged when somebody types them: only their meters are prepared."""
    return prepare_machine(machine, meter_ids=values, **context).check(values, others=others)


def expectation(meter: Meter, **context: Any) -> Expectation | None:
    """What the meter's own history predicts, as a check has it."""
    return prepare(meter, **context).expected


def check(meter: Meter | Machine, value: int | dict[str, int], **fields: Any) -> Check:
    """A check on READ_ON, today, unless said otherwise."""
    machine = meter if isinstance(meter, Machine) else a_machine(meters=(meter,))
    values = value if isinstance(value, dict) else {machine.meters[0].id: value}
    given: dict[str, Any] = {"read_on": READ_ON, "today": READ_ON}
    return check_machine(machine, values, **given | fields)


def codes(checked: Check, meter_id: str = "1") -> list[str]:
    return [finding.code for finding in checked.of(meter_id)]


def doubts(checked: Check, meter_id: str = "1") -> list[str]:
    """The same with the mere doubt where a likely cause is told in its place."""
    return [str(f.numbers.get("doubt", f.code)) for f in checked.of(meter_id)]


def with_last(meter: Meter, **fields: Any) -> Meter:
    """The meter with its last effective reading changed."""
    assert meter.last is not None
    return replace(meter, history=(*meter.history[:-1], meter.last._replace(**fields)))


def a_new_meter(value: int = 500, **fields: Any) -> Meter:
    """One reading and no usage yet."""
    return a_meter(last_value=value, readings=1, **fields)


def an_idle_meter() -> Meter:
    return a_meter(last_value=777, a_month=0, readings=4)


def a_restarting_meter() -> Meter:
    """Six periods of a thousand pages, shown as such."""
    history = tuple(
        Effective(LAST_ON - timedelta(days=30 * back), 1_000 + 10 * back)
        for back in range(5, -1, -1)
    )
    return a_meter(history=history, cumulative=False)


def near_its_end() -> Meter:
    """A five-digit meter at 99,500 that prints a thousand pages a month."""
    return a_meter(last_value=99_500, digits=5)


def with_total(black: int = 10_000, colour: int = 4_000, total: int = 14_000) -> Machine:
    """Black and white 1,000, colour 300 and total 1,300 a month, always adding up."""
    return a_machine(
        meters=(
            a_meter(last_value=black, readings=6),
            a_colour_meter(last_value=colour, readings=6),
            a_meter("3", last_value=total, a_month=1_300, readings=6, kind=MeterKind.TOTAL),
        )
    )


def mostly_colour() -> Machine:
    """Colour 1,200 and total 1,300 a month."""
    colour = a_colour_meter(last_value=4_000, a_month=1_200, readings=4)
    total = a_meter("3", last_value=14_000, a_month=1_300, readings=4, kind=MeterKind.TOTAL)
    return a_machine(meters=(colour, total))


def _later(value: int) -> Meter:
    meter = a_meter()
    return replace(meter, history=(*meter.history, Effective(READ_ON, value)))


def _guessed_too_high() -> Meter:
    """Truly at 9,000 sixty days before READ_ON, then an estimate of 11,000 instead of 10,000."""
    return with_last(a_meter(), value=11_000, estimated=True)


def with_values_of(number: str, **fields: Any) -> Machine:
    """Another machine of the company: black and white at 500,000, two thousand a month."""
    return a_machine(number, meters=(a_meter(last_value=500_000, a_month=2_000),), **fields)


EXAMPLES: dict[str, Callable[[], Check]] = {
    "negative": lambda: check(a_meter(), -1),
    "too_many_digits": lambda: check(a_meter(digits=6), 1_234_567),
    "in_the_future": lambda: check(a_meter(), 11_000, today=READ_ON - timedelta(days=1)),
    "before_billed": lambda: check(a_meter(), 9_900, read_on=LAST_ON - timedelta(days=1)),
    "too_early": lambda: check(
        a_new_meter(), 600, read_on=READ_ON - timedelta(days=1), earliest=READ_ON
    ),
    "lower_than_last": lambda: check(a_meter(), 3_456),
    "lower_than_estimate": lambda: check(with_last(a_meter(), estimated=True), 9_900),
    "higher_than_later": lambda: check(_later(10_900), 11_000, read_on=READ_ON - timedelta(days=2)),
    "rolled_over": lambda: check(near_its_end(), 480),
    "usage_too_high": lambda: check(a_meter(), 25_000),
    "usage_too_low": lambda: check(a_meter(), 10_222),
    "no_usage": lambda: check(a_meter(), 10_000),
    "unchanged": lambda: check(a_new_meter(500), 500),
    "still_idle": lambda: check(an_idle_meter(), 777),
    "same_day_same_value": lambda: check(a_meter(), 10_000, read_on=LAST_ON),
    "same_day_other_value": lambda: check(a_meter(), 10_500, read_on=LAST_ON),
    "no_history": lambda: check(a_new_meter(volume=12_000), 1_500),
    "cannot_be_checked": lambda: check(a_new_meter(), 1_500),
    "estimate_was_high": lambda: check(_guessed_too_high(), 10_700),
    "base_doubtful": lambda: check(with_last(a_meter(), value=310), 11_000),
    "last_was_estimate": lambda: check(with_last(a_meter(), estimated=True), 11_000),
    "more_than_printable": lambda: check(a_new_meter(), 2_000_000, pages_per_minute=30),
    "colour_over_total": lambda: check(mostly_colour(), {"2": 5_350, "3": 15_320}),
    "parts_do_not_add_up": lambda: check(with_total(), {"1": 11_000, "2": 4_300, "3": 16_077}),
}

CAUSES: dict[str, Callable[[], Check]] = {
    "digit_missing": lambda: check(a_meter(), 1_123),
    "digit_added": lambda: check(a_meter(), 111_723),
    "digit_doubled": lambda: check(a_meter(), 110_044),
    "digit_wrong": lambda: check(a_meter(), 17_777),
    "digits_transposed": lambda: check(a_meter(), 19_050),
    "digit_slip": lambda: check(a_meter(last_value=7_000, a_month=3_500), 2_880),
    "typed_in_thousands": lambda: check(a_meter(last_value=200_000, a_month=3_000), 203),
    "meters_swapped": lambda: check(a_machine(), {"1": 4_310, "2": 11_030}),
    "value_of_other_meter": lambda: check(a_machine(), {"1": 4_310}),
    "value_of_other_machine": lambda: check(a_meter(), 502_120, others=(with_values_of("200002"),)),
}
"""The same for the likely causes, which stand in the place of a mere doubt."""


def bearer(checked: Check, code: str) -> str:
    """The meter that an example's finding is told at."""
    return next(finding.meter_id for finding in checked.findings if finding.code == code)
