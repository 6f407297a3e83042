"""Reminders through their doors: only what was asked and is open, twice at most, never twice a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store import keys
from meterportal.store.access import accounts, mailboxes
from meterportal.store.writes import Write

from tests.support.builders import DUE, a_contact, a_contract, a_holding, settle
from tests.support.reminding import ASKED_ON, REMINDER, days_after, fire, marks_of, on, remind
from tests.support.requesting import (
    FACILITY,
    a_company,
    ask,
    code_of,
    left_out,
    plan,
    recipients,
    report,
    send,
    show,
    start,
    text_of,
    token_of,
)
from tests.support.stage import Context, Stage


def test_a_reminder_is_another_mail_with_a_way_in_of_its_own(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = a_company(adapters, 1, contracts=2)
    ask(stage)
    report(adapters, f"2{first}", "1", "2")
    report(adapters, f"2{second}", "1")
    days_after(monkeypatch, 3)
    shown = remind(stage)
    assert (shown["kind"], shown["planned"], shown["sent"]) == ("reminder", 1, 1)
    request, reminder = stage.mails()
    assert (
        reminder["Subject"]
        == "Erinnerung: Zählerstände fällig am 28.11.2026: Firma 1, noch 1 Gerät"
    )
    assert reminder["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = text_of(reminder, kind)
        assert f"SN2{second}" in text
        assert f"SN2{first}" not in text
        assert "wir hatten Sie um die Zählerstände" in text
    assert token_of(request) != token_of(reminder)
    assert code_of(request) != code_of(reminder)
    opened = stage.customer("POST", "/api/session", {"token": token_of(reminder)})
    assert opened.status == 201, opened.text
    assert left_out(shown) == {first: ["already_reported"]}
    assert shown["mails"][0]["contract_ids"] == [second]


def test_an_english_reader_is_reminded_in_english(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    ask(stage)
    adapters.table.write(accounts.choose_language(FACILITY, "en"))
    remind(stage)
    mail = stage.mails()[1]
    assert mail["Subject"] == (
        "Reminder: meter readings due on 28 November 2026: Firma 1, 1 machine left"
    )
    assert "we had asked you" in text_of(mail)


def test_a_dry_run_of_reminders_proposes_what_the_run_does(
    stage: Stage, adapters: Adapters
) -> None:
    first, *_ = a_company(adapters, 1, contracts=3)
    a_company(adapters, 2, "anna@muster.example")
    ask(stage, {"filter": {"company_id": "100001"}})
    report(adapters, f"2{first}", "1", "2")
    tried = remind(stage, dry_run=True)
    assert len(stage.mails()) == 1
    assert [mail.number for mail in marks_of(adapters, first)] == [0]
    done = remind(stage)
    for shown in (tried, done):
        assert [
            {k: m[k] for k in ("mailbox_masked", "contract_ids", "machines")}
            for m in shown["mails"]
        ] == [
            {
                "mailbox_masked": "f***@haus.example",
                "contract_ids": [f"700001{n:03d}" for n in (1, 2)],
                "machines": 2,
            }
        ]
    assert tried["left_out"] == done["left_out"]
    assert left_out(done) == {first: ["already_reported"]}
    assert tried["not_due"] == done["not_due"] == 1  # the other company was never asked
    assert {mail["state"] for mail in tried["mails"]} == {"proposed"}


def test_who_was_not_asked_is_not_reminded(stage: Stage, adapters: Adapters) -> None:
    (number,) = a_company(adapters, 1)
    assert (remind(stage)["planned"], stage.mails()) == (0, [])
    shown = remind(stage, {"ids": [number]})
    assert left_out(shown) == {number: ["not_asked"]}
    assert "noch nicht angeschrieben" in shown["left_out"][0]["reasons"][0]["text"]


def test_staff_remind_before_the_third_day_only_if_they_mean_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = [a_company(adapters, n, f"box{n}@haus.example")[0] for n in (1, 2)]
    ask(stage)
    for days in (0, 2):
        days_after(monkeypatch, days)
        shown = remind(stage, {"ids": [one, other]}, early=False)
        assert left_out(shown) == {one: ["asked_lately"], other: ["asked_lately"]}
    assert "erst in den letzten drei Tagen" in shown["left_out"][0]["reasons"][0]["text"]
    assert len(stage.mails()) == 2

    tried = remind(stage, {"ids": [one]}, dry_run=True)
    assert tried["planned"] == 1
    sent = stage.staff("POST", f"/api/staff/rounds/{tried['id']}/sending", groups="remind")
    stage.drain()
    assert show(stage, sent.json["id"])["sent"] == 1, "what a dry run has shown is sent"
    days_after(monkeypatch, 3)
    assert remind(stage, early=False)["sent"] == 2, "the third day"


def test_staff_may_remind_at_any_time_but_not_twice_on_a_day_and_not_a_third_time(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    assert remind(stage, {"ids": [number]})["sent"] == 1
    again = remind(stage, {"ids": [number]})
    assert left_out(again) == {number: ["reminded_today"]}
    days_after(monkeypatch, 1)
    assert remind(stage)["sent"] == 1
    days_after(monkeypatch, 2)
    assert left_out(remind(stage)) == {number: ["reminded_enough"]}
    assert [mail.on.day for mail in marks_of(adapters, number)] == [23, 23, 24]
    assert len(stage.mails()) == 3


def test_the_schedule_reminds_after_seven_and_after_fourteen_days(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    ask(stage)
    sent = {}
    for day in range(1, 25):
        days_after(monkeypatch, day)
        shown = fire(stage, ASKED_ON + timedelta(days=day))
        assert shown["left_out"] == []
        if shown["sent"]:
            sent[day] = shown["sent"]
    assert sent == {7: 1, 14: 1}
    assert recipients(stage.mails()) == [FACILITY] * 3


def test_after_a_gap_the_second_reminder_keeps_its_distance_from_the_first(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    ask(stage)
    sent = []
    for day in (12, 13, 14, 18, 19, 20):
        days_after(monkeypatch, day)
        if fire(stage, ASKED_ON + timedelta(days=day))["sent"]:
            sent.append(day)
    assert sent == [12, 19]


@pytest.mark.parametrize(("after", "expected"), [((3,), [3]), ((), []), ((5, 6), [5, 6])])
def test_when_the_schedule_reminds_is_a_setting(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    after: tuple[int, ...],
    expected: list[int],
) -> None:
    a_company(adapters, 1)
    chosen = replace(adapters.settings, today=None, remind_after_days=after)
    monkeypatch.setattr(adapters, "settings", chosen)
    ask(stage)
    sent = []
    for day in range(1, 10):
        days_after(monkeypatch, day)
        event = {
            "kind": "daily_plan",
            "scheduled_at": f"{ASKED_ON + timedelta(days=day)}T06:00:00Z",
        }
        made = stage.handler("plan_requests")(event, Context())
        stage.drain()
        assert (made["reminders_id"] is None) == (not after)
        if after and show(stage, made["reminders_id"])["sent"]:
            sent.append(day)
    assert sent == expected


def test_the_schedule_fired_twice_reminds_nobody_twice(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    ask(stage)
    days_after(monkeypatch, 7)
    for _ in range(3):
        fire(stage, ASKED_ON + timedelta(days=7))
    assert len(stage.mails()) == 2


def complete(adapters: Adapters, number: str) -> None:
    report(adapters, f"2{number}", "1", "2")


def next_period(adapters: Adapters, number: str) -> None:
    change(adapters, number, next_billing_on="2027-02-28")


def off_portal(adapters: Adapters, number: str) -> None:
    change(adapters, number, reading_channel="PHONE")


def bounced(adapters: Adapters, number: str) -> None:
    write = mailboxes.note_failure(FACILITY, Delivery.BOUNCED, at="2026-11-24T09:00:00+00:00")
    adapters.table.write(write)


def change(adapters: Adapters, number: str, **values: str) -> None:
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    adapters.table.write(Write(key=keys.contract("100001", number), update=update, values=values))


@pytest.mark.parametrize("settled", [complete, next_period, off_portal, bounced])
@pytest.mark.parametrize("when", ["before planning", "before sending"])
def test_what_is_settled_is_not_reminded(
    stage: Stage, adapters: Adapters, when: str, settled: Callable[[Adapters, str], None]
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    if when == "before planning":
        settled(adapters, number)
        assert remind(stage)["planned"] == 0
    else:
        round_id = start(stage, **REMINDER)
        plan(stage, round_id)
        settled(adapters, number)
        assert send(stage, round_id) == []
        assert show(stage, round_id)["skipped"] == 1
    assert len(stage.mails()) == 1


def test_a_new_period_begins_with_a_request_again(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    remind(stage)
    later = DUE + timedelta(days=30)
    change(adapters, number, next_billing_on=later.isoformat())
    adapters.table.write(
        Write(
            key=keys.machine("100001", f"2{number}"),
            update="SET #due_on = :due",
            values={"due": later.isoformat()},
        )
    )
    on(monkeypatch, later)
    assert left_out(remind(stage, {"ids": [number]})) == {number: ["not_asked"]}
    assert ask(stage)["sent"] == 1
    assert [mail.number for mail in marks_of(adapters, number)] == [0]
    assert remind(stage)["sent"] == 1
    assert [mail.number for mail in marks_of(adapters, number)] == [0, 1]


def test_each_reporter_has_their_own_count(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [a_contact(), a_contact("5002", last_name="König", email="anna@muster.example")]
    settle(adapters, a_holding(contacts=people, contracts=[a_contract(reporters=("5001",))]))
    ask(stage)
    remind(stage)
    key = keys.contract("10000", "70001")
    both = Write(key=key, update="SET #reporters = :both", values={"both": ["5001", "5002"]})
    adapters.table.write(both)
    ask(stage)
    days_after(monkeypatch, 1)
    assert remind(stage)["planned"] == 2
    days_after(monkeypatch, 2)
    shown = remind(stage)
    assert shown["mails"][0]["mailbox_masked"] == "a***@muster.example"
    assert left_out(shown) == {"70001": ["reminded_enough"]}


def test_contracts_asked_before_reminders_were_noted_can_be_reminded(
    stage: Stage, adapters: Adapters
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    key = keys.contract("100001", number)
    adapters.table.write(Write(key=key, update="REMOVE #mailed"))
    assert remind(stage)["sent"] == 1
    assert left_out(remind(stage)) == {number: ["reminded_today"]}


def test_a_kind_that_does_not_exist_is_refused(stage: Stage) -> None:
    body = {"kind": "threat", "selection": {"filter": {}}}
    answer = stage.staff("POST", "/api/staff/rounds", body)
    assert answer.status == 422
    assert answer.json["field"] == "kind"


def test_the_same_key_is_another_request_for_another_kind(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    headers = {"idempotency-key": "once"}
    body = {"selection": {"filter": {}}, "dry_run": True}
    first = stage.staff("POST", "/api/staff/rounds", body, headers=headers)
    assert first.status == 202
    other = stage.staff("POST", "/api/staff/rounds", body | REMINDER, headers=headers)
    assert other.status == 422
    assert other.json["code"] == "idempotency_key_reused"
