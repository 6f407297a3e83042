"""What other tolerances would have asked last year: counted over the demo, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.portfolio import holdings
from meterportal.usecases.plausibility import look_back

from tests.support.builders import a_holding, a_machine, a_meter, settle, settle_machine
from tests.support.customers import everything
from tests.support.erp_exports import demo_part, imported
from tests.support.stage import Answer, Context, Stage

PATH = "/api/staff/plausibility/backtest"
STRICT = {"dealer": {"ceiling": 1.3, "width": 0.4, "quiet_pages": 3}}
GENEROUS = {"dealer": {"ceiling": 20, "width": 5, "quiet_pages": 2_000}}


def post(stage: Stage, groups: str = "read", **body: Any) -> Answer:
    return stage.staff("POST", PATH, body, groups=groups)


def part(stage: Stage, **body: Any) -> dict[str, Any]:
    answer = post(stage, **body)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def whole(stage: Stage, **body: Any) -> dict[str, Any]:
    """All parts of an answer, summed up as a page does it."""
    parts = [part(stage, **body)]
    while parts[-1]["next_cursor"]:
        assert not parts[-1]["complete"]
        parts.append(part(stage, **body, cursor=parts[-1]["next_cursor"]))
    assert parts[-1]["complete"]
    return {
        "parts": len(parts),
        "machines": sum(one["machines"] for one in parts),
        "judged": sum(one["judged"] for one in parts),
        "hints_total": sum(one["hints_total"] for one in parts),
        "by_code": dict(sum((Counter(one["by_code"]) for one in parts), Counter())),
        "hints": [hint for one in parts for hint in one["hints"]],
        "stored": sum(one["stored"]["hints_total"] for one in parts),
    }


def readings(machines: Iterable[Machine], since: date, until: date) -> int:
    """The true readings of a span, one for each meter and day."""
    return sum(
        len(
            {
                entry.read_on
                for entry in meter.history
                if since <= entry.read_on <= until
                and not entry.estimated
                and entry.reset_end is None
            }
        )
        for machine in machines
        for meter in machine.meters
    )


def of_all(adapters: Adapters) -> list[Machine]:
    numbers = [number for _, number in holdings.company_ids(adapters.table)]
    whole = [holdings.load(adapters.table, number) for number in numbers]
    return [machine for held in whole if held for machine in held.machines.values()]


@pytest.mark.parametrize(
    "every", [pytest.param(2, id="short"), pytest.param(1, id="long", marks=pytest.mark.long)]
)
def test_over_the_demo_every_reading_is_judged_and_limits_move_the_hints(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    imported(stage, demo_part(every))
    demo, before = of_all(adapters), everything(adapters)
    usual = whole(stage)
    assert usual["machines"] == len(demo) > 40
    assert usual["judged"] == readings(demo, date(2025, 11, 23), date(2026, 11, 23)) > 150
    assert usual["hints_total"] == usual["stored"] == len(usual["hints"])
    assert usual["by_code"] == Counter(hint["code"] for hint in usual["hints"])

    strict, generous = whole(stage, tolerances=STRICT), whole(stage, tolerances=GENEROUS)
    assert strict["judged"] == generous["judged"] == usual["judged"]
    assert strict["stored"] == generous["stored"] == usual["hints_total"]
    assert strict["hints_total"] > 3 * usual["hints_total"] > 0
    assert generous["hints_total"] < usual["hints_total"]

    since, until = date(2026, 3, 1), date(2026, 5, 31)
    days = {"since": since.isoformat(), "until": until.isoformat()}
    assert part(stage, **days)["judged"] == readings(demo, since, until)
    number = strict["hints"][0]["company_id"]
    own = [machine for machine in demo if machine.company_id == number]
    one = whole(stage, company_id=number, tolerances=STRICT)
    assert one["machines"] == len(own) < len(demo)
    assert one["hints"] == [hint for hint in strict["hints"] if hint["company_id"] == number]
    spring = whole(stage, company_id=number, tolerances=STRICT, **days)
    assert spring["judged"] == readings(own, since, until) < one["judged"]
    assert spring["hints"] == [
        hint for hint in one["hints"] if days["since"] <= hint["read_on"] <= days["until"]
    ]
    assert everything(adapters) == before, "nothing is stored"

    monkeypatch.setattr(look_back, "MOST_JUDGED", 100 // every)
    in_parts = whole(stage, tolerances=STRICT)
    assert in_parts.pop("parts") > 10
    del strict["parts"]
    assert in_parts == strict


def a_peak(number: str = "200001", **fields: Any) -> Machine:
    """One period of 4,000 pages instead of 1,000."""
    meter = a_meter(last_value=14_000, readings=14)
    history = tuple(
        entry._replace(value=entry.value + (3_000 if place >= 8 else 0))
        for place, entry in enumerate(meter.history)
    )
    return a_machine(number, meters=(replace(meter, history=history),), **fields)


def test_a_hint_says_what_staff_need_to_understand_it(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(machines=[a_peak()]))
    told = part(stage)
    (hint,) = told["hints"]
    text = hint.pop("text")
    assert "4.000" in text or "12.000" in text
    assert {name: hint[name] for name in ("machine_id", "serial", "model", "company_id")} == {
        "machine_id": "200001",
        "serial": "SN200001",
        "model": "IM C3000",
        "company_id": "10000",
    }
    assert (hint["meter_id"], hint["label"], hint["read_on"]) == ("1", "S/W", "2026-05-31")
    assert (hint["value"], hint["last"], hint["usage"]) == (12_000, 8_000, 4_000)
    assert hint["low"] < hint["expected"] < hint["high"] < hint["usage"]
    assert told["by_code"] == {hint["code"]: 1}
    english = stage.staff("POST", PATH, {}, language="en").json["hints"][0]
    assert english["text"] != text


def test_the_stored_tolerances_are_compared_with_the_tried_ones(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_peak()]))
    tried = part(stage, tolerances=GENEROUS)
    assert (tried["hints_total"], tried["stored"]["hints_total"]) == (0, 1)
    assert tried["stored"]["version"] == 0
    stored = {"version": 0, **GENEROUS}
    assert stage.staff("PUT", "/api/staff/tolerances", stored).status == 200
    now = part(stage)
    assert (now["hints_total"], now["stored"]) == (
        0,
        {"version": 1, "hints_total": 0, "by_code": {}},
    )
    usual = part(stage, tolerances={})
    assert (usual["hints_total"], usual["stored"]["hints_total"]) == (1, 0)
    told = stage.staff("GET", "/api/staff/tolerances").json
    assert part(stage, tolerances=told)["hints_total"] == 0


def test_all_hints_are_counted_and_the_first_ones_shown(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(machines=[a_peak(str(200_001 + n)) for n in range(5)]))
    told = part(stage, limit=2)
    assert (told["hints_total"], len(told["hints"]), told["complete"]) == (5, 2, True)


def test_parts_end_anywhere_and_miss_or_double_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("1", "10", "100", "2"):
        settle(adapters, a_holding(Company(number, "Muster GmbH"), contacts=[], machines=[]))
    for n in range(7):
        owner = ("1", "10", "2")[n % 3]
        settle_machine(adapters, a_peak(str(200_001 + n), company_id=owner))
    monkeypatch.setattr(look_back, "MOST_MACHINES", 1)
    told = whole(stage)
    assert sorted(hint["machine_id"] for hint in told["hints"]) == [
        str(200_001 + number) for number in range(7)
    ]
    assert whole(stage, company_id="10")["machines"] == 2


def test_without_time_left_every_part_still_gets_on(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(Company("9", "Leer GmbH"), contacts=[], contracts=[], machines=[]))
    settle(adapters, a_holding(machines=[a_peak(str(200_001 + n)) for n in range(3)]))
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", staticmethod(lambda: 11_999))
    told = whole(stage)
    assert (told["machines"], told["hints_total"]) == (3, 3)
    assert told["parts"] >= 4


def test_the_span_stays_the_same_from_part_to_part(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(machines=[a_peak(str(200_001 + n)) for n in range(2)]))
    monkeypatch.setattr(look_back, "MOST_MACHINES", 1)
    first = part(stage)
    monkeypatch.setattr(look_back, "USUAL_SPAN", look_back.USUAL_SPAN / 2)
    second = part(stage, cursor=first["next_cursor"])
    assert (second["since"], second["until"]) == (first["since"], first["until"])
    assert (first["since"], first["until"]) == ("2025-11-23", "2026-11-23")


def test_no_span_begins_before_the_calendar(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    told = part(stage, until="0001-01-02")
    assert (told["since"], told["until"]) == ("0001-01-01", "0001-01-02")
    assert part(stage, until="0002-01-01")["since"] == "0001-01-01"


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"until": "2026-11-24"}, 422, "span_in_the_future", "until"),
        ({"since": "2026-11-24"}, 422, "span_reversed", "since"),
        ({"since": "2026-05-01", "until": "2026-04-30"}, 422, "span_reversed", "since"),
        ({"since": "gestern"}, 422, "invalid", "since"),
        ({"tolerances": {"dealer": {"width": 11}}}, 422, "width_refused", "dealer.width"),
        ({"tolerances": {"kinds": {"FAX": {}}}}, 422, "unknown_kind", "kinds"),
        ({"tolerances": []}, 422, "invalid", "tolerances"),
        ({"limit": 0}, 422, "invalid", "limit"),
        ({"limit": 5_001}, 422, "invalid", "limit"),
        ({"company_id": "99999"}, 404, "not_found", "company_id"),
        ({"company_id": ""}, 422, "invalid", "company_id"),
        ({"cursor": "k1.AAAA"}, 400, "bad_page", "cursor"),
        ({"machines": []}, 422, "invalid", "machines"),
    ],
)
def test_bodies_that_are_refused(
    stage: Stage, adapters: Adapters, body: Any, status: int, code: str, field: str
) -> None:
    settle(adapters)
    answer = post(stage, **body)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (status, code, field)


def test_a_cursor_belongs_to_its_request_and_its_owner(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(machines=[a_peak(str(200_001 + n)) for n in range(2)]))
    monkeypatch.setattr(look_back, "MOST_MACHINES", 1)
    cursor = part(stage, tolerances=STRICT)["next_cursor"]
    assert part(stage, tolerances=STRICT, cursor=cursor)["complete"]
    for other in ({}, {"tolerances": GENEROUS}, {"tolerances": STRICT, "limit": 7}):
        assert post(stage, **other, cursor=cursor).status == 400
    claims = {
        "token_use": "id",
        "sub": "staff-2",
        "email": "b@dealer.example",
        "cognito:groups": "[admin]",
    }
    body = {"tolerances": STRICT, "cursor": cursor}
    foreign = stage.request("staff_api", "POST", PATH, body, claims=claims)
    assert (foreign.status, foreign.json["code"]) == (400, "bad_page")


def test_it_takes_a_group(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert post(stage, groups="guests").status == 403
    for group in ("read", "remind", "release", "admin"):
        assert post(stage, groups=group).status == 200
