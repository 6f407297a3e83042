"""What an import changes at one company: the rows against what is stored. Nothing is written here.

The dry run and the run both come through this door; they differ in whether the changes are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from meterportal.domain.contracts import Company, Contact, Contract, Interval, ReadingChannel
from meterportal.domain.imports.batch import Portion
from meterportal.domain.imports.faults import Fault
from meterportal.domain.imports.fitting import MachineChange, fit_machine
from meterportal.domain.imports.merging import Released
from meterportal.domain.imports.rows import Row
from meterportal.domain.machines import Machine
from meterportal.domain.successors import heirs, inherited, reporters_said, without_successors

Record = Company | Contact | Contract


@dataclass(slots=True)
class Stored:
    """What the table holds of a company, and of the records that come to it from another one."""

    company: Company | None = None
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)
    coming_contacts: Mapping[str, Contact] = field(default_factory=dict)
    coming_contracts: Mapping[str, Contract] = field(default_factory=dict)
    coming_machines: Mapping[str, Machine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A company, contact or contract to be stored; `seen` is what stands (None: new).

    `left` is its former self at another company, to be taken away there. `own`: no row asked for it,
    it follows from one, and is not counted.
    """

    record: Record
    seen: Record | None
    left: Record | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One change in words: which field of which record, from what to what (None: new)."""

    file: str
    line: int
    key: str
    field: str | None
    old: str | None
    new: str | None


@dataclass(slots=True)
class Plan:
    """What an import changes at a company.

    `records` and `machines` in the order in which they must be written: `last` are contracts that
    leave another company, after their machines. `counts` by (kind, "new" | "changed" |
    "unchanged"). `disputed`: machines whose correction needs to know everything ever released.
    """

    company_id: str
    records: list[RecordChange] = field(default_factory=list)
    machines: list[MachineChange] = field(default_factory=list)
    last: list[RecordChange] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[tuple[Row, Fault]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)


def plan(
    portion: Portion,
    stored: Stored,
    *,
    since: Mapping[str, date],
    away: frozenset[str],
    released: Mapping[str, Released],
) -> Plan:
    """What the rows of one company change.

    `since`: machine -> first day of its history here. `away`: machines that this import moves to
    another company. `released`: for machines that were disputed, all readings ever released.
    """
    made = Plan(portion.company_id)
    if portion.company:
        seen = stored.company
        wanted = _company(portion.company, seen or Company(portion.company_id, ""))
        _note(made, "companies", portion.company, wanted, seen)
    for row in portion.contacts:
        known = stored.contacts.get(row["id"])
        coming = stored.coming_contacts.get(row["id"])
        blank = replace(
            coming or Contact(row["id"], ""), company_id=portion.company_id, rights=None
        )
        _note(made, "contacts", row, _contact(row, known or blank), known, coming)
    followers = heirs(stored.contacts.values(), _arriving(portion))
    contracts = {n: inherited(contract, followers) for n, contract in stored.contracts.items()}
    for row in portion.contracts:
        known_contract = stored.contracts.get(row["id"])
        coming_contract = stored.coming_contracts.get(row["id"])
        fresh = replace(
            without_successors(coming_contract or Contract(row["id"], "")),
            company_id=portion.company_id,
            asked_for=None,
            asked={},
            mailed=None,
        )
        contract = _contract(row, contracts.get(row["id"]) or fresh)
        contracts[contract.id] = contract
        _note(made, "contracts", row, contract, known_contract, coming_contract)
    _follow(made, portion, stored, contracts, followers)
    _machines(made, portion, stored, contracts, since=since, away=away, released=released)
    return made


def _arriving(portion: Portion) -> list[tuple[str, str]]:
    """(contact, mailbox) of the active contacts that the rows name."""
    return [
        (row["id"], row["mailbox"])
        for row in portion.contacts
        if row["mailbox"] and row["active"] is not False
    ]


def _follow(
    made: Plan,
    portion: Portion,
    stored: Stored,
    contracts: Mapping[str, Contract],
    followers: Mapping[str, str],
) -> None:
    """The ERP has a contact of its own now where one was made here: that one gives way to it."""
    for number in followers:
        contact = stored.contacts[number]
        made.records.append(RecordChange(replace(contact, active=False), contact, own=True))
    named = {row["id"] for row in portion.contracts}
    for number, contract in stored.contracts.items():
        if number not in named and contracts[number] != contract:
            made.records.append(RecordChange(contracts[number], contract, own=True))


def _machines(
    made: Plan,
    portion: Portion,
    stored: Stored,
    contracts: Mapping[str, Contract],
    *,
    since: Mapping[str, date],
    away: frozenset[str],
    released: Mapping[str, Released],
) -> None:
    cards = {row["id"]: row for row in portion.machines}
    coming = stored.coming_machines
    slots = {
        machine.id
        for machine in stored.machines.values()
        if machine.contract_id in contracts
        and machine.due_on != contracts[machine.contract_id].due_on
    }
    touched: Iterable[str] = dict.fromkeys(
        [*cards, *portion.meters, *portion.readings, *sorted(portion.followers), *sorted(slots)]
    )
    for machine_id in touched:
        if machine_id in away:
            continue
        if not (machine_id in cards or machine_id in stored.machines or machine_id in coming):
            _gone(made, machine_id, portion)
            continue
        change = fit_machine(
            machine_id,
            portion.company_id,
            seen=stored.machines.get(machine_id),
            coming=coming.get(machine_id),
            card=cards.get(machine_id),
            meters=portion.meters.get(machine_id, ()),
            readings=portion.readings.get(machine_id, ()),
            contracts=contracts,
            since=since.get(machine_id),
            released=released.get(machine_id),
        )
        made.counts.update(change.counts)
        made.faults += change.faults
        made.rejected += change.rejected
        if change.disputed:
            made.disputed.add(machine_id)
        for row, name, old, new in change.changed:
            _sample(made, row, name, old, new)
        if change.writes:
            made.machines.append(change)


def _gone(made: Plan, machine_id: str, portion: Portion) -> None:
    """The machine left this company while the import was planned."""
    for row in (*portion.meters.get(machine_id, ()), *portion.readings.get(machine_id, ())):
        made.rejected.append((row, row.fault("machine_id", "unknown_machine", value=machine_id)))


def _note(
    made: Plan, kind: str, row: Row, wanted: Record, seen: Record | None, left: Record | None = None
) -> None:
    if wanted == seen:
        made.counts[kind, "unchanged"] += 1
        return
    change = RecordChange(wanted, seen, left)
    (made.last if kind == "contracts" and left else made.records).append(change)
    before = seen or left
    made.counts[kind, "changed" if before else "new"] += 1
    if before is None:
        _sample(made, row, None, None, wanted.name)
        return
    for part in fields(wanted):
        old, new = getattr(before, part.name), getattr(wanted, part.name)
        if old != new and part.name in row.sheet.headings:
            _sample(made, row, part.name, old, new)


def _sample(made: Plan, row: Row, name: str | None, old: Any, new: Any) -> None:
    heading = row.sheet.headings.get(name, name) if name else None
    key = " / ".join(str(part) for part in row.key)
    made.samples.append(Sample(row.sheet.name, row.line, key, heading, _told(old), _told(new)))


def _told(value: Any) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _company(row: Row, base: Company) -> Company:
    return replace(
        base, **_texts(row, "name", "street", "postcode", "city"), **_language(row, "de")
    )


def _contact(row: Row, base: Contact) -> Contact:
    given: dict[str, Any] = _texts(
        row, "salutation", "first_name", "last_name", "email", "role", "phone"
    )
    given |= _language(row, "")
    if row.has("mailbox"):
        given["mailbox"] = row["mailbox"]
    if row.has("active"):
        given["active"] = row["active"] is not False
    if row.has("main"):
        given["main"] = row["main"] is True
    return replace(base, **given)


def _contract(row: Row, base: Contract) -> Contract:
    given: dict[str, Any] = _texts(row, "name")
    for name in ("starts_on", "ends_on", "next_billing_on"):
        if row.has(name):
            given[name] = row[name]
    if row.has("interval"):
        given["interval"] = Interval(row["interval"]) if row["interval"] else None
    fitted = replace(base, reading_channel=ReadingChannel(row["reading_channel"]), **given)
    return reporters_said(fitted, row["reporters"] or ()) if row.has("reporters") else fitted


def _texts(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] or "" for name in names if row.has(name)}


def _language(row: Row, otherwise: str) -> dict[str, str]:
    return {"language": row["language"] or otherwise} if row.has("language") else {}
