"""A contact reports many machines in one request; each of them is stored whole or not at all.

The company is read once. What is to be stored goes into shared transactions; a machine that somebody
else wrote meanwhile is taken out of its transaction and decided again, so it never holds up another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from meterportal import crypto
from meterportal.domain.contracts import Company, Contact, Contract
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.refusals import (
    MachineTwice,
    NotFound,
    NotSignedIn,
    Refusal,
    ReusedKey,
    Unavailable,
)
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import idempotency, machines, portfolio, receipts, sessions
from meterportal.store.sessions import Session
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases import report_readings, sign_in
from meterportal.usecases.neighbours import LOOKS_OF_A_CONTACT, Looks
from meterportal.usecases.overview import entrusted
from meterportal.usecases.report_readings import Report, Reported

MOST = 500
"""Machines in one request."""

_ATTEMPTS = 5
_WRITES, _BYTES = 96, 2_500_000
"""Of one transaction, which takes 100 writes and 4 MB: room is left for the kept answers."""

Outcome = Reported | Refusal


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a contact reports for, in walking order, as it stands now.

    `looks` may be taken at the other machines for doubtful values. `told` is what this request's
    key was answered before, by machine; `keyed`: it was used before.
    """

    session: Session
    contact: Contact
    company: Company
    contracts: Mapping[str, Contract]
    machines: Mapping[str, Machine]
    language: str
    tolerances: ToleranceSettings
    looks: Looks
    keyed: bool = False
    told: Mapping[str, Reported] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's Idempotency-Key and the digest of what it asks."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Change:
    machine_id: str
    writes: Sequence[Write]
    told: Reported

    @property
    def size(self) -> int:
        """About how many bytes it writes."""
        return sum(len(str(write.put)) for write in self.writes)


def report_fleet(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    reports: Sequence[tuple[str, Report]],
    *,
    key: str | None = None,
) -> tuple[list[Outcome], str]:
    """What became of each machine's report, in the order sent, and the contact's language.

    Three reads, and a transaction for each 48 machines that change. Raises MachineTwice, BadKey,
    ReusedKey and NotSignedIn; all other refusals are a machine's own.
    """
    report_readings.refuse_bad_key(key)
    wanted = _once(reports)
    asked = _asked(key, wanted)
    session = sign_in.session_of(doors, at, cookie)
    fleet = look(doors, at, session, asked)
    sign_in.keep_alive(doors, at, session)
    outcomes = store(doors, at, fleet, wanted, asked)
    return [outcomes[machine_id] for machine_id in wanted], fleet.language


