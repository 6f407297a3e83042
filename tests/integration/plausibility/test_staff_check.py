"""Staff have the values of many machines checked: verdicts and findings, nothing stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Effective, MeterKind
from meterportal.domain.reporting.readings import ReadingState
from meterportal.store.portfolio import machines
from meterportal.usecases.plausibility import check_values

from tests.support.builders import (
    a_colour_meter,
    a_contract,
    a_holding,
    a_machine,
    a_meter,
    settle,
    settle_machine,
)
from tests.support.reported import a_reading, settle_reported
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

PLAUSIBLE = {"1": 10_850, "2": 4_250}


def post(stage: Stage, *asked: Any, **more: Any) -> Answer:
    return stage.staff("POST", "/api/staff/check", {"machines": list(asked)}, groups="read", **more)


def check(stage: Stage, *asked: Any, **more: Any) -> list[dict[str, Any]]:
    answer = stage.staff(
        "POST", "/api/staff/check", {"machines": list(asked)} | more, groups="read"
    )
    assert answer.status == 200, answer.text
    told: list[dict[str, Any]] = answer.json["machines"]
    return told


def asking(machine_id: str = "200001", values: Any = None, **more: Any) -> dict[str, Any]:
    return {"machine_id": machine_id, "values": values or PLAUSIBLE} | more


def codes(judged: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(found["meter_id"], found["code"]) for found in judged["findings"]]


def test_every_machine_gets_its_verdict_in_the_order_asked(
    stage: Stage, adapters: Adapters
) -> None:
    fresh = a_machine("200003", meters=(a_meter(last_value=None),))
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002"), fresh]))
    told = check(
        stage,
        asking("200003", {"1": 5}),
        asking("200002", {"1": "90.000", "2": 4_250}),
        asking("200001", read_on="2026-11-22"),
    )
    assert [(one["machine_id"], one["verdict"]) for one in told] == [
        ("200003", "unchecked"),
        ("200002", "implausible"),
        ("200001", "plausible"),
    ]
    assert codes(told[0]) == [("1", "cannot_be_checked")]
    assert told[2]["findings"] == []


def test_a_slip_is_named_and_the_right_number_offered(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    (german,) = check(stage, asking(values={"1": 18_050, "2": 4_250}))
    (found,) = german["findings"]
    assert (found["meter_id"], found["code"], found["severity"]) == (
        "1",
        "digits_transposed",
        "warn",
    )
    assert found["suggestion"] == {"values": {"1": 10_850}}
    assert "10.850" in found["text"]
    english = post(stage, asking(values={"1": 18_050}), language="en")
    assert "10,850" in english.json["machines"][0]["findings"][0]["text"]


def test_what_cannot_be_read_is_a_finding_beside_the_others(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    values = {"1": "12,5", "2": 90_000, "7": 1}
    bad, good = check(stage, asking(values=values), asking("200002"))
    assert codes(bad)[:2] == [("1", "not_a_whole_number"), ("7", "unknown_meter")]
    assert {found["severity"] for found in bad["findings"][:2]} == {"block"}
    assert bad["findings"][2]["meter_id"] == "2"
    assert (bad["verdict"], good["verdict"]) == ("implausible", "plausible")
    (lonely,) = check(stage, asking(values={"1": 12.5}))
    assert (lonely["verdict"], codes(lonely)) == ("implausible", [("1", "not_a_whole_number")])


def test_a_digit_too_many_blocks_and_still_tells_what_was_meant(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_machine(meters=(a_meter(digits=5),))]))
    (doubled,) = check(stage, asking(values={"1": "108850"}))
    (found,) = doubled["findings"]
    assert (found["code"], found["severity"]) == ("too_many_digits", "block")
    assert found["suggestion"] == {"values": {"1": 10_850}}
    (flood,) = check(stage, asking(values={"1": "1" * 79}))
    (found,) = flood["findings"]
    assert (found["code"], found["suggestion"]) == ("too_many_digits", None)
    assert "5" in found["text"]


def test_an_unknown_machine_fails_alone(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    unknown, known = check(stage, asking("999999"), asking())
    assert unknown["verdict"] is None
    assert codes(unknown) == [(None, "unknown_machine")]
    assert known["verdict"] == "plausible"


def test_a_value_of_another_machine_of_the_company_is_named(
    stage: Stage, adapters: Adapters
) -> None:
    there = a_machine("200002", meters=(a_meter(last_value=734_512, a_month=2_000),))
    settle(adapters, a_holding(machines=[a_machine(meters=(a_meter(),)), there]))
    (told,) = check(stage, asking(values={"1": 736_214}))
    (found,) = told["findings"]
    assert found["code"] == "value_of_other_machine"
    assert "200002" in found["text"]


def test_the_search_at_other_machines_has_an_end(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = a_machine("200002", meters=(a_meter(last_value=734_512, a_month=2_000),))
    here = [a_machine(number, meters=(a_meter(),)) for number in ("200001", "200003")]
    settle(adapters, a_holding(machines=[*here, there]))
    monkeypatch.setattr(check_values, "MOST_LOOKS", 2)
    first, second = check(
        stage, asking(values={"1": 736_214}), asking("200003", values={"1": 736_214})
    )
    assert codes(first) == [("1", "value_of_other_machine")]
    assert second["verdict"] == "implausible"
    assert codes(second) != codes(first)


def test_as_of_a_past_day_only_earlier_readings_are_known(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    (then,) = check(stage, asking(values={"1": 10_000, "2": 4_000}), as_of="2026-10-28")
    assert (then["verdict"], then["findings"]) == ("plausible", [])
    (ahead,) = check(stage, asking(values={"1": 10_850}), as_of="2026-10-28")
    assert codes(ahead) != []
    (now,) = check(stage, asking(values={"1": 10_000, "2": 4_000}, read_on="2026-10-28"))
    assert codes(now) != []
    (later,) = check(stage, asking(read_on="2026-10-29"), as_of="2026-10-28")
    assert codes(later) == [("1", "in_the_future"), ("2", "in_the_future")]


def test_a_day_years_ago_is_judged_by_what_was_known_then(stage: Stage, adapters: Adapters) -> None:
    long = a_meter(readings=36, last_value=50_000)
    known = [entry for entry in long.history if entry.read_on < date(2025, 1, 1)]
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(starts_on=date(2026, 6, 1))],
            machines=[a_machine(meters=(long,))],
        ),
    )
    last = known[-1]
    day = last.read_on.isoformat()
    (then,) = check(stage, asking(values={"1": last.value}), as_of=day)
    assert (then["verdict"], then["findings"]) == ("plausible", [])
    (slip,) = check(stage, asking(values={"1": last.value * 10}), as_of=day)
    assert slip["verdict"] == "implausible"
    (now,) = check(stage, asking(values={"1": last.value}, read_on=day))
    assert codes(now) == [("1", "before_billed")]


def test_other_machines_too_are_known_as_of_that_day(stage: Stage, adapters: Adapters) -> None:
    """A number that another machine showed only later is no number of that machine then."""
    late = a_meter(last_value=None)
    late = replace(late, history=(Effective(date(2026, 11, 10), 736_214),))
    settle(
        adapters,
        a_holding(machines=[a_machine(meters=(a_meter(),)), a_machine("200002", meters=(late,))]),
    )
    (now,) = check(stage, asking(values={"1": 736_214}))
    assert codes(now) == [("1", "value_of_other_machine")]
    (then,) = check(stage, asking(values={"1": 736_214}), as_of="2026-11-09")
    assert then["verdict"] == "implausible"
    assert codes(then) != codes(now)


def test_a_day_of_reading_that_is_too_early_is_refused_now(
    stage: Stage, adapters: Adapters
) -> None:
    meter = a_meter(last_value=None)
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(starts_on=date(2026, 6, 1))],
            machines=[a_machine(meters=(meter,))],
        ),
    )
    (early,) = check(stage, asking(values={"1": 5}, read_on="2025-11-26"))
    assert codes(early) == [("1", "too_early")]
    (just,) = check(stage, asking(values={"1": 5}, read_on="2025-11-27"))
    assert codes(just) == [("1", "cannot_be_checked")]


def test_meters_that_are_not_billed_and_closed_periods_are_judged_alike(
    stage: Stage, adapters: Adapters
) -> None:
    scans = a_meter("9", kind=MeterKind.SCAN, label="Scan", billable=False)
    closed = a_reading("1", state=ReadingState.RELEASED)
    machine = a_machine(meters=(a_meter(), a_colour_meter(), scans), readings=(closed,))
    settle(adapters, a_holding(machines=[machine]))
    (told,) = check(stage, asking(values={"1": 10_850, "9": 10_900}))
    assert (told["verdict"], told["findings"]) == ("plausible", [])


def test_the_sum_is_held_against_what_is_reported(stage: Stage, adapters: Adapters) -> None:
    total = a_meter("3", kind=MeterKind.TOTAL, label="Gesamt", last_value=14_000, a_month=1_300)
    machine = a_machine(meters=(a_meter(), a_colour_meter(), total))
    settle(adapters, a_holding(machines=[machine]))
    (broken,) = check(stage, asking(values={"1": 10_850, "2": 4_250, "3": 15_400}))
    assert broken["verdict"] == "implausible"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"machines": [asking(), asking()]}, "machine_twice", "machines.1.machine_id"),
        ({"machines": []}, "invalid", "machines"),
        ({"machines": [asking(str(n)) for n in range(501)]}, "invalid", "machines"),
        (
            {"machines": [{"machine_id": "1", "values": {}}]},
            "invalid",
            "machines.0.values",
        ),
        ({"machines": [asking("x" * 65)]}, "invalid", "machines.0.machine_id"),
        ({"machines": [asking(read_on="22.11.2026")]}, "invalid", "machines.0.read_on"),
        ({"machines": [asking(reasons={})]}, "invalid", "machines.0.reasons"),
        ({"machines": [asking()], "as_of": "2026-11-24"}, "as_of_in_the_future", "as_of"),
        ({"machines": [asking()], "as_of": "gestern"}, "invalid", "as_of"),
    ],
    ids=["twice", "none", "501", "empty", "long", "day", "unknown", "future", "no day"],
)
def test_bodies_that_are_refused(stage: Stage, body: Any, code: str, field: str) -> None:
    answer = stage.staff("POST", "/api/staff/check", body)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, code, field)


def test_it_takes_a_group_and_at_most_a_megabyte(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    body = {"machines": [asking()]}
    assert stage.staff("POST", "/api/staff/check", body, groups="guests").status == 403
    for group in ("read", "remind", "release", "admin"):
        assert stage.staff("POST", "/api/staff/check", body, groups=group).status == 200
    large = {"machines": [asking(str(n), {"1": "0" * 300}) for n in range(500)]}
    assert stage.staff("POST", "/api/staff/check", large).status == 200
    huge = {"machines": [asking(values={"1": "0" * 1024 * 1024})]}
    assert stage.staff("POST", "/api/staff/check", huge).status == 413


def test_five_hundred_machines_cost_their_pointers_and_one_query_per_company(
    stage: Stage, adapters: Adapters
) -> None:
    for company in ("10000", "10001"):
        settle(adapters, a_holding(Company(company, "Muster GmbH"), contacts=[], machines=[]))
    for number in range(500):
        company = f"1000{number % 2}"
        settle_machine(adapters, a_machine(str(200_001 + number), company_id=company))
    asked = [asking(str(200_001 + number)) for number in range(500)]
    with counted(adapters.table._client) as counts:
        told = check(stage, *asked)
    assert {one["verdict"] for one in told} == {"plausible"}
    assert len(told) == 500
    pages = counts.pop("dynamodb.Query")
    assert 2 <= pages <= 4, "one query per company, more only for pages over 1 MB"
    # Five hundred pointers and the tolerances: one key more than five requests take.
    assert counts == {"dynamodb.BatchGetItem": 6}


def test_nothing_is_stored(stage: Stage, adapters: Adapters) -> None:
    (before,) = settle_reported(adapters)
    with counted(adapters.table._client) as counts:
        check(stage, asking(values={"1": 90_000, "2": 4_251}))
    assert counts == {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1}
    stored = machines.load(adapters.table, before.company_id, before.id)
    assert stored is not None
    assert (stored.version, stored.readings) == (before.version, before.readings)
