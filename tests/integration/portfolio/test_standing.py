"""What stands in the way of contracts that are due: each in one place, with whom to ask about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Delivery, ReadingChannel
from meterportal.store.access import mailboxes

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.requesting import ask, left_out
from tests.support.stage import Stage
from tests.support.wire import counted

CLARA = "clara@muster.example"


def standing(stage: Stage, *numbers: str, **more: Any) -> Any:
    query = f"?ids={','.join(numbers)}" if numbers else ""
    answer = stage.staff("GET", f"/api/staff/readiness{query}", groups="read", **more)
    assert answer.status == 200, answer.text
    return answer.json


def by_contract(found: Any) -> dict[str, tuple[str, list[str]]]:
    return {
        one["id"]: (one["standing"], [reason["code"] for reason in one["reasons"]])
        for one in found["contracts"]
    }


@pytest.fixture
def company(adapters: Adapters) -> None:
    held = a_holding(
        contacts=[
            a_contact(),
            a_contact("5002", email="new@muster.example", rights=None),
            replace(a_contact("5003", phone="+49 211 1"), email="", mailbox=None),
            a_contact("5004", email="old@muster.example", active=False),
        ],
        contracts=[
            a_contract(),
            a_contract("70002", reporters=("5002",)),
            a_contract("70003", reporters=("5003",)),
            a_contract("70004", reporters=("5004",)),
            a_contract("70005", reading_channel=ReadingChannel.PHONE),
        ],
        machines=[a_machine(f"20000{n}", contract_id=f"7000{n}") for n in range(1, 6)],
    )
    settle(adapters, held)


NUMBERS = ("70001", "70002", "70003", "70004", "70005")


def test_each_contract_stands_in_one_place(stage: Stage, company: None) -> None:
    found = standing(stage, *NUMBERS)
    assert by_contract(found) == {
        "70001": ("ready", []),
        "70002": ("without_rights", ["rights_missing"]),
        "70003": ("not_ready", ["email_missing"]),
        "70004": ("not_ready", ["reporter_inactive"]),
        "70005": ("other_way", []),
    }
    assert found["due_by"] == "2026-12-07"
    (no_address,) = [one for one in found["contacts"] if one["id"] == "5003"]
    assert no_address == {
        "id": "5003",
        "name": "Clara Schäfer",
        "company_id": "10000",
        "version": no_address["version"],
        "phone": "+49 211 1",
        "email": "",
        "active": True,
        "delivery": "ok",
    }
    assert sorted(one["id"] for one in found["contacts"]) == ["5002", "5003", "5004"]


def test_a_round_asks_whom_this_calls_ready_and_nobody_else(stage: Stage, company: None) -> None:
    found = by_contract(standing(stage, *NUMBERS))
    shown = ask(stage, {"ids": list(NUMBERS)}, dry_run=True)
    asked = [number for mail in shown["mails"] for number in mail["contract_ids"]]
    assert asked == [number for number, (where, _) in found.items() if where == "ready"]
    others = left_out(shown)
    for number, (where, reasons) in found.items():
        if where in {"not_ready", "without_rights"}:
            assert reasons == others[number]


def test_portal_ready_moves_who_only_lacks_rights(stage: Stage, company: None) -> None:
    body = {"selection": {"ids": ["70002"]}, "dry_run": False}
    assert stage.staff("POST", "/api/staff/readiness", body).status == 200
    assert by_contract(standing(stage, "70002"))["70002"] == ("ready", [])


def test_the_state_of_an_address_stands_with_its_owner(
    stage: Stage, adapters: Adapters, company: None
) -> None:
    write = mailboxes.note_failure(CLARA, Delivery.BOUNCED, at="2026-11-20T09:00:00+00:00")
    adapters.table.write(write)
    found = standing(stage, "70001", language="en")
    assert by_contract(found)["70001"] == ("not_ready", ["email_bounced"])
    assert [one["delivery"] for one in found["contacts"]] == ["bounced"]
    assert "come back as undeliverable" in found["contracts"][0]["reasons"][0]["text"]


def test_without_numbers_it_tells_the_day_alone(stage: Stage, adapters: Adapters) -> None:
    with counted(adapters.table._client) as requests:
        found = standing(stage)
    assert found == {"due_by": "2026-12-07", "contracts": [], "contacts": []}
    assert requests == {"dynamodb.GetItem": 1}, (
        "the dealer's schedule, for the days until it is due"
    )


def test_what_there_is_not_is_left_out(stage: Stage, company: None) -> None:
    assert by_contract(standing(stage, "70404", "70001")) == {"70001": ("ready", [])}


@pytest.mark.parametrize(
    "ids", ["70001,,70002", ",".join(str(n) for n in range(101)), "7" * 65], ids=len
)
def test_no_more_than_a_hundred_sound_numbers_are_taken(stage: Stage, ids: str) -> None:
    refused = stage.staff("GET", f"/api/staff/readiness?ids={ids}", groups="read")
    assert (refused.status, refused.json["code"], refused.json["field"]) == (
        400,
        "bad_query",
        "ids",
    )
