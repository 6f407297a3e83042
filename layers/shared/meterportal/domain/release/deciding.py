"""What staff decide about a value that waits: accept it, take the suggestion, estimate, defer, ask back.

A decision stands at the reading, so it ends when another value takes its place. Each one raises the
machine's version: who decided on an older state is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.findings import Finding
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Conflict,
    Invalid,
    NotFound,
)
from meterportal.domain.release.judging import FINAL, check_together, objections
from meterportal.domain.release.second_person import ReleaseLimits, SamePerson, needs_second
from meterportal.domain.reporting.estimates import estimate
from meterportal.domain.reporting.readings import (
    DecisionKind,
    Reading,
    ReadingState,
    StaffDecision,
)

LONGEST_NOTE = 500
LONGEST_DEFERRAL = timedelta(days=366)
ANSWERED_WITHIN = timedelta(days=10)
"""How long a question to the customer keeps a value from staff."""


class FindingsDiffer(Conflict):
    """What the check says now is not what was seen. Facts: `findings`."""

    code = "findings_differ"
    de = "Mit den heutigen Daten hat die Prüfung einen anderen Befund. Bitte sehen Sie ihn an und entscheiden Sie neu."
    en = "With today's data the check has another finding. Please look at it and decide again."


class AlreadyAccepted(Conflict):
    code = "already_accepted"
    de = "Dieser Wert ist schon angenommen."
    en = "This value is accepted already."


class NothingDecided(Conflict):
    code = "nothing_decided"
    de = "Über diesen Wert ist nichts entschieden."
    en = "Nothing has been decided about this value."


class NoBasis(Conflict):
    code = "no_basis"
    de = "Für eine Schätzung fehlen frühere Zählerstände."
    en = "There are no earlier readings to base an estimate on."


@frozen
class DecidedReading:
    """The machine as it is to be stored, the reading before and the one that stands now. `beside` are
    the same of other meters that one suggestion is about, too."""

    machine: Machine
    before: Reading
    after: Reading
    beside: tuple[tuple[Reading, Reading], ...] = ()


def waiting(machine: Machine, meter_id: str, due_on: date, number: int, *, seen: int) -> Reading:
    """The reading that waits for a decision. Raises NotFound, AlreadyReleased, ChangedMeanwhile."""
    reading = machine.reading(meter_id, due_on)
    if reading is None or reading.number != number:
        raise NotFound
    if reading.state in FINAL:
        released_on = reading.released_at.date().isoformat() if reading.released_at else None
        raise AlreadyReleased(state=reading.state.value, released_on=released_on)
    if seen != machine.version:
        raise ChangedMeanwhile(version=machine.version, field="version")
    return reading


def found_now(
    machine: Machine,
    reading: Reading,
    *,
    today: date,
    tolerances: ToleranceSettings | None,
) -> tuple[Finding, ...]:
    """What a run would find in this reading, with the values that it would check beside it. As in the
    findings that are stored with a value, no other machine is named."""
    beside = [
        one
        for one in machine.readings
        if one.state is ReadingState.REPORTED
        and (one.due_on, one.read_on) == (reading.due_on, reading.read_on)
    ]
    check = check_together(
        machine, reading.due_on, reading.read_on, beside, today, tolerances, None
    )
    return check.of(reading.meter_id)


def accept(
    machine: Machine,
    reading: Reading,
    *,
    value: int,
    seen_findings: Collection[str],
    found: tuple[Finding, ...],
    limits: ReleaseLimits,
    note: str,
    by: str,
    now: datetime,
) -> DecidedReading:
    """The next run releases exactly this value, with these doubts and no others.

    `seen_findings` are the codes that staff saw, `found` what a run finds now. Above the limit a second
    person has to accept the same. Raises ChangedMeanwhile, FindingsDiffer,
    AlreadyAccepted, SamePerson.
    """
    if value != reading.value:
        raise ChangedMeanwhile(version=machine.version, field="value")
    doubts = objections(found)
    if not doubts <= set(seen_findings):
        raise FindingsDiffer(field="findings", findings=found)
    codes = tuple(sorted(doubts))
    first = reading.decision
    if first and first.kind is DecisionKind.ACCEPTED and set(first.findings) == doubts:
        if first.accepts:
            raise AlreadyAccepted
        if first.by == by:
            raise SamePerson
        return _decided(machine, reading, replace(first, second_by=by))
    both = needs_second(limits, machine, reading, (*found, *reading.findings))
    decision = StaffDecision(
        DecisionKind.ACCEPTED, by, now, note, findings=codes, needs_second=both
    )
    return _decided(machine, reading, decision)


def defer(
    machine: Machine,
    reading: Reading,
    *,
    until: date,
    note: str,
    by: str,
    now: datetime,
    today: date,
) -> DecidedReading:
    """The value leaves the list and comes back on a day. Raises Invalid."""
    if not today < until <= today + LONGEST_DEFERRAL:
        raise Invalid(
            field="until",
            de="Bitte wählen Sie einen Tag ab morgen, höchstens in einem Jahr.",
            en="Please choose a day from tomorrow, within a year.",
        )
    decision = StaffDecision(DecisionKind.DEFERRED, by, now, note, until)
    return _decided(machine, reading, decision)


def ask_back(
    machine: Machine, reading: Reading, *, question: str, note: str, by: str, now: datetime
) -> DecidedReading:
    """The customer is asked by the mail `question`; another value or a confirmation is the answer. Without
    one in ten days, the mail may not have arrived either, staff decide."""
    decision = StaffDecision(
        DecisionKind.ASKED_BACK, by, now, note, (now + ANSWERED_WITHIN).date(), question=question
    )
    return _decided(machine, reading, decision)


def estimated(machine: Machine, reading: Reading, *, by: str, now: datetime) -> DecidedReading:
    """An estimate of the same day takes the value's place. Raises NoBasis."""
    meter = machine.meter(reading.meter_id)
    found = estimate(meter, reading.read_on) if meter else None
    if found is None:
        raise NoBasis
    after = Reading(
        meter_id=reading.meter_id,
        due_on=reading.due_on,
        value=found.value,
        read_on=found.read_on,
        reported_by=by,
        channel=ReadingChannel.ESTIMATE,
        reported_at=now,
        number=reading.number,
    )
    decision = StaffDecision(DecisionKind.ESTIMATED, by, now, before=_before(reading))
    return _put(machine, reading, replace(after, decision=decision))


