"""Which addresses no mail reaches: a list that holds exactly what somebody has to mend or lift."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store.access import mailboxes

from tests.support.builders import a_contact, a_holding, settle
from tests.support.customers import CLARA, second_company
from tests.support.stage import Answer, Stage, query
from tests.support.wire import counted

SINCE = "2026-11-20T08:00:00.000+00:00"


def fails(adapters: Adapters, address: str, how: Delivery = Delivery.BOUNCED) -> None:
    adapters.table.write(mailboxes.note_failure(address, how, at=SINCE))


def ask(stage: Stage, **wanted: Any) -> Answer:
    return stage.staff("GET", query("/api/staff/addresses", **wanted), groups="read")


def addresses(stage: Stage) -> list[str]:
    told = ask(stage)
    assert told.status == 200, told.text
    return [one["address"] for one in told.json["addresses"]]


def test_an_address_is_listed_with_who_has_it_until_it_is_lifted(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    assert ask(stage).json == {"addresses": [], "next_cursor": None}
    fails(adapters, CLARA)
    (one,) = ask(stage).json["addresses"]
    assert (one["address"], one["state"], one["since"]) == (CLARA, "bounced", SINCE)
    (person,) = one["people"]
    assert person["contact"]["id"] == "5001"
    fails(adapters, CLARA, Delivery.COMPLAINED)
    assert ask(stage).json["addresses"][0]["state"] == "complained"
    body = {"reason": "Postfach war voll", "delivery": "complained"}
    lifted = stage.staff("POST", "/api/staff/contacts/5001/lift", body, groups="remind")
    assert lifted.status == 200, lifted.text
    assert addresses(stage) == []


def test_an_address_that_was_mended_is_no_task_any_more(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    fails(adapters, CLARA)
    body = {"email": "c.schaefer@muster.example", "version": 0}
    seen = stage.staff("GET", "/api/staff/companies/10000").json["contacts"]
    body["version"] = next(one["version"] for one in seen if one["id"] == "5001")
    mended = stage.staff("PATCH", "/api/staff/contacts/5001", body, groups="remind")
    assert mended.status == 200, mended.text
    assert addresses(stage) == []


def test_who_has_left_is_no_task(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(active=False)]))
    fails(adapters, CLARA)
    fails(adapters, "nobody@muster.example")
    assert addresses(stage) == []


def test_an_address_of_two_companies_is_one_row(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    second_company(adapters)
    fails(adapters, CLARA)
    (one,) = ask(stage).json["addresses"]
    assert len({person["company"]["id"] for person in one["people"]}) == 2


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_pages_add_up(stage: Stage, adapters: Adapters, limit: int) -> None:
    boxes = sorted(f"p{n}@muster.example" for n in range(3))
    people = [a_contact(f"510{n}", email=box, mailbox=box) for n, box in enumerate(boxes)]
    settle(adapters, a_holding(contacts=[a_contact(), *people]))
    for box in [*boxes, "a.nobody@muster.example"]:
        fails(adapters, box)
    found: list[str] = []
    cursor = None
    while True:
        wanted = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = ask(stage, **wanted).json
        found += [one["address"] for one in page["addresses"]]
        assert len(page["addresses"]) <= limit
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == boxes


def test_bad_requests_and_rights(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert stage.staff("GET", "/api/staff/addresses", groups="").status == 403
    assert ask(stage, cursor="AAAA").status == 400
    for wanted in ({"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"state": "bounced"}):
        assert ask(stage, **wanted).status in (400, 422), wanted


def test_an_answer_costs_a_query_and_three_reads_per_hundred(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    fails(adapters, CLARA)
    with counted(adapters.table._client) as calls:
        assert len(ask(stage).json["addresses"]) == 1
    assert calls == {"dynamodb.Query": 1, "dynamodb.BatchGetItem": 3}
