"""What staff changed here and the ERP has not brought yet, the oldest first."""

from __future__ import annotations

from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Company, Contact, Contract
from meterportal.domain.portfolio.corrections import (
    MendedKind,
    Owed,
    owed_of_contact,
    owed_of_contract,
)
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, mended


@frozen
class Owing:
    """A record with what the ERP has to learn of it; `by` is the name of who changed it last, as far
    as it is known."""

    record: Contact | Contract
    company: Company
    owed: list[Owed]
    by: str


def list_corrections(
    adapters: Adapters, *, limit: int, after: str
) -> tuple[list[Owing], str | None]:
    """Up to `limit` records behind the place `after`, and the place where the next answer goes on (None:
    this is the end). One query, four reads per hundred.

    The list comes from an index, what it tells from the records themselves: what was carried over a
    moment ago is left out.
    """
    table = adapters.table
    rows = list(islice(mended.waiting(table, after=after, page=limit + 2), limit + 1))
    shown = rows[:limit]
    places: dict[MendedKind, list[tuple[str, str]]] = {kind: [] for kind in MendedKind}
    for _, one in shown:
        places[one.kind].append((one.company_id, one.number))
    people = holdings.contacts(table, places[MendedKind.CONTACT])
    papers = holdings.contracts(table, places[MendedKind.CONTRACT])
    companies = holdings.companies(table, {one.company_id for _, one in shown})
    names = _reporters(adapters, list(papers.values()))
    found: list[Owing] = []
    records: list[Contact | Contract] = []
    for _, one in shown:
        record: Contact | Contract | None = (
            people.get((one.company_id, one.number))
            if one.kind is MendedKind.CONTACT
            else papers.get(one.number)
        )
        if record is not None and record.company_id in companies:
            records.append(record)
    staff = journal.names(table, {one.mended_by for one in records if one.mended_by})
    for record in records:
        if isinstance(record, Contact):
            owed = owed_of_contact(record)
        else:
            owed = owed_of_contract(record, names)
        if owed:
            by = staff.get(record.mended_by, "")
            found.append(Owing(record, companies[record.company_id], owed, by))
    return found, shown[-1][0] if len(rows) > limit else None


def _reporters(adapters: Adapters, papers: list[Contract]) -> dict[str, str]:
    """The names of everybody whom these contracts name, here or in the ERP."""
    wanted = {
        (paper.company_id, number)
        for paper in papers
        for number in (*paper.reporters, *(paper.reporters_in_erp or ()))
    }
    found = holdings.contacts(adapters.table, sorted(wanted))
    return {contact.id: contact.name for contact in found.values()}
