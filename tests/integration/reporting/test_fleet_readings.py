"""Many machines in one request: each stored whole or not at all, none in the way of another."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Location
from meterportal.domain.refusals import Unavailable
from meterportal.store.writes import Write

from tests.support.builders import a_contract, a_holding, a_machine
from tests.support.customers import (
    asked_for_all,
    before_the_next_write,
    change,
    events,
    everything,
    put,
    second_company,
    signed_in,
    stored,
)
from tests.support.interleaving import every_order
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

GOOD = {"1": "11.000", "2": 4300}


def one(machine_id: Any = "200001", version: Any = 1, **fields: Any) -> dict[str, Any]:
    """One machine of a request, with plausible values unless told otherwise."""
    return {"machine_id": machine_id, "values": GOOD, "version": version} | fields


def send(stage: Stage, *machines: dict[str, Any], key: str | None = None, **more: Any) -> Answer:
    headers = {"idempotency-key": key} if key else {}
    body = {"machines": list(machines)}
    return stage.customer("PUT", "/api/readings", body, headers=headers, **more)


def fleet(stage: Stage, adapters: Adapters, size: int) -> list[str]:
    """A signed-in contact with so many machines; gives back their numbers."""
    numbers = [str(200_001 + number) for number in range(size)]
    signed_in(stage, adapters, a_holding(machines=[a_machine(number) for number in numbers]))
    return numbers


def statuses(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.text
    return [entry["status"] for entry in answer.json["machines"]]


def values(adapters: Adapters, machine_id: str) -> dict[str, int]:
    return {reading.meter_id: reading.value for reading in stored(adapters, machine_id).readings}


def test_each_machine_is_told_what_the_single_route_would_have_told(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, 3)
    single = put(stage, "200003", values=GOOD, version=1).json
    told = send(stage, one("200002"), one("200001", read_on="2026-11-20")).json["machines"]
    assert [entry.pop("machine_id") for entry in told] == ["200002", "200001"]
    assert told[0] == {"status": 200, **single}
    assert {reading["read_on"] for reading in told[1]["readings"]} == {"2026-11-20"}
    assert values(adapters, "200001") == values(adapters, "200002") == {"1": 11_000, "2": 4300}
    assert events(adapters, "200001") == events(adapters, "200002") == ["reported"]
    assert stored(adapters, "200002").version == 2


def test_refusals_stand_in_their_place_and_keep_nobody_else_back(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, 7)
    second_company(adapters)
    put(stage, "200005", values=GOOD, version=1)
    answer = send(
        stage,
        one("200001", values={"1": "12,5"}),
        one("200002", values={"1": 99_000}),
        one("200009"),
        one("nobody's"),
        one("200005", values={"1": 11_010}),
        one("200003", values={}),
        one("200004"),
        one("200006", values={"7": 1}),
        one("200007", read_on="2026-12-24"),
    )
    assert statuses(answer) == [422, 409, 404, 404, 412, 422, 200, 422, 422]
    told = {entry["machine_id"]: entry for entry in answer.json["machines"]}
    assert told["200001"]["field"] == "values.1"
    assert told["200002"]["code"] == "needs_confirmation"
    assert told["200002"]["findings"][0]["severity"] == "warn"
    assert (told["200005"]["version"], told["200005"]["code"]) == (2, "changed_meanwhile")
    assert told["200006"]["code"] == "unknown_meter"
    foreign, unknown = dict(told["200009"]), dict(told["nobody's"])
    for entry in (foreign, unknown):
        del entry["machine_id"], entry["correlation_id"]
    assert foreign == unknown
    assert values(adapters, "200004") == {"1": 11_000, "2": 4300}
    assert stored(adapters, "200009", "10007").readings == ()
    for number in ("200001", "200002", "200003", "200006", "200007"):
        assert events(adapters, number) == []


def test_a_refusal_is_the_same_as_that_of_the_single_route(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, 1)
    for entry in (
        one(values={"1": "zwölf"}),
        one(values={"1": 99_000}),
        one(version=9),
        one(values=GOOD, confirm={"7": "why"}),
    ):
        body = {name: value for name, value in entry.items() if name != "machine_id"}
        single = put(stage, **body).json
        (told,) = send(stage, entry).json["machines"]
        del single["correlation_id"], told["correlation_id"], told["machine_id"]
        assert told == single


def test_values_confirmed_with_a_reason_are_taken(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, 1)
    told = send(stage, one(values={"1": 99_000}, confirm={"1": "Messe"})).json["machines"]
    assert told[0]["readings"][0]["verdict"] == "confirmed"
    assert stored(adapters).readings[0].reason == "Messe"


@pytest.mark.parametrize(
    ("machines", "code", "field"),
    [
        ([one(), one("200002"), one()], "machine_twice", "machines.2.machine_id"),
        ([], "invalid", "machines"),
        ([one(f"{n}") for n in range(501)], "invalid", "machines"),
        ([one(), {"machine_id": "1", "values": GOOD}], "version_missing", "machines.1.version"),
        ([one(colour="red")], "invalid", "machines.0.colour"),
        ([one(read_on="2026-02-31")], "invalid", "machines.0.read_on"),
        ([one(machine_id=7)], "invalid", "machines.0.machine_id"),
        ([one(version="1")], "invalid", "machines.0.version"),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused_as_a_whole(
    stage: Stage, adapters: Adapters, machines: list[dict[str, Any]], code: str, field: str
) -> None:
    fleet(stage, adapters, 2)
    before = everything(adapters)
    refused = send(stage, *machines)
    assert (refused.status, refused.json["code"], refused.json["field"]) == (422, code, field)
    assert everything(adapters) == before


def test_a_megabyte_is_the_limit(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, 1)
    assert statuses(send(stage, one(confirm={"1": "x" * 900}))) == [422]
    assert send(stage, one(confirm={"1": "x" * 900_000})).status == 422
    assert send(stage, one(confirm={"1": "x" * 1_100_000})).status == 413


def test_who_is_not_signed_in_reports_nothing(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, 1)
    stage.cookies.clear()
    assert send(stage, one()).status == 401
    assert values(adapters, "200001") == {}


def test_fifty_machines_take_three_reads_and_two_transactions(
    stage: Stage, adapters: Adapters
) -> None:
    numbers = fleet(stage, adapters, 50)
    asked_for_all(adapters)
    with counted(adapters.table._client) as requests:
        told = send(stage, *map(one, numbers))
    assert statuses(told) == [200] * 50
    assert dict(requests) == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 2,
    }
    with counted(adapters.table._client) as requests:
        again = send(stage, *map(one, numbers))
    assert again.json == told.json
    assert "dynamodb.TransactWriteItems" not in requests


def test_another_reporters_machines_are_unknown_here(stage: Stage, adapters: Adapters) -> None:
    contracts = [a_contract("70001"), a_contract("70002", reporters=("5009",))]
    machines = [a_machine("200001"), a_machine("200002", contract_id="70002")]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    assert statuses(send(stage, one("200002"), one("200001"))) == [404, 200]
    assert values(adapters, "200002") == {}


def test_a_machine_that_changes_meanwhile_is_told_and_the_others_are_stored(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(stage, adapters, 3)
    before_the_next_write(
        monkeypatch, adapters, lambda: put(stage, "200002", values={"1": 11_050}, version=1)
    )
    answer = send(stage, one("200001"), one("200002"), one("200003"))
    assert statuses(answer) == [200, 412, 200]
    late = answer.json["machines"][1]
    assert (late["version"], late["readings"][0]["value"]) == (2, 11_050)
    assert values(adapters, "200002") == {"1": 11_050}
    assert values(adapters, "200003") == {"1": 11_000, "2": 4300}


def test_without_its_conditions_the_other_report_would_be_lost(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(stage, adapters, 2)
    before_the_next_write(
        monkeypatch,
        adapters,
        lambda: put(stage, "200002", values={"1": 11_050}, version=1),
        conditions=False,
    )
    assert statuses(send(stage, one("200001"), one("200002"))) == [200, 200]
    assert values(adapters, "200002")["1"] == 11_000


def test_an_import_meanwhile_disturbs_no_machine(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(stage, adapters, 2)
    room = Location("Zentrale", "A", "EG", "102")
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, "200002", location=room))
    assert statuses(send(stage, one("200001"), one("200002"))) == [200, 200]
    assert stored(adapters, "200002").location == room
    assert values(adapters, "200002") == {"1": 11_000, "2": 4300}


def test_the_same_key_tells_the_same_again_whatever_came_since(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters, 3)
    machines = [one("200001"), one("200002"), one("200003", values={"1": "x"})]
    first = send(stage, *machines, key="k")
    assert statuses(first) == [200, 200, 422]
    put(stage, "200001", values={"1": 11_010}, version=2)
    again = send(stage, *machines, key="k")
    assert again.json["machines"][:2] == first.json["machines"][:2]
    assert events(adapters, "200001") == ["reported", "corrected"]
    other = send(stage, *machines[:2], key="k")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    bad = send(stage, one(), key="ü")
    assert (bad.status, bad.json["code"]) == (422, "idempotency_key_refused")


def test_a_request_that_died_half_way_goes_on_under_its_key(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = fleet(stage, adapters, 50)
    original, calls = adapters.table.transact, []

    def dying(writes: list[Write]) -> None:
        calls.append(len(writes))
        if len(calls) == 2:
            raise Unavailable
        original(writes)

    monkeypatch.setattr(adapters.table, "transact", dying)
    first = send(stage, *map(one, numbers), key="k")
    assert statuses(first) == [200] * 48 + [503] * 2
    monkeypatch.setattr(adapters.table, "transact", original)
    put(stage, "200001", values={"1": 11_010}, version=2)
    again = send(stage, *map(one, numbers), key="k")
    assert statuses(again) == [200] * 50
    assert again.json["machines"][:48] == first.json["machines"][:48]
    assert values(adapters, "200050") == {"1": 11_000, "2": 4300}
    assert values(adapters, "200001")["1"] == 11_010


def test_a_table_out_of_reach_is_asked_once_only(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = fleet(stage, adapters, 50)
    calls = []

    def throttled(writes: list[Write]) -> None:
        calls.append(writes)
        raise Unavailable

    monkeypatch.setattr(adapters.table, "transact", throttled)
    assert statuses(send(stage, *map(one, numbers))) == [503] * 50
    assert len(calls) == 1


@pytest.mark.parametrize("key", [None, "k"], ids=["plain", "with a key"])
def test_the_same_request_twice_at_once_stores_once_in_every_order(
    stage: Stage, adapters: Adapters, key: str | None
) -> None:
    numbers = fleet(stage, adapters, 80)
    told: list[tuple[Answer, Answer]] = []

    def scene(number: int) -> tuple[Any, Any]:
        asked = [one(n) for n in numbers[2 * number : 2 * number + 2]]
        mine = key and f"{key}{number}"
        answers: list[Answer] = []

        def act() -> None:
            answers.append(send(stage, *asked, key=mine))
            if len(answers) == 2:
                told.append((answers[0], answers[1]))

        return act, act

    def matters(operation: str, parameters: Any) -> bool:
        return operation in {"TransactWriteItems", "Query"}

    orders = [order for _, order in every_order(scene, matters=matters)]
    assert len(orders) > 2
    assert len(told) == len(orders)
    for first, second in told:
        assert statuses(first) == statuses(second) == [200, 200]
        assert first.json == second.json
    for number in numbers[: 2 * len(orders)]:
        assert events(adapters, number) == ["reported"]