def taken(reading: Reading, replaced: Reading, *, by: str, now: datetime) -> Reading:
    """The reading with the suggestion's value, as a decision that can be taken back."""
    decision = StaffDecision(DecisionKind.TAKEN, by, now, before=_before(replaced))
    return replace(reading, decision=decision)


def undo(machine: Machine, reading: Reading) -> DecidedReading:
    """Nothing is decided about the value any more; a value whose place was taken stands there again,
    with all that one suggestion is about. Raises NothingDecided."""
    decision = reading.decision
    if decision is None:
        raise NothingDecided
    same = [one for one in machine.readings if one is not reading and _together(one, reading)]
    beside = tuple((one, _before(one)) for one in same)
    return _put(machine, reading, _before(reading), beside)


def _decided(machine: Machine, reading: Reading, decision: StaffDecision) -> DecidedReading:
    """A decision about the value that stands; what it replaced earlier is kept for the way back."""
    earlier = reading.decision.before if reading.decision else None
    return _put(machine, reading, replace(reading, decision=replace(decision, before=earlier)))


def _together(one: Reading, other: Reading) -> bool:
    """Whether one suggestion took the places of both values, whatever was decided about them since."""
    first, second = one.decision, other.decision
    if first is None or second is None or one.state is not ReadingState.REPORTED:
        return False
    replaced_both = first.before is not None and second.before is not None
    return replaced_both and _entry(one) == _entry(other)


def _entry(reading: Reading) -> tuple[object, ...]:
    return reading.reported_by, reading.reported_at, reading.channel


def _before(reading: Reading) -> Reading:
    """The value that the customer gave, or staff by hand, before anything was decided about it."""
    decision = reading.decision
    return decision.before if decision and decision.before else _bare(reading)


def _put(
    machine: Machine,
    before: Reading,
    after: Reading,
    beside: tuple[tuple[Reading, Reading], ...] = (),
) -> DecidedReading:
    pairs = ((before, after), *beside)
    readings = tuple(
        next((new for old, new in pairs if old is one), one) for one in machine.readings
    )
    changed = replace(machine, readings=readings, version=machine.version + 1)
    return DecidedReading(changed, before, after, beside)


def _bare(reading: Reading) -> Reading:
    return replace(reading, decision=None)
