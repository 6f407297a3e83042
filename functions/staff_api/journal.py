"""The journal: who of the staff did what, when; as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.crypto import digest
from meterportal.domain.access.journal import Action, FieldChange, JournalFilter, action_text
from meterportal.domain.sheets import BOM, Cell, csv_of
from meterportal.http import Answer, CsvFile, Day
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.access.read_journal import (
    IN_A_SHEET,
    ShownEntry,
    colleagues,
    read_journal,
)
from pydantic import Field

from staff_api.answers.journal import ColleaguesJson, JournalEntryJson, JournalJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_Id = Annotated[str | None, Query(min_length=1, max_length=128)]
_HEADINGS = {
    "de": "Zeitpunkt;Wer;Kennung;Was;Art;Nummer;Firmennummer;Firma;Vertrag;Gerät;"
    "Ansprechpartnernummer;Ansprechpartner;Vorher;Nachher",
    "en": "When;Who;Id;What;Kind;Number;Company no.;Company;Contract;Machine;"
    "Contact no.;Contact;Before;After",
}


@router.get("/api/staff/audit", summary="What staff did, newest first")
def list_all(
    by: _Id = None,
    action: Annotated[Action | None, Query()] = None,
    company_id: _Id = None,
    machine_id: _Id = None,
    contact_id: _Id = None,
    from_on: Annotated[Day | None, Query(alias="from")] = None,
    to_on: Annotated[Day | None, Query(alias="to")] = None,
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[JournalJson]:
    """`by` is a staff member's id. `from` and `to` are days, both included.

    An answer looks at a thousand entries at most: it may hold fewer than `limit`, even none, and still
    have a `next_cursor`; the list is over where that is null.
    """
    staff = staff_of(router.current_event.raw_event, "read")
    wanted = JournalFilter(by, action, company_id, machine_id, contact_id, from_on, to_on)
    name = f"audit#{digest(repr(wanted))[:16]}"
    place = opened(staff, name, cursor)
    found, more = read_journal(
        adapters(), wanted, moment(), limit=limit, before=place["at"] if place else None
    )
    return Answer(
        {
            "entries": [_entry(one, staff.language) for one in found],
            "next_cursor": sealed(staff, name, {"at": more} if more else None),
        }
    )


@router.get("/api/staff/audit.csv", summary="What staff did, as CSV")
def list_as_csv(
    by: _Id = None,
    action: Annotated[Action | None, Query()] = None,
    company_id: _Id = None,
    machine_id: _Id = None,
    contact_id: _Id = None,
    from_on: Annotated[Day | None, Query(alias="from")] = None,
    to_on: Annotated[Day | None, Query(alias="to")] = None,
    cursor: Cursor = None,
) -> CsvFile:
    """The same list. Where it looked at its share, a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    wanted = JournalFilter(by, action, company_id, machine_id, contact_id, from_on, to_on)
    name = f"audit.csv#{digest(repr(wanted))[:16]}"
    place = opened(staff, name, cursor)
    found, more = read_journal(
        adapters(),
        wanted,
        moment(),
        limit=IN_A_SHEET,
        before=place["at"] if place else None,
        sheet=True,
    )
    following = sealed(staff, name, {"at": more} if more else None)
    sheet = _sheet(found, staff.language, headed=place is None)
    return CsvFile(
        BOM + csv_of(sheet),
        "audit.csv",
        next_part=f"/api/staff/audit.csv?{_query(wanted, following)}" if following else None,
    )


@router.get("/api/staff/colleagues", summary="Who of the staff has changed something so far")
def list_colleagues() -> Answer[ColleaguesJson]:
    """By name: for every id of a staff member that stands in an answer, and to filter the journal by."""
    staff_of(router.current_event.raw_event, "read")
    found = colleagues(adapters())
    return Answer({"colleagues": [{"id": one.id, "name": one.name} for one in found]})


def _query(wanted: JournalFilter, cursor: str) -> str:
    """The query of a list's next part: the same filter again."""
    given = {
        "by": wanted.by,
        "action": wanted.action,
        "company_id": wanted.company_id,
        "machine_id": wanted.machine_id,
        "contact_id": wanted.contact_id,
        "from": wanted.from_on,
        "to": wanted.to_on,
        "cursor": cursor,
    }
    return urlencode({name: str(value) for name, value in given.items() if value is not None})


def _entry(shown: ShownEntry, language: str) -> JournalEntryJson:
    entry, deed = shown.entry, shown.entry.deed
    return {
        "at": entry.at.isoformat(timespec="milliseconds"),
        "by": {"id": entry.by.id, "name": entry.by.name},
        "action": deed.action,
        "text": action_text(deed.action, language),
        "record": {"kind": deed.kind, "id": deed.number},
        "company": {"id": deed.company_id, "name": shown.company} if deed.company_id else None,
        "contract_id": deed.contract_id or None,
        "machine_id": deed.machine_id or None,
        "contact": {"id": deed.contact_id, "name": shown.contact} if deed.contact_id else None,
        "changes": [
            {"field": one.field, "before": one.before, "after": one.after} for one in deed.changes
        ],
    }


def _sheet(found: Sequence[ShownEntry], language: str, *, headed: bool) -> Iterator[Sequence[Cell]]:
    if headed:
        yield _HEADINGS[language].split(";")
    for shown in found:
        entry, deed = shown.entry, shown.entry.deed
        yield (
            entry.at,
            entry.by.name,
            entry.by.id,
            action_text(deed.action, language),
            deed.kind,
            deed.number,
            deed.company_id,
            shown.company,
            deed.contract_id,
            deed.machine_id,
            deed.contact_id,
            shown.contact,
            _values(deed.changes, "before"),
            _values(deed.changes, "after"),
        )


def _values(changes: Sequence[FieldChange], side: str) -> str:
    told = ((one.field, getattr(one, side)) for one in changes)
    return ", ".join(f"{field}: {value}" for field, value in told if value is not None)
