"""Staff take back a replacement that was entered by mistake, until the ERP has brought the new machine."""

from __future__ import annotations

import json
from dataclasses import replace

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, FieldChange, StaffMember
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Unavailable
from meterportal.domain.reporting import replacements
from meterportal.domain.reporting.replacements import NotReplaced
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import histories, machines, provisional
from meterportal.store.reporting import problems
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.reporting.enter_readings import machine_for_staff
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest

_ATTEMPTS = 5


def take_back_replacement(
    adapters: Adapters,
    at: Moment,
    machine_id: str,
    *,
    seen: int,
    by: StaffMember,
    key: str | None = None,
) -> int:
    """Undoes both machines in one transaction; the old one's version. Four reads (a key: one more; a
    new machine that the ERP has brought: two more).

    Raises NotFound, NotReplaced, ReusedKey, and the refusals of `replacements.take_back`.
    """
    digest = crypto.digest(json.dumps(["take back", machine_id, seen]))
    request = OwnRequest(by.id, key, digest)
    for _ in range(_ATTEMPTS):
        earlier: int | None = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            return earlier
        machine = machine_for_staff(adapters, machine_id).machine
        other = machine.replaced_by
        new = machines.load(adapters.table, machine.company_id, other.machine_id) if other else None
        if new is None:
            raise NotReplaced
        again = replacements.take_back(machine, new, seen=seen, by=by.id)
        writes = [
            *machines.save(again, seen=machine, event=None),
            *_without(new, by=by, at=at),
            *journal.entries(adapters.new_number(), by, at.now, _deed(machine, new)),
            *answered.kept(request, again.version, now=at.now),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            continue
        return again.version
    raise Unavailable


def _without(new: Machine, *, by: StaffMember, at: Moment) -> list[Write]:
    """The new machine is gone; its history says so, to the ERP's feed, too."""
    event = machines.event("stopped", [], at=at.now, by=by.id, channel=ReadingChannel.TECHNICIAN)
    event["entries"] = machines.start_entries(new)
    ended = replace(new, version=new.version + 1, problem=None)
    return [
        *provisional.take_back(new, at=at.now),
        histories.added(ended, event, behind=new.written_at),
        *problems.settle(new, ended, by=by.id, at=at.now),
    ]


def _deed(machine: Machine, new: Machine) -> Deed:
    changes: list[tuple[str, FactValue, FactValue]] = [
        ("machine", new.id, machine.id),
        ("serial", new.serial, machine.serial),
    ]
    changes += [(f"meter {one.meter_id}", one.value, None) for one in new.readings]
    return Deed(
        Action.REPLACEMENT_TAKEN_BACK,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=tuple(FieldChange(*change) for change in changes),
    )
