"""Handing contracts over in tests: a successor named by the contact, decided on by staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.holdings import Holding
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings

from tests.support.builders import a_contract, a_holding, a_link, a_machine
from tests.support.stage import Answer, Stage

ERIKA = "erika@muster.example"


def ask(stage: Stage, **more: Any) -> Answer:
    body = {"name": "Erika Neu", "email": "Erika@Muster.example", **more}
    return stage.customer("POST", "/api/successors", body)


def asked(stage: Stage, **more: Any) -> str:
    answer = ask(stage, **more)
    assert answer.status == 201, answer.text
    number: str = answer.json["id"]
    return number


def decide(stage: Stage, number: str, decision: str = "approved", **more: Any) -> Answer:
    return stage.staff(
        "POST",
        f"/api/staff/successors/{number}/decision",
        {"decision": decision, **more},
        groups="read remind",
    )


def approved(stage: Stage, number: str) -> dict[str, Any]:
    answer = decide(stage, number)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def listed(stage: Stage, state: str = "open") -> list[dict[str, Any]]:
    answer = stage.staff("GET", f"/api/staff/successors?state={state}", groups="read")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["successors"]
    return found


def held(adapters: Adapters, company_id: str = "10000") -> Holding:
    found = holdings.people(adapters.table, company_id)
    assert found is not None
    return found


def contract(adapters: Adapters, number: str = "70001") -> Contract:
    return held(adapters).contracts[number]


def claims(adapters: Adapters, address: str = ERIKA) -> Mapping[str, str]:
    return mailboxes.load(adapters.table, address).claims


def machines_of(stage: Stage, adapters: Adapters, mailbox: str) -> list[str]:
    stage.cookies.clear()
    token = a_link(adapters, mailbox=mailbox)
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    return [machine["id"] for machine in stage.customer("GET", "/api/machines").json["machines"]]


def two_contracts(**more: Any) -> Holding:
    return a_holding(
        contracts=[a_contract(), a_contract("70002")],
        machines=[a_machine(), a_machine("200002", contract_id="70002")],
        **more,
    )
