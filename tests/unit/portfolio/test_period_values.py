"""What was read of a machine in its period, beside what came before."""

from __future__ import annotations

from dataclasses import replace

from meterportal.domain.portfolio.machines import Effective
from meterportal.domain.portfolio.period_values import period_values
from meterportal.domain.reporting.readings import Reading, ReadingState

from tests.support.builders import DUE, a_machine, a_meter


def test_a_missing_value_stands_beside_the_last_one() -> None:
    (found,) = period_values(a_machine(meters=(a_meter(last_value=700),)))
    assert (found.reading, found.usage) == (None, None)
    assert found.previous is not None
    assert found.previous.value == 700


def test_a_reported_value_is_counted_from_the_last_one() -> None:
    reading = Reading("1", DUE, 1_250, DUE)
    machine = a_machine(meters=(a_meter(last_value=1_000),), readings=(reading,))
    (found,) = period_values(machine)
    assert (found.reading, found.usage) == (reading, 250)


def test_a_released_value_is_counted_from_the_one_that_it_followed() -> None:
    meter = a_meter(last_value=1_000)
    reading = Reading("1", DUE, 1_250, DUE, state=ReadingState.RELEASED)
    released = replace(meter, history=(*meter.history, Effective(DUE, 1_250)))
    (found,) = period_values(a_machine(meters=(released,), readings=(reading,)))
    assert found.previous == meter.last
    assert found.usage == 250


def test_a_lower_value_that_nothing_explains_has_no_usage() -> None:
    reading = Reading("1", DUE, 900, DUE)
    (found,) = period_values(a_machine(meters=(a_meter(last_value=1_000),), readings=(reading,)))
    assert found.usage is None


def test_what_is_not_billed_is_not_told() -> None:
    assert period_values(a_machine(meters=(a_meter(billable=False),))) == []
