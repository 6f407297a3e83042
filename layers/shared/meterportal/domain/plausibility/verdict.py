"""The verdict: every rule about every value of a machine, as one result.

Order of a meter's findings: what blocks, then the most likely cause, then notes. At most one
finding says what is wrong with a value, so findings do not contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility import rules
from meterportal.domain.plausibility.case import Case, case_of
from meterportal.domain.plausibility.causes import Cause, Scene, cause_of
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.machine_rules import (
    Sum,
    busy_alike,
    compare_meters,
    counted,
    sums_of,
)
from meterportal.domain.plausibility.numbers import Negative, TooManyDigits, ValueRefused
from meterportal.domain.plausibility.prepared import Prepared, prepare
from meterportal.domain.plausibility.tolerances import USUAL, ToleranceSettings
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.refusals import NotFound, Refusal
from meterportal.domain.reporting.readings import ReadingState, Verdict

MeterRule = Callable[[Case], Finding | None]

DOUBTS: Sequence[MeterRule] = (
    rules.outgrows_the_meter,
    rules.one_a_day,
    rules.not_lower,
    rules.not_above_later,
    rules.printable,
    rules.not_too_much,
    rules.counted_something,
    rules.has_changed,
    rules.not_too_little,
)
"""What may be wrong with a value, the likeliest cause first; only the first finding is reported."""

EXPLAINED = frozenset(
    {
        "too_many_digits",
        "lower_than_last",
        "lower_than_estimate",
        "more_than_printable",
        "usage_too_high",
        "usage_too_low",
    }
)
"""Doubts that a typing error may have caused; the likeliest cause is reported in their place."""

_OF_USAGE = frozenset({"usage_too_high", "usage_too_low"})
_FROM_BASE = _OF_USAGE | {"lower_than_last", "more_than_printable"}
"""Doubts about a correct value that a wrong last reading would cause."""
_IN_DOUBT = frozenset({Severity.BLOCK, Severity.WARN})

NOTES: Sequence[MeterRule] = (rules.basis_known, rules.last_was_counted, rules.rolled_over)


class ReadOnRefused(Refusal):
    """P2: the day of reading cannot be accepted. Facts: `read_on` and the day with which it
    conflicts."""

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


_ORDER = (Severity.BLOCK, Severity.WARN, Severity.INFO, Severity.OK)


def _weight(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


@frozen
class Check:
    """The findings about one machine's values. `meters` are the ids that were judged."""

    meters: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    _by_meter: dict[str, tuple[Finding, ...]] = field(default_factory=dict, repr=False)

    def of(self, meter_id: str) -> tuple[Finding, ...]:
        """The findings of one meter, most likely cause first."""
        return self._by_meter.get(meter_id, ())

    @property
    def blocked(self) -> bool:
        """Whether something must not be stored, whatever reason is given."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)

    def refuse_blocked(self) -> None:
        """Raise the blocking finding, as ReadOnRefused (`read_on`) or ValueRefused
        (`values.<meter>`)."""
        for finding in self.findings:
            if finding.severity is Severity.BLOCK:
                refusal = _REFUSALS[finding.code]
                at_value = issubclass(refusal, ValueRefused)
                where = f"values.{finding.meter_id}" if at_value else "read_on"
                raise refusal(field=where, **finding.numbers)

    def warned(self, meter_id: str) -> bool:
        """Whether the value has to be corrected, or confirmed with a reason."""
        return any(finding.severity is Severity.WARN for finding in self.of(meter_id))

    def verdict(self, meter_id: str, reason: str | None = None) -> Verdict:
        """`confirmed` if a warning was answered with a reason, `plausible` if none was needed.

        `unchecked` if nothing could be judged, if a warning has no answer, and for meters that were
        not part of this check; so a tick is never shown without a check.
        """
        if meter_id not in self.meters:
            return Verdict.UNCHECKED
        if self.warned(meter_id):
            return Verdict.CONFIRMED if (reason or "").strip() else Verdict.UNCHECKED
        unjudged = {Severity.BLOCK} & {finding.severity for finding in self.of(meter_id)}
        unknown = any(finding.code == "cannot_be_checked" for finding in self.of(meter_id))
        return Verdict.UNCHECKED if unjudged or unknown else Verdict.PLAUSIBLE


@frozen
class PreparedMachine:
    """A machine prepared for a day: the part of the judgement that does not depend on the typed
    values.

    `meters` are those that can be judged. `sums` are those of P8; `bases` are the last values from
    which their pages are counted, for meters whose pages are a simple difference.
    """

    machine: Machine
    read_on: date
    today: date
    earliest: date | None
    meters: Mapping[str, Prepared]
    reported: Mapping[str, Case]
    sums: tuple[Sum, ...]
    quiet: Mapping[str, tuple[int, int]]
    bases: Mapping[str, int]

    def check(self, values: Mapping[str, int], *, others: Sequence[Machine] = ()) -> Check:
        """Judge the `values` by meter id. `others` are the company's other machines (P10).

        If all values are in their meters' quiet ranges, this costs two comparisons per value. Only
        if one is not, the rules are applied and the search for the number that was meant. Raises
        NotFound for a meter that was not prepared.
        """
        loud = self._loud(values)
        if not loud and (not self.sums or self._sums_hold(values)):
            return Check(tuple([meter_id for meter_id in self.meters if meter_id in values]))
        return self._closely(values, others, loud)

    def _loud(self, values: Mapping[str, int]) -> list[str]:
        """The meters whose own rules have to judge their values."""
        quiet = self.quiet
        return [
            meter_id
            for meter_id, value in values.items()
            if meter_id not in quiet or not quiet[meter_id][0] <= value <= quiet[meter_id][1]
        ]

    def _sums_hold(self, values: Mapping[str, int]) -> bool:
        """Whether every sum of the typed values holds; False if that needs a closer look."""
        bases = self.bases
        if self.reported or not bases:
            return False
        pages = {m: values[m] - bases[m] for m in bases if m in values}
        return all(
            len(pages.keys() & set(needed.involved)) < len(needed.involved)
            or not needed.apart(pages)
            for needed in self.sums
        )

    def _closely(
        self, values: Mapping[str, int], others: Sequence[Machine], loud: Sequence[str]
    ) -> Check:
        unknown = next((meter_id for meter_id in values if meter_id not in self.meters), None)
        if unknown is not None:
            raise NotFound(field=f"values.{unknown}")
        cases = {
            meter_id: case_of(prepared, values[meter_id])
            for meter_id, prepared in self.meters.items()
            if meter_id in values
        }
        found = {
            meter_id: _judge(case, today=self.today, earliest=self.earliest)
            if meter_id in loud
            else []
            for meter_id, case in cases.items()
        }
        seen = {**{m: case for m, case in self.reported.items() if m not in cases}, **cases}
        _relieve(seen, found)
        scene = Scene(self.machine, seen, frozenset(cases), _doubted(found), others)
        _explain(scene, self.sums, found)
        if self.sums:
            _compare(scene, self.sums, found)
        by_meter = {m: tuple(sorted(findings, key=_weight)) for m, findings in found.items()}
        return Check(
            tuple(by_meter), tuple(f for findings in by_meter.values() for f in findings), by_meter
        )


def prepare_machine(
    machine: Machine,
    *,
    read_on: date,
    today: date,
    pages_per_minute: int | None = None,
    model_volume: int | None = None,
    earliest: date | None = None,
    tolerances: ToleranceSettings | None = None,
    meter_ids: Iterable[str] | None = None,
) -> PreparedMachine:
    """Prepare a machine for readings of one day.

    Reads the history of every meter, or of `meter_ids` and the meters already reported. Only
    effective history is used for the forecast; values already reported in the period are used by
    the rules about several meters only. `model_volume` is the model's usual number of pages per
    year, `earliest` the first day that is accepted (a contract's start).
    """
    wanted = {meter.id for meter in machine.meters} if meter_ids is None else set(meter_ids)

    def prepared(meter: Meter, on: date) -> Prepared:
        return prepare(
            meter,
            read_on=on,
            model_volume=model_volume,
            pages_per_minute=pages_per_minute,
            tolerances=tolerances.of(machine, meter) if tolerances else USUAL,
        )

    meters = {meter.id: prepared(meter, read_on) for meter in machine.meters if meter.id in wanted}
    reported = {
        meter.id: case_of(
            meters[meter.id]
            if reading.read_on == read_on and meter.id in meters
            else prepared(meter, reading.read_on),
            reading.value,
        )
        for meter in machine.meters
        if (reading := machine.reading(meter.id)) is not None
        and reading.state is ReadingState.REPORTED
    }
    sums = sums_of(machine)
    possible = read_on <= today and (earliest is None or read_on >= earliest)
    quiet = {m: p.quiet for m, p in meters.items()} if possible else {}
    bases = _bases(meters, sums)
    return PreparedMachine(machine, read_on, today, earliest, meters, reported, sums, quiet, bases)


def _bases(meters: Mapping[str, Prepared], sums: Sequence[Sum]) -> dict[str, int]:
    """Last values of the meters of all sums, if all were read on the same day and none is an
    estimate."""
    involved = {meter_id for needed in sums for meter_id in needed.involved}
    lasts = {m: meters[m].last for m in involved if m in meters}
    known = {m: last.value for m, last in lasts.items() if last and not last.estimated}
    days = {last.read_on for last in lasts.values() if last}
    return known if len(known) == len(lasts) and len(days) == 1 else {}


def _judge(case: Case, *, today: date, earliest: date | None) -> list[Finding]:
    """The findings about one value by its own meter's rules."""
    block = rules.fits_the_meter(case) or rules.dated_possibly(case, today=today, earliest=earliest)
    if block:
        return [block]
    doubt = next((found for rule in DOUBTS if (found := rule(case))), None)
    notes = [found for rule in NOTES if (found := rule(case))]
    if doubt is None:
        return notes
    if doubt.code in _FROM_BASE and (base := rules.base_fits(case)):
        notes.append(base)
    return [doubt, *(note for note in notes if note.code != "cannot_be_checked")]


def _doubted(found: Mapping[str, Sequence[Finding]]) -> frozenset[str]:
    return frozenset(
        meter_id
        for meter_id, findings in found.items()
        if any(finding.severity in _IN_DOUBT for finding in findings)
    )


def _relieve(cases: Mapping[str, Case], found: dict[str, list[Finding]]) -> None:
    """P5: drop the doubt about usage that is as unusual as another meter's of the machine."""
    before = dict(found)
    for meter_id, findings in before.items():
        if findings and findings[0].code in _OF_USAGE and busy_alike(cases[meter_id], cases):
            found[meter_id] = findings[1:]


def _explain(scene: Scene, sums: Sequence[Sum], found: dict[str, list[Finding]]) -> None:
    """P9 to P11: put the cause in place of the doubt, if one is clearly the most likely."""
    for meter_id in sorted(scene.doubted):
        doubt = found[meter_id][0]
        if doubt.code not in EXPLAINED or doubt.numbers.get("cause") == rules.FITS:
            continue
        due = _due(scene, sums, meter_id)
        cause = cause_of(replace(scene, due=due), meter_id)
        if cause is None:
            continue
        _put_first(scene.cases[meter_id], cause, doubt, found)
        if cause.partner is not None:
            other = scene.cases[cause.partner]
            back = replace(cause, numbers={"other": scene.cases[meter_id].meter.label})
            before = found[cause.partner]
            doubts = [f for f in before if f.severity in _IN_DOUBT]
            _put_first(other, back, doubts[0] if doubts else None, found)


def _put_first(
    case: Case, cause: Cause, doubt: Finding | None, found: dict[str, list[Finding]]
) -> None:
    """Put the cause first. A value that cannot be stored stays refused, with the number that may be
    meant."""
    meter_id = case.meter.id
    notes = [f for f in found[meter_id] if f is not doubt and f.code != "cannot_be_checked"]
    if doubt is not None and doubt.severity is Severity.BLOCK:
        named = replace(doubt, numbers={**doubt.numbers, **cause.numbers, "cause": cause.code})
    else:
        facts = {"doubt": doubt.code} if doubt is not None else {}
        named = case.finding(cause.code, Severity.WARN, **facts, **cause.numbers)
    found[meter_id] = [replace(named, suggestion=cause.suggestion), *notes]


def _due(scene: Scene, sums: Sequence[Sum], meter_id: str) -> dict[str, tuple[int, int]]:
    """The pages that the sum leaves for this meter, if none of the others is in doubt."""
    for needed in sums:
        if needed.within or meter_id not in needed.involved:
            continue
        others = counted(needed, scene.cases, scene.doubted - {meter_id}, without=meter_id)
        if others:
            due = needed.due(meter_id, others)
            return {meter_id: (due, needed.allowed(due))}
    return {}


def _compare(scene: Scene, sums: Sequence[Sum], found: dict[str, list[Finding]]) -> None:
    """P8 for several meters: put the finding first at the meter that has it, or at the one with an
    error that explains it."""
    broken = compare_meters(sums, scene.cases, typed=scene.typed, doubted=_doubted(found))
    if broken is None:
        return
    needed, finding = broken
    causes: list[tuple[float, str, Cause]] = []
    for meter_id in needed.involved:
        if meter_id in scene.typed and not needed.within:
            due = _due(scene, [needed], meter_id)
            cause = cause_of(replace(scene, due=due, others=()), meter_id) if due else None
            if cause is not None and cause.suggestion and cause.partner is None:
                causes.append((cause.gain, meter_id, cause))
    if causes:
        _, meter_id, cause = max(causes, key=lambda cause_with_gain: cause_with_gain[0])
        _put_first(scene.cases[meter_id], cause, finding, found)
        return
    notes = [n for n in found[finding.meter_id] if n.code != "cannot_be_checked"]
    found[finding.meter_id] = [finding, *notes]
