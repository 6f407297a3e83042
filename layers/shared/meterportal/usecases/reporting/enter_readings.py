"""Staff enter or correct the counters of a machine for a customer who called, wrote, or was visited.

The values pass the same check as a contact's and go into the same period.
"""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FieldChange, StaffMember, added
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import Conflict, Invalid, NotFound, Unavailable
from meterportal.domain.reporting.entry import Submission
from meterportal.domain.reporting.readings import Reading
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings, machines, packed_readings
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.plausibility import neighbours
from meterportal.usecases.reporting.report_readings import Report, decide, names, writes_of
from meterportal.usecases.runs import answered
from meterportal.usecases.runs.answered import OwnRequest

_ATTEMPTS = 5
_LONGEST_ID = 64


class NoPeriod(Conflict):
    """The machine takes no reading: it is not active, has no due date, or no billable meter."""

    code = "no_period"
    de = "Für dieses Gerät ist kein Zeitraum offen, für den ein Zählerstand erwartet wird."
    en = "This machine has no open period for which a reading is expected."


@frozen
class EntryForCustomer:
    """What staff enter: the report, how it came (None: they correct what came before), and the contact
    who gave it ("" for nobody known)."""

    report: Report
    channel: ReadingChannel | None
    reporter: str = ""

    def channel_for(self, machine: Machine) -> ReadingChannel:
        """How the values came. Raises Invalid where it is not said and no value stands there yet."""
        standing = (machine.reading(meter_id) for meter_id in self.report.values)
        channel = self.channel or next((one.channel for one in standing if one), None)
        if channel is None:
            raise Invalid(
                field="channel",
                de="Bitte angeben, wie der Zählerstand gekommen ist.",
                en="Please say how the reading came.",
            )
        return channel


@frozen
class Entered:
    """The machine's version and the readings that now stand in its period for the meters sent."""

    version: int
    readings: tuple[Reading, ...]


@frozen
class StaffAccess:
    """A machine as staff see it, read now: its company without the other machines, and the dealer's
    tolerances."""

    machine: Machine
    held: Holding
    tolerances: ToleranceSettings


def machine_for_staff(adapters: Adapters, machine_id: str) -> StaffAccess:
    """Any machine by its number. Three reads. Raises NotFound."""
    wanted = [machine_id] if len(machine_id) <= _LONGEST_ID else []
    owners, settings = tolerances.beside_owners(adapters.table, "MACHINE", wanted)
    if machine_id not in owners:
        raise NotFound
    company_id = owners[machine_id]
    machine = machines.load(adapters.table, company_id, machine_id)
    held = holdings.people(adapters.table, company_id)
    if machine is None or held is None or machine.contract_id not in held.contracts:
        raise NotFound
    return StaffAccess(machine, held, settings)


def enter_readings(
    adapters: Adapters,
    at: Moment,
    machine_id: str,
    entry: EntryForCustomer,
    *,
    by: StaffMember,
    key: str | None = None,
) -> Entered:
    """Stores or corrects a machine's readings, all or none. Three reads (a key: one more) and one
    transaction; one query more for a value in doubt.

    The reading is the reporter's, if one is named, else the staff member's. `key` is the request's
    Idempotency-Key. Raises NotFound, NoPeriod, Invalid for a reporter who is not of the company
    or a missing channel, and the refusals of `entry.submit`.
    """
    digest = entry.report.digest(machine_id, entry.channel or "", entry.reporter)
    request = OwnRequest(by.id, key, digest)
    for _ in range(_ATTEMPTS):
        earlier = answered.earlier(adapters, request, now=at.now)
        if earlier is not None:
            rows = earlier["readings"]
            return Entered(earlier["version"], tuple(map(packed_readings.unpack, rows)))
        access = machine_for_staff(adapters, machine_id)
        done, readings = _decided(adapters, at, access, entry, by)
        entered = Entered(done.machine.version, readings)
        if not done.changed:
            return entered
        writes = [
            *writes_of(
                access.machine,
                done,
                by=by.id,
                at=at,
                channel=entry.channel_for(access.machine),
                reporter=entry.reporter,
            ),
            *journal.entries(adapters.new_number(), by, at.now, _deed(access.machine, done, entry)),
            *answered.kept(request, _packed(entered), now=at.now),
        ]
        try:
            adapters.table.transact(writes)
        except ConditionFailed:
            continue
        return entered
    raise Unavailable


def _decided(
    adapters: Adapters, at: Moment, access: StaffAccess, entry: EntryForCustomer, by: StaffMember
) -> tuple[Submission, tuple[Reading, ...]]:
    machine, held = access.machine, access.held
    if entry.reporter and entry.reporter not in held.contacts:
        raise Invalid(
            field="reporter",
            de="Dieser Ansprechpartner gehört nicht zu dieser Firma.",
            en="This contact does not belong to this company.",
        )
    takes = machine.active or machine.ends_with(entry.report.values)
    if not (takes and machine.due_on and machine.billable_meters):
        raise NoPeriod
    if machine.replaced_by and (entry.report.read_on or at.today) != machine.replaced_by.on:
        day = machine.replaced_by.on
        raise Invalid(
            field="read_on",
            de=f"Der Endstand gilt für den Tag des Austauschs, den {day:%d.%m.%Y}.",
            en=f"The end reading is that of the day of the replacement, {day:%Y-%m-%d}.",
        )
    return decide(
        machine,
        held.contracts[machine.contract_id],
        entry.report,
        by=entry.reporter or by.id,
        at=at,
        grace=grace_now(adapters),
        people=names(held),
        tolerances=access.tolerances,
        others=neighbours.of_staff(adapters, machine),
        channel=entry.channel_for(machine),
    )


def _deed(machine: Machine, done: Submission, entry: EntryForCustomer) -> Deed:
    values = tuple(
        FieldChange(
            f"meter {reading.meter_id}",
            old.value if (old := done.before.get(reading.meter_id)) else None,
            reading.value,
        )
        for reading in done.changed
    )
    return Deed(
        Action.READINGS_ENTERED,
        "machine",
        machine.id,
        machine.company_id,
        machine.contract_id,
        machine.id,
        entry.reporter,
        (
            *values,
            *added(
                channel=entry.channel_for(machine).value,
                read_on=done.changed[0].read_on.isoformat(),
            ),
        ),
    )


def _packed(entered: Entered) -> dict[str, object]:
    readings = [packed_readings.pack(reading) for reading in entered.readings]
    return {"version": entered.version, "readings": readings}
