"""The rules about one meter: each judges a case and returns a finding, or None.

P8's rules about several meters of a machine are in `machine_rules`; P1's reading of typed numbers
is in `numbers`. A rule returns None if its data are missing.
"""

from __future__ import annotations

from datetime import date

from meterportal.domain.plausibility.case import Case
from meterportal.domain.plausibility.expectation import Basis
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.prepared import MINUTES_A_DAY
from meterportal.domain.plausibility.usage import How, step
from meterportal.domain.portfolio.machines import MeterKind


def fits_the_meter(case: Case) -> Finding | None:
    """P1: not negative, and not more digits than the meter has, unless the history explains
    them."""
    if case.value < 0:
        return case.finding("negative", Severity.BLOCK)
    if case.value >= case.limit and not _outgrows(case):
        return case.finding("too_many_digits", Severity.BLOCK, digits=len(str(case.limit)) - 1)
    return None


def outgrows_the_meter(case: Case) -> Finding | None:
    """P1: more digits than the meter should have, but the usage is as expected by its history.

    Then the number of digits in the ERP is wrong; this finding tells staff.
    """
    if case.value < case.limit:
        return None
    digits = len(str(case.limit)) - 1
    return case.finding("too_many_digits", Severity.WARN, digits=digits, cause=FITS)


FITS = "fits_history"
"""The cause if only the number of digits is against the value."""


def _outgrows(case: Case) -> bool:
    of_history = case.expected is not None and case.expected.basis is Basis.HISTORY
    return of_history and case.pages is not None and case.prepared.usual(case.pages)


def dated_possibly(case: Case, *, today: date, earliest: date | None = None) -> Finding | None:
    """P2: not in the future, not before the last billed reading, not before `earliest`."""
    if case.read_on > today:
        return case.finding("in_the_future", Severity.BLOCK, today_on=today)
    billed_on = case.prepared.billed_on
    if billed_on is not None and case.read_on < billed_on:
        return case.finding("before_billed", Severity.BLOCK, billed_on=billed_on)
    if earliest is not None and case.read_on < earliest:
        return case.finding("too_early", Severity.BLOCK, earliest_on=earliest)
    return None


def not_lower(case: Case) -> Finding | None:
    """P3: lower than the last effective reading, and no rollover or reset explains it."""
    if case.usage is None or case.last is None or case.pages is not None or case.below_a_guess:
        return None
    code = "lower_than_estimate" if case.last.estimated else "lower_than_last"
    return case.finding(code, Severity.WARN)


def not_above_later(case: Case) -> Finding | None:
    """P3 for a later day: higher than an effective reading of a later day.

    A technician's reading of a later day may be stored before the customer reports; after a reset
    the old board's last value counts.
    """
    later = case.later
    if later is None or not case.meter.cumulative:
        return None
    highest = later.value if later.reset_end is None else later.reset_end
    if step(case.value, highest, case.limit).pages is not None:
        return None
    return case.finding("higher_than_later", Severity.WARN, later=highest, later_on=later.read_on)


def rolled_over(case: Case) -> Finding | None:
    """P4: the meter has passed its last digit; usage is computed across the rollover."""
    if case.usage is None or case.usage.how is not How.ROLLED_OVER:
        return None
    return case.finding("rolled_over", Severity.OK, highest=case.limit - 1)


def not_too_much(case: Case) -> Finding | None:
    """P5: more usage than expected by the meter's own history, or by its volume."""
    if case.expected is None or case.pages is None or case.pages <= case.expected.high:
        return None
    return case.finding("usage_too_high", Severity.WARN)


def not_too_little(case: Case) -> Finding | None:
    """P5: less usage than expected by the meter's own history; P6 is the rule for no usage at
    all."""
    if case.expected is None or not case.pages or case.pages >= case.expected.low:
        return None
    return case.finding("usage_too_low", Severity.WARN)


def counted_something(case: Case) -> Finding | None:
    """P6: no usage although usage is expected."""
    if case.expected is None or case.pages != 0 or case.expected.low == 0:
        return None
    return case.finding("no_usage", Severity.WARN)


def has_changed(case: Case) -> Finding | None:
    """P12: the same value with a later date, if P6 has no finding.

    For a meter that often stands still this is only a note: asking for a reason each time would
    teach people to type any reason.
    """
    if case.last is None or not case.meter.cumulative or case.pages != 0 or case.same_day:
        return None
    if case.expected is not None and case.expected.idle:
        return case.finding("still_idle", Severity.INFO)
    if counted_something(case):
        return None
    return case.finding("unchanged", Severity.WARN)


def one_a_day(case: Case) -> Finding | None:
    """P12: there is an effective reading of the same meter and day."""
    if case.last is None or not case.same_day:
        return None
    same = case.value == case.last.value
    return case.finding("same_day_same_value" if same else "same_day_other_value", Severity.WARN)


def basis_known(case: Case) -> Finding | None:
    """P7: without a history the agreed or the model's volume is used; without both, a note says
    so."""
    if case.expected is None:
        return case.finding("cannot_be_checked", Severity.INFO)
    if case.expected.basis is Basis.HISTORY:
        return None
    return case.finding("no_history", Severity.INFO, basis=case.expected.basis.value)


def last_was_counted(case: Case) -> Finding | None:
    """P13: the last reading was an estimate, so the range is wider; the estimate may have been too
    high."""
    if case.expected is None or not case.expected.estimated:
        return None
    code = "estimate_was_high" if case.below_a_guess else "last_was_estimate"
    return case.finding(code, Severity.INFO)


def base_fits(case: Case) -> Finding | None:
    """A note with a doubt: perhaps the last reading is wrong, not this one."""
    return case.finding("base_doubtful", Severity.INFO) if case.prepared.base_doubtful else None


def printable(case: Case) -> Finding | None:
    """P8: more pages than the model can print in the time, day and night.

    The hours of the readings are unknown, so one more day than between the dates is allowed.
    """
    if case.pages_per_minute is None or case.pages is None or case.meter.kind is MeterKind.SCAN:
        return None
    most = case.pages_per_minute * MINUTES_A_DAY * (case.days + 1)
    if case.pages <= most:
        return None
    return case.finding(
        "more_than_printable",
        Severity.WARN,
        printable=most,
        pages_per_minute=case.pages_per_minute,
    )
