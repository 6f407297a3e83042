"""A contact reports or corrects the counters of a machine, or checks the values first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.neighbours import Neighbours
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import Grace
from meterportal.domain.refusals import NotSignedIn, Unavailable
from meterportal.domain.reporting import entry, periods
from meterportal.domain.reporting.entry import Entry, Submission
from meterportal.domain.reporting.readings import Reading
from meterportal.settings import Moment
from meterportal.store import idempotency
from meterportal.store.access import sessions
from meterportal.store.idempotency import Answered
from meterportal.store.mailing import receipts
from meterportal.store.portfolio import machines, packed_readings
from meterportal.store.reporting import problems
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access import sign_in
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.plausibility import neighbours
from meterportal.usecases.reporting.machine_access import (
    MachineAccess,
    access_to_report,
    reporting_at,
)

_ATTEMPTS = 5


@frozen
class Report:
    """What a contact sends. Without `read_on` the counters were read today."""

    values: Mapping[str, object]
    reasons: Mapping[str, str]
    version: int
    read_on: date | None = None

    def digest(self, machine_id: str, *more: str) -> str:
        """A digest that is equal for equal requests, for comparing uses of an Idempotency-Key."""
        content = [machine_id, self.values, self.reasons, self.version, str(self.read_on), *more]
        return crypto.digest(json.dumps(content, sort_keys=True))


@frozen
class Checked:
    """`language` is the contact's, for the sentences of the findings."""

    machine: Machine
    entry: Entry
    check: Check
    language: str


@frozen
class Reported:
    """The machine's current version and the stored readings of the period for the meters that were
    sent.
    """

    version: int
    readings: tuple[Reading, ...]
    language: str


def check_readings(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    values: Mapping[str, object],
    read_on: date | None,
) -> Checked:
    """Checks plausibility only, stores nothing. Three reads, one more for a value in doubt."""
    access = access_to_report(adapters, at, cookie, machine_id, judging=True)
    typed = entry.read(access.machine, values, read_on=read_on or at.today)
    check = entry.judge(
        access.machine,
        typed,
        today=at.today,
        starts_on=access.contract.starts_on,
        opens_on=periods.opens_on(access.machine, access.contract, grace_now(adapters)),
        tolerances=access.around.tolerances,
        neighbours=_neighbours(adapters, access),
    )
    return Checked(access.machine, typed, check, access.language)


def report_readings(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    report: Report,
    *,
    key: str | None = None,
) -> Reported:
    """Stores or corrects a machine's readings, all or none. Three reads and one transaction; if a
    doubt refuses them, four reads and no transaction.

    `key` is the request's Idempotency-Key: the same key with the same report gives the same answer
    again, with another report it raises ReusedKey. Also raises NotSignedIn, NotFound and the
    refusals of `entry.submit`.
    """
    session = sign_in.session_of(adapters, at, cookie)
    for _ in range(_ATTEMPTS):
        access = reporting_at(adapters, session, machine_id, request_key=key, judging=True)
        reported = _report(adapters, at, access, report, key)
        if reported is not None:
            return reported
    raise Unavailable


def _report(
    adapters: Adapters, at: Moment, access: MachineAccess, report: Report, key: str | None
) -> Reported | None:
    """The answer; None when somebody else wrote meanwhile and everything must be read again."""
    digest = report.digest(access.machine.id)
    answered = idempotency.told_again(access.around.answered, digest, now=at.now)
    if answered is not None:
        return _as_answered(answered, access.language)
    done, readings = decide(
        access.machine,
        access.contract,
        report,
        by=access.contact.id,
        at=at,
        grace=grace_now(adapters),
        people=names(access.held),
        tolerances=access.around.tolerances,
        others=_neighbours(adapters, access),
    )
    reported = Reported(done.machine.version, readings, access.language)
    if done.changed and not _stored(
        adapters, at, access, done, _kept(access, key, digest, reported, at)
    ):
        return None
    return reported


