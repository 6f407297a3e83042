"""A contact reports many machines in one request; for each machine all values are stored or none.

The company is read once. The changes of several machines share a transaction. A machine that
somebody else wrote meanwhile is taken out of its transaction and decided again, so that the others
do not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.permissions import entrusted, spoken
from meterportal.domain.access.sessions import Session
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import Grace
from meterportal.domain.refusals import (
    MachineTwice,
    NotFound,
    NotSignedIn,
    Refusal,
    Unavailable,
)
from meterportal.domain.reporting.periods import opens_on
from meterportal.settings import Moment
from meterportal.store import idempotency
from meterportal.store.access import sessions
from meterportal.store.groups import grouped
from meterportal.store.mailing import receipts
from meterportal.store.portfolio import histories, holdings, packed_readings
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access import sign_in
from meterportal.usecases.mailing.schedule_now import grace_now
from meterportal.usecases.plausibility.neighbours import LOOKS_OF_A_CONTACT, Looks
from meterportal.usecases.reporting import report_readings
from meterportal.usecases.reporting.report_readings import Report, Reported

MOST = 500
"""Highest number of machines in one request."""

_ATTEMPTS = 5

Outcome = Reported | Refusal


@frozen
class Fleet:
    """The current machines that a contact reports for, in walking order.

    `looks` is how many comparisons with other machines are left for doubtful values. `told` are the
    kept answers for this request's key, by machine; `keyed`: the key was used before.
    """

    session: Session
    contact: Contact
    company: Company
    contracts: Mapping[str, Contract]
    machines: Mapping[str, Machine]
    language: str
    grace: Grace
    people: Mapping[str, str]
    tolerances: ToleranceSettings
    looks: Looks
    keyed: bool = False
    told: Mapping[str, Reported] = field(default_factory=dict)


@frozen
class Asked:
    """A request's Idempotency-Key and the digest of what it asks."""

    key: str
    digest: str


@frozen
class _Change:
    machine_id: str
    writes: Sequence[Write]
    told: Reported


def report_fleet(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    reports: Sequence[tuple[str, Report]],
    *,
    key: str | None = None,
) -> tuple[list[Outcome], str]:
    """What became of each machine's report, in the order sent, and the contact's language.

    Three reads, and a transaction for each 48 machines that change. Raises MachineTwice, ReusedKey
    and NotSignedIn; all other refusals are in the outcome of the machine.
    """
    wanted = _once(reports)
    asked = _asked(key, wanted)
    session = sign_in.session_of(adapters, at, cookie)
    fleet = look(adapters, at, session, asked)
    sign_in.keep_alive(adapters, at, session)
    outcomes = store(adapters, at, fleet, wanted, asked)
    return [outcomes[machine_id] for machine_id in wanted], fleet.language


def look(adapters: Adapters, at: Moment, session: Session, asked: Asked | None = None) -> Fleet:
    """Everything that the session's contact reports for, by one query. Two reads; three with a key
    that was used before. Raises NotSignedIn, ReusedKey.
    """
    key = asked.key if asked else None
    surroundings = sessions.surroundings(adapters.table, session, request_key=key, judging=True)
    held = holdings.load(adapters.table, session.company_id)
    if held is None:
        raise NotSignedIn
    contact = sign_in.contact_of(surroundings, held)
    language = spoken(contact, held.company, surroundings.account.language)
    answered, kept = None, dict[str, Reported]()
    if asked:
        answered = idempotency.told_again(surroundings.answered, asked.digest, now=at.now)
    if asked and answered:
        parts = idempotency.parts(adapters.table, session.mailbox, asked.key)
        for part in parts:
            if part.request == asked.digest and not part.over(at.now):
                kept |= {number: _unpacked(row, language) for number, row in part.answer.items()}
    return Fleet(
        session=session,
        contact=contact,
        company=held.company,
        contracts=held.contracts,
        machines={machine.id: machine for machine in entrusted(contact, held)},
        language=language,
        grace=grace_now(adapters),
        people=report_readings.names(held),
        tolerances=surroundings.tolerances,
        looks=Looks(LOOKS_OF_A_CONTACT),
        keyed=answered is not None,
        told=kept,
    )


def store(
    adapters: Adapters,
    at: Moment,
    fleet: Fleet,
    reports: Mapping[str, Report],
    asked: Asked | None = None,
) -> dict[str, Outcome]:
    """Stores the reports that can be stored; an outcome for each. A machine that changes between
    reading and writing is read and decided again together with all others not yet stored, a few
    times.
    """
    outcomes: dict[str, Outcome] = {}
    left: Iterable[str] = reports
    for attempt in range(_ATTEMPTS):
        if attempt:
            fleet = look(adapters, at, fleet.session, asked)
        _read_what_decides(fleet, left)
        changes = []
        for machine_id in left:
            found = _decided(fleet, machine_id, reports[machine_id], at)
            if isinstance(found, _Change):
                changes.append(found)
            else:
                outcomes[machine_id] = found
        left = _write(adapters, at, fleet, changes, asked, outcomes)
        if not left:
            return outcomes
    return outcomes | {machine_id: Unavailable() for machine_id in left}


