"""Taking a released reading back: withdrawn before it is exported, corrected after that.

A correction never edits what was exported: it is a reversing entry and a new one, each with an id of
its own, `~2` and `~3` for the first correction, `~4` and `~5` for the next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.refusals import ChangedMeanwhile, Conflict, NotFound
from meterportal.domain.release.effective import make_effective
from meterportal.domain.release.judging import FINAL, checked_again
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict


class NotReleased(Conflict):
    code = "not_released"
    de = "Dieser Zählerstand ist nicht freigegeben und kann einfach korrigiert werden."
    en = "This reading is not released and can simply be corrected."


class AlreadyExported(Conflict):
    code = "already_exported"
    de = "Dieser Zählerstand ist bereits an das ERP übergeben. Bitte korrigieren Sie ihn stattdessen."
    en = "This reading has already been exported to the ERP. Please correct it instead."


class StillWaiting(Conflict):
    code = "not_exported_yet"
    de = "Dieser Zählerstand ist noch nicht an das ERP übergeben. Bitte nehmen Sie die Freigabe zurück."
    en = "This reading has not been exported to the ERP yet. Please withdraw its release."


class SameValue(Conflict):
    code = "same_value"
    de = "Der neue Zählerstand ist derselbe wie der bisherige."
    en = "The new reading is the same as the present one."


@frozen
class TakenBack:
    """The machine as it is to be stored, the reading before and the one that stands now."""

    machine: Machine
    before: Reading
    after: Reading


def released(machine: Machine, meter_id: str, due_on: date, number: int, *, seen: int) -> Reading:
    """The released reading of that id. Raises NotFound, NotReleased, ChangedMeanwhile."""
    reading = machine.reading(meter_id, due_on)
    if reading is None or reading.number != number:
        raise NotFound
    if reading.state not in FINAL:
        raise NotReleased
    if seen != machine.version:
        raise ChangedMeanwhile(version=machine.version, field="version")
    return reading


def withdraw(machine: Machine, reading: Reading) -> TakenBack:
    """The reading waits again and can be corrected; it is history no more. Only for one that waits for
    its export. Raises AlreadyExported for a billed one."""
    if reading.state is ReadingState.BILLED:
        raise AlreadyExported
    after = replace(
        reading,
        state=ReadingState.REPORTED,
        released_at=None,
        released_by="",
        release_reason="",
        row="",
    )
    return TakenBack(_with(_without_effective(machine, reading), reading, after), reading, after)


def correct(
    machine: Machine,
    reading: Reading,
    *,
    value: int,
    read_on: date,
    reason: str,
    by: str,
    now: datetime,
    today: date,
    tolerances: ToleranceSettings | None = None,
) -> TakenBack:
    """The reading with another value, released at once by staff with their reason. Raises SameValue.

    It is checked like every other, without the value that it replaces; a doubt counts as confirmed.
    """
    if (value, read_on) == (reading.value, reading.read_on):
        raise SameValue
    before = _without_effective(machine, reading)
    after = Reading(
        meter_id=reading.meter_id,
        due_on=reading.due_on,
        value=value,
        read_on=read_on,
        state=ReadingState.RELEASED,
        reason=reason,
        reported_by=by,
        channel=ReadingChannel.PHONE
        if reading.channel is ReadingChannel.ESTIMATE
        else reading.channel,
        reported_at=now,
        released_at=now,
        released_by=by,
        release_reason=reason,
        number=reading.number + 2,
    )
    bare = replace(before, readings=tuple(r for r in machine.readings if r is not reading))
    check = checked_again(bare, after, today=today, tolerances=tolerances)
    check.refuse_blocked()
    warned = check.warned(after.meter_id)
    verdict = Verdict.CONFIRMED if warned else check.verdict(after.meter_id)
    after = replace(after, verdict=verdict, findings=check.of(after.meter_id))
    effective = make_effective(before, after, confirmed=warned)
    return TakenBack(_with(effective, reading, after), reading, after)


def _with(machine: Machine, before: Reading, after: Reading) -> Machine:
    readings = tuple(after if reading is before else reading for reading in machine.readings)
    return replace(machine, readings=readings, version=machine.version + 1)


def _without_effective(machine: Machine, reading: Reading) -> Machine:
    meters = tuple(
        _without(meter, reading) if meter.id == reading.meter_id else meter
        for meter in machine.meters
    )
    return replace(machine, meters=meters)


def _without(meter: Meter, reading: Reading) -> Meter:
    shown = (reading.read_on, reading.value)
    kept = (e for e in meter.history if (e.read_on, e.value) != shown or e.reset_end is not None)
    return replace(meter, history=tuple(kept))
