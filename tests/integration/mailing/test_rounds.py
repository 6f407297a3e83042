"""Rounds through their doors: who is asked, who is left out and why, what staff are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, Contract
from meterportal.store import keys
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.requesting import (
    FACILITY,
    a_company,
    ask,
    left_out,
    recipients,
    report,
    text_of,
)
from tests.support.stage import Stage


def contract_of(adapters: Adapters, company: str, number: str) -> Contract:
    return holdings.contracts(adapters.table, [(company, number)])[number]


def test_one_mailbox_at_four_companies_gets_one_mail_about_all_of_it(
    stage: Stage, adapters: Adapters
) -> None:
    for n in range(4):
        a_company(adapters, n, contracts=2)
    shown = ask(stage)
    (mail,) = stage.mails()
    assert mail["To"] == FACILITY
    assert mail["Subject"] == "Zählerstände melden, fällig am 28.11.2026: 4 Firmen, 8 Geräte"
    for n in range(4):
        assert f"Firma {n}" in text_of(mail)
    assert (shown["state"], shown["planned"], shown["sent"]) == ("done", 1, 1)
    (row,) = shown["mails"]
    assert (row["companies"], row["contracts"], row["machines"]) == (4, 8, 8)
    assert row["mailbox_masked"] == "f***@haus.example"
    assert FACILITY not in str(shown)


def test_a_dry_run_plans_the_same_and_sends_and_marks_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    first, *_ = a_company(adapters, 1, contracts=3)
    a_company(adapters, 2, "anna@muster.example")
    report(adapters, f"2{first}", "1", "2")
    tried = ask(stage, dry_run=True)
    assert stage.mails() == []
    assert contract_of(adapters, "100001", first).asked == {}
    done = ask(stage)
    plans = [
        [{k: m[k] for k in ("mailbox_masked", "contract_ids", "machines")} for m in shown["mails"]]
        for shown in (tried, done)
    ]
    assert plans[0] == plans[1]
    assert tried["left_out"] == done["left_out"]
    assert left_out(done) == {first: ["already_reported"]}
    assert (tried["planned"], tried["not_due"]) == (done["planned"], done["not_due"])
    assert {mail["state"] for mail in tried["mails"]} == {"proposed"}
    assert tried["dry_run"]


def test_the_second_round_asks_nobody_twice(stage: Stage, adapters: Adapters) -> None:
    numbers = a_company(adapters, 1, contracts=2)
    ask(stage)
    again = ask(stage)
    assert left_out(again) == {number: ["already_asked"] for number in numbers}
    assert again["planned"] == 0
    assert len(stage.mails()) == 1


def test_contracts_that_fail_the_check_are_left_out_and_the_others_go_out(
    stage: Stage, adapters: Adapters
) -> None:
    settle(
        adapters,
        a_holding(
            contacts=[
                a_contact(),
                replace(a_contact("5002"), email="", mailbox=None),
                a_contact("5003", email="new@muster.example", rights=None),
            ],
            contracts=[
                a_contract(),
                a_contract("70002", reporters=("5002",)),
                a_contract("70003", reporters=("5003",)),
                a_contract("70004"),
            ],
            machines=[a_machine(f"20000{n}", contract_id=f"7000{n}") for n in (1, 2, 3)],
        ),
    )
    shown = ask(stage, {"ids": ["70001", "70002", "70003", "70004", "70404"]})
    assert recipients(stage.mails()) == ["clara@muster.example"]
    assert left_out(shown) == {
        "70002": ["email_missing"],
        "70003": ["rights_missing"],
        "70004": ["nothing_to_report"],
        "70404": ["contract_unknown"],
    }
    assert shown["left_out"][0]["reasons"][0]["contact_id"] == "5002"
    assert contract_of(adapters, "10000", "70002").asked == {}


def test_two_contacts_of_a_company_at_one_address_get_no_mail(
    stage: Stage, adapters: Adapters
) -> None:
    pair = [a_contact(), a_contact("5002", email="Clara@muster.example", rights=None)]
    settle(adapters, a_holding(contacts=pair))
    assert left_out(ask(stage)) == {"70001": ["email_doubled"]}
    assert stage.mails() == []


def test_a_filter_takes_what_is_due_and_numbers_are_asked_as_selected(
    stage: Stage, adapters: Adapters
) -> None:
    later = DUE + timedelta(days=60)
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(next_billing_on=later)], machines=[a_machine(due_on=later)]
        ),
    )
    shown = ask(stage)
    assert (shown["planned"], shown["not_due"], shown["left_out"]) == (0, 1, [])
    assert ask(stage, due_on=later.isoformat(), dry_run=True)["planned"] == 1
    early = ask(stage, {"ids": ["70001"]}, due_on="2026-12-31")
    assert left_out(early) == {"70001": ["not_due"]}
    assert ask(stage, {"ids": ["70001"]})["sent"] == 1


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        ({"company_id": "100001"}, 1),
        ({"contract_id": "700001000"}, 1),
        ({"contract_id": "404"}, 0),
        ({"company_id": "404"}, 0),
        ({"due_before": "2026-11-27"}, 0),
        ({"reading_channel": "MPS"}, 0),
        ({"state": "open"}, 2),
        ({"state": "complete"}, 0),
    ],
)
def test_a_filter_narrows_a_round(
    stage: Stage, adapters: Adapters, chosen: dict[str, str], sent: int
) -> None:
    a_company(adapters, 1)
    a_company(adapters, 2, "anna@muster.example")
    assert ask(stage, {"filter": chosen})["sent"] == sent


def test_exceptions_of_a_filter_are_not_asked(stage: Stage, adapters: Adapters) -> None:
    first, second = a_company(adapters, 1, contracts=2)
    shown = ask(stage, {"filter": {}, "except": [first]})
    assert shown["mails"][0]["contract_ids"] == [second]


def test_a_mailbox_of_more_contracts_than_a_transaction_holds_gets_one_mail(
    stage: Stage, adapters: Adapters
) -> None:
    numbers = a_company(adapters, 1, contracts=103)
    shown = ask(stage)
    assert len(stage.mails()) == 1
    assert "103 Geräte" in stage.mails()[0]["Subject"]
    assert "und 93 weitere" in text_of(stage.mails()[0])
    assert len(shown["mails"][0]["contract_ids"]) == 103
    assert all(contract_of(adapters, "100001", number).asked for number in numbers)


def test_a_round_that_has_ended_keeps_its_totals(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    first = ask(stage)["id"]
    ask(stage)
    found = rounds.load(adapters.table, first)
    assert found is not None
    assert found.settled is not None
    assert found.settled["sent"] == 1
    listed = stage.staff("GET", "/api/staff/rounds").json["rounds"]
    assert [(one["id"], one["sent"]) for one in listed][1] == (first, 1)


def test_the_same_key_starts_one_round(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    body: dict[str, Any] = {"selection": {"filter": {}}}

    def post(body: Any, key: str) -> Any:
        return stage.staff("POST", "/api/staff/rounds", body, headers={"Idempotency-Key": key})

    first, again = post(body, "k"), post(body, "k")
    assert first.json == again.json
    assert post(body | {"dry_run": True}, "k").json["code"] == "idempotency_key_reused"
    assert post(body, "x" * 300).status == 422
    stage.drain()
    assert len(stage.mails()) == 1
    assert len(stage.staff("GET", "/api/staff/rounds").json["rounds"]) == 1


def test_lists_of_rounds_mails_and_left_out_contracts_come_in_pages(
    stage: Stage, adapters: Adapters
) -> None:
    done = a_company(adapters, 99, "done@haus.example", contracts=5)
    for number in done:
        report(adapters, f"2{number}", "1", "2")
    for n in range(4):
        a_company(adapters, n, f"box{n}@haus.example")
    ask(stage)
    ask(stage, dry_run=True)
    first = stage.staff("GET", "/api/staff/rounds?limit=1").json
    second = stage.staff("GET", f"/api/staff/rounds?limit=1&cursor={first['next_cursor']}").json
    assert second["next_cursor"] is None
    newest, oldest = first["rounds"][0], second["rounds"][0]
    assert (newest["dry_run"], oldest["dry_run"]) == (True, False)
    mails: list[Any] = []
    contracts: list[Any] = []
    path = f"/api/staff/rounds/{oldest['id']}?limit=2"
    cursor: str | None = ""
    while cursor is not None:
        page = stage.staff("GET", path + (f"&cursor={cursor}" if cursor else "")).json
        mails += page["mails"]
        contracts += page["left_out"]
        cursor = page["next_cursor"]
    assert len(mails) == 4
    assert [one["contract_id"] for one in contracts] == done
    assert stage.staff("GET", f"{path}&cursor={first['next_cursor']}").status == 400


@pytest.mark.parametrize("limit", ["0", "-1", "1000000", "x"])
def test_page_sizes_out_of_range_are_refused(stage: Stage, limit: str) -> None:
    assert stage.staff("GET", f"/api/staff/rounds?limit={limit}").status == 400


def test_groups_and_unknown_rounds(stage: Stage) -> None:
    body: dict[str, Any] = {"selection": {"filter": {}}}
    assert stage.staff("POST", "/api/staff/rounds", body, groups="read release").status == 403
    assert stage.staff("POST", "/api/staff/rounds", body, groups="remind").status == 202
    assert stage.staff("GET", "/api/staff/rounds/404", groups="read").status == 404


def test_a_period_that_moved_on_is_asked_for_anew(stage: Stage, adapters: Adapters) -> None:
    (number,) = a_company(adapters, 1)
    ask(stage)
    later = DUE + timedelta(days=30)
    contract = replace(contract_of(adapters, "100001", number), next_billing_on=later)
    place = keys.contract("100001", number)
    adapters.table.write(holdings.save_master(place, holdings.contract_master(contract)))
    settle(
        adapters,
        a_holding(
            Company("100001", "Firma 1"),
            contacts=[],
            contracts=[],
            machines=[a_machine("9", contract_id=number, due_on=later)],
        ),
    )
    assert ask(stage, {"ids": [number]})["sent"] == 1
    assert contract_of(adapters, "100001", number).asked_for == later
