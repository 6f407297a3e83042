"""When the schedule writes: set by the dealer, of its own for a contract, quiet on some days."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment
from meterportal.store import keys

from tests.conftest import TODAY
from tests.support.builders import DUE, a_contract, a_holding, a_machine, a_meter, settle
from tests.support.customers import signed_in
from tests.support.reminding import ASKED_ON, days_after, on
from tests.support.requesting import FACILITY, a_company, ask, recipients, show
from tests.support.stage import Answer, Context, Stage

PATH = "/api/staff/schedule"
USUAL: dict[str, Any] = {
    "lead_days": 14,
    "grace_days": 20,
    "reminders": [{"days": 7, "since": "request"}, {"days": 14, "since": "request"}],
    "hour": 7,
    "weekends": False,
    "land": None,
    "last_step": "calls",
    "announce_after": 3,
    "contracts": {},
}


GOOD = {"1": 11_000, "2": 4_300}


def put(stage: Stage, seen: int = 0, /, groups: str = "admin", **changes: Any) -> Answer:
    return stage.staff("PUT", PATH, USUAL | {"version": seen} | changes, groups=groups)


def tick(stage: Stage, day: date, utc_hour: int = 6) -> Any:
    """An hourly tick of the schedule, with everything that follows from it."""
    event = {"kind": "daily_plan", "scheduled_at": f"{day.isoformat()}T{utc_hour:02d}:00:00Z"}
    made = stage.handler("plan_requests")(event, Context())
    stage.drain()
    return made


@pytest.fixture(autouse=True)
def _days_pass(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))


def test_until_it_is_set_the_installation_s_parameters_count(stage: Stage) -> None:
    told = stage.staff("GET", PATH, groups="read").json
    assert {name: told[name] for name in USUAL} == USUAL
    assert told["version"] == 0


def test_it_is_set_as_a_whole_and_two_people_do_not_undo_each_other(stage: Stage) -> None:
    own: dict[str, Any] = {
        "70001": {"lead_days": 30, "reminders": None, "grace_days": None, "last_step": None},
        "70002": {"reminders": [], "grace_days": 0, "last_step": "estimate"},
    }
    wanted: dict[str, Any] = {
        "lead_days": 10,
        "grace_days": 5,
        "hour": 9,
        "weekends": True,
        "land": "BY",
        "contracts": own,
    }
    told = put(stage, **wanted).json
    own["70002"]["lead_days"] = None
    assert {name: told[name] for name in wanted} == wanted | {"contracts": own}
    assert told["version"] == 1
    assert put(stage, 1, **wanted).json["version"] == 1, "nothing changed"
    late = put(stage, 0, hour=8)
    assert (late.status, late.json["code"], late.json["version"]) == (412, "changed_meanwhile", 1)
    (entry,) = stage.staff("GET", "/api/staff/audit?action=schedule_changed").json["entries"]
    changed = {one["field"]: (one["before"], one["after"]) for one in entry["changes"]}
    assert changed["hour"] == (7, 9)
    assert changed["grace_days"] == (20, 5)
    assert changed["contracts.70002.grace_days"] == (None, 0)
    assert changed["contracts.70001.lead_days"] == (None, 30)


def test_what_an_earlier_release_stored_keeps_the_installation_s_grace_days(
    stage: Stage, adapters: Adapters
) -> None:
    put(stage, lead_days=10, grace_days=3)
    pk, sk = keys.schedule()
    stored = adapters.table.get(pk, sk) or {}
    body = json.loads(stored["body"])
    del body["grace_days"], body["last_step"], body["announce_after"]
    adapters.table.batch_write(puts=[stored | {"body": json.dumps(body)}])
    told = stage.staff("GET", PATH).json
    assert (told["version"], told["lead_days"], told["grace_days"]) == (1, 10, 20)
    assert (told["last_step"], told["announce_after"]) == ("calls", 3)


def test_grace_days_say_from_when_a_value_is_taken_that_nobody_asked_for(
    stage: Stage, adapters: Adapters
) -> None:
    """Due in twelve days: with the installation's 20 it is taken, with the dealer's 10 not; the
    contract's own 13 stand over them."""
    due = TODAY + timedelta(days=12)
    contract, machine = a_contract(next_billing_on=due), a_machine(due_on=due)
    signed_in(stage, adapters, a_holding(contracts=[contract], machines=[machine]))

    def first_day() -> str | None:
        (told,) = stage.customer("GET", "/api/machines").json["machines"]
        opens_on: str | None = told.get("opens_on")
        return opens_on

    assert first_day() is None
    put(stage, grace_days=10)
    assert first_day() == "2026-11-25"
    report = {"values": GOOD, "version": 1}
    path = "/api/machines/200001/readings"
    early = stage.customer("PUT", path, report)
    assert (early.status, early.json["opens_on"]) == (422, "2026-11-25")
    put(stage, 1, grace_days=10, contracts={contract.id: {"grace_days": 13}})
    assert first_day() is None
    assert stage.customer("PUT", path, report).status == 200


