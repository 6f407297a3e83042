"""Whether the last reading, by which a value is judged, fits the history before it.

An import accepts every value of the ERP, also a counter that falls without a new board or grows to
fifteen times its value. Compared with such a reading, a correct value looks wrong.
"""

from __future__ import annotations

from dataclasses import replace

from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.expectation import Basis, expectation_after
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.prepared import Prepared
from meterportal.domain.plausibility.usage import daily, step_to

_FAR = 3
"""If its usage is more than so many times the upper limit, the last reading is doubtful."""


def doubtful_base(prepared: Prepared) -> bool:
    """Whether the last reading is lower than the one before it without a reset or rollover, or its
    usage is far more than expected by the readings before it. Never for a reading that was in doubt
    and confirmed."""
    last, meter = prepared.last, prepared.meter
    if last is None or last.confirmed or not meter.cumulative:
        return False
    before = [entry for entry in daily(meter.history) if entry.read_on < last.read_on]
    if not before:
        return False
    pages = step_to(before[-1], last, limit=prepared.limit).pages
    if pages is None:
        return not before[-1].estimated
    expected = expectation_after(
        before[-1],
        replace(meter, history=tuple(before)),
        read_on=last.read_on,
        tolerances=prepared.tolerances,
    )
    known = expected is not None and expected.basis is Basis.HISTORY
    return known and expected is not None and pages > _FAR * expected.high


def base_is_doubtful(case: Case) -> Finding | None:
    """A note with a doubt: perhaps the last reading is wrong, not this one."""
    return case.finding("base_doubtful", Severity.INFO) if doubtful_base(case.prepared) else None
