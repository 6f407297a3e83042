"""Messages that customers and devices have sent, where somebody has to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.answers.arrived import TaskDecided, TaskState
from meterportal.domain.portfolio.machines import Machine
from meterportal.http import Answer, Body, Words, last_as_json, location_as_json, refuses
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.mailing.decide_answers import ListedAnswer, decide_answer, list_answers
from pydantic import Field

from staff_api.answers.mail_answers import AnsweredMachineJson, MailAnswerJson, MailAnswersJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class AnswerDecisionBody(Body):
    """`note` (up to 500 characters) is for colleagues."""

    decision: Literal["done", "dismissed"]
    note: Words | None = None


@router.get("/api/staff/answers", summary="Answers by mail that staff look at, newest first")
def list_all(
    state: Annotated[Literal["open", "decided"], Query()] = "open",
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[MailAnswersJson]:
    """Open: by the moment they came in. Finished: by that moment."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"answers {state}"
    place = opened(staff, name, cursor) or {"before": None}
    found, before = list_answers(
        adapters(), waits=state == "open", limit=limit, before=place["before"]
    )
    following = sealed(staff, name, {"before": before} if before else None)
    return Answer({"answers": [_listed(one) for one in found], "next_cursor": following})


@router.post(
    "/api/staff/answers/<answer_id>/decision",
    summary="Finish an answer by mail",
    responses=refuses(TaskDecided),
)
def decide(answer_id: str, body: AnswerDecisionBody) -> Answer[MailAnswerJson]:
    """done: its values were entered, or its text was read. dismissed: nothing had to be done."""
    staff = staff_of(router.current_event.raw_event, "remind")
    decided = decide_answer(
        adapters(),
        moment(),
        answer_id,
        TaskState(body.decision),
        note=body.note or "",
        by=staff.member,
    )
    return Answer(_listed(decided))


def _listed(listed: ListedAnswer) -> MailAnswerJson:
    mail = listed.mail
    decided_at = mail.decided_at
    return {
        "id": mail.id,
        "state": mail.state or TaskState.DONE,
        "outcome": mail.outcome,
        "reason": mail.reason,
        "doubts": list(mail.doubts),
        "device": mail.device,
        "arrived_at": mail.arrived_at.isoformat(timespec="seconds"),
        "sender": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "attachments": list(mail.attachments),
        "company": {"id": mail.company_id, "name": listed.company} if mail.company_id else None,
        "contact": {"id": mail.contact_id, "name": listed.contact} if mail.contact_id else None,
        "read_on": mail.read_on.isoformat() if mail.read_on else None,
        "remind_on": mail.day.isoformat() if mail.day else None,
        "machines": [
            _machine(machine, mail.values[number]) for number, machine in listed.machines.items()
        ],
        "decision": {
            "decision": mail.state,
            "note": mail.note,
            "by": mail.decided_by,
            "at": decided_at.isoformat(timespec="seconds"),
        }
        if decided_at and mail.state
        else None,
    }


def _machine(machine: Machine, values: Mapping[str, int]) -> AnsweredMachineJson:
    return {
        "id": machine.id,
        "serial": machine.serial,
        "maker": machine.maker,
        "model": machine.model,
        "location": location_as_json(machine.location),
        "version": machine.version,
        "meters": [
            {
                "id": meter.id,
                "label": meter.label,
                "kind": meter.kind,
                "last": last_as_json(meter.last),
                "value": values.get(meter.id),
            }
            for meter in machine.billable_meters
        ],
    }
