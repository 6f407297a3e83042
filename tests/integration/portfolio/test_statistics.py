"""Statistics through their doors: from the request to the month that is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import Moment
from meterportal.store.portfolio import machines, statistics
from meterportal.usecases.portfolio.build_portfolio import build

from tests.support.customers import open_by
from tests.support.requesting import FACILITY, a_company, ask, report, token_of
from tests.support.stage import Stage, query
from tests.support.wire import counted


def got(stage: Stage, path: str = "/api/staff/statistics", **parameters: Any) -> Any:
    answer = stage.staff("GET", query(path, **parameters) if parameters else path, groups="read")
    assert answer.status == 200, answer.text
    return answer.json


def built(adapters: Adapters, at: Moment, *, days: int = 0) -> None:
    now = at.now + timedelta(days=days)
    later = Moment(now, now.date())
    assert build(adapters, later, has_time=lambda: True) is not None


def gone_on(adapters: Adapters, machine_id: str) -> None:
    """An import brings the machine's next due date."""
    seen = machines.find(adapters.table, [machine_id])[machine_id]
    later = replace(seen, due_on=date(2027, 2, 28), readings=())
    adapters.table.transact(machines.save(later, seen=seen, event=None))


def test_before_the_first_count_there_is_nothing(stage: Stage) -> None:
    found = got(stage)
    assert (found["period"], found["periods"]) == ("2026-11", [])
    assert (found["this"], found["before"]) == (None, None)
    assert got(stage, "/api/staff/statistics/companies") == {"companies": [], "next_cursor": None}


def test_a_month_tells_who_was_asked_who_opened_and_who_reported(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    first, second = a_company(adapters, 1, contracts=2)
    a_company(adapters, 2, "otter@haus.example")
    round_id = ask(stage)["id"]
    letter = next(mail for mail in stage.mails() if mail["To"] == FACILITY)
    open_by(stage, token_of(letter))
    report(adapters, f"2{first}", "1", "2")
    report(adapters, f"2{second}", "1")
    built(adapters, at)
    month = got(stage)["this"]
    whole = {"machines": 3, "opened": 2, "reported": 1}
    assert (month["due"], month["done"]) == (3, 1)
    assert month["response"].items() >= whole.items()
    (only,) = month["rounds"]
    assert (only["round_id"], only["kind"], only["mails"]) == (round_id, "request", 2)
    assert only["response"].items() >= whole.items()
    assert month["channels"] == [{"channel": "PORTAL", "machines": 1}]
    assert month["first_asked_on"] == only["on"]
    assert sum(month["curve"][-1:]) == 1


def test_what_has_gone_on_to_its_next_due_date_is_still_counted(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    report(adapters, f"2{number}", "1", "2")
    built(adapters, at)
    before = got(stage)["this"]
    gone_on(adapters, f"2{number}")
    built(adapters, at, days=1)
    after = got(stage)["this"]
    assert after["counted_at"] > before["counted_at"]
    assert after | {"counted_at": ""} == before | {"counted_at": ""}


def test_a_month_stands_beside_the_one_before(stage: Stage, adapters: Adapters, at: Moment) -> None:
    a_company(adapters, 1)
    built(adapters, at)
    told = next(statistics.newest(adapters.table, most=1))[2]
    statistics.keep(adapters.table, "2026-08", told._replace(due=77), at=at.now)
    found = got(stage)
    assert (found["periods"], found["before"]["period"]) == (["2026-11", "2026-08"], "2026-08")
    earlier = got(stage, period="2026-08")
    assert (earlier["this"]["due"], earlier["before"]) == (77, None)
    assert got(stage, period="2026-09")["this"] is None


def test_a_count_that_began_earlier_does_not_replace_a_later_one(
    adapters: Adapters, at: Moment
) -> None:
    a_company(adapters, 1)
    built(adapters, at, days=1)
    told = next(statistics.newest(adapters.table, most=1))[2]
    assert not statistics.keep(adapters.table, "2026-11", told._replace(due=0), at=at.now)
    assert next(statistics.newest(adapters.table, most=1))[2] == told


def test_companies_come_by_the_page_with_their_names(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    for number in range(3):
        own = a_company(adapters, number, f"c{number}@haus.example", contracts=number + 1)
        report(adapters, f"2{own[0]}", "1", "2")
    built(adapters, at)
    path = "/api/staff/statistics/companies"
    first = got(stage, path, limit="2")
    rest = got(stage, path, limit="2", cursor=first["next_cursor"])
    told = [*first["companies"], *rest["companies"]]
    assert [(one["company"]["name"], one["due"], one["done"]) for one in told] == [
        ("Firma 2", 3, 1),
        ("Firma 1", 2, 1),
        ("Firma 0", 1, 1),
    ]
    assert rest["next_cursor"] is None
    other = stage.staff("GET", query(path, period="2026-10", cursor=first["next_cursor"]))
    assert other.status == 400, "a cursor is good for its own month"


def test_statistics_cost_the_same_whatever_the_number_of_machines(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    for number in range(4):
        a_company(adapters, number, f"c{number}@haus.example", contracts=3)
    ask(stage)
    built(adapters, at)
    with counted(adapters.table._client, adapters.files._client) as calls:
        got(stage)
    assert calls == {"dynamodb.Query": 1, "dynamodb.BatchGetItem": 1}
    with counted(adapters.table._client, adapters.files._client) as calls:
        got(stage, "/api/staff/statistics/companies")
    assert calls == {"s3.GetObject": 1, "dynamodb.BatchGetItem": 1}


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "november", "2026-11-28", "٢٠٢٦-11"])
def test_a_period_that_is_none_is_refused(stage: Stage, period: str) -> None:
    for path in ("/api/staff/statistics", "/api/staff/statistics/companies"):
        answer = stage.staff("GET", query(path, period=period), groups="read")
        assert (answer.status, answer.json["field"]) == (400, "period")


def test_statistics_are_for_staff(stage: Stage) -> None:
    for path in ("/api/staff/statistics", "/api/staff/statistics/companies"):
        assert stage.staff("GET", path, groups="remind").status == 200
        assert stage.staff("GET", path, groups="none").status == 403
