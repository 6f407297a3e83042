"""Entry: what a contact types for one machine, read, judged and put into the current slot.

Pure functions on a machine; nothing is stored here. The steps are `read`, then `judge` (a mere
check) or `submit` (what is to be stored).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NoReturn

from meterportal.domain import problems
from meterportal.domain.machines import Machine, Meter
from meterportal.domain.plain_text import hidden
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import Neighbours, check_closely, look_closer
from meterportal.domain.plausibility.numbers import TooManyDigits, ValueRefused, normalise
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.usage import digits_shown
from meterportal.domain.plausibility.verdict import Check, PreparedMachine, prepare_machine
from meterportal.domain.readings import Reading, ReadingState, Verdict
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    NeedsConfirmation,
    NotFound,
    Refusal,
)

LONGEST_REASON = 500
_LONGEST_ID = 64
_SPARE_DIGITS = 2
_LONGEST_PERIOD = timedelta(days=366)


class ValuesMissing(Refusal):
    code = "values_missing"
    de = "Bitte geben Sie mindestens einen Zählerstand an."
    en = "Please give at least one reading."


class UnknownMeter(Refusal):
    """A meter that this machine does not have, or that its contract does not bill."""

    code = "unknown_meter"
    de = "Diesen Zähler gibt es hier nicht."
    en = "There is no such meter here."


class ReasonRefused(Refusal):
    """A reason that cannot be taken. Facts: `longest`."""

    code = "reason_refused"
    de = "Bitte geben Sie eine Begründung mit höchstens {longest} Zeichen an, ohne Zeilenumbruch."
    en = "Please give a reason of at most {longest} characters, without line breaks."


class ReasonWithoutValue(Refusal):
    code = "reason_without_value"
    de = "Zu dieser Begründung fehlt der Zählerstand."
    en = "The reading for this reason is missing."


@dataclass(frozen=True, slots=True)
class Entry:
    """Values and reasons by meter id. `faults` says of which meters the value cannot be read, and why."""

    read_on: date
    values: Mapping[str, int]
    reasons: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, ValueRefused] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """The machine as it is to be stored. Without `changed` there is nothing to store.

    `before` holds the readings that the changed ones replace, by meter id.
    """

    machine: Machine
    changed: tuple[Reading, ...] = ()
    before: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """The history's word: `corrected` as soon as anything that stood in the slot is replaced."""
        return "corrected" if self.before else "reported"


def read(
    machine: Machine,
    typed: Mapping[str, object],
    *,
    read_on: date,
    reasons: Mapping[str, str] | None = None,
) -> Entry:
    """What was typed, as numbers. Values are optional per meter, but there must be one.

    Raises ValuesMissing, UnknownMeter, ReasonRefused, ReasonWithoutValue; values that are no
    numbers become `faults`. A digit or two too many are left to the check, which blocks them, too,
    but offers what may be meant.
    """
    if not typed:
        raise ValuesMissing(field="values")
    meters = {meter.id: meter for meter in machine.billable_meters}
    values: dict[str, int] = {}
    faults: dict[str, ValueRefused] = {}
    for meter_id, text in typed.items():
        if meter_id not in meters:
            raise UnknownMeter(field=_field("values", meter_id))
        try:
            values[meter_id] = number_of(meters[meter_id], text)
        except ValueRefused as refused:
            refused.field = _field("values", meter_id)
            faults[meter_id] = refused
    given = {meter_id: _reason(meter_id, text) for meter_id, text in (reasons or {}).items()}
    lonely = next((meter_id for meter_id in given if meter_id not in typed), None)
    if lonely is not None:
        raise ReasonWithoutValue(field=_field("confirm", lonely))
    return Entry(read_on, values, given, faults)


def number_of(meter: Meter, text: object) -> int:
    """The number typed for a meter, which may have a digit or two more than the meter shows.

    Raises ValueRefused for everything else.
    """
    digits = digits_shown(meter)
    try:
        return normalise(text, digits=digits + _SPARE_DIGITS)
    except TooManyDigits:
        return normalise(text, digits=digits)


def judge(
    machine: Machine,
    entry: Entry,
    *,
    today: date,
    starts_on: date | None = None,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
) -> Check:
    """Plausibility of an entry. `starts_on` is the contract's, `tolerances` are the dealer's.

    `neighbours` are only asked for when a value is in doubt. Raises AlreadyReleased when a meter's
    slot is closed.
    """
    _refuse_released(machine, entry)
    prepared = _prepared(machine, entry, today, starts_on, tolerances)
    return check_closely(prepared, entry.values, neighbours)


def _prepared(
    machine: Machine,
    entry: Entry,
    today: date,
    starts_on: date | None,
    tolerances: ToleranceSettings | None,
) -> PreparedMachine:
    return prepare_machine(
        machine,
        read_on=entry.read_on,
        today=today,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        earliest=earliest_day(machine, starts_on),
        tolerances=tolerances,
        meter_ids=entry.values,
    )


def earliest_day(machine: Machine, starts_on: date | None) -> date | None:
    """The first day of reading that is not too early: the contract's start (`starts_on`), or a year
    before the due date where that is earlier. None: any day, as there is no due date."""
    earliest = machine.due_on - _LONGEST_PERIOD if machine.due_on else None
    return min(earliest, starts_on) if earliest and starts_on else earliest


