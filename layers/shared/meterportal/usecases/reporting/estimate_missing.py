"""Staff estimate what nobody reported: a list of proposals first, then the chosen ones, by the version
that was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.access.journal import Action, Deed, StaffMember, added
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.last_steps import awaited_on
from meterportal.domain.mailing.schedules import Schedule
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.estimates import (
    Estimate,
    estimate,
    guesses,
    unreported,
    with_estimates,
)
from meterportal.domain.reporting.readings import Reading
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.mailing.schedule_now import schedule_now

MOST = 200
"""Machines of one request."""

LOOKED_AT = 2000
"""Machines that are looked at for one list of proposals; it is shorter where few of them miss
something."""


class EstimateOutcome(StrEnum):
    """`proposed`: by a dry run. `nothing_missing`: it is reported, released, or not due. `already_read`: it is
    due by the ERP's billing date, which a reading that counts for it has overtaken. `no_basis`: for none of
    the missing meters is there a history or a volume."""

    ESTIMATED = "estimated"
    PROPOSED = "proposed"
    NOTHING_MISSING = "nothing_missing"
    ALREADY_READ = "already_read"
    NO_BASIS = "no_basis"
    CHANGED_MEANWHILE = "changed_meanwhile"
    UNKNOWN_MACHINE = "unknown_machine"


@frozen
class EstimatedMachine:
    """What became of a machine; `without` are the missing meters that have nothing to go by, `announced_for`
    is the day on which the schedule estimates them."""

    machine_id: str
    outcome: EstimateOutcome
    machine: Machine | None = None
    estimates: tuple[Estimate, ...] = ()
    without: tuple[str, ...] = ()
    announced_for: date | None = None


def propose(
    adapters: Adapters,
    at: Moment,
    *,
    limit: int,
    after: tuple[str, str] | None,
    announced: bool | None = None,
) -> tuple[list[EstimatedMachine], tuple[str, str] | None]:
    """Proposals for machines that are due and miss something, by due date, and the place where the next
    list starts (None: this was the last). With `announced` only what the schedule estimates itself, or only
    what it does not. Nothing is stored.
    """
    listed = machines.listed(adapters.table, ["open", "reported"], after=after, window=100)
    found: list[EstimatedMachine] = []
    schedule = schedule_now(adapters)
    looked_at, place = 0, after
    for rows in batches(listed, 100):
        loaded = machines.load_many(adapters.table, ((r.company_id, r.machine_id) for r in rows))
        contracts = _contracts(adapters, list(loaded.values()))
        for row in rows:
            if row.due_on > at.today.isoformat():
                return found, None
            if len(found) == limit or looked_at == LOOKED_AT:
                return found, place
            looked_at, place = looked_at + 1, (row.due_on, row.machine_id)
            machine = loaded.get(row.machine_id)
            proposed = _judged(at, row.machine_id, machine, contracts, schedule)
            if proposed.outcome is EstimateOutcome.NOTHING_MISSING:
                continue
            if announced is None or announced is (proposed.announced_for is not None):
                found.append(proposed)
    return found, None


def estimate_chosen(
    adapters: Adapters,
    at: Moment,
    versions: Mapping[str, int],
    *,
    dry_run: bool,
    by: StaffMember,
) -> list[EstimatedMachine]:
    """Estimates what is missing at up to `MOST` machines, each in a transaction of its own, if its
    version is the one that was seen. Two reads per hundred machines, one per hundred contracts.

    Sent again by the same person it tells the same: the machine has these estimates then.
    """
    loaded = machines.find(adapters.table, versions)
    contracts = _contracts(adapters, list(loaded.values()))
    told = []
    schedule = schedule_now(adapters)
    for machine_id, seen in versions.items():
        machine = loaded.get(machine_id)
        if machine is not None and (again := _told_again(machine, seen, by)):
            told.append(again)
            continue
        judged = _judged(at, machine_id, machine, contracts, schedule)
        if machine is not None and seen != machine.version:
            judged = EstimatedMachine(machine_id, EstimateOutcome.CHANGED_MEANWHILE, machine)
        if dry_run or machine is None or judged.outcome is not EstimateOutcome.PROPOSED:
            told.append(judged)
        else:
            told.append(_stored(adapters, at, machine, judged, by))
    return told


def company_names(adapters: Adapters, found: Sequence[EstimatedMachine]) -> dict[str, str]:
    """The names of the machines' companies by number. One read per hundred."""
    numbers = {one.machine.company_id for one in found if one.machine}
    return {c.id: c.name for c in holdings.companies(adapters.table, numbers).values()}


