"""Entry: the values that a contact types for one machine are read, judged and put into the period.

Pure functions; nothing is stored here. The steps are `read`, then `judge` (only a check) or
`submit` (the machine to be stored).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import NoReturn

from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import TextRefused, plain
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import Neighbours, check_closely, look_closer
from meterportal.domain.plausibility.numbers import TooManyDigits, ValueRefused, normalise
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.usage import digits_shown
from meterportal.domain.plausibility.verdict import Check, PreparedMachine, prepare_machine
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    NeedsConfirmation,
    NotFound,
    Refusal,
)
from meterportal.domain.reporting import periods, problems
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict

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
    """A reason that cannot be accepted. Facts: `longest`."""

    code = "reason_refused"
    de = "Bitte geben Sie eine Begründung mit höchstens {longest} Zeichen an, ohne Zeilenumbruch."
    en = "Please give a reason of at most {longest} characters, without line breaks."


class ReasonWithoutValue(Refusal):
    code = "reason_without_value"
    de = "Zu dieser Begründung fehlt der Zählerstand."
    en = "The reading for this reason is missing."


@frozen
class Entry:
    """Values and reasons by meter id. `faults` are the meters whose value cannot be read, and
    why."""

    read_on: date
    values: Mapping[str, int]
    reasons: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, ValueRefused] = field(default_factory=dict)

    @property
    def meters(self) -> tuple[str, ...]:
        """The ids of all meters that have a typed value."""
        return (*self.values, *self.faults)


@frozen
class Submission:
    """The machine as it is to be stored. Without `changed` nothing has to be stored.

    `before` holds the readings that the changed ones replace, by meter id.
    """

    machine: Machine
    changed: tuple[Reading, ...] = ()
    before: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """The kind of history event: `corrected` if any reading of the period is replaced."""
        return "corrected" if self.before else "reported"


def read(
    machine: Machine,
    typed: Mapping[str, object],
    *,
    read_on: date,
    reasons: Mapping[str, str] | None = None,
) -> Entry:
    """The typed texts as numbers. A value is optional for each meter, but there must be one.

    Raises ValuesMissing, UnknownMeter, ReasonRefused, ReasonWithoutValue; values that are no
    numbers become `faults`. A value with one or two digits too many is not refused here: the check
    blocks it and can suggest the number that was meant.
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
    cleaned = {meter_id: _reason(meter_id, text) for meter_id, text in (reasons or {}).items()}
    without_value = next((meter_id for meter_id in cleaned if meter_id not in typed), None)
    if without_value is not None:
        raise ReasonWithoutValue(field=_field("confirm", without_value))
    return Entry(read_on, values, cleaned, faults)


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
    opens_on: date | None = None,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
) -> Check:
    """Plausibility of an entry. `starts_on` is the contract's start, `opens_on` comes from
    `periods`, `tolerances` are the dealer's.

    `neighbours` is called only when a value is in doubt. Raises AlreadyReleased when a meter's
    reading is released, NotOpenYet when the period does not take a reading of that day.
    """
    _refuse_released(machine, entry)
    prepared = _prepared(machine, entry, today, starts_on, tolerances)
    _refuse_early(machine, entry, opens_on, prepared)
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
    """The earliest day of reading that is accepted: the contract's start (`starts_on`), or a year
    before the due date if that is earlier. None: any day, as there is no due date."""
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
    opens_on: date | None = None,
    people: Mapping[str, str] | None = None,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
    channel: ReadingChannel = ReadingChannel.PORTAL,
) -> Submission:
    """Put an entry into the machine's current period: all of its values or none.

    `seen` is the version that `by` looked at: a contact, or staff for one. An entry that is already
    stored, sent again (a double click, a retry), changes nothing and is no error. Raises ValueRefused,
    AlreadyReleased, NotOpenYet, ChangedMeanwhile (with who changed it, by the names in `people`),
    and ReadOnRefused and NeedsConfirmation (with the findings).

    `neighbours` is called only for these findings. Stored findings name no other machine, because
    not everybody who may see this machine may see the other one.
    """
    if entry.faults:
        raise next(iter(entry.faults.values()))
    _refuse_released(machine, entry)
    stored = {meter_id: machine.reading(meter_id) for meter_id in entry.values}
    if _sent_again(stored, entry, by=None if seen == machine.version else by):
        return Submission(machine)
    prepared = _prepared(machine, entry, today, starts_on, tolerances)
    _refuse_early(machine, entry, opens_on, prepared)
    if seen != machine.version:
        current = shown(machine, by, people)
        raise ChangedMeanwhile(field="version", version=machine.version, readings=current)
    check = prepared.check(entry.values)
    if _doubtful(check, entry):
        _refuse_doubtful(look_closer(prepared, entry.values, check, neighbours))
    entered = {
        meter_id: _reading(machine, meter_id, entry, check, by=by, now=now, channel=channel)
        for meter_id in entry.values
    }
    changed = {
        meter_id: reading
        for meter_id, reading in entered.items()
        if not _alike(reading, stored[meter_id])
    }
    if not changed:
        return Submission(machine)
    before = {meter_id: old for meter_id in changed if (old := stored[meter_id])}
    kept = [reading for reading in machine.readings if reading not in before.values()]
    after = replace(machine, readings=(*kept, *changed.values()), version=machine.version + 1)
    return Submission(problems.after_entry(after), tuple(changed.values()), before)


