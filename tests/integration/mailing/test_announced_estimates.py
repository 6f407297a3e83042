"""The last step as an estimate: announced by mail after the last reminder, and done a week later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.rows import ContractRow
from meterportal.domain.reporting.readings import ReadingState
from meterportal.settings import Moment
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import machines, snapshots

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, a_meter, settle
from tests.support.faults import failing, interrupted, killed, refused
from tests.support.read_model import Console
from tests.support.reminding import ASKED_ON, on
from tests.support.requesting import (
    FACILITY,
    a_company,
    an_event,
    plan,
    recipients,
    report,
    send,
    show,
    text_of,
    token_of,
    work,
)
from tests.support.stage import Context, Stage
from tests.support.world import keep

SCHEDULE: dict[str, Any] = {
    "lead_days": 14,
    "grace_days": 20,
    "reminders": [{"days": 3, "since": "request"}],
    "hour": 7,
    "weekends": False,
    "land": None,
    "last_step": "estimate",
    "announce_after": 3,
    "contracts": {},
}
ANNOUNCED_ON = DUE + timedelta(days=3)
ESTIMATED_ON = ANNOUNCED_ON + timedelta(days=7)


@pytest.fixture(autouse=True)
def _days_pass(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))


def schedule(stage: Stage, **changes: Any) -> None:
    version = stage.staff("GET", "/api/staff/schedule").json["version"]
    body = SCHEDULE | {"version": version} | changes
    assert stage.staff("PUT", "/api/staff/schedule", body, groups="admin").status == 200


class Days:
    """The schedule on one day after another, each with everything that follows from it."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self._monkeypatch = stage, monkeypatch

    def tick(self, day: date, utc_hour: int = 6) -> Any:
        on(self._monkeypatch, day)
        at = Moment(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), day)
        self._monkeypatch.setattr("staff_api.phone_list.moment", lambda: at)
        event = {"kind": "daily_plan", "scheduled_at": f"{day}T{utc_hour:02d}:00:00Z"}
        made = self.stage.handler("plan_requests")(event, Context())
        return made["announcements_id"]

    def live(self, day: date) -> Any:
        found = self.tick(day)
        self.stage.drain()
        return show(self.stage, found) if found else None

    def until(self, last: date) -> None:
        """The days up to one on which something goes out."""
        for day in (ASKED_ON, ASKED_ON + timedelta(days=3), ANNOUNCED_ON, last):
            if day <= last:
                self.live(day)


