"""The second pair of eyes: above a limit that the dealer may set, two people have to accept a value."""

from __future__ import annotations

from collections.abc import Sequence

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.findings import Finding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.period_values import period_value
from meterportal.domain.refusals import Conflict, Invalid
from meterportal.domain.reporting.readings import DecisionKind, Reading, StaffDecision

MOST_PAGES, MOST_TIMES = 100_000_000, 1_000


class SamePerson(Conflict):
    code = "same_person"
    de = "Dieser Wert liegt über der Grenze, und Sie haben ihn schon angenommen. Bitte lassen Sie eine zweite Person prüfen."
    en = "This value is above the limit, and you have accepted it already. Please have a second person check it."


class SecondPersonMissing(Conflict):
    code = "second_person_missing"
    de = "Dieser Wert liegt über der Grenze. Er wird freigegeben, sobald zwei Personen ihn angenommen haben."
    en = "This value is above the limit. It is released once two people have accepted it."


@frozen
class ReleaseLimits:
    """Above which usage a second person has to accept: so many `pages`, or so many `times` the expected
    ones. None: no such limit."""

    pages: int | None = None
    times: int | None = None

    def refuse_impossible(self) -> None:
        """Raises Invalid."""
        for field, value, most in (
            ("pages", self.pages, MOST_PAGES),
            ("times", self.times, MOST_TIMES),
        ):
            if value is not None and not 1 <= value <= most:
                raise Invalid(
                    field=field,
                    de=f"Bitte geben Sie eine Zahl von 1 bis {most} an, oder nichts.",
                    en=f"Please give a number from 1 to {most}, or nothing.",
                )


@frozen
class StoredLimits:
    """`version` 0: nothing was set yet."""

    limits: ReleaseLimits = ReleaseLimits()
    version: int = 0


def needs_second(
    limits: ReleaseLimits, machine: Machine, reading: Reading, found: Sequence[Finding]
) -> bool:
    """Whether a value is above the limit. Usage that nothing explains, as below the last value, counts
    by its size; what is expected is what the findings say."""
    meter = machine.meter(reading.meter_id)
    if meter is None or limits == ReleaseLimits():
        return False
    value = period_value(meter, reading)
    usage = value.usage
    if usage is None and value.previous is not None:
        usage = abs(reading.value - value.previous.value)
    if usage is None:
        return False
    expected = [n for one in found if isinstance(n := one.numbers.get("expected"), int)]
    above = limits.pages is not None and usage > limits.pages
    return above or (
        limits.times is not None and bool(expected) and usage > limits.times * expected[0]
    )


def refuse_single_person(decision: StaffDecision | None, *, by: str) -> None:
    """For a release by hand above the limit: raises unless a person other than `by` has accepted."""
    if decision is None or decision.kind is not DecisionKind.ACCEPTED:
        raise SecondPersonMissing
    if decision.by == by and not decision.second_by:
        raise SamePerson
