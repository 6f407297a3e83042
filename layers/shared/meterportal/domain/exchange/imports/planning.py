"""What an import changes at one company: rows compared with stored records. Nothing is written
here.

Dry run and run both use this plan; only the run stores the changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports.batch import Portion
from meterportal.domain.exchange.imports.contradictions import contradiction_of_days
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.fitting import Changed, MachineChange, fit_machine
from meterportal.domain.exchange.imports.merging import Released
from meterportal.domain.exchange.imports.replacing import brought
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.exchange.imports.spoilt import kept, kept_faults, texts_of
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import (
    Company,
    Contact,
    Contract,
    Interval,
    ReadingChannel,
)
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.mending import (
    as_in_erp,
    channel_said,
    person_in_erp,
    person_said,
)
from meterportal.domain.reporting.successors import (
    heirs,
    inherited,
    reporters_said,
    without_successors,
)

Record = Company | Contact | Contract


@dataclass(slots=True)
class StoredCompany:
    """The table's records of a company, and of those that move to it from another company
    (`coming_...`). `reserved`: machine -> a provisional machine elsewhere with its serial number."""

    company: Company | None = None
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)
    coming_contacts: Mapping[str, Contact] = field(default_factory=dict)
    coming_contracts: Mapping[str, Contract] = field(default_factory=dict)
    coming_machines: Mapping[str, Machine] = field(default_factory=dict)
    reserved: Mapping[str, str] = field(default_factory=dict)


@frozen
class RecordChange:
    """A company, contact or contract to be stored; `seen` is the stored one (None: new).

    `left` is its item at another company, which is to be deleted there. `own`: the change follows
    from a row about another record, and is not counted.
    """

    record: Record
    seen: Record | None
    left: Record | None = None
    own: bool = False


@frozen
class Sample:
    """One change in words: which field of which record, old and new value (None: new record)."""

    file: str
    line: int
    key: str
    field: str | None
    old: str | None
    new: str | None


@dataclass(slots=True)
class CompanyPlan:
    """What an import changes at a company.

    `records` and `machines` are in the order in which they must be written; `last` are contracts
    that leave another company, written after their machines. `counts` by (kind, "new" | "changed" |
    "unchanged"). `disputed`: machines with a correction that can only be judged with all readings
    ever released.
    """

    company_id: str
    records: list[RecordChange] = field(default_factory=list)
    machines: list[MachineChange] = field(default_factory=list)
    last: list[RecordChange] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[tuple[SheetRow, Fault]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)


def plan(
    portion: Portion,
    stored: StoredCompany,
    *,
    since: Mapping[str, date],
    away: frozenset[str],
    released: Mapping[str, Released],
) -> CompanyPlan:
    """What the rows of one company change.

    `since`: machine -> first day of its history here. `away`: machines that this import moves to
    another company. `released`: all readings ever released, for machines that were disputed.
    """
    changes = CompanyPlan(portion.company_id)
    if portion.company:
        seen = stored.company
        wanted = _company(portion.company, seen or Company(portion.company_id, ""))
        _note(changes, "companies", portion.company, wanted, seen)
    for row in portion.contacts:
        known = stored.contacts.get(row["id"])
        coming = stored.coming_contacts.get(row["id"])
        blank = replace(
            coming or Contact(row["id"], ""), company_id=portion.company_id, rights=None
        )
        _note(changes, "contacts", row, _contact(row, known or blank), known, coming)
    followers = heirs(stored.contacts.values(), _arriving(portion))
    contracts = {n: inherited(contract, followers) for n, contract in stored.contracts.items()}
    for row in portion.contracts:
        known_contract = stored.contracts.get(row["id"])
        coming_contract = stored.coming_contracts.get(row["id"])
        moved = replace(
            as_in_erp(without_successors(coming_contract or Contract(row["id"], ""))),
            company_id=portion.company_id,
            asked_for=None,
            asked={},
            mailed=None,
        )
        contract = _contract(row, contracts.get(row["id"]) or moved)
        days = contract.starts_on, contract.ends_on, contract.next_billing_on
        if wrong := contradiction_of_days(row, *days):
            changes.rejected.append((row, wrong))
            continue
        contracts[contract.id] = contract
        _note(changes, "contracts", row, contract, known_contract, coming_contract)
    _follow(changes, portion, stored, contracts, followers)
    _machines(changes, portion, stored, contracts, since=since, away=away, released=released)
    return changes


def _arriving(portion: Portion) -> list[tuple[str, str]]:
    """(contact, mailbox) of the active contacts in the rows."""
    return [
        (row["id"], row["mailbox"])
        for row in portion.contacts
        if row["mailbox"] and row["active"] is not False
    ]


def _follow(
    changes: CompanyPlan,
    portion: Portion,
    stored: StoredCompany,
    contracts: Mapping[str, Contract],
    followers: Mapping[str, str],
) -> None:
    """Replace contacts that the portal created by those that the ERP has now."""
    for number in followers:
        contact = stored.contacts[number]
        changes.records.append(RecordChange(replace(contact, active=False), contact, own=True))
    named = {row["id"] for row in portion.contracts}
    for number, contract in stored.contracts.items():
        if number not in named and contracts[number] != contract:
            changes.records.append(RecordChange(contracts[number], contract, own=True))


def _machines(
    changes: CompanyPlan,
    portion: Portion,
    stored: StoredCompany,
    contracts: Mapping[str, Contract],
    *,
    since: Mapping[str, date],
    away: frozenset[str],
    released: Mapping[str, Released],
) -> None:
    cards = {row["id"]: row for row in portion.machines}
    coming = stored.coming_machines
    periods = {
        machine.id
        for machine in stored.machines.values()
        if machine.contract_id in contracts
        and machine.due_on != contracts[machine.contract_id].due_on
    }
    found = brought(portion.machines, stored.machines)
    ended = {provisional.id for provisional in found.taken.values()}
    changes.rejected += found.refused.values()
    touched: Iterable[str] = dict.fromkeys(
        [*cards, *portion.meters, *portion.readings, *sorted(portion.followers), *sorted(periods)]
    )
    for machine_id in touched:
        if machine_id in away or machine_id in ended:
            continue
        if machine_id in found.refused:
            _gone(changes, machine_id, portion)
            continue
        if not (machine_id in cards or machine_id in stored.machines or machine_id in coming):
            _gone(changes, machine_id, portion)
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
            brought=found.taken.get(machine_id),
        )
        change.beside = found.beside.get(machine_id, stored.reserved.get(machine_id, ""))
        changes.counts.update(change.counts)
        changes.faults += change.faults
        changes.rejected += change.rejected
        if change.disputed:
            changes.disputed.add(machine_id)
        changes.changed += change.changed
        if change.writes:
            changes.machines.append(change)


def _gone(changes: CompanyPlan, machine_id: str, portion: Portion) -> None:
    """Reject the rows of a machine that left this company while the import was planned."""
    for row in (*portion.meters.get(machine_id, ()), *portion.readings.get(machine_id, ())):
        changes.rejected.append((row, row.fault("machine_id", "unknown_machine", value=machine_id)))


def _note(
    changes: CompanyPlan,
    kind: str,
    row: SheetRow,
    wanted: Record,
    seen: Record | None,
    left: Record | None = None,
) -> None:
    changes.faults += kept_faults(row, wanted)
    if wanted == seen:
        changes.counts[kind, "unchanged"] += 1
        return
    change = RecordChange(wanted, seen, left)
    (changes.last if kind == "contracts" and left else changes.records).append(change)
    before = seen or left
    changes.counts[kind, "changed" if before else "new"] += 1
    if before is None:
        changes.changed.append((row, None, None, wanted.name))
        return
    for part in fields(wanted):
        old, new = getattr(before, part.name), getattr(wanted, part.name)
        if old != new and part.name in row.sheet.headings:
            changes.changed.append((row, part.name, old, new))


def sample_of(changed: Changed) -> Sample:
    """A change in words. Few of an import's changes are ever shown."""
    row, name, old, new = changed
    heading = row.sheet.headings.get(name, name) if name else None
    key = " / ".join(str(part) for part in row.key)
    return Sample(row.sheet.name, row.line, key, heading, _as_text(old), _as_text(new))