def _read_what_decides(fleet: Fleet, wanted: Iterable[str]) -> None:
    """Has the schedule read where it decides about one of the machines: failing later, it would be that
    machine's refusal alone."""
    for machine_id in wanted:
        if machine := fleet.machines.get(machine_id):
            opens_on(machine, fleet.contracts[machine.contract_id], fleet.grace)


def decided(fleet: Fleet, machine_id: str, report: Report, at: Moment) -> Outcome:
    """The outcome that storing a report would have. Nothing is stored."""
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
            by=fleet.contact.id,
            at=at,
            grace=fleet.grace,
            people=fleet.people,
            tolerances=fleet.tolerances,
            others=fleet.looks.among(machine, fleet.machines.values(), billed_only=True),
        )
    except Refusal as refusal:
        return refusal
    reported = Reported(done.machine.version, readings, fleet.language)
    if not done.changed:
        return reported
    writes = report_readings.writes_of(machine, done, by=fleet.contact.id, at=at)
    return _Change(machine_id, writes, reported)


def _write(
    adapters: Adapters,
    at: Moment,
    fleet: Fleet,
    changes: Sequence[_Change],
    asked: Asked | None,
    outcomes: dict[str, Outcome],
) -> list[str]:
    """Writes the changes group by group and adds their outcomes; returns the machines that somebody
    else wrote meanwhile. When the table cannot be reached the rest is not tried.
    """
    left: list[str] = []
    keyed = fleet.keyed
    for group in grouped(changes, lambda change: change.writes):
        try:
            written, again = _write_group(adapters, at, fleet, group, asked, keyed=keyed)
        except Unavailable as refusal:
            known = {*outcomes, *left}
            outcomes |= {c.machine_id: refusal for c in changes if c.machine_id not in known}
            return left
        keyed = keyed or bool(written)
        outcomes |= {change.machine_id: change.told for change in written}
        left += [change.machine_id for change in again]
    return left


def _write_group(
    adapters: Adapters,
    at: Moment,
    fleet: Fleet,
    group: Sequence[_Change],
    asked: Asked | None,
    *,
    keyed: bool,
) -> tuple[Sequence[_Change], list[_Change]]:
    """Stores a group in one transaction, without the machines that were written meanwhile: returns
    the stored ones and the others.
    """
    again: list[_Change] = []
    while group:
        mine = {change.machine_id for change in group}
        writes = [write.named(change.machine_id) for change in group for write in change.writes]
        writes += receipts.note(
            fleet.session.mailbox, fleet.contact, at.now, adapters.settings.receipts
        )
        writes += _kept(adapters, at, fleet, group, asked, keyed=keyed)
        try:
            adapters.table.transact(histories.listed_together(writes))
        except ConditionFailed as failed:
            if failed.parts - mine:
                # Another request has used the same key at the same time: read what it did.
                return (), [*again, *group]
            again += [change for change in group if failed.on(change.machine_id)]
            group = [change for change in group if not failed.on(change.machine_id)]
        else:
            return group, again
    return (), again


def _kept(
    adapters: Adapters,
    at: Moment,
    fleet: Fleet,
    group: Sequence[_Change],
    asked: Asked | None,
    *,
    keyed: bool,
) -> list[Write]:
    """The writes that keep a group's answers for the request's key; the first
    ones claim the key.
    """
    if asked is None:
        return []
    owner, now = fleet.session.mailbox, at.now
    answer = {change.machine_id: _packed(change.told) for change in group}
    writes = [
        idempotency.part(
            owner, asked.key, adapters.new_number(), request=asked.digest, answer=answer, now=now
        )
    ]
    if not keyed:
        writes.append(idempotency.new(owner, asked.key, request=asked.digest, answer=None, now=now))
    return writes


def _packed(reported: Reported) -> dict[str, object]:
    readings = [packed_readings.pack(reading) for reading in reported.readings]
    return {"version": reported.version, "readings": readings}


def _unpacked(row: Mapping[str, object], language: str) -> Reported:
    version, readings = row["version"], row["readings"]
    assert isinstance(version, int)
    assert isinstance(readings, list)
    return Reported(version, tuple(map(packed_readings.unpack, readings)), language)
