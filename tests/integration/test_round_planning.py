"""Planning a round: once and only once, whatever the schedule, the queue and other rounds do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import rounds
from meterportal.usecases import plan_round, sweep_rounds

from tests.faults import interrupted, killed
from tests.requesting import a_company, left_out, plan, recipients, show, start, work
from tests.stage import Context, Stage
from tests.wire import counted

DAILY = {"kind": "daily_plan", "scheduled_at": "2026-11-23T06:00:00Z"}


def minutes_after(doors: Doors, round_id: str, minutes: int) -> Moment:
    """So many minutes after a round was started."""
    found = rounds.load(doors.table, round_id)
    assert found is not None
    return Moment(found.created_at + timedelta(minutes=minutes), found.as_of)


def test_the_schedule_fired_twice_mails_nobody_twice(stage: Stage, doors: Doors) -> None:
    a_company(doors, 1)
    run = stage.handler("plan_requests")
    for _ in range(2):
        assert run(DAILY, Context()) == {
            "round_id": "daily-2026-11-23",
            "reminders_id": "daily-reminder-2026-11-23",
            "late": False,
        }
    stage.drain()
    run(DAILY, Context())
    stage.drain()
    assert len(stage.mails()) == 1
    shown = show(stage, "daily-2026-11-23")
    assert (shown["state"], shown["by"], shown["sent"]) == ("done", "schedule", 1)


def test_a_daily_plan_that_comes_too_late_asks_staff(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(doors, 1)
    event = {"kind": "daily_plan", "scheduled_at": "2020-01-02T06:00:00Z"}
    given = stage.handler("plan_requests")(event, Context())
    reminders_id = "daily-reminder-2026-11-23"
    assert given == {"round_id": "daily-2026-11-23", "reminders_id": reminders_id, "late": True}
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
    stage: Stage, doors: Doors, event: dict[str, str]
) -> None:
    a_company(doors, 1)
    assert stage.handler("plan_requests")(event, Context()) == {"round_id": None}
    stage.drain()
    assert stage.mails() == []


def test_a_planner_killed_between_any_two_calls_goes_on_and_doubles_nothing(
    stage: Stage, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_round, "_MARKS", 1)  # the mail's marks take several transactions
    for call in range(60):
        boxes = [f"facility{call}@haus.example", f"anna{call}@haus.example"]
        numbers = a_company(doors, 3 * call, boxes[0], contracts=2)
        numbers += a_company(doors, 3 * call + 1, boxes[0])
        numbers += a_company(doors, 3 * call + 2, boxes[1])
        before = len(stage.mails())
        round_id = start(stage, {"ids": numbers})
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        stage.drain()
        assert recipients(stage.mails()[before:]) == sorted(boxes)
        shown = show(stage, round_id)
        assert (shown["state"], shown["sent"], shown["left_out"]) == ("done", 2, [])
        if "killed" not in calls:
            assert call > 10
            return
    raise AssertionError("the planner never came to its end")


def test_two_rounds_at_once_ask_each_contact_once(stage: Stage, doors: Doors) -> None:
    for call in range(60):
        boxes = [f"facility{call}@haus.example", f"anna{call}@haus.example"]
        numbers = a_company(doors, 2 * call, boxes[0], contracts=2)
        numbers += a_company(doors, 2 * call + 1, boxes[1])
        before = len(stage.mails())
        first, second = (start(stage, {"ids": numbers}) for _ in range(2))
        with interrupted(call, lambda other=second: plan(stage, other)) as calls:
            plan(stage, first)
        stage.drain()
        assert recipients(stage.mails()[before:]) == sorted(boxes)
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
    stage: Stage, doors: Doors, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(doors, 1)
    round_id = start(stage)
    with monkeypatch.context() as patch:
        patch.setattr(plan_round, "queue_mails", lambda *_: None)
        stage.drain()
    assert show(stage, round_id)["waiting"] == 1
    sweep_rounds.sweep(doors, at)
    stage.drain()
    assert stage.mails() == []  # not a minute old
    sweep_rounds.sweep(doors, minutes_after(doors, round_id, 2))
    stage.drain()
    assert len(stage.mails()) == 1
    assert show(stage, round_id)["state"] == "done"


def test_a_round_never_queued_is_planned_after_ten_minutes(stage: Stage, doors: Doors) -> None:
    a_company(doors, 1)
    round_id = start(stage)
    stage.client("sqs").purge_queue(QueueUrl=doors.settings.plan_queue)
    for minutes, mails in ((9, 0), (11, 1)):
        sweep_rounds.sweep(doors, minutes_after(doors, round_id, minutes))
        stage.drain()
        assert len(stage.mails()) == mails


def test_a_planner_short_of_time_goes_on_with_a_message_of_its_own(
    stage: Stage, doors: Doors
) -> None:
    class Late(Context):
        asked = 0

        @classmethod
        def get_remaining_time_in_millis(cls) -> int:
            cls.asked += 1
            return 60_000 if cls.asked == 1 else 1_000

    a_company(doors, 1)
    round_id = start(stage)
    stage.client("sqs").purge_queue(QueueUrl=doors.settings.plan_queue)
    body = f'{{"schema":1,"round_id":"{round_id}"}}'
    record = {"messageId": "1", "receiptHandle": "1", "body": body, "eventSource": "aws:sqs"}
    assert stage.handler("plan_requests")({"Records": [record]}, Late()) == {
        "batchItemFailures": []
    }
    assert show(stage, round_id)["planned"] == 0
    stage.drain()
    assert show(stage, round_id)["sent"] == 1


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '{"schema":2,"round_id":"x"}', '{"schema":1}', '{"schema":1,"round_id":"x"}'],
)
def test_messages_that_nobody_wrote_come_back_and_the_others_proceed(
    stage: Stage, doors: Doors, body: str
) -> None:
    a_company(doors, 1)
    round_id = start(stage)
    good = {"schema": 1, "round_id": round_id}
    assert work(stage, "plan_requests", body, good) == [0]
    assert show(stage, round_id)["planned"] == 1


def test_planning_reads_each_company_once_and_writes_one_transaction_a_mail(
    stage: Stage, doors: Doors
) -> None:
    for n in range(3):
        a_company(doors, n, f"box{n}@haus.example", contracts=5)
    round_id = start(stage)
    with counted(doors.table._client, doors.queues._client) as requests:
        plan(stage, round_id)
    assert requests == {
        "dynamodb.GetItem": 1,  # header
        # 1 list of rounds, 1 of notices, 1 selection, 8 shards, 3 companies, 2 outbox (before, after)
        "dynamodb.Query": 16,
        "dynamodb.BatchGetItem": 1,  # mailboxes
        "dynamodb.TransactWriteItems": 3,  # one a mail
        "dynamodb.UpdateItem": 1,  # header
        "sqs.SendMessageBatch": 1,
    }
