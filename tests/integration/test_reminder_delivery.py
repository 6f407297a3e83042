"""Reminders on their way: rounds that meet, break off, are refused or bounce; nobody is reminded twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from meterportal.domain.mails import MailState
from meterportal.doors import Doors
from meterportal.store import portfolio, rounds

from tests.builders import a_contact, a_holding, settle
from tests.faults import failing, interrupted, killed, refused
from tests.reminding import REMINDER, contract_of, days_after, marks_of, remind
from tests.requesting import (
    FACILITY,
    a_company,
    an_event,
    ask,
    left_out,
    plan,
    recipients,
    send,
    show,
    start,
    work,
)
from tests.stage import Stage


def test_two_rounds_at_once_remind_once(stage: Stage, doors: Doors) -> None:
    for call in range(40):
        box = f"box{call}@haus.example"
        numbers = a_company(doors, call, box, contracts=2)
        ask(stage, {"ids": numbers})
        first, second = (start(stage, {"ids": numbers}, **REMINDER) for _ in range(2))
        with interrupted(call, lambda r=second: plan(stage, r)) as calls:
            plan(stage, first)
        if len(calls) <= call:
            return
        send_all(stage, doors, box, first, second)
        assert len([m for m in stage.mails() if m["To"] == box]) == 2
        for number in numbers:
            assert [m.number for m in marks_of(doors, number, f"1{call:05d}")] == [0, 1]
        refused_ = {**left_out(show(stage, first)), **left_out(show(stage, second))}
        assert refused_ == {number: ["reminded_today"] for number in numbers}
    raise AssertionError("the planner never came to its end")


def send_all(stage: Stage, doors: Doors, box: str, *round_ids: str) -> None:
    for round_id in round_ids:
        if rounds.mail(doors.table, round_id, box):
            send(stage, round_id, box)


def test_a_planner_killed_between_any_two_calls_reminds_everybody_once(
    stage: Stage, doors: Doors
) -> None:
    for call in range(40):
        box = f"box{call}@haus.example"
        numbers = a_company(doors, call, box, contracts=2)
        ask(stage, {"ids": numbers})
        round_id = start(stage, {"ids": numbers}, **REMINDER)
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        send(stage, round_id, box)
        assert len([m for m in stage.mails() if m["To"] == box]) == 2
        assert left_out(show(stage, round_id)) == {}
        if "killed" not in calls:
            return
    raise AssertionError("the planner never came to its end")


def test_a_sender_killed_between_any_two_calls_never_doubles_a_reminder(
    stage: Stage, doors: Doors
) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        numbers = a_company(doors, call, box)
        ask(stage, {"ids": numbers})
        round_id = start(stage, {"ids": numbers}, **REMINDER)
        plan(stage, round_id)
        with killed(call) as calls:
            send(stage, round_id, box)
        send(stage, round_id, box)
        found = rounds.mail(doors.table, round_id, box)
        assert found is not None
        count = len([m for m in stage.mails() if m["To"] == box])
        assert count == 2 or (count == 1 and found.state is MailState.SENDING)
        if "killed" not in calls:
            assert found.state is MailState.SENT
            return
    raise AssertionError("the sender never came to its end")


def test_a_reminder_refused_for_good_may_be_sent_again(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(doors, 1)
    ask(stage)
    with failing("SendEmail", refused("MessageRejected")):
        assert remind(stage)["undeliverable"] == 1
    assert [mail.number for mail in marks_of(doors, number)] == [0]
    days_after(monkeypatch, 1)
    assert remind(stage)["sent"] == 1
    assert [mail.number for mail in marks_of(doors, number)] == [0, 1]


def test_a_bounced_reminder_lets_the_corrected_address_be_asked_anew(
    stage: Stage, doors: Doors
) -> None:
    (number,) = a_company(doors, 1)
    ask(stage)
    round_id = remind(stage)["id"]
    for _ in range(2):
        assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id)) == []
    assert contract_of(doors, number).asked == {}
    person = replace(a_contact(f"5{1:05d}", email="new@haus.example"), company_id="100001")
    settle(
        doors,
        a_holding(
            replace(portfolio.load(doors.table, "100001").company),  # type: ignore[union-attr]
            contacts=[person],
            contracts=[],
            machines=[],
        ),
    )
    assert ask(stage)["sent"] == 1
    assert recipients(stage.mails()) == [FACILITY, FACILITY, "new@haus.example"]
    assert [mail.number for mail in marks_of(doors, number)] == [0]
    assert remind(stage)["sent"] == 1
