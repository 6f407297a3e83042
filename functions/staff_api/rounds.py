"""Rounds of requests: start one for a selection, follow what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.account import text_of_end
from meterportal.domain.mailing.mails import MailState, OutboxMail, masked
from meterportal.domain.mailing.requests import RoundKind
from meterportal.domain.runs import RunKind
from meterportal.http import Accepted, Answer, Body, Day, refuses, request_key
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import Moment, moment
from meterportal.usecases.mailing.halt_rounds import NothingWaits, end_round, pause_round
from meterportal.usecases.mailing.list_rounds import ListedRound, newest_rounds, round_page
from meterportal.usecases.mailing.preview_mail import (
    NoOwnAddress,
    NothingToShow,
    ask_for_test,
    preview_mail,
)
from meterportal.usecases.mailing.request_readings import start_round
from meterportal.usecases.mailing.send_proposed import NotProposed, send_proposed
from meterportal.usecases.mailing.stop_rounds import NotStopped, RoundEnded, resume_round
from pydantic import Field

from staff_api.answers.mailing import (
    MailJson,
    PreviewJson,
    RoundJson,
    RoundPageJson,
    RoundsJson,
    StoppedJson,
    TestMailJson,
)
from staff_api.answers.runs import RunStateJson, StartedJson
from staff_api.pages import opened, sealed
from staff_api.reasons import left_out_as_json
from staff_api.runs import state_as_json
from staff_api.selection import ContractSelectionBody
from staff_api.shown_mails import shown_mail
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class RoundBody(Body):
    """Contracts by number are asked as selected, due or not; a filter takes what is due within it, unless
    `due_or_not` says that all that match are meant like those by number.

    `due_on`: contracts due up to this day count as due, in place of today + lead days; contracts
    selected by number that are due later are left out.

    `kind` "reminder" writes once more to those who were asked for the period and have not reported
    everything: twice at most, not twice on a day, and before the third day after the request only where
    `early` says that this is meant.
    """

    kind: Literal["request", "reminder"] = "request"
    selection: ContractSelectionBody
    due_on: Day | None = None
    due_or_not: bool = False
    early: bool = False
    dry_run: bool = False


@router.post("/api/staff/rounds", summary="Ask for readings: one mail per mailbox")
def start(body: RoundBody) -> Accepted[StartedJson]:
    """202 with the id. A dry run keeps what would be sent under its id and sends nothing."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    round_id = start_round(
        adapters(),
        replace(body.selection.selection(), due_or_not=body.due_or_not),
        moment(),
        by=staff.member,
        due_by=body.due_on,
        dry_run=body.dry_run,
        kind=RoundKind(body.kind),
        early=body.early,
        request_key=request_key(event),
    )
    return Accepted({"id": round_id})


@router.get("/api/staff/rounds", summary="Rounds, newest first")
def list_all(
    limit: Annotated[int, Field(ge=1, le=100), DIGITS, Query()] = 20,
    cursor: Cursor = None,
) -> Answer[RoundsJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, "rounds", cursor) or {"before": None}
    found, before = newest_rounds(adapters(), moment(), limit=limit, before=place["before"])
    following = sealed(staff, "rounds", {"before": before} if before else None)
    shown = [_listed(one, staff.language) for one in found]
    return Answer({"rounds": shown, "next_cursor": following})


@router.get(
    "/api/staff/rounds/<round_id>",
    summary="One round: numbers, mails, contracts left out",
)
def show(
    round_id: str,
    limit: Annotated[int, Field(ge=1, le=2000), DIGITS, Query()] = 1000,
    cursor: Cursor = None,
) -> Answer[RoundPageJson]:
    """Up to `limit` mails and as many left-out contracts; the cursor moves on in both."""
    staff = staff_of(router.current_event.raw_event, "read")
    at = moment()
    place = opened(staff, f"round#{round_id}", cursor) or {"from": 0}
    page = round_page(adapters(), round_id, at, start=place["from"], limit=limit)
    following = {"from": place["from"] + limit} if page.more else None
    return Answer(
        {
            **_listed(page.listed, staff.language),
            "mails": [_mail(mail, at, staff.language) for mail in page.mails],
            "left_out": left_out_as_json(page.left_out, staff.language),
            "next_cursor": sealed(staff, f"round#{round_id}", following),
        }
    )