def _as_text(value: Any) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _company(row: SheetRow, base: Company) -> Company:
    given: dict[str, Any] = texts_of(row, base, ("name", "street", "postcode", "city"))
    return replace(base, **given, **_language(row, "de"))


def _contact(row: SheetRow, base: Contact) -> Contact:
    names = "salutation", "first_name", "last_name", "email", "role", "phone"
    in_erp = person_in_erp(base)
    given = texts_of(row, in_erp, names) | _language(row, "")
    if row.has("mailbox") and not kept(row, "email", in_erp.email):
        given["mailbox"] = row["mailbox"]
    if row.has("active"):
        given["active"] = row["active"] is not False
    if row.has("main"):
        given["main"] = row["main"] is True
    return person_said(base, replace(in_erp, **given))


def _contract(row: SheetRow, base: Contract) -> Contract:
    given = texts_of(row, base, ("name",))
    for name in ("starts_on", "ends_on", "next_billing_on"):
        if row.has(name):
            given[name] = row[name]
    if row.has("interval"):
        given["interval"] = Interval(row["interval"]) if row["interval"] else None
    fitted = channel_said(replace(base, **given), ReadingChannel(row["reading_channel"]))
    return reporters_said(fitted, row["reporters"] or ()) if row.has("reporters") else fitted


def _language(row: SheetRow, otherwise: str) -> dict[str, Any]:
    return {"language": row["language"] or otherwise} if row.has("language") else {}
