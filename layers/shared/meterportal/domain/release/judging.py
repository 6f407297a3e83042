"""Release for billing: which reported readings may be billed, decided machine by machine.

Dry run and run both use `judge`, with the machine as it is stored at that moment. Nothing is
written here; the caller stores the decision in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import Neighbours, check_closely
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Conflict,
    NotFound,
)
from meterportal.domain.release.effective import make_all_effective, make_effective
from meterportal.domain.reporting.readings import DecisionKind, Reading, ReadingState, Verdict

FINAL = (ReadingState.RELEASED, ReadingState.BILLED)
_OBJECTIONS = (Severity.WARN, Severity.BLOCK)


class LineOutcome(StrEnum):
    """The outcome of a reading; `releasable` is what a dry run says in place of `released`."""

    RELEASED = "released"
    RELEASABLE = "releasable"
    REFUSED = "refused"


class Code(StrEnum):
    """Why a reading was not released. `confirmed_by_customer` and `implausible_now` ask for a decision
    by a person, the last three have one that keeps it back."""

    UNKNOWN_MACHINE = "unknown_machine"
    NOTHING_REPORTED = "nothing_reported"
    ALREADY_RELEASED = "already_released"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CONFIRMED_BY_CUSTOMER = "confirmed_by_customer"
    IMPLAUSIBLE_NOW = "implausible_now"
    SECOND_PERSON_MISSING = "second_person_missing"
    DEFERRED = "deferred"
    ASKED_BACK = "asked_back"
    PROVISIONAL = "provisional"


_KEPT_BACK = frozenset(
    {Code.SECOND_PERSON_MISSING, Code.DEFERRED, Code.ASKED_BACK, Code.PROVISIONAL}
)

_TEXTS: Mapping[Code, tuple[str, str]] = {
    Code.UNKNOWN_MACHINE: (
        "Ein Gerät mit dieser Nummer gibt es nicht.",
        "There is no machine with this number.",
    ),
    Code.NOTHING_REPORTED: (
        "Für dieses Gerät ist nichts gemeldet.",
        "Nothing has been reported for this machine.",
    ),
    Code.ALREADY_RELEASED: (
        "Dieser Zählerstand ist bereits freigegeben.",
        "This reading has already been released.",
    ),
    Code.CHANGED_MEANWHILE: (
        "Die Zählerstände wurden geändert, nachdem sie ausgewählt waren. Bitte sehen Sie sie neu an.",
        "The readings were changed after they had been selected. Please look at them again.",
    ),
    Code.CONFIRMED_BY_CUSTOMER: (
        "Auffällig, aber begründet: „{reason}“. Bitte entscheiden Sie.",
        "Unusual, but with a reason: “{reason}”. Please decide.",
    ),
    Code.IMPLAUSIBLE_NOW: (
        "Bei der Freigabe auffällig. Bitte entscheiden Sie.",
        "Unusual at release. Please decide.",
    ),
    Code.SECOND_PERSON_MISSING: (
        "Angenommen, aber über der Grenze: Eine zweite Person muss den Wert auch annehmen.",
        "Accepted, but above the limit: a second person has to accept the value, too.",
    ),
    Code.DEFERRED: ("Zurückgestellt.", "Deferred."),
    Code.ASKED_BACK: ("Die Rückfrage beim Kunden läuft.", "The customer is being asked."),
    Code.PROVISIONAL: (
        "Dieses Austauschgerät hat im ERP noch keine Nummer. Der Stand wartet auf das nächste Einlesen.",
        "This replacement has no number in the ERP yet. The reading waits for the next import.",
    ),
}
_HAND = ("Von Hand freigegeben: „{reason}“.", "Released by hand: “{reason}”.")


class NotInErp(Conflict):
    code = "not_in_erp"
    de = "Dieses Austauschgerät hat im ERP noch keine Nummer. Der Stand kann nach dem nächsten Einlesen freigegeben werden."
    en = "This replacement has no number in the ERP yet. The reading can be released after the next import."


@frozen
class ReportLine:
    """One line of a release report: a reading, or a whole machine where `meter_id` is "".

    `number` is the reading's, `at_entry` are the findings stored with the reading, `at_release` those of the second check.
    """

    outcome: LineOutcome
    code: Code | None = None
    meter_id: str = ""
    label: str = ""
    due_on: date | None = None
    number: int = 1
    value: int | None = None
    read_on: date | None = None
    customer_reason: str = ""
    release_reason: str = ""
    at_entry: tuple[Finding, ...] = ()
    at_release: tuple[Finding, ...] = ()

    def reason(self, language: str) -> str | None:
        """The outcome's reason in a sentence; None for a release without remarks."""
        english = language == "en"
        sentences: list[str] = []
        if self.code:
            sentences.append(_TEXTS[self.code][english].format(reason=self.customer_reason))
        if self.release_reason:
            sentences.append(_HAND[english].format(reason=self.release_reason))
        findings = self.at_release
        if self.outcome is LineOutcome.REFUSED:
            findings = tuple(f for f in findings if f.severity in _OBJECTIONS)
        sentences += [finding_text(finding, language, self.label) for finding in findings]
        return " ".join(sentences) or None


