"""All rows of an import together: what stands twice, what refers to nothing, what belongs to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from meterportal.domain.contracts import METER_REPORTING
from meterportal.domain.imports.faults import Fault, Severity
from meterportal.domain.imports.rows import Row, Sheet, person


@dataclass(slots=True)
class Known:
    """What the table knows of the numbers that an import names: where each record lives.

    `since`: machine -> the day from which its present company's history begins, after a change of
    company. `followers`: machines without a row of their own that move along with their contract.
    """

    companies: set[str] = field(default_factory=set)
    contacts: dict[str, str] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)
    machines: dict[str, str] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    followers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Portion:
    """The rows of one company; meters and readings by machine."""

    company_id: str
    company: Row | None = None
    contacts: list[Row] = field(default_factory=list)
    contracts: list[Row] = field(default_factory=list)
    machines: list[Row] = field(default_factory=list)
    meters: dict[str, list[Row]] = field(default_factory=dict)
    readings: dict[str, list[Row]] = field(default_factory=dict)
    followers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Batch:
    """The rows of all files by kind and key, each key once."""

    sheets: list[Sheet]
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=dict)
    readings: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, kind: str) -> Iterable[Row]:
        return self.rows.get(kind, {}).values()

    def numbers(self, kind: str, name: str = "id") -> set[str]:
        """All values of a field in the rows of a kind."""
        return {row[name] for row in self.of(kind)}

    def reject(self, row: Row, fault: Fault) -> None:
        """Take a row back and report why."""
        self.faults.append(row.reject(fault))
        if row.sheet.kind != "readings":
            self.rows[row.sheet.kind].pop(row.key, None)


def gather(sheets: list[Sheet]) -> Batch:
    """The sound rows of all sheets; the second of two rows with one key is rejected unless equal."""
    batch = Batch(sheets)
    for sheet in sheets:
        if sheet.refused:
            continue
        if sheet.kind == "readings":
            for row in sheet.rows:
                batch.readings.setdefault(row["machine_id"], []).append(row)
        else:
            kept = batch.rows.setdefault(sheet.kind, {})
            for row in sheet.rows:
                first = kept.setdefault(row.key, row)
                if first is not row:
                    batch.faults.append(_second(first, row))
        sheet.rows = []
    for machine_id, rows in batch.readings.items():
        once: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            first = once.setdefault(row.key, row)
            if first is not row:
                batch.faults.append(_second(first, row))
        batch.readings[machine_id] = list(once.values())
    return batch


def _second(first: Row, row: Row) -> Fault:
    key = " / ".join(str(part) for part in row.key)
    place: dict[str, Any] = {"first_file": first.sheet.name, "first_line": first.line}
    name = next(iter(row.sheet.headings))
    if all(first[field_name] == row[field_name] for field_name in row.sheet.order):
        return row.fault(name, "repeated_row", Severity.INFO, **place)
    return row.reject(row.fault(name, "duplicate_key", key=key, **place))


def settle_people(batch: Batch, known: Known) -> None:
    """Reject contacts and contracts of companies that nobody knows; doubt unknown reporters."""
    companies = known.companies | batch.numbers("companies")
    for kind in ("contacts", "contracts"):
        for row in list(batch.of(kind)):
            if row["company_id"] not in companies:
                _unknown(batch, row, "company_id", "unknown_company", companies)
    homes = known.contacts | {row["id"]: row["company_id"] for row in batch.of("contacts")}
    silent = {
        row["id"]: row
        for row in batch.of("contacts")
        if row.has("email") and not row["email"] and row["role"] != METER_REPORTING
    }
    for row in batch.of("contracts"):
        for number in row["reporters"] or ():
            home = homes.get(number)
            if home is None:
                fault = row.fault("reporters", "unknown_reporter", Severity.WARNING, value=number)
                batch.faults.append(fault)
            elif home != row["company_id"]:
                facts = {"value": number, "company": home, "expected": row["company_id"]}
                fault = row.fault("reporters", "foreign_reporter", Severity.WARNING, **facts)
                batch.faults.append(fault)
            elif contact := silent.pop(number, None):
                facts = {"name": person(contact)}
                batch.faults.append(
                    contact.fault("email", "email_missing", Severity.WARNING, **facts)
                )


def moved_contracts(batch: Batch, known: Known) -> dict[str, tuple[str, str]]:
    """Contracts that change company: number -> (from, to)."""
    return {
        row["id"]: (home, row["company_id"])
        for row in batch.of("contracts")
        if (home := known.contracts.get(row["id"])) and home != row["company_id"]
    }


def portions(batch: Batch, known: Known) -> list[Portion]:
    """The rows by company, in the order of the files; what refers to nothing is rejected."""
    found: dict[str, Portion] = {}

    def of(company_id: str) -> Portion:
        return found.setdefault(company_id, Portion(company_id))

    for row in batch.of("companies"):
        of(row["id"]).company = row
    for row in batch.of("contacts"):
        of(row["company_id"]).contacts.append(row)
    contracts = dict(known.contracts)
    for row in batch.of("contracts"):
        of(row["company_id"]).contracts.append(row)
        contracts[row["id"]] = row["company_id"]
    machines = known.machines | known.followers
    for row in list(batch.of("machines")):
        company_id = contracts.get(row["contract_id"])
        if company_id is None:
            _unknown(batch, row, "contract_id", "unknown_contract", contracts)
            continue
        of(company_id).machines.append(row)
        machines[row["id"]] = company_id
    for row in list(batch.of("meters")):
        company_id = machines.get(row["machine_id"])
        if company_id is None:
            _unknown(batch, row, "machine_id", "unknown_machine", machines)
        else:
            of(company_id).meters.setdefault(row["machine_id"], []).append(row)
    for machine_id, rows in batch.readings.items():
        company_id = machines.get(machine_id)
        if company_id is None:
            for row in rows:
                _unknown(batch, row, "machine_id", "unknown_machine", machines)
        else:
            of(company_id).readings[machine_id] = rows
    for machine_id, company_id in known.followers.items():
        if machines[machine_id] == company_id:
            of(company_id).followers.add(machine_id)
    return list(found.values())


def _unknown(
    batch: Batch, row: Row, name: str, code: str, there: Mapping[str, str] | set[str]
) -> None:
    """Reject a row that refers to nothing; a number that only lacks zeros in front is named."""
    value: str = row[name]
    facts: dict[str, Any] = {"value": value}
    for width in range(len(value) + 1, min(len(value) + 8, 41)):
        if value.isdecimal() and (meant := value.zfill(width)) in there:
            facts["meant"] = meant
            break
    batch.reject(row, row.fault(name, code, **facts))