def look(doors: Doors, at: Moment, session: Session, asked: Asked | None = None) -> Fleet:
    """Everything that the session's contact reports for, by one Query. Two reads, with a key that
    was used before three. Raises NotSignedIn, ReusedKey."""
    key = asked.key if asked else None
    around = sessions.surroundings(doors.table, session, request_key=key, judging=True)
    held = portfolio.load(doors.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(around, held)
    language = sign_in.spoken(contact, held.company, around.account.language)
    answered = around.answered if around.answered and not around.answered.over(at.now) else None
    told: dict[str, Reported] = {}
    if asked and answered:
        if answered.request != asked.digest:
            raise ReusedKey(field="Idempotency-Key")
        parts = idempotency.parts(doors.table, session.mailbox, asked.key)
        for part in parts:
            if part.request == asked.digest and not part.over(at.now):
                told |= {number: _unpacked(row, language) for number, row in part.answer.items()}
    return Fleet(
        session=session,
        contact=contact,
        company=held.company,
        contracts=held.contracts,
        machines={machine.id: machine for machine in entrusted(contact, held)},
        language=language,
        tolerances=around.tolerances,
        looks=Looks(LOOKS_OF_A_CONTACT),
        keyed=answered is not None,
        told=told,
    )


def store(
    doors: Doors,
    at: Moment,
    fleet: Fleet,
    reports: Mapping[str, Report],
    asked: Asked | None = None,
) -> dict[str, Outcome]:
    """Store the reports as far as they can be; an outcome for each. A machine that changes between
    reading and writing is read and decided again, with all that are left, a few times."""
    outcomes: dict[str, Outcome] = {}
    left: Iterable[str] = reports
    for attempt in range(_ATTEMPTS):
        if attempt:
            fleet = look(doors, at, fleet.session, asked)
        changes = []
        for machine_id in left:
            found = _decided(fleet, machine_id, reports[machine_id], at)
            if isinstance(found, _Change):
                changes.append(found)
            else:
                outcomes[machine_id] = found
        left = _write(doors, at, fleet, changes, asked, outcomes)
        if not left:
            return outcomes
    return outcomes | {machine_id: Unavailable() for machine_id in left}


def decided(fleet: Fleet, machine_id: str, report: Report, at: Moment) -> Outcome:
    """What would become of a report. Nothing is stored."""
    found = _decided(fleet, machine_id, report, at)
    return found.told if isinstance(found, _Change) else found


def _once(reports: Sequence[tuple[str, Report]]) -> dict[str, Report]:
    wanted: dict[str, Report] = {}
    for number, (machine_id, report) in enumerate(reports):
        if machine_id in wanted:
            raise MachineTwice(field=f"machines.{number}.machine_id")
        wanted[machine_id] = report
    return wanted


def _asked(key: str | None, wanted: Mapping[str, Report]) -> Asked | None:
    if key is None:
        return None
    digests = [report.digest(machine_id) for machine_id, report in wanted.items()]
    return Asked(key, crypto.digest(json.dumps(digests)))


def _decided(fleet: Fleet, machine_id: str, report: Report, at: Moment) -> _Change | Outcome:
    if machine_id in fleet.told:
        return fleet.told[machine_id]
    machine = fleet.machines.get(machine_id)
    if machine is None:
        return NotFound()
    contract = fleet.contracts[machine.contract_id]
    try:
        done, readings = report_readings.decide(
            machine,
            contract,
            report,
            by=fleet.contact,
            at=at,
            tolerances=fleet.tolerances,
            others=fleet.looks.among(machine, fleet.machines.values(), billed_only=True),
        )
    except Refusal as refusal:
        return refusal
    told = Reported(done.machine.version, readings, fleet.language)
    if not done.changed:
        return told
    writes = report_readings.writes_of(machine, done, by=fleet.contact, at=at)
    return _Change(machine_id, writes, told)


def _write(
    doors: Doors,
    at: Moment,
    fleet: Fleet,
    changes: Sequence[_Change],
    asked: Asked | None,
    outcomes: dict[str, Outcome],
) -> list[str]:
    """Write the changes group by group and note what became of them; gives back the machines that
    somebody else wrote meanwhile. When the table is out of reach the rest is not tried."""
    left: list[str] = []
    keyed = fleet.keyed
    for group in _groups(changes):
        try:
            written, again = _write_group(doors, at, fleet, group, asked, keyed=keyed)
        except Unavailable as refusal:
            known = {*outcomes, *left}
            outcomes |= {c.machine_id: refusal for c in changes if c.machine_id not in known}
            return left
        keyed = keyed or bool(written)
        outcomes |= {change.machine_id: change.told for change in written}
        left += [change.machine_id for change in again]
    return left


def _groups(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    group: list[_Change] = []
    writes = size = 0
    for change in changes:
        writes, size = writes + len(change.writes), size + change.size
        if group and (writes > _WRITES or size > _BYTES):
            yield group
            group, writes, size = [], len(change.writes), change.size
        group.append(change)
    if group:
        yield group


def _write_group(
    doors: Doors,
    at: Moment,
    fleet: Fleet,
    group: Sequence[_Change],
    asked: Asked | None,
    *,
    keyed: bool,
) -> tuple[Sequence[_Change], list[_Change]]:
    """Store a group in one transaction, without those whose machine was written meanwhile: the
    stored and the others."""
    again: list[_Change] = []
    while group:
        owners = [change for change in group for _ in change.writes]
        writes = [write for change in group for write in change.writes]
        writes += receipts.note(
            fleet.session.mailbox, fleet.contact, at.now, doors.settings.receipts
        )
        writes += _kept(doors, at, fleet, group, asked, keyed=keyed)
        try:
            doors.table.transact(writes)
        except ConditionFailed as failed:
            if any(place >= len(owners) for place in failed.failed):
                # The same key came in by another request at this moment: see what that one did.
                return (), [*again, *group]
            hit = {owners[place].machine_id for place in failed.failed}
            again += [change for change in group if change.machine_id in hit]
            group = [change for change in group if change.machine_id not in hit]
        else:
            return group, again
    return (), again


def _kept(
    doors: Doors,
    at: Moment,
    fleet: Fleet,
    group: Sequence[_Change],
    asked: Asked | None,
    *,
    keyed: bool,
) -> list[Write]:
    """The writes that keep a group's answers for the request's key; the first ones claim the key."""
    if asked is None:
        return []
    owner, now = fleet.session.mailbox, at.now
    answer = {change.machine_id: _packed(change.told) for change in group}
    writes = [
        idempotency.part(
            owner, asked.key, doors.new_number(), request=asked.digest, answer=answer, now=now
        )
    ]
    if not keyed:
        writes.append(idempotency.new(owner, asked.key, request=asked.digest, answer=None, now=now))
    return writes


def _packed(told: Reported) -> dict[str, object]:
    readings = [machines.pack_reading(reading) for reading in told.readings]
    return {"version": told.version, "readings": readings}


def _unpacked(row: Mapping[str, object], language: str) -> Reported:
    version, readings = row["version"], row["readings"]
    assert isinstance(version, int)
    assert isinstance(readings, list)
    return Reported(version, tuple(map(machines.unpack_reading, readings)), language)