def submit(
    machine: Machine,
    entry: Entry,
    *,
    seen: int,
    by: str,
    now: datetime,
    today: date,
    starts_on: date | None = None,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
) -> Submission:
    """Put an entry into the machine's current slot: all of its values or none.

    `seen` is the version that the contact `by` looked at. What stands there already, sent again
    (a double click, a retry), is taken as done. Raises ValueRefused, AlreadyReleased,
    ChangedMeanwhile, ReadOnRefused and NeedsConfirmation; what a check refuses tells its findings.
    `neighbours` are only asked for these: what is stored names no other machine, because not
    everybody who sees this machine may see that one.
    """
    if entry.faults:
        raise next(iter(entry.faults.values()))
    _refuse_released(machine, entry)
    stored = {meter_id: machine.reading(meter_id) for meter_id in entry.values}
    if _sent_again(stored, entry, by=None if seen == machine.version else by):
        return Submission(machine)
    if seen != machine.version:
        raise ChangedMeanwhile(field="version", version=machine.version, readings=shown(machine))
    prepared = _prepared(machine, entry, today, starts_on, tolerances)
    check = prepared.check(entry.values)
    if _doubtful(check, entry):
        _refuse_doubtful(look_closer(prepared, entry.values, check, neighbours))
    fresh = {
        meter_id: _reading(machine, meter_id, entry, check, by=by, now=now)
        for meter_id in entry.values
    }
    changed = {
        meter_id: reading
        for meter_id, reading in fresh.items()
        if not _alike(reading, stored[meter_id])
    }
    if not changed:
        return Submission(machine)
    before = {meter_id: old for meter_id in changed if (old := stored[meter_id])}
    kept = [reading for reading in machine.readings if reading not in before.values()]
    after = replace(machine, readings=(*kept, *changed.values()), version=machine.version + 1)
    return Submission(problems.after_entry(after), tuple(changed.values()), before)


def shown(machine: Machine) -> list[dict[str, object]]:
    """The current slot's readings as plain data, for an answer that tells what stands there now."""
    return [
        {
            "meter_id": reading.meter_id,
            "value": reading.value,
            "read_on": reading.read_on.isoformat(),
            "state": reading.state.value,
            "verdict": reading.verdict.value,
            "reason": reading.reason,
        }
        for meter in machine.billable_meters
        if (reading := machine.reading(meter.id))
    ]


def _field(where: str, meter_id: str) -> str:
    """The field's name; what cannot be a meter's number is not repeated."""
    sane = len(meter_id) <= _LONGEST_ID and meter_id.isprintable()
    return f"{where}.{meter_id}" if sane else where


def _reason(meter_id: str, text: str) -> str:
    """A reason as it is stored: trimmed, one line, nothing that hides or reorders text."""
    reason = text.strip()
    if any(map(hidden, reason)) or not 1 <= len(reason) <= LONGEST_REASON:
        raise ReasonRefused(field=_field("confirm", meter_id), longest=LONGEST_REASON)
    return reason


def _refuse_released(machine: Machine, entry: Entry) -> None:
    for meter_id in (*entry.values, *entry.faults):
        reading = machine.reading(meter_id)
        if reading is None or reading.state is ReadingState.REPORTED:
            continue
        on = reading.released_at.date().isoformat() if reading.released_at else None
        raise AlreadyReleased(
            field=_field("values", meter_id), state=reading.state.value, released_on=on
        )


def _sent_again(stored: Mapping[str, Reading | None], entry: Entry, *, by: str | None) -> bool:
    """Whether exactly this stands there already; with `by`, reported by that contact.

    A repeated request may carry a reason for a value that needed none: it was left out then.
    """
    for meter_id, value in entry.values.items():
        reading = stored[meter_id]
        if reading is None or (reading.value, reading.read_on) != (value, entry.read_on):
            return False
        needless = by is not None and reading.verdict is not Verdict.CONFIRMED
        if reading.reason != entry.reasons.get(meter_id, "") and not needless:
            return False
        if by is not None and reading.reported_by != by:
            return False
    return True


def _doubtful(check: Check, entry: Entry) -> bool:
    """Something must not be stored, or not without a reason that is missing."""
    return check.blocked or any(
        check.warned(meter_id) and meter_id not in entry.reasons for meter_id in entry.values
    )


def _refuse_doubtful(check: Check) -> NoReturn:
    try:
        check.refuse_blocked()
    except Refusal as refusal:
        refusal.facts["findings"] = check.findings
        raise
    raise NeedsConfirmation(findings=check.findings)


def _reading(
    machine: Machine, meter_id: str, entry: Entry, check: Check, *, by: str, now: datetime
) -> Reading:
    if machine.due_on is None:
        raise NotFound
    reason = entry.reasons.get(meter_id, "") if check.warned(meter_id) else ""
    return Reading(
        meter_id=meter_id,
        due_on=machine.due_on,
        value=entry.values[meter_id],
        read_on=entry.read_on,
        verdict=check.verdict(meter_id, reason),
        findings=check.of(meter_id),
        reason=reason,
        reported_by=by,
        reported_at=now,
    )


def _alike(reading: Reading, stored: Reading | None) -> bool:
    """The same value, day, judgement and reason: whoever sent it again changed nothing."""
    return stored is not None and (
        reading.value,
        reading.read_on,
        reading.verdict,
        reading.reason,
        [(f.code, f.severity) for f in reading.findings],
    ) == (
        stored.value,
        stored.read_on,
        stored.verdict,
        stored.reason,
        [(f.code, f.severity) for f in stored.findings],
    )