@router.post(
    "/api/staff/rounds/<round_id>/sending",
    summary="Send what a dry run has shown",
    responses=refuses(NotProposed),
)
def send(round_id: str) -> Accepted[StartedJson]:
    """202 with the id of the round that sends. It checks again and asks about nothing that the dry run
    did not show."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    started = send_proposed(
        adapters(), round_id, moment(), by=staff.member, request_key=request_key(event)
    )
    return Accepted({"id": started})


@router.post(
    "/api/staff/rounds/<round_id>/resume",
    summary="Go on sending a round that has stopped",
    responses=refuses(NotStopped, RoundEnded),
)
def resume(round_id: str) -> Accepted[StartedJson]:
    """Queues what waits. Asked once more it changes nothing; while the account does not send, the round
    stops again."""
    staff = staff_of(router.current_event.raw_event, "remind")
    resume_round(adapters(), round_id, moment(), by=staff.member)
    return Accepted({"id": round_id})


@router.post(
    "/api/staff/rounds/<round_id>/pause",
    summary="Pause a round: its mails wait until staff resume it",
    responses=refuses(NothingWaits),
)
def pause(round_id: str) -> Accepted[StartedJson]:
    """What is on its way goes out; nothing follows it. Asked once more it changes nothing."""
    staff = staff_of(router.current_event.raw_event, "remind")
    pause_round(adapters(), round_id, moment(), by=staff.member)
    return Accepted({"id": round_id})


@router.post(
    "/api/staff/rounds/<round_id>/end",
    summary="End a round for good: what waits is not sent any more",
    responses=refuses(NothingWaits),
)
def end(round_id: str) -> Accepted[StartedJson]:
    """What was sent stays; a later round asks for the rest. Asked once more it changes nothing."""
    staff = staff_of(router.current_event.raw_event, "remind")
    end_round(adapters(), round_id, moment(), by=staff.member)
    return Accepted({"id": round_id})


@router.get(
    "/api/staff/rounds/<round_id>/mails/<contact_id>",
    summary="A round's mail to a contact as its reader would get it",
    responses=refuses(NothingToShow),
)
def preview(round_id: str, contact_id: str) -> Answer[PreviewJson]:
    """From current data; its link and its code open nothing."""
    staff_of(router.current_event.raw_event, "read")
    shown = preview_mail(adapters(), round_id, contact_id)
    return Answer(shown_mail(shown))


@router.post(
    "/api/staff/rounds/<round_id>/mails/<contact_id>/test",
    summary="Send a round's mail as a test to oneself",
    responses=refuses(NothingToShow, NoOwnAddress),
)
def send_test_mail(round_id: str, contact_id: str) -> Accepted[TestMailJson]:
    """To the e-mail address of the caller's account, and to no other."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    ask_for_test(
        adapters(),
        moment(),
        round_id,
        contact_id,
        by=staff.member,
        own_address=staff.email,
        request_key=request_key(event),
    )
    return Accepted({"to": staff.email})


def _listed(listed: ListedRound, language: str) -> RoundJson:
    found, numbers = listed.round, listed.numbers
    return {
        "id": found.id,
        **_words(listed, language),
        "kind": found.kind,
        "dry_run": found.dry_run,
        "by": found.by,
        "created_at": found.created_at.isoformat(timespec="seconds"),
        "due_on": found.due_by.isoformat() if found.due_by else None,
        "not_due": found.not_due,
        "planned": numbers["planned"],
        "waiting": numbers["waiting"],
        "left": numbers.get("left", 0),
        "sent": numbers["sent"],
        "failed": numbers["failed"],
        "undeliverable": numbers["undeliverable"],
        "in_doubt": numbers["in_doubt"],
        "skipped": numbers["skipped"],
        "bounced": numbers["bounced"],
        "stopped": _stop_as_json(listed),
    }


def _stop_as_json(listed: ListedRound) -> StoppedJson | None:
    stop = listed.round.halt.stopped
    if stop is None or not (listed.round.halt.ended or listed.state.state == "stopped"):
        return None
    return {"reason": stop.reason, "at": stop.at.isoformat(timespec="seconds")}


def _words(listed: ListedRound, language: str) -> RunStateJson:
    """The state; the words for a stop stand in place of those for a problem."""
    numbers, stop = listed.numbers, listed.round.halt.stopped
    facts = {name: numbers.get(name, 0) for name in ("sent", "left", "planned")}
    told = state_as_json(listed.state, RunKind.ROUND, language, **facts)
    waiting = numbers["waiting"] + numbers["left"]
    if listed.round.halt.ended:
        told["problem_text"] = text_of_end(numbers["sent"], waiting, numbers["skipped"], language)
    elif stop is not None and listed.state.state == "stopped":
        told["problem_text"] = stop.reason.text(waiting, language)
    return told


def _mail(mail: OutboxMail, at: Moment, language: str) -> MailJson:
    return {
        "mailbox_masked": masked(mail.mailbox),
        "companies": len({request.company_id for request in mail.requests}),
        "contracts": len(mail.requests),
        "contract_ids": [request.contract_id for request in mail.requests],
        "company_ids": list(dict.fromkeys(request.company_id for request in mail.requests)),
        "contact_ids": list(dict.fromkeys(request.contact_id for request in mail.requests)),
        "machines": sum(request.machines for request in mail.requests),
        "state": mail.state_at(at.now),
        "sent_at": mail.sent_at.isoformat(timespec="seconds") if mail.sent_at else None,
        "delivery": mail.fate,
        "left": mail.left and mail.state is MailState.PLANNED,
        "problem": mail.problem or None,
        "fell_out": left_out_as_json(mail.dropped, language),
    }
