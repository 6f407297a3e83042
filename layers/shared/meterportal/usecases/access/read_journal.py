"""Staff read the journal: newest first, by person, action, company, machine, contact and days.

A list looks at `LOOKED_AT` entries at most, a sheet at `IN_A_SHEET`: where few of them fit, an answer is short or empty and
still names the place where the next one starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import JournalEntry, JournalFilter, StaffMember
from meterportal.domain.frozen import frozen
from meterportal.settings import BUSINESS_ZONE, Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings

LOOKED_AT = 1000
IN_A_SHEET = 5000
"""As many stay below what a function may answer (6 MB)."""

_FIRST_YEAR = 2026
"""Nobody kept a journal before."""

_PAGE = 200
_Found = Iterator[tuple[str, JournalEntry]]


@frozen
class ShownEntry:
    """An entry with the names that its company and its contact have now ("" for none)."""

    entry: JournalEntry
    company: str
    contact: str


def read_journal(
    adapters: Adapters,
    wanted: JournalFilter,
    at: Moment,
    *,
    limit: int,
    before: str | None,
    sheet: bool = False,
) -> tuple[list[ShownEntry], str | None]:
    """Up to `limit` entries and the place where the next answer goes on (None: this is the end).

    One query a year, or one for a company; two reads for the names.
    """
    most = IN_A_SHEET if sheet else LOOKED_AT
    since = _begin(wanted.from_on or date(_FIRST_YEAR, 1, 1))
    until = _begin(wanted.to_on + timedelta(days=1)) if wanted.to_on else journal.LAST
    start = min(before or until, until)
    found: list[JournalEntry] = []
    place = start
    # One more than is looked at: whether there is more.
    for looked_at, (at_place, entry) in enumerate(
        islice(_entries(adapters, wanted, at, since=since, before=start), most + 1)
    ):
        if len(found) == limit or looked_at == most:
            return _named(adapters, found), place
        if wanted.fits(entry):
            found.append(entry)
        place = at_place
    return _named(adapters, found), None


def colleagues(adapters: Adapters) -> list[StaffMember]:
    """All staff who have changed something so far, by name. One query."""
    return sorted(journal.everybody(adapters.table), key=lambda one: (one.name.casefold(), one.id))


def _entries(
    adapters: Adapters, wanted: JournalFilter, at: Moment, *, since: str, before: str
) -> _Found:
    table = adapters.table
    if wanted.company_id is not None:
        yield from journal.newest_of_company(
            table, wanted.company_id, since=since, before=before, page=_PAGE
        )
        return
    last = at.now.year if before == journal.LAST else min(at.now.year, int(before[:4]))
    for year in range(last, max(_FIRST_YEAR, int(since[:4])) - 1, -1):
        yield from journal.newest(table, year, since=since, before=before, page=_PAGE)


def _begin(day: date) -> str:
    """The place before the first entry of a business day."""
    return journal.place_of(datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC))


def _named(adapters: Adapters, found: Sequence[JournalEntry]) -> list[ShownEntry]:
    deeds = [entry.deed for entry in found]
    companies = holdings.companies(adapters.table, {d.company_id for d in deeds if d.company_id})
    people = holdings.contacts(
        adapters.table, {(d.company_id, d.contact_id) for d in deeds if d.contact_id}
    )
    return [
        ShownEntry(
            entry,
            company.name if (company := companies.get(entry.deed.company_id)) else "",
            person.name
            if (person := people.get((entry.deed.company_id, entry.deed.contact_id)))
            else "",
        )
        for entry in found
    ]
