"""What a full export does not hold although it is known here: a list for people, never a deletion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date

from meterportal.domain.exchange.imports.batch import Batch
from meterportal.domain.exchange.imports.effects import end_of_month
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machine_rows import MachineFlag
from meterportal.domain.portfolio.machines import PROVISIONAL
from meterportal.domain.portfolio.rows import (
    CompanyRow,
    ContactFlag,
    ContactRow,
    ContractRow,
    MachineRow,
    RowChange,
    newest,
)

MOST = 5000
"""Records of a kind that are listed: a file that lacks more is no full export."""

LISTED = ("contracts", "machines", "contacts")
_KINDS = {"contract": "contracts", "machine": "machines", "contact": "contacts"}


@frozen
class MissingRecord:
    """`name` is what people call it beside its number; `due_on` is ISO text, "" for none."""

    company_id: str
    company: str
    id: str
    name: str
    due_on: str = ""


@frozen
class Missing:
    """By kind, each in the order of companies and numbers: what is listed, how many there are, how
    many of them are due until the end of the month."""

    records: Mapping[str, list[MissingRecord]] = field(default_factory=dict)
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def numbers_named(batch: Batch) -> dict[str, set[str]]:
    """kind -> all numbers in its files, those of rejected rows too; only kinds that have a file."""
    found: dict[str, set[str]] = {}
    for sheet in batch.sheets:
        if not sheet.refused and sheet.kind in LISTED:
            found.setdefault(sheet.kind, set()).update(sheet.named)
    return found


def unnamed(batch: Batch) -> dict[str, int]:
    """kind -> rows of its files without a readable number: what they meant looks as if missing."""
    found: dict[str, int] = {}
    for sheet in batch.sheets:
        if not sheet.refused and sheet.kind in LISTED:
            found[sheet.kind] = found.get(sheet.kind, 0) + len(sheet.nameless)
    return found


def missing_from(named: Mapping[str, set[str]], known: Iterable[RowChange], today: date) -> Missing:
    """What is known, in use and not named. `known` are all rows of the portfolio in any order."""
    companies: dict[str, str] = {}
    rows = newest(_left(named, known, companies)).values()
    until = end_of_month(today).isoformat()
    found: dict[str, list[MissingRecord]] = {kind: [] for kind in LISTED if kind in named}
    for change in rows:
        if record := _record(change, companies, today.isoformat()):
            found[_KINDS[change.kind]].append(record)
    counts = {
        kind: (len(records), sum("" < record.due_on <= until for record in records))
        for kind, records in found.items()
    }
    for records in found.values():
        records.sort(key=lambda record: (record.company_id, record.id))
    return Missing({kind: records[:MOST] for kind, records in found.items()}, counts)


def _left(
    named: Mapping[str, set[str]], known: Iterable[RowChange], companies: dict[str, str]
) -> Iterator[RowChange]:
    """The rows that are not named; the names of all companies are noted on the way."""
    for change in known:
        if isinstance(change.row, CompanyRow):
            companies[change.row.id] = change.row.name
        kind = _KINDS.get(change.kind, "")
        if kind in named and change.id not in named[kind]:
            yield change


def _record(change: RowChange, companies: Mapping[str, str], today: str) -> MissingRecord | None:
    """None for what is not in use: ended, inactive, taken away, or only known here."""
    row, name, due_on = change.row, "", ""
    match row:
        case ContractRow():
            if row.ends_on and row.ends_on < today:
                return None
            name = row.name
            due_on = min((day for day in (row.next_billing_on, row.ends_on) if day), default="")
        case MachineRow():
            if not row.flags & MachineFlag.ACTIVE or change.id.startswith(PROVISIONAL):
                return None
            name, due_on = f"{row.model} {row.serial}".strip(), row.due_on
        case ContactRow():
            if not row.flags & ContactFlag.ACTIVE or row.flags & ContactFlag.FROM_PORTAL:
                return None
            name = f"{row.first_name} {row.last_name}".strip()
        case _:
            return None
    company = companies.get(change.company_id, "")
    return MissingRecord(change.company_id, company, change.id, name, due_on)