@frozen
class Decision:
    """The decision about one machine: its lines in the release report and the changed machine, if
    any.

    `seen` is the version that staff saw (in a dry run: the current one), None for a machine that
    does not exist. `changed` replaces `machine` in the table; its version is one higher if
    `released` is not empty. A refusal alone does not change the version.
    """

    machine_id: str
    seen: int | None
    machine: Machine | None
    lines: tuple[ReportLine, ...]
    changed: Machine | None = None
    released: tuple[Reading, ...] = ()


def judge(
    machine_id: str,
    machine: Machine | None,
    *,
    seen: int | None,
    now: datetime,
    today: date,
    by: str,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
    row: str = "",
) -> Decision:
    """Decide which readings of a machine are released; they wait for their export in the `row` of that name.

    `seen` is the version that staff saw; None accepts the current one (dry run). `tolerances` are
    the dealer's; `neighbours` is called only when a value is in doubt. Every machine gets at least
    one line. Readings are judged period by period, oldest first: a released reading of an earlier
    period is history for a later one.
    """
    if machine is None:
        line = ReportLine(LineOutcome.REFUSED, Code.UNKNOWN_MACHINE)
        return Decision(machine_id, seen, None, (line,))
    version = machine.version if seen is None else seen
    reported = (r for r in machine.readings if r.state is ReadingState.REPORTED)
    waiting = sorted(reported, key=_in_order)
    if not waiting:
        return Decision(machine_id, version, machine, _nothing_waits(machine))
    if version != machine.version:
        moved = tuple(_refused(machine, r, Code.CHANGED_MEANWHILE) for r in waiting)
        return Decision(machine_id, version, machine, moved)
    working, lines, settled = machine, [], {}
    for period, day, readings in _together(waiting):
        check = check_together(working, period, day, readings, today, tolerances, neighbours)
        alone = check
        if any(reading.decision for reading in readings):
            # Staff decide about what is stored with a value, and that names no other machine.
            alone = check_together(working, period, day, readings, today, tolerances, None)
        effective = []
        for reading in readings:
            found = check.of(reading.meter_id)
            code = (
                Code.PROVISIONAL
                if machine.provisional
                else _objection(
                    reading, (alone if reading.decision else check).of(reading.meter_id), today
                )
            )
            if code:
                lines.append(_refused(machine, reading, code, found))
                if code not in _KEPT_BACK:
                    settled[_key(reading)] = replace(
                        reading, refused=code.value, decision=reading.way_back
                    )
                continue
            settled[_key(reading)] = released = _release(reading, now=now, by=by, row=row)
            lines.append(_line(machine, released, LineOutcome.RELEASED, at_release=found))
            confirmed = reading.verdict is Verdict.CONFIRMED or bool(objections(found))
            effective.append((released, confirmed))
        working = make_all_effective(working, effective)
    return _decided(machine, working, lines, settled)


def release_by_hand(
    machine: Machine,
    meter_id: str,
    due_on: date,
    *,
    seen: int,
    reason: str,
    now: datetime,
    today: date,
    by: str,
    tolerances: ToleranceSettings | None = None,
) -> Decision:
    """Release one reading, whatever the checks say, with a reason given by staff.

    Its line contains the findings of the second check; a doubt in them counts as confirmed by
    staff. Raises NotFound, AlreadyReleased, ChangedMeanwhile or NotInErp.
    """
    reading = machine.reading(meter_id, due_on)
    if reading is None:
        raise NotFound
    if reading.state in FINAL:
        released_on = reading.released_at.date().isoformat() if reading.released_at else None
        raise AlreadyReleased(state=reading.state.value, released_on=released_on)
    if seen != machine.version:
        raise ChangedMeanwhile(version=machine.version, field="version")
    if machine.provisional:
        raise NotInErp
    check = check_together(machine, due_on, reading.read_on, [reading], today, tolerances, None)
    found = check.of(meter_id)
    released = replace(_release(reading, now=now, by=by), release_reason=reason)
    line = _line(machine, released, LineOutcome.RELEASED, at_release=found)
    confirmed = reading.verdict is Verdict.CONFIRMED or bool(objections(found))
    working = make_effective(machine, released, confirmed=confirmed)
    return _decided(machine, working, [line], {_key(reading): released})


