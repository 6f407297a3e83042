"""Staff pause a round, let it go on, or end it: what waits stays or is taken back, nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.settings import moment
from meterportal.store.mailing import rounds
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing import halt_rounds
from meterportal.usecases.mailing.plan_round import plan_round
from meterportal.usecases.mailing.sweep_rounds import sweep

from tests.support.faults import interrupted, killed
from tests.support.mail_account import ACCOUNT
from tests.support.reminding import ASKED_ON, days_after, fire, marks_of, remind
from tests.support.requesting import (
    a_company,
    ask,
    left_out,
    plan,
    recipients,
    send,
    show,
    start,
)
from tests.support.stage import Answer, Context, Stage
from tests.support.world import keep

BOXES = ["box0@haus.example", "box1@haus.example", "box2@haus.example"]


def planned(stage: Stage, adapters: Adapters) -> str:
    """A round of three mails; the first one is sent."""
    for n, box in enumerate(BOXES):
        a_company(adapters, n, box)
    round_id = start(stage)
    plan(stage, round_id)
    assert send(stage, round_id, BOXES[0]) == []
    return round_id


def halt(stage: Stage, round_id: str, how: str, groups: str = "remind") -> Answer:
    return stage.staff("POST", f"/api/staff/rounds/{round_id}/{how}", groups=groups)


def test_a_paused_round_sends_nothing_until_staff_let_it_go_on(
    stage: Stage, adapters: Adapters
) -> None:
    round_id = planned(stage, adapters)
    assert halt(stage, round_id, "pause").status == 202
    assert halt(stage, round_id, "pause").status == 202, "asked twice"
    stage.drain()
    plan(stage, round_id)  # nothing else lets it go on
    shown = show(stage, round_id)
    assert (shown["state"], shown["sent"], shown["waiting"]) == ("stopped", 1, 2)
    assert shown["stopped"]["reason"] == "paused"
    assert shown["problem_text"].startswith("Versand angehalten, von Hand. 2 E-Mails warten")
    assert "paused by hand" in show(stage, round_id, language="en")["problem_text"]
    assert halt(stage, round_id, "resume").status == 202
    stage.drain()
    assert recipients(stage.mails()) == BOXES
    assert show(stage, round_id)["state"] == "done"
    actions = [one["action"] for one in stage.staff("GET", "/api/staff/audit").json["entries"]]
    assert actions[:2] == ["sending_resumed", "sending_paused"]


def test_a_round_paused_while_the_quota_is_used_up_does_not_go_on_by_itself(
    stage: Stage, adapters: Adapters
) -> None:
    round_id = planned(stage, adapters)
    ACCOUNT.tell({"quota": 1})
    stage.drain()
    assert show(stage, round_id)["stopped"]["reason"] == "quota_reached"
    assert halt(stage, round_id, "pause").status == 202
    ACCOUNT.reset()
    stage.handler("mark_failed_runs")({"kind": "failed_runs"}, Context())
    stage.drain()
    assert recipients(stage.mails()) == BOXES[:1]
    assert show(stage, round_id)["stopped"]["reason"] == "paused"


@pytest.mark.parametrize("how", ["running", "paused"])
def test_an_ended_round_takes_back_what_waits_and_says_what_it_leaves(
    stage: Stage, adapters: Adapters, how: str
) -> None:
    round_id = planned(stage, adapters)
    if how == "paused":
        halt(stage, round_id, "pause")
    assert halt(stage, round_id, "end").status == 202
    told = show(stage, round_id)
    assert (told["state"], told["stopped"]["reason"]) == ("stopped", "ended")
    assert "Noch zurückzunehmen: 2." in told["problem_text"]
    stage.drain()
    told = show(stage, round_id)
    assert (told["state"], told["sent"], told["skipped"], told["waiting"]) == ("done", 1, 2, 0)
    assert "Versendet: 1; diese Links gelten weiter." in told["problem_text"]
    assert "Nicht mehr versendet: 2" in told["problem_text"]
    codes = {one["reasons"][0]["code"] for mail in told["mails"] for one in mail["fell_out"]}
    assert codes == {"round_ended"}
    assert halt(stage, round_id, "end").status == 202, "asked twice"
    for late in ("pause", "resume"):
        assert halt(stage, round_id, late).status == 409
    assert recipients(stage.mails()) == BOXES[:1]
    again = ask(stage)
    assert (again["planned"], again["sent"]) == (2, 2)
    assert recipients(stage.mails()) == BOXES


def test_taking_back_killed_between_any_two_calls_goes_on(stage: Stage, adapters: Adapters) -> None:
    round_id = planned(stage, adapters)
    halt(stage, round_id, "end")
    back = keep()
    for call in range(30):
        back()
        with killed(call) as calls:
            plan(stage, round_id)
        stage.drain()
        assert show(stage, round_id)["skipped"] == 2
        assert ask(stage)["sent"] == 2
        assert recipients(stage.mails()) == BOXES
        if "killed" not in calls:
            assert call > 1
            return
    raise AssertionError("the planner never came to its end")


def test_a_round_that_is_ended_before_it_is_planned_asks_nobody(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    round_id = start(stage)
    assert halt(stage, round_id, "end").status == 202
    stage.drain()
    told = show(stage, round_id)
    assert (told["state"], told["planned"], stage.mails()) == ("done", 0, [])
    assert ask(stage)["sent"] == 1


@pytest.fixture
def large(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> str:
    """An ended round whose mail is about more contracts than one transaction holds."""
    monkeypatch.setattr(halt_rounds, "_MARKS", 1)
    a_company(adapters, 1, BOXES[1], contracts=3)
    round_id = start(stage)
    plan(stage, round_id)
    halt(stage, round_id, "end")
    return round_id


def asked_by(adapters: Adapters) -> list[str]:
    """The rounds that asked for the three contracts, where one did."""
    numbers = [f"700001{n:03d}" for n in range(3)]
    return [one.round_id for number in numbers for one in marks_of(adapters, number)]


def test_a_large_mail_that_a_worker_claims_keeps_all_its_marks(
    stage: Stage, adapters: Adapters, large: str
) -> None:
    """The worker, which looked at the round before its end, comes in at each call of the planner's."""
    (mail,) = rounds.mails(adapters.table, large)
    until = moment().now + timedelta(minutes=1)

    def claim() -> None:
        with suppress(ConditionFailed):
            adapters.table.write(rounds.claim(mail, lease_until=until, link="link", dropped=[]))

    back = keep()
    states = set()
    for call in range(30):
        back()
        with interrupted(call, claim) as calls:
            plan(stage, large)
        (now,) = rounds.mails(adapters.table, large)
        states.add(now.state.value)
        assert asked_by(adapters) == ([large] * 3 if now.state is MailState.SENDING else [])
        if len(calls) <= call:
            assert states == {"sending", "skipped"}
            return
    raise AssertionError("the planner never came to its end")


