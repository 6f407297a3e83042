"""Rounds of requests: start one for a selection, follow what becomes of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.mails import OutboxMail, masked
from meterportal.domain.requests import Kind
from meterportal.doors import doors
from meterportal.http import Body, Day, answer
from meterportal.settings import Moment, moment
from meterportal.usecases.list_rounds import Listed, newest_rounds, round_page
from meterportal.usecases.request_readings import start_round

from staff_api.pages import opened, sealed
from staff_api.reasons import left_out_as_json
from staff_api.request_keys import request_key_of
from staff_api.selection import SelectionBody
from staff_api.shapes import STARTED
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class RoundBody(Body):
    """Contracts by number are asked as selected, due or not; a filter takes what is due within it.

    `due_on`: contracts due up to this day count as due, in place of today + lead days; contracts
    selected by number that are due later are left out.

    `kind` "reminder" writes once more to those who were asked for the slot and have not reported
    everything: twice at most, and not twice on a day.
    """

    kind: Literal["request", "reminder"] = "request"
    selection: SelectionBody
    due_on: Day | None = None
    dry_run: bool = False


@router.post(
    "/api/staff/rounds",
    summary="Ask for readings: one mail per mailbox",
    responses=STARTED,
)
def start(body: RoundBody) -> Response[str]:
    """202 with the id. A dry run keeps what would be sent under its id and sends nothing."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    round_id = start_round(
        doors(),
        body.selection.selection(),
        moment(),
        by=staff.id,
        due_by=body.due_on,
        dry_run=body.dry_run,
        kind=Kind(body.kind),
        request_key=request_key_of(event),
    )
    return answer({"id": round_id}, 202)


@router.get("/api/staff/rounds", summary="Rounds, newest first")
def list_all(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query()] = None,
) -> Response[str]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "rounds", cursor) or {"before": None}
    found, before = newest_rounds(doors(), moment(), limit=limit, before=place["before"])
    following = sealed(staff, "rounds", {"before": before} if before else None)
    return answer({"rounds": [_listed(one) for one in found], "next_cursor": following})


@router.get("/api/staff/rounds/<round_id>", summary="One round: numbers, mails, contracts left out")
def show(
    round_id: str,
    limit: Annotated[int, Query(ge=1, le=2000)] = 1000,
    cursor: Annotated[str | None, Query()] = None,
) -> Response[str]:
    """Up to `limit` mails and as many left-out contracts; the cursor moves on in both."""
    staff = staff_of(router.current_event.raw_event, "read")
    at = moment()
    place = opened(staff, f"round#{round_id}", cursor) or {"from": 0}
    page = round_page(doors(), round_id, at, start=place["from"], limit=limit)
    following = {"from": place["from"] + limit} if page.more else None
    return answer(
        {
            **_listed(page.listed),
            "mails": [_mail(mail, at, staff.language) for mail in page.mails],
            "left_out": left_out_as_json(page.left_out, staff.language),
            "next_cursor": sealed(staff, f"round#{round_id}", following),
        }
    )


def _listed(listed: Listed) -> dict[str, Any]:
    found = listed.round
    return {
        "id": found.id,
        "state": listed.state,
        "kind": found.kind.value,
        "problem": found.problem or None,
        "dry_run": found.dry_run,
        "by": found.by,
        "created_at": found.created_at.isoformat(timespec="seconds"),
        "due_on": found.due_by.isoformat() if found.due_by else None,
        "not_due": found.not_due,
        **listed.numbers,
    }


def _mail(mail: OutboxMail, at: Moment, language: str) -> dict[str, Any]:
    return {
        "mailbox_masked": masked(mail.mailbox),
        "companies": len({request.company_id for request in mail.requests}),
        "contracts": len(mail.requests),
        "contract_ids": [request.contract_id for request in mail.requests],
        "machines": sum(request.machines for request in mail.requests),
        "state": mail.state_at(at.now).value,
        "delivery": mail.fate.value if mail.fate else None,
        "problem": mail.problem or None,
        "fell_out": left_out_as_json(mail.dropped, language),
    }