def checked_again(
    machine: Machine, reading: Reading, *, today: date, tolerances: ToleranceSettings | None
) -> Check:
    """The second check of one reading, with the machine's current history."""
    return check_together(
        machine, reading.due_on, reading.read_on, [reading], today, tolerances, None
    )


def as_dry_run(line: ReportLine) -> ReportLine:
    """The line as a dry run reports it."""
    if line.outcome is LineOutcome.RELEASED:
        return replace(line, outcome=LineOutcome.RELEASABLE)
    return line


def _nothing_waits(machine: Machine) -> tuple[ReportLine, ...]:
    current = (r for r in machine.readings if r.due_on == machine.due_on and r.state in FINAL)
    final = sorted(current, key=_in_order)
    if final:
        return tuple(_refused(machine, reading, Code.ALREADY_RELEASED) for reading in final)
    return (ReportLine(LineOutcome.REFUSED, Code.NOTHING_REPORTED),)


def _together(readings: Sequence[Reading]) -> list[tuple[date, date, list[Reading]]]:
    """Readings grouped by period and day, to be checked together; `readings` are in order."""
    return [
        (period, day, list(group))
        for (period, day), group in groupby(readings, key=lambda r: (r.due_on, r.read_on))
    ]


def _in_order(reading: Reading) -> tuple[date, date, str]:
    """Oldest period first, then by day and meter."""
    return reading.due_on, reading.read_on, reading.meter_id


def check_together(
    machine: Machine,
    period: date,
    day: date,
    readings: Sequence[Reading],
    today: date,
    tolerances: ToleranceSettings | None,
    neighbours: Neighbours | None,
) -> Check:
    """The second check: the rules of the entry, with the current history. `readings` are of one period
    and day."""
    values = {reading.meter_id: reading.value for reading in readings}
    prepared = prepare_machine(
        machine if machine.due_on == period else replace(machine, due_on=period),
        read_on=day,
        today=today,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        tolerances=tolerances,
        meter_ids=values,
    )
    return check_closely(prepared, values, neighbours)


def _objection(reading: Reading, found: Sequence[Finding], today: date) -> Code | None:
    """Why a run leaves this reading to a person. Notes are no reason, nor is a value that cannot be
    checked, nor the doubts with which staff have accepted it."""
    decision, doubts = reading.decision, objections(found)
    if reading.asked_back:
        return Code.ASKED_BACK
    if decision and decision.kind is DecisionKind.DEFERRED and decision.rests(today):
        return Code.DEFERRED
    if decision and decision.kind is DecisionKind.ACCEPTED and doubts <= set(decision.findings):
        return None if decision.accepts else Code.SECOND_PERSON_MISSING
    if reading.verdict is Verdict.CONFIRMED:
        return Code.CONFIRMED_BY_CUSTOMER
    return Code.IMPLAUSIBLE_NOW if doubts else None


def objections(found: Sequence[Finding]) -> frozenset[str]:
    """The codes of the findings that keep a value from being released by a run."""
    return frozenset(finding.code for finding in found if finding.severity in _OBJECTIONS)


def _release(reading: Reading, *, now: datetime, by: str, row: str = "") -> Reading:
    return replace(
        reading,
        state=ReadingState.RELEASED,
        refused=None,
        released_at=now,
        released_by=by,
        row=row,
        decision=None,
    )


def _key(reading: Reading) -> tuple[str, date]:
    return reading.meter_id, reading.due_on


def _decided(
    machine: Machine,
    working: Machine,
    lines: Sequence[ReportLine],
    settled: Mapping[tuple[str, date], Reading],
) -> Decision:
    readings = tuple(settled.get(_key(reading), reading) for reading in machine.readings)
    released = tuple(r for r in settled.values() if r.state is ReadingState.RELEASED)
    version = machine.version + 1 if released else machine.version
    changed = replace(working, readings=readings, version=version)
    told = changed if changed != machine else None
    return Decision(machine.id, machine.version, machine, tuple(lines), told, released)


def _refused(
    machine: Machine, reading: Reading, code: Code, at_release: tuple[Finding, ...] = ()
) -> ReportLine:
    line = _line(machine, reading, LineOutcome.REFUSED, at_release=at_release)
    return replace(line, code=code)


def _line(
    machine: Machine, reading: Reading, outcome: LineOutcome, *, at_release: tuple[Finding, ...]
) -> ReportLine:
    meter = machine.meter(reading.meter_id)
    return ReportLine(
        outcome,
        None,
        reading.meter_id,
        meter.label if meter else "",
        reading.due_on,
        reading.number,
        reading.value,
        reading.read_on,
        reading.reason,
        reading.release_reason,
        reading.findings,
        at_release,
    )
