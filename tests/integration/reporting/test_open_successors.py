"""So many requests of one contact wait for staff at once, whoever sends them at the same moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.reporting.successors import MOST_OPEN

from tests.support.builders import a_contact, a_contract, a_holding, a_link
from tests.support.customers import open_by, signed_in
from tests.support.handing_over import ask, asked, decide, listed
from tests.support.interleaving import every_order, unconditional
from tests.support.stage import Stage
from tests.support.wire import counted


def name(number: int) -> dict[str, object]:
    return {"name": f"Neu {number}", "email": f"neu{number}@muster.example"}


def test_the_sixth_open_request_is_refused_in_words(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    numbers = [asked(stage, **name(n)) for n in range(MOST_OPEN)]
    assert len(set(numbers)) == 5
    refused = ask(stage, **name(9))
    assert (refused.status, refused.json["code"]) == (409, "too_many_successors")
    assert "Von Ihnen warten schon 5" in refused.json["detail"]
    assert len(listed(stage)) == 5


def test_the_same_request_again_is_still_the_same_one(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    numbers = [asked(stage, **name(n)) for n in range(MOST_OPEN)]
    assert asked(stage, **name(0)) == numbers[0]


@pytest.mark.parametrize("decision", ["approved", "refused"])
def test_a_decision_makes_room_for_another(stage: Stage, adapters: Adapters, decision: str) -> None:
    signed_in(stage, adapters)
    numbers = [asked(stage, **name(n)) for n in range(MOST_OPEN)]
    assert decide(stage, numbers[2], decision).status == 200
    assert decide(stage, numbers[2], decision).status == 200
    if decision == "refused":
        assert ask(stage, **name(10)).status == 201
        assert ask(stage, **name(11)).status == 409


def test_another_contact_of_the_company_has_five_of_their_own(
    stage: Stage, adapters: Adapters
) -> None:
    paul = a_contact("5002", email="paul@muster.example")
    named = [a_contract(reporters=("5001", "5002"))]
    held = a_holding(contacts=[a_contact(), paul], contracts=named)
    signed_in(stage, adapters, held)
    for n in range(MOST_OPEN):
        asked(stage, **name(n))
    assert open_by(stage, a_link(adapters, mailbox="paul@muster.example")).status == 201
    assert ask(stage, **name(20)).status == 201


@pytest.mark.parametrize("conditions", [True, False])
def test_two_at_once_never_pass_the_limit(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    signed_in(stage, adapters)
    kept: list[str] = []
    if not conditions:
        unconditional(monkeypatch, adapters.table)
    told: list[list[int]] = []

    def scene(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
        for waiting in kept:
            decide(stage, waiting, "refused")
        kept.clear()
        kept.extend(asked(stage, **name(100 * number + n)) for n in range(MOST_OPEN - 1))
        told.append([])

        def act(n: int) -> None:
            answer = ask(stage, **name(100 * number + n))
            told[-1].append(answer.status)
            if answer.status == 201:
                kept.append(answer.json["id"])

        return lambda: act(50), lambda: act(51)

    passed = 0
    for number, order in every_order(scene, matters=lambda call, _: call == "TransactWriteItems"):
        passed += told[number] == [201, 201]
        if conditions:
            assert sorted(told[number]) == [201, 409], order
    assert bool(passed) is not conditions


def test_naming_a_successor_costs_one_transaction(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    with counted(adapters.table._client) as calls:
        asked(stage)
    assert calls["dynamodb.TransactWriteItems"] == 1
    assert calls["dynamodb.PutItem"] == 0
