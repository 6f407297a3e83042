"""Reminders on their way: rounds that meet, break off, are refused or bounce; nobody is reminded twice."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings

from tests.support.builders import a_contact, a_holding, settle
from tests.support.faults import failing, interrupted, killed, refused
from tests.support.reminding import REMINDER, contract_of, days_after, marks_of, remind
from tests.support.requesting import (
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
from tests.support.stage import Stage
from tests.support.world import keep


def test_two_rounds_at_once_remind_once(stage: Stage, adapters: Adapters) -> None:
    numbers = a_company(adapters, 1, contracts=2)
    ask(stage)
    first, second = (start(stage, **REMINDER) for _ in range(2))
    back = keep()
    for call in range(40):
        back()
        with interrupted(call, partial(plan, stage, second)) as calls:
            plan(stage, first)
        if len(calls) <= call:
            return
        send_all(stage, adapters, first, second)
        assert recipients(stage.mails()) == [FACILITY] * 2
        for number in numbers:
            assert [m.number for m in marks_of(adapters, number)] == [0, 1]
        refused_ = {**left_out(show(stage, first)), **left_out(show(stage, second))}
        assert refused_.keys() == set(numbers)
        # Who comes later meets the other one's mail: as it waits, or as it was sent.
        assert {why for (why,) in refused_.values()} <= {"mail_waits", "reminded_today"}
    raise AssertionError("the planner never came to its end")


def send_all(stage: Stage, adapters: Adapters, *round_ids: str) -> None:
    for round_id in round_ids:
        if rounds.mail(adapters.table, round_id, FACILITY):
            send(stage, round_id)


def test_a_planner_killed_between_any_two_calls_reminds_everybody_once(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1, contracts=2)
    ask(stage)
    round_id = start(stage, **REMINDER)
    back = keep()
    for call in range(40):
        back()
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        send(stage, round_id)
        assert recipients(stage.mails()) == [FACILITY] * 2
        assert left_out(show(stage, round_id)) == {}
        if "killed" not in calls:
            assert call > 4
            return
    raise AssertionError("the planner never came to its end")


def test_a_sender_killed_between_any_two_calls_never_doubles_a_reminder(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    ask(stage)
    round_id = start(stage, **REMINDER)
    plan(stage, round_id)
    back = keep()
    for call in range(30):
        back()
        with killed(call) as calls:
            send(stage, round_id)
        send(stage, round_id)
        found = rounds.mail(adapters.table, round_id, FACILITY)
        assert found is not None
        count = len(stage.mails())
        assert count == 2 or (count == 1 and found.state is MailState.SENDING)
        if "killed" not in calls:
            assert call > 2
            assert found.state is MailState.SENT
            return
    raise AssertionError("the sender never came to its end")


def test_a_reminder_refused_for_good_may_be_sent_again(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    with failing("SendEmail", refused("MessageRejected")):
        assert remind(stage)["undeliverable"] == 1
    assert [mail.number for mail in marks_of(adapters, number)] == [0]
    days_after(monkeypatch, 1)
    assert remind(stage)["sent"] == 1
    assert [mail.number for mail in marks_of(adapters, number)] == [0, 1]


def test_a_bounced_reminder_lets_the_corrected_address_be_asked_anew(
    stage: Stage, adapters: Adapters
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    round_id = remind(stage)["id"]
    for _ in range(2):
        assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id)) == []
    assert contract_of(adapters, number).asked == {}
    person = replace(a_contact(f"5{1:05d}", email="new@haus.example"), company_id="100001")
    settle(
        adapters,
        a_holding(
            replace(holdings.load(adapters.table, "100001").company),  # type: ignore[union-attr]
            contacts=[person],
            contracts=[],
            machines=[],
        ),
    )
    assert ask(stage)["sent"] == 1
    assert recipients(stage.mails()) == [FACILITY, FACILITY, "new@haus.example"]
    assert [mail.number for mail in marks_of(adapters, number)] == [0]
    assert remind(stage)["sent"] == 1
