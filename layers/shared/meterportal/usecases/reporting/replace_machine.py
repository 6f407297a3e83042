"""Staff enter that a machine was replaced: end readings of the old one, serial number and start of the new."""

from __future__ import annotations

import json

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting.readings import Reading
from meterportal.domain.reporting.replacements import (
    Replaced,
    Replacement,
    SerialKnown,
    replace_machine,
)
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.exchange import imports
from meterportal.store.portfolio import machines, packed_readings, provisional
from meterportal.store.reporting import problems
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.plausibility import neighbours
from meterportal.usecases.reporting.enter_readings import NoPeriod, machine_for_staff
from meterportal.usecases.reporting.report_readings import writes_of
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest

_ATTEMPTS = 5


@frozen
class ReplacementDone:
    """The old machine's version, its end readings, and the new machine's number (None: nothing was
    stored)."""

    version: int
    readings: tuple[Reading, ...]
    machine_id: str | None


def replace_for_staff(
    adapters: Adapters,
    at: Moment,
    machine_id: str,
    given: Replacement,
    *,
    seen: int,
    by: StaffMember,
    dry_run: bool = False,
    key: str | None = None,
) -> ReplacementDone:
    """Stores both machines in one transaction, or, as a dry run, only says what would be stored. Four
    reads (a key: one more); one query more for a value in doubt.

    Raises NotFound, NoPeriod, ReusedKey, SerialKnown, and the refusals of `replace_machine`.
    """
    content = [machine_id, str(given.read_on), given.serial, given.model, given.maker, seen]
    content += [sorted(one.items()) for one in (given.ends, given.starts, given.reasons or {})]
    digest = crypto.digest(json.dumps(["replacement", *content], default=str))
    request = OwnRequest(by.id, None if dry_run else key, digest)
    for _ in range(_ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            version, rows, number = earlier
            return ReplacementDone(version, tuple(map(packed_readings.unpack, rows)), number)
        access = machine_for_staff(adapters, machine_id)
        machine = access.machine
        takes_readings = machine.active and machine.due_on and machine.billable_meters
        if seen == machine.version and not takes_readings:
            raise NoPeriod
        made = replace_machine(
            machine,
            given,
            number=adapters.new_number(),
            seen=seen,
            by=by.id,
            now=at.now,
            today=at.today,
            starts_on=access.held.contracts[machine.contract_id].starts_on,
            tolerances=access.tolerances,
            neighbours=neighbours.of_staff(adapters, machine),
        )
        _refuse_known(adapters, made.new)
        done = _done(made, None if dry_run else made.new.id)
        if dry_run:
            return done
        answer = [done.version, list(map(packed_readings.pack, done.readings)), done.machine_id]
        writes = [
            *_old(machine, made, by=by, at=at),
            *_new(made.new, by=by, at=at),
            *journal.entries(adapters.new_number(), by, at.now, _deed(machine, made, given)),
            *answered.kept(request, answer, now=at.now),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            continue
        return done
    raise Unavailable


def _refuse_known(adapters: Adapters, new: Machine) -> None:
    reserved = provisional.reserved(adapters.table, [new.serial])
    held = imports.holders(adapters.table, [new.serial])
    known = sorted({*reserved.values(), *(one for them in held.values() for one in them)})
    if known:
        raise SerialKnown(field="serial", machine_id=", ".join(known))


def _done(made: Replaced, number: str | None) -> ReplacementDone:
    old = made.done.machine
    readings = (old.reading(meter.id) for meter in old.billable_meters)
    return ReplacementDone(old.version, tuple(one for one in readings if one), number)


def _old(machine: Machine, made: Replaced, *, by: StaffMember, at: Moment) -> list[Write]:
    channel = ReadingChannel.TECHNICIAN
    if made.done.changed:
        return writes_of(machine, made.done, by=by.id, at=at, channel=channel)
    settled = problems.settle(machine, made.done.machine, by=by.id, at=at.now)
    return [*machines.save(made.done.machine, seen=machine, event=None), *settled]


def _new(new: Machine, *, by: StaffMember, at: Moment) -> list[Write]:
    event = machines.event("started", [], at=at.now, by=by.id, channel=ReadingChannel.TECHNICIAN)
    event["entries"] = machines.start_entries(new)
    return [
        *machines.save(new, seen=None, event=event),
        imports.point("MACHINE", new.id, new.company_id),
        provisional.reserve(new),
    ]


def _deed(machine: Machine, made: Replaced, given: Replacement) -> Deed:
    old, new = made.done.machine, made.new
    changes: list[tuple[str, FactValue, FactValue]] = [
        ("machine", machine.id, new.id),
        ("serial", machine.serial, new.serial),
        ("model", machine.model, new.model),
        ("read_on", None, given.read_on.isoformat()),
    ]
    for meter in new.meters:
        end, start = old.reading(meter.id), meter.last
        values = (end.value if end else None, start.value if start else None)
        changes.append((f"meter {meter.id}", *values))
    return Deed(
        Action.MACHINE_REPLACED,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=tuple(FieldChange(*change) for change in changes),
    )
