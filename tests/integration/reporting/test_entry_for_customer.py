"""Staff enter readings for a customer: the same check as a contact's, with channel and reporter."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import machines

from tests.support.builders import a_holding, a_machine, a_meter, settle
from tests.support.customers import (
    asked_for_all,
    before_the_next_write,
    change,
    events,
    put,
    release,
    second_company,
    signed_in,
    stored,
)
from tests.support.interleaving import every_order, of_machine
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

GOOD = {"1": "11.000", "2": 4300}
PATH = "/api/staff/machines/{}/readings"


def enter(stage: Stage, machine_id: str = "200001", **body: Any) -> Answer:
    told = {"values": GOOD, "version": 1, "channel": "PHONE"} | body
    headers = told.pop("headers", {})
    return stage.staff("PUT", PATH.format(machine_id), told, groups="remind", headers=headers)


def journal(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.staff("GET", "/api/staff/audit").json["entries"]
    return found


def test_a_value_told_by_phone_is_stored_with_who_gave_it_and_who_typed_it(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    told = enter(stage, read_on="2026-11-22", reporter="5001")
    assert told.status == 200, told.text
    assert told.json["version"] == 2
    assert [(r["value"], r["state"], r["verdict"]) for r in told.json["readings"]] == [
        (11_000, "reported", "plausible"),
        (4_300, "reported", "plausible"),
    ]
    first = stored(adapters).readings[0]
    assert (first.channel.value, first.reported_by) == ("PHONE", "5001")
    (row,) = machines.history(adapters.table, "10000", "200001")
    assert (row["event"], row["by"], row["reporter"], row["channel"]) == (
        "reported",
        "staff-1",
        "5001",
        "PHONE",
    )
    (entry,) = journal(stage)
    assert entry["text"] == "Zählerstand für den Kunden erfasst"
    assert entry["contact"] == {"id": "5001", "name": "Clara Schäfer"}
    assert entry["changes"] == [
        {"field": "meter 1", "before": None, "after": 11_000},
        {"field": "meter 2", "before": None, "after": 4_300},
        {"field": "channel", "before": None, "after": "PHONE"},
        {"field": "read_on", "before": None, "after": "2026-11-22"},
    ]


@pytest.mark.parametrize("channel", ["PHONE", "EMAIL", "LETTER", "TECHNICIAN"])
def test_it_goes_to_the_erp_under_its_channel(
    stage: Stage, adapters: Adapters, channel: str
) -> None:
    settle(adapters)
    assert enter(stage, channel=channel).status == 200
    reading = stored(adapters).readings[0]
    assert (reading.channel.value, reading.reported_by) == (channel, "staff-1")


def test_the_contact_sees_what_was_entered_and_may_correct_it(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert enter(stage, reporter="5001").status == 200
    shown = stage.customer("GET", "/api/machines").json["machines"][0]
    assert shown["meters"][0]["reading"]["value"] == 11_000
    assert shown["meters"][0]["reading"]["reported_by"] == {"name": "Clara Schäfer", "me": True}
    assert put(stage, values={"1": 11_010}, version=2).status == 200
    assert enter(stage, values={"1": 11_020}, version=3).status == 200
    assert events(adapters) == ["reported", "corrected", "corrected"]
    assert journal(stage)[0]["changes"][0] == {
        "field": "meter 1",
        "before": 11_010,
        "after": 11_020,
    }


def test_a_doubt_is_told_in_the_same_words_and_confirmed_in_the_same_way(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    doubted: dict[str, Any] = {"values": {"1": 90_000}, "version": 1}
    theirs, ours = put(stage, **doubted), enter(stage, **doubted)
    assert (ours.status, ours.json["code"]) == (409, "needs_confirmation")
    assert ours.json["findings"] == theirs.json["findings"]
    assert stored(adapters).version == 1
    assert journal(stage) == []
    confirmed = enter(stage, **doubted, confirm={"1": "Messe im Haus"})
    assert confirmed.json["readings"][0]["verdict"] == "confirmed"
    assert stored(adapters).readings[0].reason == "Messe im Haus"


def test_a_value_of_another_machine_is_noticed(stage: Stage, adapters: Adapters) -> None:
    other = a_machine("200002", meters=(a_meter(last_value=80_000, a_month=2_000),))
    settle(adapters, a_holding(machines=[a_machine(), other]))
    told = enter(stage, values={"1": 82_000})
    assert told.status == 409
    assert {finding.get("machine_id") for finding in told.json["findings"]} >= {"200002"}


def test_what_changed_meanwhile_and_what_is_released_is_refused(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    stale = enter(stage, values={"1": 11_500}, version=1)
    assert (stale.status, stale.json["code"], stale.json["version"]) == (
        412,
        "changed_meanwhile",
        2,
    )
    assert stale.json["readings"][0]["reported_by"] == {"name": "Clara Schäfer", "me": False}
    release(adapters)
    late = enter(stage, values={"1": 11_500}, version=3)
    assert (late.status, late.json["code"]) == (409, "already_released")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"values": {"1": "12,5"}}, "values.1"),
        ({"values": {}}, "values"),
        ({"values": {"9": 1}}, "values.9"),
        ({"read_on": "2026-12-24"}, "read_on"),
        ({"read_on": "2026-10-30"}, "read_on"),
        ({"channel": "PORTAL"}, "channel"),
        ({"channel": "ESTIMATE"}, "channel"),
        ({"reporter": "6001"}, "reporter"),
        ({"reporter": "9999"}, "reporter"),
        ({"version": None}, "version"),
        ({"more": 1}, "more"),
    ],
)
def test_bad_input_is_refused_by_its_field(
    stage: Stage, adapters: Adapters, body: dict[str, Any], field: str
) -> None:
    second_company(adapters)
    settle(adapters)
    told = enter(stage, **body)
    assert (told.status, told.json["field"]) == (422, field), told.text
    assert stored(adapters).version == 1


def test_a_machine_without_a_period_takes_none(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for fields in ({"active": False}, {"due_on": None}):
        change(adapters, **{"active": True} | fields)
        told = enter(stage)
        assert (told.status, told.json["code"]) == (409, "no_period")
    for unknown in ("200099", "x" * 65):
        told = enter(stage, unknown)
        assert (told.status, told.json["code"]) == (404, "not_found")


def test_it_takes_the_right_to_remind(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    body = {"values": GOOD, "version": 1, "channel": "PHONE"}
    for groups in ("read", "release"):
        told = stage.staff("PUT", PATH.format("200001"), body, groups=groups)
        assert told.status == 403


def test_a_repeated_request_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    key = {"idempotency-key": "k1"}
    first = enter(stage, headers=key, reporter="5001")
    assert enter(stage, headers=key, reporter="5001").json == first.json
    other = enter(stage, headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert enter(stage).status == 412, "by somebody else, as it looks"
    assert events(adapters) == ["reported"]
    assert len(journal(stage)) == 1


def test_it_and_a_contact_s_report_are_never_both_the_first(
    stage: Stage, adapters: Adapters
) -> None:
    held = a_holding(machines=[a_machine(str(200_001 + n)) for n in range(40)])
    signed_in(stage, adapters, held)
    told: list[int] = []
    seen: list[str] = []

    def scene(number: int) -> Any:
        machine_id = str(200_001 + number)
        seen.append(machine_id)
        told.clear()
        return (
            lambda: told.append(enter(stage, machine_id, values={"1": 11_000}).status),
            lambda: told.append(put(stage, machine_id, values={"1": 11_100}, version=1).status),
        )

    for _ in every_order(scene, matters=lambda *call: of_machine(seen[-1])(*call)):
        assert sorted(told) == [200, 412]
        assert len(events(adapters, seen[-1])) == 1
    assert len(seen) >= 4


def test_a_release_in_between_wins(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    before_the_next_write(monkeypatch, adapters, lambda: release(adapters))
    told = enter(stage, values={"1": 11_200}, version=2)
    assert (told.status, told.json["code"]) == (409, "already_released")
    assert journal(stage) == []


def test_an_entry_costs_three_reads_and_a_transaction(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    asked_for_all(adapters)
    with counted(adapters.table._client) as counts:
        assert enter(stage).status == 200
    operations = ("BatchGetItem", "GetItem", "Query", "TransactWriteItems")
    assert counts == {f"dynamodb.{name}": 1 for name in operations}


def test_a_correction_keeps_the_channel_of_what_it_corrects(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    told = enter(stage, values={"1": 11_001}, version=2, channel=None)
    assert told.status == 200, told.text
    first = stored(adapters).readings[0]
    assert (first.value, first.channel.value, first.reported_by) == (11_001, "PORTAL", "staff-1")


def test_a_first_value_says_how_it_came(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    told = enter(stage, channel=None)
    assert (told.status, told.json["field"]) == (422, "channel")
    assert stored(adapters).readings == ()
