"""Staff take a released reading back: its release is withdrawn until it is exported; after that it is
corrected by a reversing entry and a new one.
"""

from __future__ import annotations

import json
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.exchange.exports import correction_lines
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound, Unavailable
from meterportal.domain.release import taking_back
from meterportal.domain.release.taking_back import AlreadyExported, StillWaiting, TakenBack
from meterportal.domain.reporting.entry import number_of
from meterportal.domain.reporting.readings import Reading, reading_id
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.exchange import exports
from meterportal.store.portfolio import machines, packed_readings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.release.release_by_hand import ATTEMPTS, parts_of
from meterportal.usecases.reporting.enter_readings import machine_for_staff
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest


@frozen
class Retaken:
    """The reading that stands now, with its machine's number and version."""

    machine_id: str
    version: int
    reading: Reading

    @property
    def id(self) -> str:
        one = self.reading
        return reading_id(self.machine_id, one.meter_id, one.due_on, one.number)


@frozen
class Correction:
    """What takes the place of an exported value; without `read_on` the day stays."""

    value: object
    reason: str
    read_on: date | None = None


def withdraw_release(
    adapters: Adapters,
    at: Moment,
    number: str,
    *,
    reason: str,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> Retaken:
    """Takes the release of a reading back that no export has taken yet. Three reads, one query, one
    transaction.

    Raises NotFound, NotReleased, ChangedMeanwhile, AlreadyExported, ReusedKey.
    """
    request = OwnRequest(by.id, key, crypto.digest(json.dumps(["withdraw", number, reason, seen])))
    machine_id, meter_id, due_on, n = parts_of(number)
    for _ in range(ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            return _told_again(earlier)
        machine = machine_for_staff(adapters, machine_id).machine
        reading = taking_back.released(machine, meter_id, due_on, n, seen=seen)
        row = exports.waiting_with(adapters.table, machine, number)
        if row is None:
            raise AlreadyExported
        done = taking_back.withdraw(machine, reading)
        writes = [
            exports.take_out(row, number),
            *_stored(adapters, at, machine, done, "withdrawn", reason, by=by),
        ]
        if _transacted(adapters, at, request, writes, done):
            return _retaken(done)
    raise Unavailable


def correct_released(
    adapters: Adapters,
    at: Moment,
    number: str,
    correction: Correction,
    *,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> Retaken:
    """Corrects an exported reading: a reversing entry and a new one wait for the next export. Three
    reads, one query, one transaction.

    Raises NotFound, NotReleased, ChangedMeanwhile, StillWaiting, SameValue, ReusedKey, and the
    refusals of a value or a day that no reading may have.
    """
    content = [number, str(correction.value), correction.reason, str(correction.read_on), seen]
    request = OwnRequest(by.id, key, crypto.digest(json.dumps(["correct", *content])))
    machine_id, meter_id, due_on, n = parts_of(number)
    for _ in range(ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            return _told_again(earlier)
        access = machine_for_staff(adapters, machine_id)
        machine, meter = access.machine, access.machine.meter(meter_id)
        reading = taking_back.released(machine, meter_id, due_on, n, seen=seen)
        if meter is None:
            raise NotFound
        if exports.waiting_with(adapters.table, machine, number) is not None:
            raise StillWaiting
        done = taking_back.correct(
            machine,
            reading,
            value=number_of(meter, correction.value),
            read_on=correction.read_on or reading.read_on,
            reason=correction.reason,
            by=by.id,
            now=at.now,
            today=at.today,
            tolerances=access.tolerances,
        )
        lines = correction_lines(done.machine, done.before, done.after)
        writes = [
            exports.waiting_row(done.machine, lines),
            *_stored(adapters, at, machine, done, "reversed", correction.reason, by=by),
        ]
        if _transacted(adapters, at, request, writes, done):
            return _retaken(done)
    raise Unavailable


def _stored(
    adapters: Adapters,
    at: Moment,
    machine: Machine,
    done: TakenBack,
    event: str,
    reason: str,
    *,
    by: StaffMember,
) -> list[Write]:
    row = machines.event(event, [done.after], at=at.now, by=by.id, channel=done.after.channel)
    before = done.before
    row["entries"][0] |= {
        "before": {"value": before.value, "read_on": before.read_on.isoformat()},
        "release_reason": reason,
    }
    withdrawn = event == "withdrawn"
    deed = Deed(
        Action.RELEASE_WITHDRAWN if withdrawn else Action.READING_CORRECTED,
        "reading",
        _retaken(done).id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=(
            FieldChange("state", before.state.value, done.after.state.value),
            FieldChange("value", before.value, done.after.value),
            FieldChange("read_on", before.read_on.isoformat(), done.after.read_on.isoformat()),
        ),
    )
    return [
        *machines.save(done.machine, seen=machine, event=row),
        *journal.entries(adapters.new_number(), by, at.now, deed),
    ]


def _transacted(
    adapters: Adapters, at: Moment, request: OwnRequest, writes: list[Write], done: TakenBack
) -> bool:
    """Stores all in one transaction; False when somebody else wrote meanwhile, or an export took the
    row."""
    told = _retaken(done)
    answer = [told.machine_id, told.version, packed_readings.pack(told.reading)]
    try:
        adapters.table.transact([*writes, *answered.kept(request, answer, now=at.now)])
    except ConditionFailed:
        return False
    return True


def _retaken(done: TakenBack) -> Retaken:
    return Retaken(done.machine.id, done.machine.version, done.after)


def _told_again(answer: list[object]) -> Retaken:
    machine_id, version, row = answer
    assert isinstance(machine_id, str)
    assert isinstance(version, int)
    assert isinstance(row, dict)
    return Retaken(machine_id, version, packed_readings.unpack(row))