def shown(
    machine: Machine, viewer: str = "", people: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """The current period's readings as plain data, for an answer to contact `viewer`. `people` are
    the names of the company's contacts by id."""
    return [
        {
            "meter_id": reading.meter_id,
            "value": reading.value,
            "read_on": reading.read_on.isoformat(),
            "state": reading.state.value,
            "verdict": reading.verdict.value,
            "reason": reading.reason,
            "reported_at": reported_at(reading),
            "reported_by": _person(reporter(reading, viewer, people or {})),
        }
        for meter in machine.billable_meters
        if (reading := machine.reading(meter.id))
    ]


def reported_at(reading: Reading) -> str | None:
    """When a value was reported, as text."""
    return at.isoformat(timespec="seconds") if (at := reading.reported_at) else None


def reporter(reading: Reading, viewer: str, people: Mapping[str, str]) -> tuple[str, bool] | None:
    """Who reported a value: the name, and whether it is the viewer; None if it was none of the company's
    contacts."""
    name = people.get(reading.reported_by)
    return (name, reading.reported_by == viewer) if name else None


def _person(known: tuple[str, bool] | None) -> dict[str, object] | None:
    return {"name": known[0], "me": known[1]} if known else None


def _field(where: str, meter_id: str) -> str:
    """The field's name; a text that cannot be a meter's number is left out."""
    sane = len(meter_id) <= _LONGEST_ID and meter_id.isprintable()
    return f"{where}.{meter_id}" if sane else where


def _reason(meter_id: str, text: str) -> str:
    """A reason as it is stored: cleaned, on one line."""
    field = _field("confirm", meter_id)
    try:
        return plain(text, field=field, longest=LONGEST_REASON)
    except TextRefused:
        raise ReasonRefused(field=field, longest=LONGEST_REASON) from None


def _refuse_released(machine: Machine, entry: Entry) -> None:
    for meter_id in entry.meters:
        reading = machine.reading(meter_id)
        if reading is None or reading.state is ReadingState.REPORTED:
            continue
        on = reading.released_at.date().isoformat() if reading.released_at else None
        raise AlreadyReleased(
            field=_field("values", meter_id), state=reading.state.value, released_on=on
        )


def _refuse_early(
    machine: Machine, entry: Entry, opens_on: date | None, prepared: PreparedMachine
) -> None:
    """Raise NotOpenYet if the period takes no reading of that day. If the check blocks the values,
    nothing is raised: its refusal says more."""
    refusal = periods.early(machine, entry.meters, entry.read_on, opens_on)
    if refusal is not None and not prepared.check(entry.values).blocked:
        raise refusal


def _sent_again(stored: Mapping[str, Reading | None], entry: Entry, *, by: str | None) -> bool:
    """Whether exactly this entry is already stored; with `by`, reported by that contact. While the
    customer is asked back about a value, the same one is an answer.

    A repeated request may contain a reason that was not needed; the first time it was not stored.
    """
    for meter_id, value in entry.values.items():
        reading = stored[meter_id]
        if reading is None or reading.asked_back or reading.value != value:
            return False
        if reading.read_on != entry.read_on or by not in (None, reading.reported_by):
            return False
        needless = by is not None and reading.verdict is not Verdict.CONFIRMED
        if reading.reason != entry.reasons.get(meter_id, "") and not needless:
            return False
    return True


def _doubtful(check: Check, entry: Entry) -> bool:
    """Whether a value must not be stored, or only with a reason that is missing."""
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
    machine: Machine,
    meter_id: str,
    entry: Entry,
    check: Check,
    *,
    by: str,
    now: datetime,
    channel: ReadingChannel,
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
        channel=channel,
        reported_at=now,
    )


def _alike(reading: Reading, stored: Reading | None) -> bool:
    """Whether value, day, judgement and reason are the same, so that nothing has changed."""
    if stored is None or stored.asked_back:
        return False
    new, old = (
        (r.value, r.read_on, r.verdict, r.reason, [(f.code, f.severity) for f in r.findings])
        for r in (reading, stored)
    )
    return new == old
