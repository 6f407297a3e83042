"""A contact reports or corrects the counters of a machine, or has them checked first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from meterportal import crypto
from meterportal.domain import entry
from meterportal.domain.contracts import Contact, Contract, ReadingChannel
from meterportal.domain.entry import Entry, Submission
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.neighbours import Neighbours
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check
from meterportal.domain.readings import Reading
from meterportal.domain.refusals import NotSignedIn, Refusal, ReusedKey, Unavailable
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import idempotency, machines, problems, receipts, sessions
from meterportal.store.idempotency import Answered
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases import neighbours, sign_in
from meterportal.usecases.machine_desk import MachineDesk, desk_to_report, reporting_at

_ATTEMPTS = 5
_LONGEST_KEY = 128


class BadKey(Refusal):
    code = "idempotency_key_refused"
    de = "Ein Idempotency-Key hat 1 bis 128 druckbare ASCII-Zeichen."
    en = "An Idempotency-Key has 1 to 128 printable ASCII characters."


@dataclass(frozen=True, slots=True)
class Report:
    """What a contact sends. Without `read_on` it was read today."""

    values: Mapping[str, object]
    reasons: Mapping[str, str]
    version: int
    read_on: date | None = None

    def digest(self, machine_id: str) -> str:
        """The same for the same request: what an Idempotency-Key stands for."""
        said = [machine_id, self.values, self.reasons, self.version, str(self.read_on)]
        return crypto.digest(json.dumps(said, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Checked:
    """`language` is the contact's own, for the findings' sentences."""

    machine: Machine
    entry: Entry
    check: Check
    language: str


@dataclass(frozen=True, slots=True)
class Reported:
    """The machine's version now and what stands in the slot for the meters that were sent."""

    version: int
    readings: tuple[Reading, ...]
    language: str


def check_readings(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    *,
    values: Mapping[str, object],
    read_on: date | None,
) -> Checked:
    """Plausibility only, nothing is stored. Three reads, one more for a value in doubt."""
    desk = desk_to_report(doors, at, cookie, machine_id, judging=True)
    said = entry.read(desk.machine, values, read_on=read_on or at.today)
    check = entry.judge(
        desk.machine,
        said,
        today=at.today,
        starts_on=desk.contract.starts_on,
        tolerances=desk.around.tolerances,
        neighbours=_neighbours(doors, desk),
    )
    return Checked(desk.machine, said, check, desk.language)


def report_readings(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    machine_id: str,
    report: Report,
    *,
    key: str | None = None,
) -> Reported:
    """Store or correct a machine's readings, all or none. Three reads and one transaction; what is
    refused because of a doubt costs a read instead.

    `key` is the request's Idempotency-Key: the same key with the same report tells again what was
    stored, with another one it raises ReusedKey. Also raises BadKey, NotSignedIn, NotFound and the
    refusals of `entry.submit`.
    """
    refuse_bad_key(key)
    session = sign_in.session_of(doors, at, cookie)
    for _ in range(_ATTEMPTS):
        desk = reporting_at(doors, session, machine_id, request_key=key, judging=True)
        told = _report(doors, at, desk, report, key)
        if told is not None:
            return told
    raise Unavailable


def refuse_bad_key(key: str | None) -> None:
    """Raises BadKey for an Idempotency-Key that is none."""
    if key is not None and not (
        1 <= len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()
    ):
        raise BadKey(field="Idempotency-Key")


def _report(
    doors: Doors, at: Moment, desk: MachineDesk, report: Report, key: str | None
) -> Reported | None:
    """What is told; None when somebody else wrote meanwhile and everything is to be read again."""
    digest = report.digest(desk.machine.id)
    answered = desk.around.answered
    if answered and not answered.over(at.now):
        if answered.request != digest:
            raise ReusedKey(field="Idempotency-Key")
        return _as_answered(answered, desk.language)
    done, readings = decide(
        desk.machine,
        desk.contract,
        report,
        by=desk.contact,
        at=at,
        tolerances=desk.around.tolerances,
        others=_neighbours(doors, desk),
    )
    told = Reported(done.machine.version, readings, desk.language)
    if done.changed and not _stored(doors, at, desk, done, _kept(desk, key, digest, told, at)):
        return None
    return told


def _neighbours(doors: Doors, desk: MachineDesk) -> Neighbours:
    """The other machines that the contact may hear of. One query, when asked for."""
    return neighbours.of_contact(doors, desk.contact, desk.held, desk.machine)


def decide(
    machine: Machine,
    contract: Contract,
    report: Report,
    *,
    by: Contact,
    at: Moment,
    tolerances: ToleranceSettings | None = None,
    others: Neighbours | None = None,
) -> tuple[Submission, tuple[Reading, ...]]:
    """What a report does to a machine, and what then stands in the slot for the meters sent.

    `others` are only asked for when it is refused for a doubt. Nothing is stored. Raises the
    refusals of `entry.read` and `entry.submit`.
    """
    said = entry.read(
        machine, report.values, read_on=report.read_on or at.today, reasons=report.reasons
    )
    done = entry.submit(
        machine,
        said,
        seen=report.version,
        by=by.id,
        now=at.now,
        today=at.today,
        starts_on=contract.starts_on,
        tolerances=tolerances,
        neighbours=others,
    )
    return done, _of(done.machine, said)


def writes_of(machine: Machine, done: Submission, *, by: Contact, at: Moment) -> list[Write]:
    """The writes that store a submission in place of `machine`, with its history row, and end the
    problem that it answers."""
    event = machines.event(
        done.event, done.changed, at=at.now, by=by.id, channel=ReadingChannel.PORTAL
    )
    for told in event["entries"]:
        if old := done.before.get(told["meter_id"]):
            told["before"] = {"value": old.value, "read_on": old.read_on.isoformat()}
    settled = problems.settle(machine, done.machine, by=by.id, at=at.now)
    return [*machines.save(done.machine, seen=machine, event=event), *settled]


def _stored(
    doors: Doors, at: Moment, desk: MachineDesk, done: Submission, answer: Sequence[Write]
) -> bool:
    """Store a submission in one transaction; False when somebody else wrote since it was decided.

    Raises NotSignedIn when the session was closed meanwhile.
    """
    writes = [*writes_of(desk.machine, done, by=desk.contact, at=at), *answer]
    writes += receipts.note(desk.session.mailbox, desk.contact, at.now, doors.settings.receipts)
    touches = desk.session.stale(at.now)
    if touches:
        writes.append(sessions.touch(desk.session, now=at.now))
    try:
        doors.table.transact(writes)
    except ConditionFailed as failed:
        if touches and len(writes) - 1 in failed.failed:
            raise NotSignedIn from None
        return False
    return True


def _of(machine: Machine, said: Entry) -> tuple[Reading, ...]:
    """The current readings of the meters that were sent, in the machine's order."""
    readings = (machine.reading(meter.id) for meter in machine.meters if meter.id in said.values)
    return tuple(reading for reading in readings if reading)


def _kept(
    desk: MachineDesk, key: str | None, digest: str, told: Reported, at: Moment
) -> tuple[Write, ...]:
    """The write that keeps an answer for its key."""
    if key is None:
        return ()
    answer = {
        "version": told.version,
        "readings": [machines.pack_reading(reading) for reading in told.readings],
    }
    owner = desk.session.mailbox
    return (idempotency.new(owner, key, request=digest, answer=answer, now=at.now),)


def _as_answered(answered: Answered, language: str) -> Reported:
    readings = tuple(machines.unpack_reading(row) for row in answered.answer["readings"])
    return Reported(answered.answer["version"], readings, language)
