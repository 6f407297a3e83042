"""The values of the machines that stand in a window of the console's grid."""

from __future__ import annotations

from collections.abc import Sequence

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.period_values import PeriodValue, period_values
from meterportal.store.portfolio import machines

MOST = 100
"""Machines of one answer."""


def values_of(
    adapters: Adapters, machine_ids: Sequence[str]
) -> list[tuple[Machine, list[PeriodValue]]]:
    """Machines with their meters in the current period, in the order asked for; unknown ones are left
    out. Two reads for up to a hundred."""
    found = machines.find(adapters.table, machine_ids)
    return [
        (found[number], period_values(found[number])) for number in machine_ids if number in found
    ]
