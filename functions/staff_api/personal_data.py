"""A person's data: all of them as an export, and their erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.access.erasures import Erasure, ErasurePiece, ErasureRunning
from meterportal.http import Answer, refuses
from meterportal.http.queries import DIGITS, Cursor, Flag
from meterportal.settings import moment
from meterportal.usecases.access.erase_person import erase_person, list_erasures, readmit
from meterportal.usecases.access.personal_data import find_person, note_export, read_data
from pydantic import Field

from staff_api.answers.personal_data import (
    ErasedJson,
    ErasureJson,
    ErasuresJson,
    PersonalDataJson,
    ReadmittedJson,
)
from staff_api.pages import opened, sealed
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

_PIECES = list(ErasurePiece)


@router.get("/api/staff/contacts/<contact_id>/data", summary="All data of a person, in parts")
def export(contact_id: str, cursor: Cursor = None) -> Answer[PersonalDataJson]:
    """Each part looks at a bounded share; all parts together are complete. The journal tells of the
    export."""
    staff, at = staff_of(router.current_event.raw_event, "admin"), moment()
    data, rest = _part(staff, "data", contact_id, cursor)
    if cursor is None:
        person = find_person(adapters(), contact_id)
        note_export(adapters(), at, person.contact, staff.member)
    return Answer(
        {
            "contact_id": contact_id,
            "as_of": at.now.isoformat(timespec="seconds"),
            "data": {kind: rows for kind, rows in data.items() if rows},
            "next_cursor": rest,
        }
    )


@router.delete("/api/staff/contacts/<contact_id>/data", summary="Erase a person, or try it")
def erase(
    contact_id: str,
    dry_run: Annotated[Flag, Query(description="true: say what goes, change nothing")] = True,
    cursor: Cursor = None,
) -> Answer[ErasedJson]:
    """The dry run answers in parts. The erasure does some steps: as long as it is `running`, the same
    request goes on with it, also after it was cut off. Released readings with their reasons, release
    reports and batches stay."""
    staff = staff_of(router.current_event.raw_event, "admin")
    if dry_run:
        data, rest = _part(staff, "erase", contact_id, cursor)
        alone = find_person(adapters(), contact_id).alone
        counts = {kind: len(rows) for kind, rows in data.items() if rows}
        return Answer(_erased(contact_id, "dry_run", 0, alone, counts, rest, None))
    done = erase_person(adapters(), moment(), contact_id, by=staff.member)
    state = "running" if done.piece else "done"
    waits = done.waits.text(staff.language) if done.waits else None
    return Answer(_erased(contact_id, state, _reached(done), bool(done.mark), {}, None, waits))


@router.get("/api/staff/erasures", summary="People who were erased, by their numbers")
def list_all(
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50, cursor: Cursor = None
) -> Answer[ErasuresJson]:
    """Newest first. Of the people themselves nothing is known any more."""
    staff = staff_of(router.current_event.raw_event, "admin")
    place = opened(staff, "erasures", cursor)
    found, names, rest = list_erasures(
        adapters(), limit=limit, before=place["at"] if place else None
    )
    return Answer(
        {
            "erasures": [_erasure(one, names) for one in found],
            "next_cursor": sealed(staff, "erasures", {"at": rest} if rest else None),
        }
    )


@router.post(
    "/api/staff/contacts/<contact_id>/readmission",
    summary="Let an import bring an erased person back",
    responses=refuses(ErasureRunning),
)
def let_back(contact_id: str) -> Answer[ReadmittedJson]:
    """Until then, imports refuse the number and the address."""
    staff = staff_of(router.current_event.raw_event, "admin")
    readmit(adapters(), moment(), contact_id, by=staff.member)
    return Answer({"contact_id": contact_id})


def _part(
    staff: Staff, kind: str, contact_id: str, cursor: str | None
) -> tuple[dict[str, list[dict[str, object]]], str | None]:
    place = opened(staff, f"{kind}#{contact_id}", cursor) or {"p": ErasurePiece.ACCOUNT, "a": ""}
    person = find_person(adapters(), contact_id)
    found, rest = read_data(adapters(), person, ErasurePiece(place["p"]), place["a"])
    following = {"p": rest[0].value, "a": rest[1]} if rest else None
    return found, sealed(staff, f"{kind}#{contact_id}", following)


def _erased(
    contact_id: str,
    state: str,
    reached: int,
    alone: bool,
    counts: dict[str, int],
    cursor: str | None,
    waits: str | None,
) -> ErasedJson:
    return {
        "contact_id": contact_id,
        "state": "dry_run" if state == "dry_run" else "running" if state == "running" else "done",
        "done": reached,
        "of": len(_PIECES),
        "shared_address": not alone,
        "waits": waits,
        "counts": counts,
        "next_cursor": cursor,
    }


def _reached(erasure: Erasure) -> int:
    return _PIECES.index(erasure.piece) if erasure.piece else len(_PIECES)


def _erasure(erasure: Erasure, names: Mapping[str, str]) -> ErasureJson:
    return {
        "contact_id": erasure.contact_id,
        "company_id": erasure.company_id,
        "at": erasure.at.isoformat(timespec="milliseconds"),
        "by": {"id": erasure.by, "name": names.get(erasure.by, "")},
        "state": "running" if erasure.piece else "done",
    }
