"""The peer of runs over a portfolio: a relational schema in SQLite, read and written in bulk by Python's sqlite3,
with our rules inside. No mapper stands between, which a web framework would bring.

Each run is one transaction that is taken back at its end, so that it can be repeated.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio import readiness, rights
from meterportal.domain.portfolio.contracts import Contact, Contract, Delivery, PortalRights
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.release import judging
from meterportal.domain.release.runs import MachineLines, Tally
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict

_SCHEMA = """
CREATE TABLE company (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE contact (id TEXT PRIMARY KEY, company TEXT, first TEXT, last TEXT, email TEXT, mailbox TEXT,
    role TEXT, active INTEGER, readings INTEGER, machines INTEGER, orders TEXT);
CREATE INDEX people ON contact (company);
CREATE TABLE claim (mailbox TEXT, company TEXT, contact TEXT, PRIMARY KEY (mailbox, company));
CREATE TABLE mailbox (address TEXT PRIMARY KEY, delivery TEXT);
CREATE TABLE contract (id TEXT PRIMARY KEY, company TEXT, name TEXT, starts TEXT, ends TEXT, due TEXT, channel TEXT);
CREATE INDEX papers ON contract (company);
CREATE TABLE reporter (contract TEXT, contact TEXT, PRIMARY KEY (contract, contact));
CREATE TABLE result (contract TEXT, ready INTEGER, reasons TEXT);
CREATE TABLE journal (at TEXT, who TEXT, action TEXT, about TEXT);
CREATE TABLE machine (id TEXT PRIMARY KEY, company TEXT, contract TEXT, serial TEXT, model TEXT, due TEXT,
    version INTEGER);
CREATE TABLE meter (machine TEXT, id TEXT, label TEXT, kind TEXT, digits INTEGER, PRIMARY KEY (machine, id));
CREATE TABLE effective (machine TEXT, meter TEXT, read_on TEXT, value INTEGER,
    PRIMARY KEY (machine, meter, read_on));
CREATE TABLE reading (machine TEXT, meter TEXT, due TEXT, value INTEGER, read_on TEXT, state TEXT, verdict TEXT,
    reported_by TEXT, reported_at TEXT, released_at TEXT, released_by TEXT, PRIMARY KEY (machine, meter, due));
CREATE TABLE report (machine TEXT, meter TEXT, outcome TEXT, code TEXT, value INTEGER, findings TEXT);
CREATE TABLE history (machine TEXT, version INTEGER, event TEXT, at TEXT, who TEXT, entries TEXT);
CREATE TABLE waiting (machine TEXT, meter TEXT, due TEXT);
"""
_AT_ONCE = 500


class Relational:
    """`path`: a file that does not exist yet."""

    def __init__(self, path: str, holdings: Iterable[Holding]) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;" + _SCHEMA)
        self._db.execute("BEGIN")
        for holding in holdings:
            self._keep(holding)
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()

    def _keep(self, held: Holding) -> None:
        company = held.company.id
        self._many("company", [(company, held.company.name)])
        for one in held.contacts.values():
            row = (one.id, company, one.first_name, one.last_name, one.email, one.mailbox, one.role)
            self._many("contact", [(*row, one.active, None, None, None)])
            self._many("mailbox", [(one.mailbox, "ok")])
        for paper in held.contracts.values():
            days = (paper.starts_on, paper.ends_on, paper.next_billing_on)
            texts = [day and day.isoformat() for day in days]
            self._many("contract", [(paper.id, company, paper.name, *texts, paper.reading_channel)])
            self._many("reporter", [(paper.id, number) for number in paper.reporters])
        for machine in held.machines.values():
            self._keep_machine(machine)

    def _keep_machine(self, one: Machine) -> None:
        due = (one.due_on or date.max).isoformat()
        row = (one.id, one.company_id, one.contract_id, one.serial, one.model, due, one.version)
        self._many("machine", [row])
        for meter in one.meters:
            self._many("meter", [(one.id, meter.id, meter.label, meter.kind, meter.digits)])
            history = ((one.id, meter.id, e.read_on.isoformat(), e.value) for e in meter.history)
            self._many("effective", history)
        for reading in one.readings:
            what = (one.id, reading.meter_id, reading.due_on.isoformat(), reading.value)
            when = reading.reported_at.isoformat() if reading.reported_at else None
            how = (reading.read_on.isoformat(), reading.state, reading.verdict, reading.reported_by)
            self._many("reading", [(*what, *how, when, None, None)])

    def _many(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        listed = list(rows)
        if listed:
            marks = ", ".join("?" for _ in listed[0])
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)  # noqa: S608

    # ---- Portal Ready

    def check(self, now: datetime, today: date, *, keep: bool = False) -> int:
        """Judges all contracts, gives rights, keeps results; how many contracts are ready."""
        with _taken_back(self._db, keep=keep):
            return self._check(now, today)

    def _check(self, now: datetime, today: date) -> int:
        ready = 0
        for companies in self._pages("company"):
            contacts, contracts = self._contacts(companies), self._contracts(companies)
            boxes = self._boxes(companies)
            results: list[tuple[str, bool, str]] = []
            missing: dict[str, Contact] = {}
            for company in companies:
                people = contacts[company]
                for contract in contracts[company]:
                    found = readiness.judge(contract, people, boxes, today)
                    told = [(r.code, r.contact_id, dict(r.facts)) for r in found.reasons]
                    results.append((contract.id, found.ready, json.dumps(told)))
                    ready += found.ready
                    for one in found.reporters if found.ready else ():
                        if not granted(one, boxes.get(one.mailbox or "")):
                            missing[one.id] = one
            self._many("result", results)
            self._grant(missing.values(), now)
        return ready

    def _grant(self, missing: Iterable[Contact], now: datetime) -> None:
        given, at = rights.resolve(), now.isoformat()
        people = list(missing)
        self._db.executemany(
            "UPDATE contact SET readings = ?, machines = ?, orders = ? WHERE id = ? AND mailbox = ?",
            [
                (given.readings, given.machines, given.service_orders, one.id, one.mailbox)
                for one in people
            ],
        )
        self._many("claim", ((one.mailbox, one.company_id, one.id) for one in people))
        self._many("journal", ((at, "staff-1", "rights_granted", one.id) for one in people))

    def _pages(self, table: str) -> Iterator[list[str]]:
        after = ""
        while True:
            rows = self._db.execute(
                f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT {_AT_ONCE}",  # noqa: S608
                (after,),
            ).fetchall()
            if not rows:
                return
            yield [number for (number,) in rows]
            after = rows[-1][0]

    def _between(self, select: str, column: str, page: Sequence[str]) -> sqlite3.Cursor:
        return self._db.execute(f"{select} WHERE {column} BETWEEN ? AND ?", (page[0], page[-1]))

    def _contacts(self, companies: Sequence[str]) -> dict[str, dict[str, Contact]]:
        found: dict[str, dict[str, Contact]] = defaultdict(dict)
        for row in self._between("SELECT * FROM contact", "company", companies):
            (
                number,
                company,
                first,
                last,
                email,
                mailbox,
                role,
                active,
                readings,
                machines,
                orders,
            ) = row
            given = (
                None if readings is None else PortalRights(bool(readings), bool(machines), orders)
            )
            found[company][number] = Contact(
                number,
                company,
                first_name=first,
                last_name=last,
                email=email,
                mailbox=mailbox,
                role=role,
                active=bool(active),
                rights=given,
            )
        return found

    def _contracts(self, companies: Sequence[str]) -> dict[str, list[Contract]]:
        reporters: dict[str, list[str]] = defaultdict(list)
        joined = "SELECT contract, contact FROM reporter JOIN contract ON contract.id = contract"
        for contract, contact in self._between(joined, "company", companies):
            reporters[contract].append(contact)
        found: dict[str, list[Contract]] = defaultdict(list)
        for row in self._between("SELECT * FROM contract", "company", companies):
            number, company, name, starts, ends, due, _ = row
            found[company].append(
                Contract(
                    number,
                    company,
                    name,
                    date.fromisoformat(starts),
                    date.fromisoformat(ends),
                    next_billing_on=date.fromisoformat(due),
                    reporters=tuple(reporters[number]),
                )
            )
        return found

    def _boxes(self, companies: Sequence[str]) -> dict[str, Mailbox]:
        joined = (
            "SELECT address, delivery, contact.company, contact.id, claim.contact FROM contact"
            " JOIN mailbox ON address = contact.mailbox"
            " LEFT JOIN claim ON claim.mailbox = address AND claim.company = contact.company"
        )
        return {
            address: Mailbox(
                address,
                frozenset({(company, contact)}),
                {company: claimed} if claimed else {},
                Delivery(delivery),
                known=True,
            )
            for address, delivery, company, contact, claimed in self._between(
                joined, "contact.company", companies
            )
        }

    # ---- release

    def release(self, now: datetime, today: date) -> int:
        """Releases what is reported, by the second check; how many readings."""
        released = 0
        with _taken_back(self._db):
            for page in self._pages("machine"):
                decided = [
                    judging.judge(
                        machine.id,
                        machine,
                        seen=machine.version,
                        now=now,
                        today=today,
                        by="staff-1",
                        tolerances=ToleranceSettings(),
                    )
                    for machine in self._machines(page)
                ]
                released += self._keep_released(decided, now)
        return released

    def _machines(self, page: Sequence[str]) -> Iterator[Machine]:
        history: dict[tuple[str, str], list[Effective]] = defaultdict(list)
        rows = self._between("SELECT * FROM effective", "machine", page)
        for machine, meter, read_on, value in rows:
            history[machine, meter].append(
                Effective(date.fromisoformat(read_on), value, billed=True)
            )
        meters: dict[str, list[Meter]] = defaultdict(list)
        for machine, number, label, kind, digits in self._between(
            "SELECT * FROM meter", "machine", page
        ):
            known = history[machine, number]
            meters[machine].append(
                Meter(number, label, MeterKind(kind), digits=digits, history=known)
            )
        readings: dict[str, list[Reading]] = defaultdict(list)
        for row in self._between("SELECT * FROM reading", "machine", page):
            machine, meter, due, value, read_on, state, verdict, by, at, *_ = row
            readings[machine].append(
                Reading(
                    meter,
                    date.fromisoformat(due),
                    value,
                    date.fromisoformat(read_on),
                    ReadingState(state),
                    Verdict(verdict),
                    reported_by=by,
                    reported_at=datetime.fromisoformat(at),
                )
            )
        for row in self._between("SELECT * FROM machine", "id", page):
            number, company, contract, serial, model, due, version = row
            made = Machine(number, company, contract, serial, model=model, version=version)
            yield replace(
                made,
                due_on=date.fromisoformat(due),
                meters=tuple(meters[number]),
                readings=tuple(readings[number]),
            )

    def _keep_released(self, decided: Sequence[judging.Decision], now: datetime) -> int:
        at = now.isoformat()
        done = [one for one in decided if one.changed is not None]
        every = [(one.machine_id, reading) for one in done for reading in one.released]
        lines = [(one.machine_id, line) for one in decided for line in one.lines]
        self._many(
            "report",
            (
                (number, line.meter_id, line.outcome, line.code, line.value, _found(line))
                for number, line in lines
            ),
        )
        self._db.executemany(
            "UPDATE reading SET state = ?, released_at = ?, released_by = ?"
            " WHERE machine = ? AND meter = ? AND due = ?",
            [(r.state, at, r.released_by, n, r.meter_id, r.due_on.isoformat()) for n, r in every],
        )
        self._many("effective", ((n, r.meter_id, r.read_on.isoformat(), r.value) for n, r in every))
        self._many("waiting", ((n, r.meter_id, r.due_on.isoformat()) for n, r in every))
        self._many("history", ((*_event(one), at, "staff-1", _entries(one)) for one in done))
        for one in done:
            changed = self._db.execute(
                "UPDATE machine SET version = version + 1 WHERE id = ? AND version = ?",
                (one.machine_id, one.seen),
            )
            assert changed.rowcount == 1, "nobody else writes here"
        told = (MachineLines.of(one, None).tally for one in decided)
        return sum(told, Tally()).released


def _found(line: judging.ReportLine) -> str:
    return json.dumps([finding.code for finding in (*line.at_entry, *line.at_release)])


def _event(one: judging.Decision) -> tuple[str, int, str]:
    assert one.changed is not None
    return one.machine_id, one.changed.version, "released"


def _entries(one: judging.Decision) -> str:
    return json.dumps([(r.meter_id, r.due_on.isoformat(), r.value) for r in one.released])


@contextmanager
def _taken_back(db: sqlite3.Connection, *, keep: bool = False) -> Iterator[None]:
    """A transaction that leaves nothing behind, unless told to `keep` it."""
    db.execute("BEGIN")
    yield
    db.execute("COMMIT" if keep else "ROLLBACK")