def test_a_large_mail_is_taken_back_as_a_whole_even_if_the_planner_is_killed(
    stage: Stage, adapters: Adapters, large: str
) -> None:
    back = keep()
    for call in range(30):
        back()
        with killed(call) as calls:
            plan(stage, large)
        plan(stage, large)
        assert asked_by(adapters) == []
        if "killed" not in calls:
            assert call > 2
            return
    raise AssertionError("the planner never came to its end")


def ended_by_the_second_mail(adapters: Adapters, stage: Stage, round_id: str) -> Callable[[], bool]:
    """A planner's time: before its second mail the round is ended, and another planner takes back."""
    asked = count(1)

    def has_time() -> bool:
        if next(asked) == 2:
            halt(stage, round_id, "end")
            stage.drain()
            sweep(adapters, moment())
        return True

    return has_time


def test_what_a_planner_adds_after_the_end_is_taken_back_too(
    stage: Stage, adapters: Adapters
) -> None:
    for n, box in enumerate(BOXES):
        a_company(adapters, n, box)
    round_id = start(stage)
    plan_round(
        adapters, round_id, moment(), has_time=ended_by_the_second_mail(adapters, stage, round_id)
    )
    stage.drain()
    later = moment()
    sweep(adapters, replace(later, now=later.now + timedelta(hours=1)))
    stage.drain()
    told = show(stage, round_id)
    assert (told["state"], told["skipped"], told["waiting"]) == ("done", 3, 0)
    assert ask(stage)["sent"] == 3