@pytest.fixture
def days(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(stage, monkeypatch)


def stored(adapters: Adapters, number: str) -> Machine:
    return machines.find(adapters.table, [number])[number]


def values(machine: Machine) -> Mapping[str, int]:
    return {one.meter_id: one.value for one in machine.readings}


def called(stage: Stage) -> list[str]:
    return [
        one["contract"]["id"] for one in stage.staff("GET", "/api/staff/phone-list").json["calls"]
    ]


def test_after_the_last_reminder_it_is_announced_with_its_values_and_done_a_week_later(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    (number,) = a_company(adapters, 1)
    schedule(stage)
    for after in range(8):
        days.live(ASKED_ON + timedelta(days=after))
    assert [str(mail["Subject"]).partition(":")[0] for mail in stage.mails()] == [
        "Zählerstände melden, fällig am 28.11.2026",
        "Erinnerung",
    ]
    assert called(stage) == [], "the schedule estimates in place of a call"

    shown = days.live(ANNOUNCED_ON)
    assert (shown["kind"], shown["by"], shown["sent"]) == ("announcement", "schedule", 1)
    first, _, mail = stage.mails()
    assert mail["Subject"] == "Ankündigung: Schätzung am 08.12.2026: Firma 1, 1 Gerät"
    told = text_of(mail)
    # 10.000 on 28.10., 1.000 in 30 days before that, so 31 days later:
    assert "S/W 11.033" in told, told
    assert "waren am 28.11.2026 fällig" in told
    assert token_of(mail) != token_of(first), "a link of its own"
    assert stored(adapters, f"2{number}").readings == ()

    day = ANNOUNCED_ON + timedelta(days=1)
    while day < ESTIMATED_ON:
        assert days.live(day)["planned"] == 0
        day += timedelta(days=1)
    assert stored(adapters, f"2{number}").readings == ()
    assert len(stage.mails()) == 3
    days.live(ESTIMATED_ON)
    machine = stored(adapters, f"2{number}")
    assert values(machine)["1"] == 11_033
    for reading in machine.readings:
        assert reading.channel is ReadingChannel.ESTIMATE
        assert reading.state is ReadingState.REPORTED, "its release is staff's"
        assert (reading.read_on, reading.reported_by) == (DUE, "schedule")
    days.live(ESTIMATED_ON + timedelta(days=1))
    assert stored(adapters, f"2{number}") == machine
    assert len(stage.mails()) == 3
    assert called(stage) == []


def test_staff_see_beside_the_proposals_for_when_it_is_announced(
    stage: Stage, adapters: Adapters, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    (announced,) = a_company(adapters, 1, "one@haus.example")
    (by_phone,) = a_company(adapters, 2, "two@haus.example")
    calls = {by_phone: {"last_step": "calls"}}
    schedule(stage, contracts=calls)

    def proposed(today: date, **body: Any) -> dict[str, str | None]:
        at = Moment(datetime(today.year, today.month, today.day, 9, tzinfo=UTC), today)
        monkeypatch.setattr("staff_api.estimates.moment", lambda: at)
        asked = {"dry_run": True, **body}
        found = stage.staff("POST", "/api/staff/estimates", asked, groups="release")
        assert found.status == 200, found.text
        return {one["machine_id"]: one["announced_for"] for one in found.json["machines"]}

    one, other = f"2{announced}", f"2{by_phone}"
    days.until(ANNOUNCED_ON - timedelta(days=1))
    before = ANNOUNCED_ON - timedelta(days=1)
    assert proposed(before) == {one: None, other: None}
    assert proposed(before, announced=True) == {}
    days.live(ANNOUNCED_ON)
    for day in (ANNOUNCED_ON, ESTIMATED_ON):
        assert proposed(day) == {one: ESTIMATED_ON.isoformat(), other: None}
        assert proposed(day, announced=True) == {one: ESTIMATED_ON.isoformat()}
        assert proposed(day, announced=False) == {other: None}
    late = ESTIMATED_ON + timedelta(days=1)
    assert proposed(late, announced=False) == {one: None, other: None}, "on staff by now"
    schedule(stage, last_step="calls")
    assert proposed(ANNOUNCED_ON, announced=False) == {one: None, other: None}, "called about now"


def test_the_console_s_rows_hold_the_announced_day(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    (number,) = a_company(adapters, 1)
    schedule(stage)

    def day() -> str:
        assert stage.staff("POST", "/api/staff/portfolio").status == 202
        stage.drain()
        newest = snapshots.newest(adapters.table)
        assert newest is not None
        row = Console.opened(adapters, newest).rows["contract", "100001", number]
        assert isinstance(row, ContractRow)
        return row.estimate_on

    days.until(ANNOUNCED_ON - timedelta(days=1))
    assert day() == ""
    days.live(ANNOUNCED_ON)
    assert day() == ESTIMATED_ON.isoformat()
    round_id = f"daily-announcement-{ANNOUNCED_ON}"
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id)) == []
    assert day() == "", "nobody was told"


def test_staff_see_in_the_time_line_that_it_was_announced_and_done(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    a_company(adapters, 1)
    schedule(stage)
    days.until(ESTIMATED_ON)
    told = stage.staff("GET", "/api/staff/companies/100001/timeline").json["entries"]
    mails = [one for one in told if one["happening"] in {"asked", "reminded", "announced"}]
    assert [one["happening"] for one in mails] == ["announced", "reminded", "asked"]
    assert mails[0]["text"] == "Schätzung angekündigt"
    (done,) = [one for one in told if one["happening"] == "estimated"]
    assert done["by"]["id"] == "schedule"


def test_what_was_reported_meanwhile_is_not_estimated(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    one, other = a_company(adapters, 1, contracts=2)
    schedule(stage)
    days.until(ANNOUNCED_ON)
    report(adapters, f"2{one}", "1", "2")
    days.live(ESTIMATED_ON)
    assert values(stored(adapters, f"2{one}")) == {"1": 11_000, "2": 11_000}
    assert values(stored(adapters, f"2{other}"))["1"] == 11_033


def test_without_a_history_it_is_called_about_and_not_announced(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    contact = a_contact("500001", email=FACILITY)
    bare = a_meter(last_value=None)
    settle(
        adapters,
        a_holding(
            contacts=[contact],
            contracts=[a_contract(reporters=(contact.id,))],
            machines=[a_machine(meters=(bare,))],
        ),
    )
    schedule(stage)
    days.until(ESTIMATED_ON)
    assert len(stage.mails()) == 2
    assert stored(adapters, "200001").readings == ()
    assert called(stage) == ["70001"]


def test_a_contract_has_a_last_step_of_its_own(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    (estimated,) = a_company(adapters, 1, "one@haus.example")
    (by_phone,) = a_company(adapters, 2, "two@haus.example")
    schedule(stage, last_step="calls", contracts={estimated: {"last_step": "estimate"}})
    days.until(ESTIMATED_ON)
    assert recipients(stage.mails()) == ["one@haus.example"] * 3 + ["two@haus.example"] * 2
    assert values(stored(adapters, f"2{estimated}"))["1"] == 11_033
    assert stored(adapters, f"2{by_phone}").readings == ()
    assert called(stage) == [by_phone]


def test_quiet_days_hold_for_the_announcement_and_for_the_estimate(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    """The week after Friday 18 December ends on Christmas Day; the first working day is the 28th."""
    (number,) = a_company(adapters, 1)
    schedule(stage, weekends=True, land="BY", announce_after=20)
    for day in (ASKED_ON, date(2026, 11, 26), date(2026, 12, 18)):
        days.live(day)
    assert "Schätzung am 28.12.2026" in str(stage.mails()[-1]["Subject"])
    for quiet in (25, 26, 27):
        assert days.live(date(2026, 12, quiet)) is None
    assert stored(adapters, f"2{number}").readings == ()
    assert days.tick(date(2026, 12, 28), 5) is None, "the hour is seven, by UTC six"
    days.live(date(2026, 12, 28))
    assert values(stored(adapters, f"2{number}"))["1"] == 11_033


def test_an_announcement_that_waits_or_came_back_is_no_announcement(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    (number,) = a_company(adapters, 1)
    schedule(stage)
    days.until(ANNOUNCED_ON - timedelta(days=1))
    with failing("SendEmail", refused("AccountSuspendedException")):
        days.live(ANNOUNCED_ON)
    days.live(ESTIMATED_ON)
    assert stored(adapters, f"2{number}").readings == ()
    round_id = f"daily-announcement-{ANNOUNCED_ON}"
    stage.staff("POST", f"/api/staff/rounds/{round_id}/resume", groups="remind")
    stage.drain()
    late = ESTIMATED_ON + timedelta(days=7)
    assert f"Schätzung am {late:%d.%m.%Y}" in str(stage.mails()[-1]["Subject"])
    days.live(late - timedelta(days=1))
    assert stored(adapters, f"2{number}").readings == ()
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id)) == []
    days.live(late)
    assert stored(adapters, f"2{number}").readings == ()
    assert called(stage) == [number]


def test_back_at_calls_nothing_is_estimated_that_was_announced(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    (number,) = a_company(adapters, 1)
    schedule(stage)
    days.until(ANNOUNCED_ON)
    schedule(stage, last_step="calls")
    days.live(ESTIMATED_ON)
    assert stored(adapters, f"2{number}").readings == ()
    assert called(stage) == [number]


def test_a_run_late_by_more_than_two_hours_waits_for_staff(
    stage: Stage, adapters: Adapters, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = a_company(adapters, 1)
    schedule(stage, hour=5)
    days.until(ANNOUNCED_ON)
    on(monkeypatch, ESTIMATED_ON)  # seven by UTC
    event = {"kind": "daily_plan", "scheduled_at": f"{ESTIMATED_ON}T04:00:00Z"}
    made = stage.handler("plan_requests")(event, Context())
    stage.drain()
    late = made["announcements_id"]
    assert show(stage, late)["problem"] == "late"
    assert stored(adapters, f"2{number}").readings == ()


def test_a_planner_killed_between_any_two_calls_estimates_and_announces_once(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    """The day of the one company's estimate is that of the other's announcement."""
    (estimated,) = a_company(adapters, 1, "one@haus.example")
    (announced,) = a_company(adapters, 2)
    schedule(stage, contracts={announced: {"last_step": "calls"}})
    days.until(ESTIMATED_ON - timedelta(days=1))
    schedule(stage)
    round_id = days.tick(ESTIMATED_ON)
    before = stored(adapters, f"2{estimated}")
    assert before.readings == ()
    back = keep()
    for call in range(60):
        back()
        with killed(call) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        send(stage, round_id)
        send(stage, round_id)
        machine = stored(adapters, f"2{estimated}")
        assert (machine.version, values(machine)["1"]) == (before.version + 1, 11_033)
        assert recipients(stage.mails()).count(FACILITY) == 3
        if "killed" not in calls:
            assert call > 5
            return
    raise AssertionError("the planner never came to its end")


def test_a_sender_killed_between_any_two_calls_never_doubles_an_announcement(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    a_company(adapters, 1)
    schedule(stage)
    days.until(ANNOUNCED_ON - timedelta(days=1))
    round_id = days.tick(ANNOUNCED_ON)
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
        assert count == 3 or (count == 2 and found.state is MailState.SENDING)
        if "killed" not in calls:
            assert call > 2
            return
    raise AssertionError("the sender never came to its end")


def test_a_value_that_comes_between_any_two_calls_stands(
    stage: Stage, adapters: Adapters, days: Days
) -> None:
    """Before the estimate it keeps it away; after it, it is a true value in its place."""
    (number,) = a_company(adapters, 1)
    schedule(stage)
    days.until(ESTIMATED_ON - timedelta(days=1))
    round_id = days.tick(ESTIMATED_ON)
    back = keep()
    for call in range(40):
        back()
        with interrupted(call, partial(report, adapters, f"2{number}", "1", "2")) as calls:
            plan(stage, round_id)
        plan(stage, round_id)
        if len(calls) <= call:
            return
        assert values(stored(adapters, f"2{number}")) == {"1": 11_000, "2": 11_000}
    raise AssertionError("the planner never came to its end")


def test_out_of_time_the_rest_is_estimated_by_the_next_worker(
    stage: Stage, adapters: Adapters, days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (a_company(adapters, one, f"{one}@haus.example")[0] for one in (1, 2))
    schedule(stage)
    days.until(ESTIMATED_ON - timedelta(days=1))
    round_id = days.tick(ESTIMATED_ON)
    allowed = iter([True, False])
    with monkeypatch.context() as patched:
        patched.setattr("plan_requests.app.has_time", lambda *_: lambda: next(allowed))
        plan(stage, round_id)
    done = [bool(stored(adapters, f"2{number}").readings) for number in (first, second)]
    assert done == [True, False]
    stage.drain()
    assert values(stored(adapters, f"2{second}"))["1"] == 11_033
