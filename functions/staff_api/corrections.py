"""What the ERP has to learn: changes made here that no import has brought yet; as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.exchange.exports import CHANNELS
from meterportal.domain.portfolio.contracts import Contact, ReadingChannel
from meterportal.domain.portfolio.corrections import Owed
from meterportal.domain.sheets import BOM, Cell, csv_of
from meterportal.http import Answer, CsvFile, company_as_json
from meterportal.http.queries import DIGITS, Cursor
from meterportal.usecases.portfolio.list_corrections import Owing, list_corrections
from pydantic import Field

from staff_api.answers.corrections import CorrectionJson, CorrectionsJson
from staff_api.pages import opened, sealed
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

_SHEET = 1000
_HEADINGS = {
    "de": "Seit;Firmennummer;Firma;Art;Nummer;Name;Feld;Im ERP;Hier;Geändert von",
    "en": "Since;Company no.;Company;Kind;Number;Name;Field;In the ERP;Here;Changed by",
}
_WORDS = {
    "de": {
        "contact_kind": "Ansprechpartner",
        "contract_kind": "Vertrag",
        "contact": "neuer Ansprechpartner",
        "email": "E-Mail",
        "phone": "Telefon",
        "active": "Aktiv",
        "reading_channel": "Zählermeldung durch",
        "reporters": "Melde-Ansprechpartner",
        "yes": "J",
        "no": "N",
    },
    "en": {
        "contact_kind": "Contact",
        "contract_kind": "Contract",
        "contact": "new contact",
        "email": "E-mail",
        "phone": "Phone",
        "active": "Active",
        "reading_channel": "Reported by",
        "reporters": "Reporters",
        "yes": "Y",
        "no": "N",
    },
}


@router.get("/api/staff/corrections", summary="What the ERP has to learn, the oldest first")
def list_all(
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[CorrectionsJson]:
    """Contacts and contracts that were changed here. An import that brings the change takes it off the
    list. An answer may hold fewer than `limit` and still have a `next_cursor`."""
    staff = staff_of(router.current_event.raw_event, "read")
    found, following = _page(staff, "corrections", limit, cursor)
    return Answer({"corrections": [_correction(one) for one in found], "next_cursor": following})


@router.get("/api/staff/corrections.csv", summary="What the ERP has to learn, as CSV")
def list_as_csv(cursor: Cursor = None) -> CsvFile:
    """One row a field, in the ERP's words; beyond 1,000 records a `Link` header names the next part."""
    staff = staff_of(router.current_event.raw_event, "read")
    found, following = _page(staff, "corrections.csv", _SHEET, cursor)
    rows = _rows(found, staff.language, headed=cursor is None)
    return CsvFile(
        BOM + csv_of(rows),
        "corrections.csv",
        next_part=f"/api/staff/corrections.csv?cursor={following}" if following else None,
    )


def _page(
    staff: Staff, name: str, limit: int, cursor: str | None
) -> tuple[list[Owing], str | None]:
    place = opened(staff, name, cursor)
    found, after = list_corrections(adapters(), limit=limit, after=place["after"] if place else "")
    return found, sealed(staff, name, {"after": after} if after else None)


def _correction(found: Owing) -> CorrectionJson:
    record = found.record
    return {
        "kind": "contact" if isinstance(record, Contact) else "contract",
        "id": record.id,
        "name": record.name,
        "company": company_as_json(found.company),
        "version": record.rev,
        "at": record.mended_at or None,
        "by": {"id": record.mended_by, "name": found.by} if record.mended_by else None,
        "changes": [
            {"field": one.field, "in_erp": one.in_erp, "here": one.here} for one in found.owed
        ],
    }


def _rows(found: Sequence[Owing], language: str, *, headed: bool) -> Iterator[Sequence[Cell]]:
    words = _WORDS[language]
    if headed:
        yield _HEADINGS[language].split(";")
    for correction in found:
        record = correction.record
        for one in correction.owed:
            yield (
                record.mended_at[:10],
                correction.company.id,
                correction.company.name,
                words["contact_kind" if isinstance(record, Contact) else "contract_kind"],
                record.id,
                record.name,
                words[one.field],
                _cell(one, one.in_erp, words),
                _cell(one, one.here, words),
                correction.by,
            )


def _cell(one: Owed, value: str | bool | None, words: dict[str, str]) -> Cell:
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if one.field == "reading_channel" and value:
        return CHANNELS[ReadingChannel(value)]
    return value