def test_a_value_within_the_grace_days_is_not_asked_for(stage: Stage, adapters: Adapters) -> None:
    """The ERP's own reading is eight days older than the due date."""
    known = a_meter(until=DUE - timedelta(days=8))
    held = settle(adapters, a_holding(machines=[a_machine(meters=(known,))]))
    (number,) = held.contracts
    put(stage, grace_days=7, contracts={number: {"grace_days": 8}})
    assert ask(stage, {"ids": [number]})["planned"] == 0
    put(stage, 1, grace_days=7)
    assert ask(stage, {"ids": [number]})["planned"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lead_days": 91}, "lead_days"),
        ({"lead_days": -1}, "lead_days"),
        ({"grace_days": 91}, "grace_days"),
        ({"grace_days": -1}, "grace_days"),
        ({"announce_after": 61}, "announce_after"),
        ({"hour": 4}, "hour"),
        ({"hour": 21}, "hour"),
        ({"reminders": [{"days": 3, "since": "request"}] * 3}, "reminders"),
        ({"reminders": [{"days": 0, "since": "request"}]}, "reminders"),
        ({"reminders": [{"days": -61, "since": "due"}]}, "reminders"),
        (
            {"reminders": [{"days": 2, "since": "due"}, {"days": -2, "since": "due"}]},
            "reminders",
        ),
        ({"contracts": {"7": {"lead_days": 99}}}, "contracts.7.lead_days"),
        ({"contracts": {"7": {"grace_days": 91}}}, "contracts.7.grace_days"),
        ({"contracts": {" ": {"lead_days": 9}}}, "contracts"),
        ({"contracts": {str(n): {"lead_days": 1} for n in range(501)}}, "contracts"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    stage: Stage, changes: dict[str, Any], field: str
) -> None:
    refused = put(stage, **changes)
    assert (refused.status, refused.json["code"]) == (422, "schedule_refused"), refused.text
    assert refused.json["field"] == field
    assert stage.staff("GET", PATH).json["version"] == 0


@pytest.mark.parametrize(
    "changes", [{"land": "XX"}, {"last_step": "call"}, {"hour": "7"}, {"reminders": [{"days": 1}]}]
)
def test_what_has_another_form_is_refused(stage: Stage, changes: dict[str, Any]) -> None:
    assert put(stage, **changes).status == 422


@pytest.mark.parametrize("group", ["read", "remind", "release"])
def test_only_administrators_set_it(stage: Stage, group: str) -> None:
    assert put(stage, groups=group).status == 403


def test_mails_go_out_in_the_hour_that_was_set_and_in_no_other(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    put(stage, hour=10)
    for utc_hour in (6, 7, 8):
        assert tick(stage, ASKED_ON, utc_hour)["round_id"] is None
    assert stage.mails() == []
    assert tick(stage, ASKED_ON, 9)["round_id"] == "daily-2026-11-23"
    assert tick(stage, ASKED_ON, 10)["round_id"] is None
    assert recipients(stage.mails()) == [FACILITY]


def test_an_hour_moved_to_an_earlier_one_loses_no_day(stage: Stage, adapters: Adapters) -> None:
    """Shortly after eight nine o'clock becomes seven; the other tick had nothing to do with it."""
    a_company(adapters, 1)
    put(stage, hour=9)
    assert tick(stage, ASKED_ON, 7)["round_id"] is None
    put(stage, 1, hour=7)
    assert tick(stage, ASKED_ON, 8)["round_id"] == "daily-2026-11-23"
    put(stage, 2, hour=8)
    assert tick(stage, ASKED_ON, 9)["round_id"] is None, "the day has its round"
    assert recipients(stage.mails()) == [FACILITY]


def test_an_hour_moved_by_more_than_two_hours_begins_no_late_plan(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    put(stage, hour=7)
    assert tick(stage, ASKED_ON, 9)["round_id"] is None
    assert stage.mails() == []
    days_after(monkeypatch, 1)
    assert tick(stage, ASKED_ON + timedelta(days=1))["round_id"] == "daily-2026-11-24"
    assert recipients(stage.mails()) == [FACILITY]


def test_on_quiet_days_nothing_goes_out_and_the_next_day_makes_up_for_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Christmas 2026 in Bavaria: Friday and Saturday are holidays, Sunday follows."""
    a_company(adapters, 1)
    put(stage, weekends=True, land="BY")
    for day in (25, 26, 27):
        on(monkeypatch, date(2026, 12, day))
        assert tick(stage, date(2026, 12, day))["round_id"] is None
    assert stage.mails() == []
    on(monkeypatch, date(2026, 12, 28))
    assert tick(stage, date(2026, 12, 28))["round_id"] == "daily-2026-12-28"
    assert recipients(stage.mails()) == [FACILITY]


def test_the_coming_quiet_days_are_told_with_their_names(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(stage, weekends=True, land="SN")
    coming = stage.staff("GET", PATH).json["coming"]
    assert len(coming) == 14
    assert coming[0] == {"on": "2026-11-23", "quiet": None}
    assert coming[5] == {"on": "2026-11-28", "quiet": "Samstag"}
    english = stage.staff("GET", PATH, language="en").json["coming"]
    assert english[6]["quiet"] == "Sunday"


@pytest.mark.parametrize(
    ("reminders", "expected"),
    [
        ([], []),
        ([{"days": 1, "since": "request"}], [3]),
        ([{"days": -1, "since": "due"}, {"days": 4, "since": "due"}], [4, 9]),
        ([{"days": -9, "since": "due"}], [3]),
        ([{"days": 5, "since": "request"}, {"days": 1, "since": "due"}], [5, 8]),
    ],
)
def test_reminders_follow_the_request_or_the_due_date_from_the_third_day_on(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    reminders: list[dict[str, Any]],
    expected: list[int],
) -> None:
    """Asked five days before the due date."""
    assert ASKED_ON + timedelta(days=5) == DUE
    a_company(adapters, 1)
    put(stage, reminders=reminders)
    ask(stage)
    assert days_of_reminders(stage, monkeypatch) == expected


def days_of_reminders(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """So many days after the request the schedule reminded somebody."""
    found = []
    for day in range(1, 12):
        days_after(monkeypatch, day)
        made = tick(stage, ASKED_ON + timedelta(days=day))["reminders_id"]
        if made and show(stage, made)["sent"]:
            found.append(day)
    return found


def test_a_contract_has_lead_days_and_reminders_of_its_own(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (early,) = a_company(adapters, 1, "early@haus.example")
    (late,) = a_company(adapters, 2, "late@haus.example")
    own = {late: {"lead_days": 3}, early: {"reminders": [{"days": 4, "since": "request"}]}}
    put(stage, reminders=[], contracts=own)
    on(monkeypatch, ASKED_ON)
    tick(stage, ASKED_ON)
    assert recipients(stage.mails()) == ["early@haus.example"]
    assert days_of_reminders(stage, monkeypatch) == [4]
    assert recipients(stage.mails()) == ["early@haus.example"] * 2 + ["late@haus.example"]


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2026, 10, 24), 5),
        (date(2026, 10, 25), 6),
        (date(2027, 3, 27), 6),
        (date(2027, 3, 28), 5),
    ],
)
def test_around_the_days_on_which_the_clocks_change_the_plan_begins_once_at_its_hour(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    day: date,
    utc_hour: int,
) -> None:
    """Every tick of such a day, each fired twice: one plan, at seven by the clock on the wall."""
    a_company(adapters, 1)
    begun = []
    for hour in range(24):
        at = Moment(datetime(day.year, day.month, day.day, hour, 1, tzinfo=UTC), day)
        monkeypatch.setattr("plan_requests.app.moment", lambda at=at: at)
        for _ in range(2):
            event = {"kind": "daily_plan", "scheduled_at": f"{day}T{hour:02d}:00:00Z"}
            if stage.handler("plan_requests")(event, Context())["round_id"]:
                begun.append(hour)
    assert begun == [utc_hour] * 2
    listed = stage.staff("GET", "/api/staff/rounds").json["rounds"]
    assert {one["id"] for one in listed} == {f"daily-{day}", f"daily-reminder-{day}"}


@pytest.mark.parametrize(("minutes", "late"), [(120, False), (121, True)])
def test_a_run_late_by_more_than_two_hours_waits_for_staff(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, minutes: int, late: bool
) -> None:
    a_company(adapters, 1)
    on(monkeypatch, ASKED_ON)  # eight in the morning, seven by UTC
    hour, minute = divmod(7 * 60 - minutes, 60)
    put(stage, hour=hour + 1)
    event = {
        "kind": "daily_plan",
        "scheduled_at": f"{ASKED_ON.isoformat()}T{hour:02d}:{minute:02d}:00Z",
    }
    made = stage.handler("plan_requests")(event, Context())
    stage.drain()
    assert made["late"] is late
    assert len(stage.mails()) == (0 if late else 1)
    told = show(stage, made["round_id"])
    assert ("mehr als zwei Stunden zu spät" in (told["problem_text"] or "")) is late
