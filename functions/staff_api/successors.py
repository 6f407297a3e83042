"""Successors that contacts have named: staff agree or not, and carry them over into the ERP."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.reporting.successors import (
    AddressTaken,
    AddressUnreachable,
    NothingToHandOver,
    ReportingWithdrawn,
    SuccessorDecided,
)
from meterportal.http import Answer, Body, Words, refuses
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.reporting.decide_successors import (
    ListedSuccessor,
    decide_successor,
    list_successors,
)
from pydantic import Field

from staff_api.answers.reporting import KnownPersonJson, SuccessorJson, SuccessorsJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class SuccessorDecisionBody(Body):
    """`note` (up to 500 characters) says why; staff read it later."""

    decision: Literal["approved", "refused"]
    note: Words | None = None


@router.get("/api/staff/successors", summary="Successors that contacts have named, newest first")
def list_all(
    state: Annotated[Literal["open", "decided"], Query()] = "open",
    limit: Annotated[int, Field(ge=1, le=100), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[SuccessorsJson]:
    """Approved ones say which contracts the ERP still has to learn of."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"successors {state}"
    place = opened(staff, name, cursor) or {"before": None}
    found, before = list_successors(
        adapters(), waits=state == "open", limit=limit, before=place["before"]
    )
    following = sealed(staff, name, {"before": before} if before else None)
    return Answer({"successors": [_listed(one) for one in found], "next_cursor": following})


@router.post(
    "/api/staff/successors/<successor_id>/decision",
    summary="Agree to a successor, or not",
    responses=refuses(
        SuccessorDecided, AddressUnreachable, AddressTaken, ReportingWithdrawn, NothingToHandOver
    ),
)
def decide(successor_id: str, body: SuccessorDecisionBody) -> Answer[SuccessorJson]:
    """Approved: the person reports for the contracts at once, with rights and a claim on the address,
    in place of the contact who named them."""
    staff = staff_of(router.current_event.raw_event, "remind")
    decided = decide_successor(
        adapters(),
        moment(),
        successor_id,
        approve=body.decision == "approved",
        note=body.note or "",
        by=staff.member,
    )
    return Answer(_listed(decided))


def _listed(listed: ListedSuccessor) -> SuccessorJson:
    asked = listed.asked
    decided_at = asked.decided_at
    return {
        "id": asked.id,
        "state": asked.state,
        "company": {
            "id": asked.company_id,
            "name": listed.company.name if listed.company else "",
        },
        "contact": _person(listed.contact, asked.contact_id),
        "name": asked.name,
        "email": asked.mailbox,
        "text": asked.text,
        "contract_ids": list(asked.contract_ids),
        "asked_at": asked.asked_at.isoformat(timespec="seconds"),
        "decided_at": decided_at.isoformat(timespec="seconds") if decided_at else None,
        "decided_by": asked.decided_by or None,
        "note": asked.note,
        "person": _person(listed.person, asked.person_id) if asked.person_id else None,
        "handed_over": list(asked.handed_over),
        "carry_over": list(listed.carry_over),
    }


def _person(contact: Contact | None, number: str) -> KnownPersonJson:
    """`in_erp` false: made here, so the ERP has to learn of the person, too."""
    return {
        "id": number,
        "name": contact.name if contact else "",
        "email": contact.email if contact else "",
        "in_erp": contact is not None and not contact.from_portal,
    }
