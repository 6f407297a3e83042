"""Notes of staff about customers and machines."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.plain_text import TextRefused
from meterportal.domain.portfolio.notes import NoteStays
from meterportal.domain.refusals import Invalid, NotFound
from meterportal.http import Answer, Body, Created, Number, Words, refuses, request_key
from meterportal.settings import moment
from meterportal.usecases.portfolio.write_notes import withdraw_note, write_note

from staff_api.answers.companies import StaffNoteJson, WithdrawnNoteJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class NoteBody(Body):
    """About a machine or about a company; one of the two is named."""

    text: Words
    company_id: Number | None = None
    machine_id: Number | None = None


@router.post(
    "/api/staff/notes",
    summary="Write a note about a customer or a machine",
    responses=refuses(Invalid, TextRefused, NotFound),
)
def write(body: NoteBody) -> Created[StaffNoteJson]:
    """For colleagues only: no customer sees it. It stands in the time line."""
    event = router.current_event.raw_event
    staff, at = staff_of(event, "remind"), moment()
    note = write_note(
        adapters(),
        at,
        body.text,
        company_id=body.company_id,
        machine_id=body.machine_id,
        by=staff.member,
        key=request_key(event),
    )
    mine = note.withdrawable(staff.id, at.now)
    return Created({"id": note.id, "text": note.text, "withdrawable": mine})


@router.post(
    "/api/staff/notes/<note_id>/withdrawal",
    summary="Withdraw a note of one's own within a day",
    responses=refuses(NoteStays),
)
def withdraw(note_id: str) -> Answer[WithdrawnNoteJson]:
    """Its text is deleted; the journal keeps that there was one."""
    staff = staff_of(router.current_event.raw_event, "remind")
    withdraw_note(adapters(), moment(), note_id, by=staff.member)
    return Answer({"id": note_id})