def _contracts(adapters: Adapters, loaded: Sequence[Machine]) -> dict[str, Contract]:
    return holdings.contracts(adapters.table, {(m.company_id, m.contract_id) for m in loaded})


def _judged(
    at: Moment,
    machine_id: str,
    machine: Machine | None,
    contracts: Mapping[str, Contract],
    schedule: Schedule,
) -> EstimatedMachine:
    contract = contracts.get(machine.contract_id) if machine else None
    if machine is None or contract is None:
        return EstimatedMachine(machine_id, EstimateOutcome.UNKNOWN_MACHINE)
    guessed = guesses(machine, contract, today=at.today, grace=schedule.grace_days_of)
    awaited = awaited_on(contract, schedule, at.today)
    if not guessed:
        overtaken = unreported(machine, contract, today=at.today)
        outcome = EstimateOutcome.ALREADY_READ if overtaken else EstimateOutcome.NOTHING_MISSING
        return EstimatedMachine(machine_id, outcome, machine, announced_for=awaited)
    found = tuple(one for _, one in guessed if one)
    without = tuple(meter.id for meter, one in guessed if one is None)
    outcome = EstimateOutcome.PROPOSED if found else EstimateOutcome.NO_BASIS
    return EstimatedMachine(machine_id, outcome, machine, found, without, announced_for=awaited)


def estimate_by_schedule(
    adapters: Adapters,
    at: Moment,
    machine: Machine,
    contract: Contract,
    schedule: Schedule,
    *,
    by: str,
) -> EstimateOutcome:
    """Estimates what is missing at a machine, as read just now; a value that comes meanwhile stands, and
    what is left is estimated with the next of these runs. The machine's history tells of it."""
    judged = _judged(at, machine.id, machine, {contract.id: contract}, schedule)
    if judged.outcome is not EstimateOutcome.PROPOSED:
        return judged.outcome
    _, writes, _ = _writes(at, machine, judged, by)
    try:
        adapters.table.transact(writes)
    except ConditionFailed:
        return EstimateOutcome.CHANGED_MEANWHILE
    return EstimateOutcome.ESTIMATED


def _writes(
    at: Moment, machine: Machine, judged: EstimatedMachine, by: str
) -> tuple[Machine, list[Write], tuple[Reading, ...]]:
    """The machine with the estimates, the writes that store them, and the readings."""
    changed, readings = with_estimates(machine, list(judged.estimates), by=by, now=at.now)
    channel = ReadingChannel.ESTIMATE
    event = machines.event("estimated", readings, at=at.now, by=by, channel=channel)
    return changed, [*machines.save(changed, seen=machine, event=event)], readings


def _stored(
    adapters: Adapters, at: Moment, machine: Machine, judged: EstimatedMachine, by: StaffMember
) -> EstimatedMachine:
    changed, writes, readings = _writes(at, machine, judged, by.id)
    deed = Deed(
        Action.READINGS_ESTIMATED,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        changes=added(**{f"meter {one.meter_id}": one.value for one in readings}),
    )
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        return EstimatedMachine(machine.id, EstimateOutcome.CHANGED_MEANWHILE, machine)
    return EstimatedMachine(
        machine.id, EstimateOutcome.ESTIMATED, changed, judged.estimates, judged.without
    )


def _told_again(machine: Machine, seen: int, by: StaffMember) -> EstimatedMachine | None:
    """The answer to a request that was carried out before: the next version has its estimates."""
    if machine.version != seen + 1 or machine.due_on is None:
        return None
    own = [
        (meter, reading)
        for meter in machine.billable_meters
        if (reading := machine.reading(meter.id))
        and reading.channel is ReadingChannel.ESTIMATE
        and reading.reported_by == by.id
    ]
    again = tuple(
        found for meter, reading in own if (found := estimate(meter, reading.read_on)) is not None
    )
    if not own or [one.value for one in again] != [reading.value for _, reading in own]:
        return None
    return EstimatedMachine(machine.id, EstimateOutcome.ESTIMATED, machine, again)
