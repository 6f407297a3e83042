"""Release for billing: which reported readings may be billed, decided machine by machine.

`judge` is the only judge: dry run and run both ask it, with the machine as it stands at that
moment. It never writes; what it decides is a value that the caller stores in one transaction.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Effective, Machine, Meter
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import Neighbours, check_closely
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.readings import Reading, ReadingState, Verdict
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Conflict,
    NotFound,
    Refusal,
)

FINAL = (ReadingState.RELEASED, ReadingState.BILLED)
_OBJECTIONS = (Severity.WARN, Severity.BLOCK)


class Outcome(StrEnum):
    """What a line says of a reading; `releasable` is what a dry run says instead of `released`."""

    RELEASED = "released"
    RELEASABLE = "releasable"
    REFUSED = "refused"


class Code(StrEnum):
    """Why a reading was not released. The last two leave it to a person: release by hand."""

    UNKNOWN_MACHINE = "unknown_machine"
    NOTHING_REPORTED = "nothing_reported"
    ALREADY_RELEASED = "already_released"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CONFIRMED_BY_CUSTOMER = "confirmed_by_customer"
    IMPLAUSIBLE_NOW = "implausible_now"


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
        "Auffällig, vom Kunden bestätigt: „{reason}“. Bitte von Hand entscheiden.",
        "Unusual, confirmed by the customer: “{reason}”. Please decide by hand.",
    ),
    Code.IMPLAUSIBLE_NOW: (
        "Bei der Freigabe auffällig. Bitte von Hand entscheiden.",
        "Unusual at release. Please decide by hand.",
    ),
}
_HAND = ("Von Hand freigegeben: „{reason}“.", "Released by hand: “{reason}”.")


class SnapshotMissing(Refusal):
    code = "snapshot_missing"
    de = "Eine Freigabe nach Filter braucht den Probelauf, den Sie gesehen haben (snapshot)."
    en = "A release by filter needs the dry run that you have seen (snapshot)."


class SnapshotUnknown(Refusal):
    code = "snapshot_unknown"
    de = "Diesen Probelauf gibt es nicht."
    en = "There is no such dry run."


class SnapshotRunning(Conflict):
    code = "snapshot_running"
    de = "Dieser Probelauf ist noch nicht fertig."
    en = "This dry run is not finished yet."


class SnapshotDiffers(Refusal):
    code = "snapshot_differs"
    de = "Dieser Probelauf gehört zu einem anderen Filter."
    en = "This dry run belongs to another filter."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a protocol: a reading, or a whole machine where `meter_id` is "".

    `at_entry` are the findings stored with the reading, `at_release` those of the second check.
    """

    outcome: Outcome
    code: Code | None = None
    meter_id: str = ""
    label: str = ""
    due_on: date | None = None
    value: int | None = None
    read_on: date | None = None
    customer_reason: str = ""
    release_reason: str = ""
    at_entry: tuple[Finding, ...] = ()
    at_release: tuple[Finding, ...] = ()

    def reason(self, language: str) -> str | None:
        """Why so, in a person's words; None for a release that nothing is to be said about."""
        english = language == "en"
        said: list[str] = []
        if self.code:
            said.append(_TEXTS[self.code][english].format(reason=self.customer_reason))
        if self.release_reason:
            said.append(_HAND[english].format(reason=self.release_reason))
        told = self.at_release
        if self.outcome is Outcome.REFUSED:
            told = tuple(f for f in told if f.severity in _OBJECTIONS)
        said += [finding_text(finding, language, self.label) for finding in told]
        return " ".join(said) or None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one machine: its protocol lines and, where something changes, the machine.

    `seen` is the version that the clerk saw (in a dry run: the one seen now), None for a machine
    that does not exist. `changed` replaces `machine` in the table; its version has grown by one
    when `released` is not empty, a mere mark of refusal leaves the version.
    """

    machine_id: str
    seen: int | None
    machine: Machine | None
    lines: tuple[Line, ...]
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
) -> Decision:
    """Decide what of a machine is released.

    `seen` is the version that the clerk saw; None takes the machine as it stands (dry run).
    `tolerances` are the dealer's, `neighbours` are only asked for when a value is in doubt. Every
    machine gets at least one line. Readings are looked at slot by slot, oldest first: what is
    released of an earlier slot is history for a later one.
    """
    if machine is None:
        line = Line(Outcome.REFUSED, Code.UNKNOWN_MACHINE)
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
    for slot, day, readings in _together(waiting):
        check = _check(working, slot, day, readings, today, tolerances, neighbours)
        for reading in readings:
            found = check.of(reading.meter_id)
            code = _objection(reading, found)
            if code:
                lines.append(_refused(machine, reading, code, found))
                settled[_key(reading)] = replace(reading, refused=code.value)
                continue
            settled[_key(reading)] = released = _release(reading, now=now, by=by)
            lines.append(_line(machine, released, Outcome.RELEASED, at_release=found))
            confirmed = reading.verdict is Verdict.CONFIRMED
            working = make_effective(working, released, confirmed=confirmed)
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
    """Release one reading whatever the checks say, with the clerk's reason.

    Its line carries what the second check finds all the same; what it objected to counts as
    confirmed by the clerk. Raises NotFound, AlreadyReleased or
    ChangedMeanwhile.
    """
    reading = machine.reading(meter_id, due_on)
    if reading is None:
        raise NotFound
    if reading.state in FINAL:
        released_on = reading.released_at.date().isoformat() if reading.released_at else None
        raise AlreadyReleased(state=reading.state.value, released_on=released_on)
    if seen != machine.version:
        raise ChangedMeanwhile(version=machine.version, field="version")
    check = _check(machine, due_on, reading.read_on, [reading], today, tolerances, None)
    found = check.of(meter_id)
    released = replace(_release(reading, now=now, by=by), release_reason=reason)
    line = _line(machine, released, Outcome.RELEASED, at_release=found)
    confirmed = reading.verdict is Verdict.CONFIRMED or _objected(found)
    working = make_effective(machine, released, confirmed=confirmed)
    return _decided(machine, working, [line], {_key(reading): released})


def as_dry_run(line: Line) -> Line:
    """What a dry run says of a reading that a run would release."""
    if line.outcome is Outcome.RELEASED:
        return replace(line, outcome=Outcome.RELEASABLE)
    return line


def make_effective(machine: Machine, reading: Reading, *, confirmed: bool = False) -> Machine:
    """The machine with a reading in its meter's history, at the place of its day.

    A reading that stands there already (same day and value, come by an import) is not doubled.
    `confirmed`: it was asked about and a person stood by it, which widens what is expected next.
    """
    meters = tuple(
        _with_history(meter, reading, confirmed=confirmed)
        if meter.id == reading.meter_id
        else meter
        for meter in machine.meters
    )
    return replace(machine, meters=meters)


def _with_history(meter: Meter, reading: Reading, *, confirmed: bool) -> Meter:
    known = meter.history
    for place, entry in enumerate(known):
        if (entry.read_on, entry.value) == (reading.read_on, reading.value):
            marked = replace(entry, confirmed=entry.confirmed or confirmed)
            return replace(meter, history=(*known[:place], marked, *known[place + 1 :]))
    place = bisect_right(known, reading.read_on, key=lambda entry: entry.read_on)
    effective = Effective(reading.read_on, reading.value, reading.channel, confirmed=confirmed)
    return replace(meter, history=(*known[:place], effective, *known[place:]))


def _nothing_waits(machine: Machine) -> tuple[Line, ...]:
    current = (r for r in machine.readings if r.due_on == machine.due_on and r.state in FINAL)
    final = sorted(current, key=_in_order)
    if final:
        return tuple(_refused(machine, reading, Code.ALREADY_RELEASED) for reading in final)
    return (Line(Outcome.REFUSED, Code.NOTHING_REPORTED),)


def _together(readings: Sequence[Reading]) -> list[tuple[date, date, list[Reading]]]:
    """Readings of one slot and one day, checked together; `readings` are in order."""
    return [
        (slot, day, list(group))
        for (slot, day), group in groupby(readings, key=lambda r: (r.due_on, r.read_on))
    ]


def _in_order(reading: Reading) -> tuple[date, date, str]:
    """Oldest slot first, within it by day and meter."""
    return reading.due_on, reading.read_on, reading.meter_id


def _check(
    machine: Machine,
    slot: date,
    day: date,
    readings: Sequence[Reading],
    today: date,
    tolerances: ToleranceSettings | None,
    neighbours: Neighbours | None,
) -> Check:
    """The second check: the rules of the entry, with the history that is valid now."""
    values = {reading.meter_id: reading.value for reading in readings}
    prepared = prepare_machine(
        replace(machine, due_on=slot),
        read_on=day,
        today=today,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        tolerances=tolerances,
        meter_ids=values,
    )
    return check_closely(prepared, values, neighbours)


def _objection(reading: Reading, found: Sequence[Finding]) -> Code | None:
    """Why a run leaves this reading to a person. Notes pass, also that nothing can be checked."""
    if reading.verdict is Verdict.CONFIRMED:
        return Code.CONFIRMED_BY_CUSTOMER
    return Code.IMPLAUSIBLE_NOW if _objected(found) else None


def _objected(found: Sequence[Finding]) -> bool:
    return any(finding.severity in _OBJECTIONS for finding in found)


def _release(reading: Reading, *, now: datetime, by: str) -> Reading:
    return replace(
        reading, state=ReadingState.RELEASED, refused=None, released_at=now, released_by=by
    )


def _key(reading: Reading) -> tuple[str, date]:
    return reading.meter_id, reading.due_on


def _decided(
    machine: Machine,
    working: Machine,
    lines: Sequence[Line],
    settled: Mapping[tuple[str, date], Reading],
) -> Decision:
    readings = tuple(settled.get(_key(reading), reading) for reading in machine.readings)
    released = tuple(r for r in settled.values() if r.state is ReadingState.RELEASED)
    version = machine.version + 1 if released else machine.version
    changed = replace(working, readings=readings, version=version)
    return Decision(
        machine.id,
        machine.version,
        machine,
        tuple(lines),
        changed if changed != machine else None,
        released,
    )


def _refused(
    machine: Machine, reading: Reading, code: Code, at_release: tuple[Finding, ...] = ()
) -> Line:
    line = _line(machine, reading, Outcome.REFUSED, at_release=at_release)
    return replace(line, code=code)


def _line(
    machine: Machine, reading: Reading, outcome: Outcome, *, at_release: tuple[Finding, ...]
) -> Line:
    meter = machine.meter(reading.meter_id)
    return Line(
        outcome,
        None,
        reading.meter_id,
        meter.label if meter else "",
        reading.due_on,
        reading.value,
        reading.read_on,
        reading.reason,
        reading.release_reason,
        reading.findings,
        at_release,
    )