def _neighbours(adapters: Adapters, access: MachineAccess) -> Neighbours:
    """The other machines of which the contact may know. One query, only when needed."""
    return neighbours.of_contact(adapters, access.contact, access.held, access.machine)


def names(held: Holding) -> dict[str, str]:
    """The names of a company's contacts by id."""
    return {contact.id: contact.name for contact in held.contacts.values()}


def decide(
    machine: Machine,
    contract: Contract,
    report: Report,
    *,
    by: str,
    at: Moment,
    grace: Grace,
    people: Mapping[str, str],
    tolerances: ToleranceSettings | None = None,
    others: Neighbours | None = None,
    channel: ReadingChannel = ReadingChannel.PORTAL,
) -> tuple[Submission, tuple[Reading, ...]]:
    """What a report changes on a machine, and the readings of the period that then exist for the
    meters sent.

    `others` are read only for a refusal because of a doubt. Nothing is stored. Raises the refusals
    of `entry.read` and `entry.submit`.
    """
    typed = entry.read(
        machine, report.values, read_on=report.read_on or at.today, reasons=report.reasons
    )
    done = entry.submit(
        machine,
        typed,
        seen=report.version,
        by=by,
        now=at.now,
        today=at.today,
        starts_on=contract.starts_on,
        opens_on=periods.opens_on(machine, contract, grace),
        people=people,
        tolerances=tolerances,
        neighbours=others,
        channel=channel,
    )
    return done, _of(done.machine, typed)


def writes_of(
    machine: Machine,
    done: Submission,
    *,
    by: str,
    at: Moment,
    channel: ReadingChannel = ReadingChannel.PORTAL,
    reporter: str = "",
) -> list[Write]:
    """The writes that store a submission in place of `machine`, with its history row, and settle
    the machine's open problem. `reporter` is the contact for whom staff entered it.
    """
    event = machines.event(done.event, done.changed, at=at.now, by=by, channel=channel)
    if reporter:
        event["reporter"] = reporter
    for row in event["entries"]:
        if old := done.before.get(row["meter_id"]):
            row["before"] = {"value": old.value, "read_on": old.read_on.isoformat()}
    settled = problems.settle(machine, done.machine, by=by, at=at.now)
    return [*machines.save(done.machine, seen=machine, event=event), *settled]


def _stored(
    adapters: Adapters, at: Moment, access: MachineAccess, done: Submission, answer: Sequence[Write]
) -> bool:
    """Stores a submission in one transaction; False when somebody else wrote since it was decided.

    Raises NotSignedIn when the session was closed meanwhile.
    """
    writes = [*writes_of(access.machine, done, by=access.contact.id, at=at), *answer]
    writes += receipts.note(
        access.session.mailbox, access.contact, at.now, adapters.settings.receipts
    )
    if access.session.stale(at.now):
        writes.append(sessions.touched(access.session, now=at.now).named("session"))
    try:
        adapters.table.transact(writes)
    except ConditionFailed as failed:
        if failed.on("session"):
            raise NotSignedIn from None
        return False
    return True


def _of(machine: Machine, typed: Entry) -> tuple[Reading, ...]:
    """The current readings of the meters that were sent, in the machine's order."""
    readings = (machine.reading(meter.id) for meter in machine.meters if meter.id in typed.values)
    return tuple(reading for reading in readings if reading)


def _kept(
    access: MachineAccess, key: str | None, digest: str, reported: Reported, at: Moment
) -> tuple[Write, ...]:
    """The write that keeps an answer for its key; no write without a key."""
    if key is None:
        return ()
    answer = {
        "version": reported.version,
        "readings": [packed_readings.pack(reading) for reading in reported.readings],
    }
    owner = access.session.mailbox
    return (idempotency.new(owner, key, request=digest, answer=answer, now=at.now),)


def _as_answered(answered: Answered, language: str) -> Reported:
    readings = tuple(packed_readings.unpack(row) for row in answered.answer["readings"])
    return Reported(answered.answer["version"], readings, language)
