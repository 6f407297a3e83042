"""A round stops for the account's sake or for what came back: its mails wait, staff know why, it goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.settings import moment
from meterportal.store.mailing import rounds
from meterportal.usecases.mailing.stop_rounds import go_on_where_possible

from tests.support import clock
from tests.support.dying import EVENT as EVERY_FIVE_MINUTES
from tests.support.dying import forget
from tests.support.faults import failing, killed, refused
from tests.support.mail_account import ACCOUNT
from tests.support.requesting import (
    FACILITY,
    a_company,
    an_event,
    plan,
    recipients,
    send,
    show,
    start,
    work,
)
from tests.support.stage import Context, Stage


def planned(stage: Stage, adapters: Adapters, count: int = 1) -> tuple[str, list[str]]:
    """A round of so many mails, not sent yet; and their mailboxes."""
    boxes = [f"box{n}@haus.example" for n in range(count)]
    numbers = [number for n, box in enumerate(boxes) for number in a_company(adapters, n, box)]
    round_id = start(stage, {"ids": numbers})
    plan(stage, round_id)
    return round_id, boxes


def resume(stage: Stage, round_id: str, status: int = 202) -> Any:
    answer = stage.staff("POST", f"/api/staff/rounds/{round_id}/resume", groups="remind")
    assert answer.status == status, answer.text
    return answer.json


def told(words: str, code: str = "MessageRejected") -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": words},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(answer, "SendEmail")


def ticks(stage: Stage) -> None:
    stage.handler("mark_failed_runs")(EVERY_FIVE_MINUTES, Context())
    stage.drain()


def a_minute_later(stage: Stage) -> None:
    """What was read of the account is no longer taken for granted."""
    clock.forward(timedelta(minutes=2))


@pytest.mark.parametrize(
    ("state", "reason", "german"),
    [
        ({"quota": 200, "sent": 200}, "quota_reached", "Tageskontingent"),
        ({"sandbox": True}, "sandbox", "Sandbox"),
        ({"paused": True}, "sending_paused", "nimmt von diesem Konto zurzeit keine E-Mail an"),
    ],
)
def test_before_a_run_the_account_is_asked_and_stops_it_with_words(
    stage: Stage, adapters: Adapters, state: dict[str, Any], reason: str, german: str
) -> None:
    round_id, boxes = planned(stage, adapters, 3)
    ACCOUNT.tell(state)
    for box in boxes:
        assert send(stage, round_id, box) == []
    assert stage.mails() == []
    shown = show(stage, round_id)
    assert (shown["state"], shown["waiting"], shown["failed"]) == ("stopped", 3, 0)
    assert shown["stopped"]["reason"] == reason
    assert german in shown["problem_text"]
    assert "3 E-Mails warten" in shown["problem_text"]
    assert {mail["state"] for mail in shown["mails"]} == {"planned"}
    english = show(stage, round_id, language="en")["problem_text"]
    assert "3 mails wait" in english
    (listed,) = stage.staff("GET", "/api/staff/rounds").json["rounds"]
    assert (listed["state"], listed["problem_text"]) == ("stopped", shown["problem_text"])


def test_the_quota_is_met_in_the_middle_and_the_rest_goes_out_by_itself(
    stage: Stage, adapters: Adapters
) -> None:
    round_id, boxes = planned(stage, adapters, 5)
    ACCOUNT.tell({"quota": 3})
    stage.drain()
    shown = show(stage, round_id)
    assert (shown["state"], shown["sent"], shown["waiting"]) == ("stopped", 3, 2)
    assert shown["undeliverable"] == 0
    ticks(stage)  # the quota is not free yet
    assert len(stage.mails()) == 3
    ACCOUNT.tell({"sent": 0})
    a_minute_later(stage)
    ticks(stage)
    assert recipients(stage.mails()) == boxes
    shown = show(stage, round_id)
    assert (shown["state"], shown["sent"], shown["stopped"]) == ("done", 5, None)


def test_a_round_that_waited_for_three_weeks_goes_on_by_itself_as_its_words_say(
    stage: Stage, adapters: Adapters
) -> None:
    """And a mail whose message is lost then is queued once more."""
    round_id, boxes = planned(stage, adapters, 2)
    ACCOUNT.tell({"quota": 0})
    stage.drain()
    assert "geht von selbst weiter" in show(stage, round_id)["problem_text"]
    clock.forward(timedelta(days=21))
    ticks(stage)
    assert stage.mails() == []
    ACCOUNT.tell({"quota": 50_000})
    a_minute_later(stage)
    stage.handler("mark_failed_runs")(EVERY_FIVE_MINUTES, Context())
    stage.drain(worth_asking=lambda name: "Plan" in name, ends=False)
    forget(stage, adapters.settings.mail_queue)
    assert show(stage, round_id)["stopped"] is None
    a_minute_later(stage)
    event = {"kind": "daily_plan", "scheduled_at": "2026-12-14T02:00:00Z"}
    stage.handler("plan_requests")(event, Context())
    stage.drain()
    assert recipients(stage.mails()) == boxes


def test_of_what_waits_a_portion_is_queued_and_then_the_next(
    stage: Stage, adapters: Adapters
) -> None:
    round_id, boxes = planned(stage, adapters, 5)
    ACCOUNT.tell({"quota": 0})
    stage.drain()
    ACCOUNT.tell({"quota": 50_000})
    a_minute_later(stage)
    header = rounds.load(adapters.table, round_id)
    assert header is not None
    assert header.halt.stopped is not None
    message = {"schema": 1, "round_id": round_id, "most": 2, "again_in": 900}
    stopped_at = header.halt.stopped.at.isoformat()
    assert work(stage, "plan_requests", {**message, "stopped_at": stopped_at}) == []
    stage.drain()
    assert len(stage.mails()) == 2
    assert work(stage, "plan_requests", message) == []
    stage.drain()
    assert len(stage.mails()) == 4
    assert work(stage, "plan_requests", message) == []
    stage.drain()
    assert recipients(stage.mails()) == boxes


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (refused("SendingPausedException"), "sending_paused"),
        (refused("AccountSuspendedException"), "sending_paused"),
        (refused("LimitExceededException"), "quota_reached"),
        (told("Daily message quota exceeded.", "TooManyRequestsException"), "quota_reached"),
        (refused("MailFromDomainNotVerifiedException"), "sender_unverified"),
        (refused("MessageRejected"), None),
        (told("Email address is not verified. Failed: box0@haus.example"), "sandbox"),
    ],
)
def test_what_the_account_is_told_while_sending_never_makes_a_mail_undeliverable(
    stage: Stage, adapters: Adapters, fault: ClientError, reason: str | None
) -> None:
    sender = adapters.settings.sender_address
    if reason is None:
        fault = told(f"Email address is not verified. Failed: {sender.upper()}")
        reason = "sender_unverified"
    round_id, boxes = planned(stage, adapters, 2)
    with failing("SendEmail", fault):
        assert send(stage, round_id, boxes[0]) == []
        assert send(stage, round_id, boxes[1]) == []
    shown = show(stage, round_id)
    assert (shown["state"], shown["stopped"]["reason"]) == ("stopped", reason)
    assert (shown["waiting"], shown["undeliverable"]) == (2, 0)
    resume(stage, round_id)
    stage.drain()
    assert recipients(stage.mails()) == boxes


def test_while_the_account_cannot_be_read_mails_go_out(stage: Stage, adapters: Adapters) -> None:
    round_id, boxes = planned(stage, adapters, 2)
    with failing("GetAccount", refused("TooManyRequestsException")):
        stage.drain()
    assert recipients(stage.mails()) == boxes
    assert show(stage, round_id)["state"] == "done"


def test_the_account_is_read_once_a_minute(stage: Stage, adapters: Adapters) -> None:
    round_id, boxes = planned(stage, adapters, 4)
    with killed(10_000, reads=True) as made:
        for box in boxes[:3]:
            send(stage, round_id, box)
        a_minute_later(stage)
        send(stage, round_id, boxes[3])
    assert made.count("GetAccount") == 2
    assert len(stage.mails()) == 4


def test_resuming_is_idempotent_and_stands_in_the_journal_once(
    stage: Stage, adapters: Adapters
) -> None:
    round_id, boxes = planned(stage, adapters, 2)
    assert resume(stage, round_id, 409)["code"] == "not_stopped"
    assert resume(stage, "404", 404)
    ACCOUNT.tell({"quota": 0})
    stage.drain()
    ACCOUNT.reset()
    assert resume(stage, round_id) == {"id": round_id}
    assert show(stage, round_id)["state"] == "running"
    resume(stage, round_id)
    stage.drain()
    resume(stage, round_id)
    stage.drain()
    assert recipients(stage.mails()) == boxes
    entries = stage.staff("GET", "/api/staff/audit?action=sending_resumed").json["entries"]
    assert [entry["changes"][0]["before"] for entry in entries] == ["quota_reached"]


def test_a_round_resumed_too_early_stops_again(stage: Stage, adapters: Adapters) -> None:
    round_id, boxes = planned(stage, adapters, 2)
    ACCOUNT.tell({"paused": True})
    stage.drain()
    resume(stage, round_id)
    stage.drain()
    assert show(stage, round_id)["state"] == "stopped"
    ACCOUNT.tell({"paused": False})
    resume(stage, round_id)  # at once: what was read of the account before does not count
    stage.drain()
    assert recipients(stage.mails()) == boxes


def test_staff_may_accept_the_sandbox_for_a_round(stage: Stage, adapters: Adapters) -> None:
    round_id, boxes = planned(stage, adapters, 2)
    ACCOUNT.tell({"sandbox": True})
    stage.drain()
    resume(stage, round_id)
    with failing("SendEmail", told(f"Email address is not verified. Failed: {boxes[0]}")):
        stage.drain()
    shown = show(stage, round_id)
    assert (shown["stopped"]["reason"], shown["waiting"], shown["undeliverable"]) == (
        "sandbox",
        2,
        0,
    )
    a_minute_later(stage)
    assert go_on_where_possible(adapters, moment()) == 0, "it would meet the same again"
    ACCOUNT.tell({"sandbox": False})
    a_minute_later(stage)
    ticks(stage)
    assert recipients(stage.mails()) == boxes


def test_only_the_group_that_asks_may_resume(stage: Stage) -> None:
    answer = stage.staff("POST", "/api/staff/rounds/x/resume", groups="read")
    assert answer.status == 403


def test_killed_at_any_call_while_stopping_and_going_on_nothing_is_lost_or_doubled(
    stage: Stage, adapters: Adapters
) -> None:
    for call in range(20):
        box = f"kill{call}@haus.example"
        round_id = start(stage, {"ids": a_company(adapters, 100 + call, box)})
        plan(stage, round_id)
        before = len(stage.mails())
        with killed(call) as calls, failing("SendEmail", refused("LimitExceededException")):
            send(stage, round_id, box)
        with failing("SendEmail", refused("LimitExceededException")):
            send(stage, round_id, box)
        found = rounds.mail(adapters.table, round_id, box)
        assert found is not None
        assert len(stage.mails()) == before
        if found.state is MailState.SENDING:  # killed behind the claim: in doubt, as ever
            continue
        assert found.state is MailState.PLANNED
        assert show(stage, round_id)["state"] == "stopped"
        resume(stage, round_id)
        stage.drain()
        assert recipients(stage.mails()[before:]) == [box]
        if "killed" not in calls:
            assert call > 1
            return
    raise AssertionError("the sender never came to its end")


def test_a_resumption_killed_at_any_call_is_made_up_for(stage: Stage, adapters: Adapters) -> None:
    for call in range(20):
        box = f"again{call}@haus.example"
        round_id = start(stage, {"ids": a_company(adapters, 200 + call, box)})
        plan(stage, round_id)
        ACCOUNT.tell({"quota": 0})
        send(stage, round_id, box)
        ACCOUNT.reset()
        before = len(stage.mails())
        with killed(call) as calls:
            stage.staff("POST", f"/api/staff/rounds/{round_id}/resume")
        resume(stage, round_id)
        stage.drain()
        assert recipients(stage.mails()[before:]) == [box]
        if "killed" not in calls:
            assert call > 0
            return
    raise AssertionError("the resumption never came to its end")


def test_a_planner_killed_while_a_round_goes_on_by_itself_does_it_again(
    stage: Stage, adapters: Adapters
) -> None:
    for call in range(20):
        box = f"self{call}@haus.example"
        round_id = start(stage, {"ids": a_company(adapters, 300 + call, box)})
        plan(stage, round_id)
        ACCOUNT.tell({"quota": 0})
        send(stage, round_id, box)
        found = rounds.load(adapters.table, round_id)
        assert found is not None
        assert found.halt.stopped is not None
        ACCOUNT.reset()
        before = len(stage.mails())
        at = found.halt.stopped.at.isoformat()
        message = {"schema": 1, "round_id": round_id, "stopped_at": at}
        with killed(call) as calls:
            work(stage, "plan_requests", message)
        work(stage, "plan_requests", message)
        stage.drain()
        assert recipients(stage.mails()[before:]) == [box]
        if "killed" not in calls:
            assert call > 0
            return
    raise AssertionError("the planner never came to its end")


def test_a_message_about_an_earlier_stop_does_not_end_a_later_one(
    stage: Stage, adapters: Adapters
) -> None:
    round_id, _ = planned(stage, adapters)
    ACCOUNT.tell({"quota": 0})
    stage.drain()
    old = {"schema": 1, "round_id": round_id, "stopped_at": "2026-11-23T08:00:00+00:00"}
    assert work(stage, "plan_requests", old) == []
    stage.drain()
    assert show(stage, round_id)["state"] == "stopped"


def sent_and(stage: Stage, adapters: Adapters, sent: int, waiting: int) -> tuple[str, list[str]]:
    """A round of which so many mails are out and so many wait."""
    round_id, boxes = planned(stage, adapters, sent + waiting)
    for box in boxes[:sent]:
        assert send(stage, round_id, box) == []
    return round_id, boxes


@pytest.mark.parametrize(
    ("kind", "sent", "enough", "reason"),
    [("Bounce Permanent", 20, 5, "many_bounces"), ("Complaint", 20, 2, "many_complaints")],
)
def test_too_many_returns_stop_a_run_until_staff_say_so(
    stage: Stage, adapters: Adapters, kind: str, sent: int, enough: int, reason: str
) -> None:
    round_id, boxes = sent_and(stage, adapters, sent, 2)
    for box in boxes[: enough - 1]:
        work(stage, "record_mail_events", an_event(kind, round_id, box))
        assert show(stage, round_id)["state"] == "running"
    for _ in range(2):
        assert work(stage, "record_mail_events", an_event(kind, round_id, boxes[enough - 1])) == []
    shown = show(stage, round_id)
    assert (shown["state"], shown["stopped"]["reason"]) == ("stopped", reason)
    assert "2 E-Mails warten" in shown["problem_text"]
    stage.drain()
    a_minute_later(stage)
    ticks(stage)  # nothing but a person lets it go on
    assert len(stage.mails()) == sent
    resume(stage, round_id)
    late = an_event(kind, round_id, boxes[enough])  # of a mail from before
    work(stage, "record_mail_events", late)
    stage.drain()
    assert len(stage.mails()) == sent + 2
    assert show(stage, round_id)["state"] == "done"


def test_a_run_that_is_through_is_not_stopped_any_more(stage: Stage, adapters: Adapters) -> None:
    round_id, boxes = sent_and(stage, adapters, 6, 0)
    for box in boxes:
        work(stage, "record_mail_events", an_event("Bounce Permanent", round_id, box))
    assert show(stage, round_id)["state"] == "done"


def test_without_a_stopped_round_the_account_is_not_asked(stage: Stage, adapters: Adapters) -> None:
    planned(stage, adapters)
    with failing("GetAccount", AssertionError("asked")):
        assert go_on_where_possible(adapters, moment()) == 0


def test_a_mail_by_itself_comes_back_to_its_queue_while_the_account_sends_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    """Links somebody waits for have no round that could stop: they are tried again as ever."""
    a_company(adapters, 1)
    round_id = start(stage)
    plan(stage, round_id)
    with failing("SendEmail", refused("SendingPausedException")):
        send(stage, round_id)
    assert show(stage, round_id)["state"] == "stopped"
    message = {"kind": "new_link", "request_id": "one", "mailbox": FACILITY, "link": "", "way": ""}
    with failing("SendEmail", refused("SendingPausedException")):
        assert work(stage, "send_mail", {"schema": 1, **message}) == [0]
    assert work(stage, "send_mail", {"schema": 1, **message}) == []
    assert recipients(stage.mails()) == [FACILITY]
