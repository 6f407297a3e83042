"""All rows of an import together: duplicates, references to nothing, and the company of each
row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from meterportal.domain.exchange.imports.changed_numbers import REFERS_TO, alike
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.fields import KEY
from meterportal.domain.exchange.imports.reading import MINUTE
from meterportal.domain.exchange.imports.rows import ReadFile, SheetRow, person
from meterportal.domain.portfolio.contracts import METER_REPORTING


@dataclass(slots=True)
class Known:
    """What the table knows of the numbers that an import names: the company of each record.

    `companies` are the existing ones; the other fields map a number to its company; `erased` are contacts who were erased. `meant`: kind
    -> unknown number -> the known number from which a program may have made it. `since`: machine ->
    the first day of its history at the present company, if it changed company. `followers`:
    machines without a row of their own that change company together with their contract. `reserved`:
    machine -> the provisional machine that has its serial number.
    """

    companies: set[str] = field(default_factory=set)
    contacts: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    contracts: dict[str, str] = field(default_factory=dict)
    machines: dict[str, str] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    followers: dict[str, str] = field(default_factory=dict)
    meant: dict[str, dict[str, str]] = field(default_factory=dict)
    reserved: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Portion:
    """The rows of one company; meters and readings by machine."""

    company_id: str
    company: SheetRow | None = None
    contacts: list[SheetRow] = field(default_factory=list)
    contracts: list[SheetRow] = field(default_factory=list)
    machines: list[SheetRow] = field(default_factory=list)
    meters: dict[str, list[SheetRow]] = field(default_factory=dict)
    readings: dict[str, list[SheetRow]] = field(default_factory=dict)
    followers: set[str] = field(default_factory=set)

    @property
    def rows(self) -> int:
        by_machine = (*self.meters.values(), *self.readings.values())
        people = len(self.contacts) + len(self.contracts) + len(self.machines)
        return (self.company is not None) + people + sum(len(rows) for rows in by_machine)


@dataclass(slots=True)
class Batch:
    """The rows of all files by kind and key, each key once."""

    sheets: list[ReadFile]
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, dict[tuple[Any, ...], SheetRow]] = field(default_factory=dict)
    readings: dict[str, list[SheetRow]] = field(default_factory=dict)

    def of(self, kind: str) -> Iterable[SheetRow]:
        return self.rows.get(kind, {}).values()

    def numbers(self, kind: str, name: str = "id") -> set[str]:
        """All values of a field in the rows of a kind."""
        return {row[name] for row in self.of(kind)}

    def reject(self, row: SheetRow, fault: Fault) -> None:
        """Take a row back and report why."""
        self.faults.append(row.reject(fault))
        if row.sheet.kind != "readings":
            self.rows[row.sheet.kind].pop(row.key, None)


def gather(sheets: list[ReadFile]) -> Batch:
    """The accepted rows of all sheets. The second of two rows with the same key is rejected, or
    ignored if they are equal."""
    batch = Batch(sheets)
    for sheet in sheets:
        if sheet.refused:
            continue
        if sheet.kind == "readings":
            place = sheet.order["machine_id"]
            for row in sheet.rows:
                batch.readings.setdefault(row.values[place], []).append(row)
        else:
            kept = batch.rows.setdefault(sheet.kind, {})
            for row in sheet.rows:
                first = kept.setdefault(row.key, row)
                if first is not row:
                    batch.faults.append(_second(first, row))
        sheet.rows = []
    for machine_id, rows in batch.readings.items():
        batch.readings[machine_id] = _once_a_day(batch, rows)
    return batch


_ONCE = KEY["readings"]


def _once_a_day(batch: Batch, rows: list[SheetRow]) -> list[SheetRow]:
    """One reading per meter and day: of several with a time, the last one."""
    if len({row.sheet.picker(_ONCE)(row.values) for row in rows}) == len(rows):
        return rows
    once: dict[tuple[Any, ...], SheetRow] = {}
    for row in rows:
        first = once.setdefault(row.key, row)
        if first is row:
            continue
        minutes = first[MINUTE], row[MINUTE]
        if None in minutes or minutes[0] == minutes[1]:
            batch.faults.append(_second(first, row))
            continue
        earlier, later = (first, row) if minutes[0] < minutes[1] else (row, first)
        once[row.key] = later
        place: dict[str, Any] = {"first_file": later.sheet.name, "first_line": later.line}
        batch.faults.append(earlier.fault("read_on", "earlier_of_day", FaultSeverity.INFO, **place))
    return list(once.values())


def _second(first: SheetRow, row: SheetRow) -> Fault:
    key = " / ".join(str(part) for part in row.key)
    place: dict[str, Any] = {"first_file": first.sheet.name, "first_line": first.line}
    name = next(iter(row.sheet.headings))
    if all(first[field_name] == row[field_name] for field_name in row.sheet.order):
        return row.fault(name, "repeated_row", FaultSeverity.INFO, **place)
    return row.reject(row.fault(name, "duplicate_key", key=key, **place))


def refuse_changed_numbers(batch: Batch, known: Known) -> None:
    """Reject rows that would create a record twice, because a program has changed its number."""
    for kind, meant in known.meant.items():
        for row in [row for row in batch.of(kind) if row["id"] in meant and kind != "meters"]:
            facts = {"value": row["id"], "meant": meant[row["id"]]}
            row.sheet.named.add(meant[row["id"]])
            batch.reject(row, row.fault("id", "number_changed", **facts))


def refuse_erased(batch: Batch, known: Known, addresses: Collection[str]) -> None:
    """Reject contacts who were erased, by their number or by an address of those `addresses`: staff
    have to readmit them first."""
    for row in list(batch.of("contacts")):
        new = row["id"] not in known.contacts
        if row["id"] in known.erased or (
            new and row.has("mailbox") and row["mailbox"] in addresses
        ):
            batch.reject(row, row.fault("id", "person_erased", value=row["id"]))


def settle_people(batch: Batch, known: Known) -> None:
    """Reject contacts and contracts of unknown companies; warn about unknown reporters."""
    companies = known.companies | batch.numbers("companies")
    for kind in ("contacts", "contracts"):
        for row in list(batch.of(kind)):
            if row["company_id"] not in companies:
                _unknown(batch, known, row, "company_id", "unknown_company", companies)
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
                fault = row.fault(
                    "reporters", "unknown_reporter", FaultSeverity.WARNING, value=number
                )
                batch.faults.append(fault)
            elif home != row["company_id"]:
                facts = {"value": number, "company": home, "expected": row["company_id"]}
                fault = row.fault("reporters", "foreign_reporter", FaultSeverity.WARNING, **facts)
                batch.faults.append(fault)
            elif contact := silent.pop(number, None):
                facts = {"name": person(contact)}
                batch.faults.append(
                    contact.fault("email", "email_missing", FaultSeverity.WARNING, **facts)
                )


def moved_contracts(batch: Batch, known: Known) -> dict[str, tuple[str, str]]:
    """Contracts that change company: number -> (from, to)."""
    return {
        row["id"]: (home, row["company_id"])
        for row in batch.of("contracts")
        if (home := known.contracts.get(row["id"])) and home != row["company_id"]
    }


def portions(batch: Batch, known: Known) -> list[Portion]:
    """The rows by company, in the order of the files; rows that refer to an unknown record are
    rejected."""
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
            _unknown(batch, known, row, "contract_id", "unknown_contract", contracts)
            continue
        of(company_id).machines.append(row)
        machines[row["id"]] = company_id
    for row in list(batch.of("meters")):
        company_id = machines.get(row["machine_id"])
        if company_id is None:
            _unknown(batch, known, row, "machine_id", "unknown_machine", machines)
        else:
            of(company_id).meters.setdefault(row["machine_id"], []).append(row)
    for machine_id, rows in batch.readings.items():
        company_id = machines.get(machine_id)
        if company_id is None:
            for row in rows:
                _unknown(batch, known, row, "machine_id", "unknown_machine", machines)
        else:
            of(company_id).readings[machine_id] = rows
    for machine_id, company_id in known.followers.items():
        if machines[machine_id] == company_id:
            of(company_id).followers.add(machine_id)
    return list(found.values())


def _unknown(
    batch: Batch,
    known: Known,
    row: SheetRow,
    name: str,
    code: str,
    known_numbers: Mapping[str, str] | set[str],
) -> None:
    """Reject a row that refers to an unknown record. If a program may have changed the number, the
    fault names the number that was meant."""
    value: str = row[name]
    facts: dict[str, Any] = {"value": value}
    meant = known.meant.get(REFERS_TO[name], {}).get(value)
    if meant := meant or next((number for number in alike(value) if number in known_numbers), None):
        facts["meant"] = meant
    batch.reject(row, row.fault(name, code, **facts))
