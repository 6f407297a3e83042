"""The combining verdict: every rule about every value of a machine, as one answer.

Order of the findings of a meter: what blocks, then the most likely cause, then notes. At most one
finding tells what is wrong with a value, so that no two contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility import rules
from meterportal.domain.plausibility.case import Case, case_of
from meterportal.domain.plausibility.machine_rules import compare_meters
from meterportal.domain.plausibility.numbers import Negative, TooManyDigits, ValueRefused
from meterportal.domain.readings import ReadingState, Verdict
from meterportal.domain.refusals import NotFound, Refusal

MeterRule = Callable[[Case], Finding | None]

DOUBTS: Sequence[MeterRule] = (
    rules.one_a_day,
    rules.not_lower,
    rules.not_above_later,
    rules.printable,
    rules.not_too_much,
    rules.counted_something,
    rules.has_changed,
    rules.not_too_little,
)
"""What may be wrong with a value, likeliest cause first; the first that objects is told."""

NOTES: Sequence[MeterRule] = (rules.basis_known, rules.last_was_counted, rules.rolled_over)


class ReadOnRefused(Refusal):
    """P2: the day of reading cannot be taken. Facts: `read_on` and the day it collides with."""

    code = "read_on_refused"
    de = "Dieses Ablesedatum kann nicht übernommen werden."
    en = "This date of reading cannot be taken."


class InTheFuture(ReadOnRefused):
    code = "in_the_future"
    de = "Das Ablesedatum liegt in der Zukunft."
    en = "The date of reading is in the future."


class BeforeBilled(ReadOnRefused):
    code = "before_billed"
    de = "Das Ablesedatum liegt vor dem letzten abgerechneten Zählerstand."
    en = "The date of reading is before the last billed reading."


class TooEarly(ReadOnRefused):
    code = "too_early"
    de = "Das Ablesedatum liegt zu weit zurück."
    en = "The date of reading is too long ago."


_REFUSALS: Mapping[str, type[Refusal]] = {
    kind.code: kind for kind in (InTheFuture, BeforeBilled, TooEarly, Negative, TooManyDigits)
}


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of one machine's values found. `meters` are the ids that were judged."""

    meters: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    _by_meter: dict[str, tuple[Finding, ...]] = field(default_factory=dict, repr=False)

    def of(self, meter_id: str) -> tuple[Finding, ...]:
        """The findings of one meter, most likely cause first."""
        return self._by_meter.get(meter_id, ())

    @property
    def blocked(self) -> bool:
        """Nothing of this may be stored, whatever the reason given."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)

    def refuse_blocked(self) -> None:
        """Raise what blocks, as ReadOnRefused (`read_on`) or ValueRefused (`values.<meter>`)."""
        for finding in self.findings:
            if finding.severity is Severity.BLOCK:
                refusal = _REFUSALS[finding.code]
                at_value = issubclass(refusal, ValueRefused)
                where = f"values.{finding.meter_id}" if at_value else "read_on"
                raise refusal(field=where, **finding.numbers)

    def warned(self, meter_id: str) -> bool:
        """The value has to be corrected, or confirmed with a reason."""
        return any(finding.severity is Severity.WARN for finding in self.of(meter_id))

    def verdict(self, meter_id: str, reason: str | None = None) -> Verdict:
        """`confirmed` when a warning was answered with a reason, `plausible` when none was needed.

        `unchecked` when nothing could be judged, when a warning stands unanswered, and for meters
        that were not part of this check: never a silent tick.
        """
        if meter_id not in self.meters:
            return Verdict.UNCHECKED
        if self.warned(meter_id):
            return Verdict.CONFIRMED if (reason or "").strip() else Verdict.UNCHECKED
        unjudged = {Severity.BLOCK} & {finding.severity for finding in self.of(meter_id)}
        unknown = any(finding.code == "cannot_be_checked" for finding in self.of(meter_id))
        return Verdict.UNCHECKED if unjudged or unknown else Verdict.PLAUSIBLE


def check_machine(
    machine: Machine,
    values: Mapping[str, int],
    *,
    read_on: date,
    today: date,
    pages_per_minute: int | None = None,
    model_volume: int | None = None,
    earliest: date | None = None,
) -> Check:
    """Judge the `values` (meter id: counter value) read on one day from a machine's meters.

    Only effective history feeds the forecast. What is already reported in the slot for the other
    meters serves the rules between meters, nothing else. `model_volume` is what the model usually
    prints in a year, `earliest` the first day that may be taken at all (a contract's start).
    Raises NotFound for a meter that the machine does not have.
    """
    unknown = next((meter_id for meter_id in values if machine.meter(meter_id) is None), None)
    if unknown is not None:
        raise NotFound(field=f"values.{unknown}")
    cases = {
        meter.id: case_of(
            meter,
            values[meter.id],
            read_on=read_on,
            model_volume=model_volume,
            pages_per_minute=pages_per_minute,
        )
        for meter in machine.meters
        if meter.id in values
    }
    found = {
        meter_id: _judge(case, today=today, earliest=earliest) for meter_id, case in cases.items()
    }
    _add_comparison(machine, cases, found)
    told = {meter_id: tuple(findings) for meter_id, findings in found.items()}
    return Check(tuple(told), tuple(f for findings in told.values() for f in findings), told)


def _judge(case: Case, *, today: date, earliest: date | None) -> list[Finding]:
    """The findings about one value by its own meter's rules."""
    block = rules.fits_the_meter(case) or rules.dated_possibly(case, today=today, earliest=earliest)
    if block:
        return [block]
    doubt = next((found for rule in DOUBTS if (found := rule(case))), None)
    notes = [found for rule in NOTES if (found := rule(case))]
    if doubt is None:
        return notes
    return [doubt, *(note for note in notes if note.code != "cannot_be_checked")]


def _add_comparison(
    machine: Machine, cases: Mapping[str, Case], found: dict[str, list[Finding]]
) -> None:
    """P8 between the meters, told first at the meter that bears it."""
    reported = {
        meter.id: case_of(meter, reading.value, read_on=reading.read_on)
        for meter in machine.meters
        if meter.id not in cases
        and (reading := machine.reading(meter.id)) is not None
        and reading.state is ReadingState.REPORTED
    }
    doubted = {
        meter_id
        for meter_id, findings in found.items()
        if any(finding.severity in {Severity.BLOCK, Severity.WARN} for finding in findings)
    }
    finding = compare_meters(
        machine, {**reported, **cases}, typed=frozenset(cases), doubted=frozenset(doubted)
    )
    if finding:
        notes = [n for n in found[finding.meter_id] if n.code != "cannot_be_checked"]
        found[finding.meter_id] = [finding, *notes]
