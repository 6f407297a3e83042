"""Planning a round: once and only once, whatever the schedule, the queue and other rounds do."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.usecases.mailing import plan_round, sweep_rounds

from tests.support.faults import interrupted, killed
from tests.support.requesting import a_company, left_out, plan, recipients, show, start, work
from tests.support.stage import Context, Stage, delivery
from tests.support.wire import counted
from tests.support.world import keep

DAILY = {"kind": "daily_plan", "scheduled_at": "2026-11-23T06:00:00Z"}


def minutes_after(adapters: Adapters, round_id: str, minutes: int) -> Moment:
    """So many minutes after a round was started."""
    found = rounds.load(adapters.table, round_id)
    assert found is not None
    return Moment(found.created_at + timedelta(minutes=minutes), found.as_of)


def test_the_schedule_fired_twice_mails_nobody_twice(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    run = stage.handler("plan_requests")
    for _ in range(2):
        assert run(DAILY, Context()) == {
            "round_id": "daily-2026-11-23",
            "reminders_id": "daily-reminder-2026-11-23",
            "announcements_id": None,
            "late": False,
        }
    stage.drain()
    run(DAILY, Context())
    stage.drain()
    assert len(stage.mails()) == 1
    shown = show(stage, "daily-2026-11-23")
    assert (shown["state"], shown["by"], shown["sent"]) == ("done", "schedule", 1)


def test_a_daily_plan_that_comes_too_late_asks_staff(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    event = {"kind": "daily_plan", "scheduled_at": "2020-01-02T06:00:00Z"}
    given = stage.handler("plan_requests")(event, Context())
    reminders_id = "daily-reminder-2026-11-23"
    assert given == {
        "round_id": "daily-2026-11-23",
        "reminders_id": reminders_id,
        "announcements_id": None,
        "late": True,
    }
    assert show(stage, reminders_id)["problem"] == "late"
    shown = show(stage, given["round_id"])
    assert (shown["state"], shown["problem"], shown["planned"]) == ("failed", "late", 0)
    plan(stage, given["round_id"])
    stage.drain()
    assert stage.mails() == []


@pytest.mark.parametrize(
    "event", [{}, {"kind": "daily_plan"}, {"kind": "x", "scheduled_at": DAILY["scheduled_at"]}]
)
def test_what_is_not_the_schedules_event_asks_nobody(
    stage: Stage, adapters: Adapters, event: dict[str, str]
) -> None:
    a_company(adapters, 1)
    assert stage.handler("plan_requests")(event, Context()) == {"round_id": None}
    stage.drain()
    assert stage.mails() == []


def test_a_planner_killed_between_any_two_calls_goes_on_and_doubles_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_round, "_MARKS", 1)  # the mail's marks take several transactions
    boxes = ["anna@haus.example", "facility@haus.example"]
    a_company(adapters, 0, boxes[1], contracts=2)
    a_company(adapters, 1, boxes[1])
    a_company(adapters, 2, boxes[0])
    round_id = start(stage)
    back = keep()
    for call in range(60):
        back()
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        stage.drain()
        assert recipients(stage.mails()) == boxes
        shown = show(stage, round_id)
        assert (shown["state"], shown["sent"], shown["left_out"]) == ("done", 2, [])
        if "killed" not in calls:
            assert call > 6
            return
    raise AssertionError("the planner never came to its end")


def test_two_rounds_at_once_ask_each_contact_once(stage: Stage, adapters: Adapters) -> None:
    boxes = ["anna@haus.example", "facility@haus.example"]
    numbers = a_company(adapters, 0, boxes[1], contracts=2)
    numbers += a_company(adapters, 1, boxes[0])
    first, second = (start(stage) for _ in range(2))
    back = keep()
    for call in range(60):
        back()
        with interrupted(call, partial(plan, stage, second)) as calls:
            plan(stage, first)
        stage.drain()
        assert recipients(stage.mails()) == boxes
        asked = [left_out(show(stage, round_id)) for round_id in (first, second)]
        by_contract = [sum(number in one for one in asked) for number in numbers]
        assert by_contract == [1, 1, 1]
        assert {code for one in asked for codes in one.values() for code in codes} == {
            "already_asked"
        }
        if len(calls) <= call:
            return
    raise AssertionError("the planner never came to its end")


def test_rows_written_but_never_queued_are_swept_up_by_the_next_run(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    round_id = start(stage)
    with monkeypatch.context() as patch:
        patch.setattr(plan_round, "queue_mails", lambda *_: None)
        stage.drain()
    assert show(stage, round_id)["waiting"] == 1
    sweep_rounds.sweep(adapters, at)
    stage.drain()
    assert stage.mails() == []  # not a minute old
    sweep_rounds.sweep(adapters, minutes_after(adapters, round_id, 2))
    stage.drain()
    assert len(stage.mails()) == 1
    assert show(stage, round_id)["state"] == "done"


def test_a_round_never_queued_is_planned_after_ten_minutes(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    round_id = start(stage)
    stage.client("sqs").purge_queue(QueueUrl=adapters.settings.plan_queue)
    for minutes, mails in ((9, 0), (11, 1)):
        sweep_rounds.sweep(adapters, minutes_after(adapters, round_id, minutes))
        stage.drain()
        assert len(stage.mails()) == mails


def test_a_planner_short_of_time_goes_on_with_a_message_of_its_own(
    stage: Stage, adapters: Adapters
) -> None:
    class Late(Context):
        asked = 0

        @classmethod
        def get_remaining_time_in_millis(cls) -> int:
            cls.asked += 1
            return 60_000 if cls.asked == 1 else 1_000

    a_company(adapters, 1)
    round_id = start(stage)
    stage.client("sqs").purge_queue(QueueUrl=adapters.settings.plan_queue)
    body = f'{{"schema":1,"round_id":"{round_id}"}}'
    assert stage.handler("plan_requests")(delivery(body), Late()) == {"batchItemFailures": []}
    assert show(stage, round_id)["planned"] == 0
    stage.drain()
    assert show(stage, round_id)["sent"] == 1


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '{"schema":2,"round_id":"x"}', '{"schema":1}', '{"schema":1,"round_id":"x"}'],
)
def test_messages_that_nobody_wrote_come_back_and_the_others_proceed(
    stage: Stage, adapters: Adapters, body: str
) -> None:
    a_company(adapters, 1)
    round_id = start(stage)
    good = {"schema": 1, "round_id": round_id}
    assert work(stage, "plan_requests", body, good) == [0]
    assert show(stage, round_id)["planned"] == 1


def test_planning_reads_each_company_once_and_writes_one_transaction_a_mail(
    stage: Stage, adapters: Adapters
) -> None:
    for n in range(3):
        a_company(adapters, n, f"box{n}@haus.example", contracts=5)
    round_id = start(stage)
    with counted(adapters.table._client, adapters.queues._client) as requests:
        plan(stage, round_id)
    assert requests == {
        "dynamodb.GetItem": 2,  # header, schedule
        # 1 list of rounds, 1 of notices, 1 of questions, 1 selection, 8 shards, 3 companies, 1 outbox
        "dynamodb.Query": 16,
        "dynamodb.BatchGetItem": 2,  # mailboxes, outbox
        "dynamodb.TransactWriteItems": 3,  # one a mail
        "dynamodb.UpdateItem": 2,  # header: who has it, and that it is planned
        "sqs.SendMessageBatch": 1,
    }
