"""Whether the last reading, by which a value is judged, fits the history before it.

An import accepts every value of the ERP, also a counter that falls without a new board or grows to
fifteen times its value. Compared with such a reading, a correct value looks wrong.
"""

from __future__ import annotations

from dataclasses import replace

from meterportal.domain.plausibility.expectation import Basis, expectation_after
from meterportal.domain.plausibility.tolerances import Tolerances
from meterportal.domain.plausibility.usage import capacity, daily, step_to
from meterportal.domain.portfolio.machines import Effective, Meter

_FAR = 3
"""If its usage is more than so many times the upper limit, the last reading is doubtful."""


def doubtful_base(meter: Meter, last: Effective, *, limit: int, tolerances: Tolerances) -> bool:
    """Whether the meter's `last` reading is lower than the one before it without a reset or
    rollover, or its usage is far more than expected by the readings before it. Never for a reading
    that was in doubt and confirmed. The meter rolls over at `limit`."""
    if last.confirmed or not meter.cumulative:
        return False
    before = [entry for entry in daily(meter.history) if entry.read_on < last.read_on]
    if not before:
        return False
    pages = step_to(before[-1], last, limit=limit).pages
    if pages is None:
        return not before[-1].estimated
    earlier = replace(meter, history=tuple(before))
    expected = expectation_after(
        before,
        earlier,
        limit=capacity(earlier),
        read_on=last.read_on,
        tolerances=tolerances,
    )
    known = expected is not None and expected.basis is Basis.HISTORY
    return known and expected is not None and pages > _FAR * expected.high
