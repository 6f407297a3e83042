"""Staff enter that a meter was reset, with the old board's end value and the new one's start value."""

from __future__ import annotations

import json

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting.resets import Reset, reset
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import machines
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.reporting.enter_readings import machine_for_staff
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest

_ATTEMPTS = 5


@frozen
class ResetDone:
    """The machine's version and the value that now counts as the meter's last."""

    version: int
    value: int


def reset_meter(
    adapters: Adapters,
    at: Moment,
    machine_id: str,
    given: Reset,
    *,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> ResetDone:
    """Stores a reset, in one transaction with its history row. Three reads. Raises NotFound, ReusedKey,
    and the refusals of `resets.reset`."""
    content = [machine_id, given.meter_id, str(given.read_on), seen]
    content += [str(one) for one in (given.end, given.start, given.value)]
    request = OwnRequest(by.id, key, crypto.digest(json.dumps(["reset", *content])))
    for _ in range(_ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            return ResetDone(*earlier)
        machine = machine_for_staff(adapters, machine_id).machine
        changed, row = reset(machine, given, seen=seen, today=at.today)
        done = ResetDone(changed.version, row.value)
        event = machines.event("reset", [], at=at.now, by=by.id, channel=ReadingChannel.TECHNICIAN)
        event["entries"] = [_entry(given.meter_id, row)]
        writes = [
            *machines.save(changed, seen=machine, event=event),
            *journal.entries(adapters.new_number(), by, at.now, _deed(machine, given, row)),
            *answered.kept(request, [done.version, done.value], now=at.now),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            continue
        return done
    raise Unavailable


def _entry(meter_id: str, row: Effective) -> dict[str, object]:
    return {
        "meter_id": meter_id,
        "due_on": None,
        "value": row.value,
        "read_on": row.read_on.isoformat(),
        "state": "effective",
        "reset_end": row.reset_end,
        "reset_start": row.reset_start,
    }


def _deed(machine: Machine, given: Reset, row: Effective) -> Deed:
    meter = machine.meter(given.meter_id)
    last = meter.last if meter else None
    return Deed(
        Action.METER_RESET,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=(
            FieldChange(f"meter {given.meter_id}", last.value if last else None, row.value),
            FieldChange("end", None, row.reset_end),
            FieldChange("start", None, row.reset_start),
            FieldChange("read_on", None, row.read_on.isoformat()),
        ),
    )