def test_a_planner_stops_soon_after_the_end(stage: Stage, adapters: Adapters) -> None:
    for n in range(13):
        a_company(adapters, n, f"box{n}@haus.example")
    round_id = start(stage)
    plan_round(
        adapters, round_id, moment(), has_time=ended_by_the_second_mail(adapters, stage, round_id)
    )
    assert len(list(rounds.mails(adapters.table, round_id))) <= 10
    stage.drain()
    told = show(stage, round_id)
    assert (told["state"], told["waiting"], stage.mails()) == ("done", 0, [])


@pytest.mark.parametrize("how", ["pause", "end"])
def test_only_what_waits_can_be_halted(stage: Stage, adapters: Adapters, how: str) -> None:
    a_company(adapters, 1)
    proposed = ask(stage, dry_run=True)["id"]
    sent = ask(stage)["id"]
    for round_id in (proposed, sent):
        refused = halt(stage, round_id, how)
        assert (refused.status, refused.json["code"]) == (409, "nothing_waits")
    assert halt(stage, "404", how).status == 404
    assert halt(stage, sent, how, groups="read").status == 403


def test_a_mail_that_a_worker_has_claimed_is_not_taken_back(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes in between: that mail goes out, the others do not."""
    round_id = planned(stage, adapters)
    sender: Any = adapters.sender
    real = sender.send

    def ended_meanwhile(*args: Any, **more: Any) -> str:
        halt(stage, round_id, "end")
        plan(stage, round_id)
        message_id: str = real(*args, **more)
        return message_id

    with monkeypatch.context() as patch:
        patch.setattr(sender, "send", ended_meanwhile)
        assert send(stage, round_id, BOXES[1]) == []
    stage.drain()
    told = show(stage, round_id)
    assert (told["sent"], told["skipped"]) == (2, 1)
    assert ask(stage)["sent"] == 1
    assert recipients(stage.mails()) == BOXES


@pytest.fixture
def days_pass(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    days_after(monkeypatch, 0)


def mails_of(stage: Stage, monkeypatch: pytest.MonkeyPatch, days: range) -> dict[int, int]:
    """How many mails the schedule sent, by days after the first one."""
    sent = {}
    for day in days:
        days_after(monkeypatch, day)
        before = len(stage.mails())
        fire(stage, ASKED_ON + timedelta(days=day))
        sent[day] = len(stage.mails()) - before
    return {day: number for day, number in sent.items() if number}


@pytest.mark.usefixtures("days_pass")
@pytest.mark.parametrize("resumed", [8, 17])
def test_nobody_is_reminded_of_a_request_that_waits(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, resumed: int
) -> None:
    """The other company's mail went out before its round was paused: it is reminded in time."""
    (waits,) = a_company(adapters, 1, BOXES[1])
    a_company(adapters, 2, BOXES[2])
    round_id = start(stage)
    plan(stage, round_id)
    assert send(stage, round_id, BOXES[2]) == []
    assert halt(stage, round_id, "pause").status == 202
    expected = {day: 1 for day in (7, 14) if day < resumed}
    assert mails_of(stage, monkeypatch, range(1, resumed)) == expected
    assert BOXES[1] not in recipients(stage.mails())
    shown = remind(stage, {"ids": [waits]})
    assert left_out(shown) == {waits: ["mail_waits"]}
    assert "wartet noch auf den Versand" in shown["left_out"][0]["reasons"][0]["text"]


@pytest.mark.usefixtures("days_pass")
def test_days_count_from_the_day_on_which_a_mail_that_waited_goes_out(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request waits until the eighth day, the first reminder from the fifteenth to the twentieth."""
    (number,) = a_company(adapters, 1)
    round_id = start(stage)
    plan(stage, round_id)
    for planned_on, resumed in ((0, 8), (15, 20)):
        assert halt(stage, round_id, "pause").status == 202
        assert mails_of(stage, monkeypatch, range(planned_on + 1, resumed + 1)) == {}
        assert halt(stage, round_id, "resume").status == 202
        stage.drain()
        if resumed == 8:
            assert mails_of(stage, monkeypatch, range(9, 15)) == {}
            days_after(monkeypatch, 15)
            round_id = start(stage, kind="reminder", early=True)
            plan(stage, round_id)
    assert [(mail.on - ASKED_ON).days for mail in marks_of(adapters, number)] == [8, 20]
    assert mails_of(stage, monkeypatch, range(21, 30)) == {27: 1}
    assert len(stage.mails()) == 3
