"""What the contact's routes cost in requests, counted on the wire in a process that just started."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import meterportal.adapters
import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import machines, packed_histories

from tests.support.builders import (
    a_contract,
    a_holding,
    a_link,
    a_machine,
    settle,
    settle_machine,
)
from tests.support.customers import asked_for_all, second_company, signed_in
from tests.support.stage import Stage
from tests.support.wire import counted

SERVICES = ("dynamodb", "secretsmanager", "sesv2", "sqs", "s3")
MOST_CALLS = 690
"""Of our own functions, for a machine of two meters with twelve values each."""

MOST_CALLS_TO_SHOW, MOST_CALLS_TO_COUNT = 16, 22
"""The same for one that a page shows, and for one that is put in order and counted."""

Fresh = Callable[[], Any]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Fresh:
    """Counts requests to every service while its block runs, by a process that has no doors yet."""

    @contextmanager
    def process() -> Iterator[Counter[str]]:
        clients = {service: boto3.client(service) for service in SERVICES}
        with monkeypatch.context() as patched, counted(*clients.values()) as counts:
            patched.setattr(meterportal.adapters, "_client", clients.__getitem__)
            meterportal.adapters.adapters.cache_clear()
            yield counts
        meterportal.adapters.adapters.cache_clear()

    return process


@pytest.fixture
def twenty(stage: Stage, adapters: Adapters) -> Stage:
    """A signed-in contact with twenty machines under two contracts, asked for both."""
    fleet = [
        a_machine(str(200_001 + number), contract_id=f"7000{1 + number % 2}")
        for number in range(20)
    ]
    contracts = [a_contract("70001"), a_contract("70002")]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=fleet))
    asked_for_all(adapters)
    return stage


def dynamodb(counts: Counter[str]) -> dict[str, int]:
    return {
        name.removeprefix("dynamodb."): number
        for name, number in counts.items()
        if name.startswith("dynamodb.")
    }


def other(counts: Counter[str], stage: Stage) -> int:
    """Requests elsewhere, less the one that learns CloudFront's secret where there is one."""
    elsewhere = sum(number for name, number in counts.items() if not name.startswith("dynamodb."))
    return elsewhere - bool(stage.environment.get("ORIGIN_SECRET"))


def test_the_door_readies_a_process_without_the_table(
    stage: Stage, adapters: Adapters, fresh: Fresh
) -> None:
    """What the first opening needs is there by then: it asks for no secret any more."""
    settle(adapters)
    token = a_link(adapters)
    with fresh() as counts:
        answer = stage.customer("GET", "/api/door")
        assert (answer.status, answer.text) == (204, "")
        assert dynamodb(counts) == {}
        assert counts["secrets-manager.GetSecretValue"] >= 1
        counts.clear()
        assert stage.customer("POST", "/api/session", {"token": token}).status == 201
        assert dynamodb(counts)
        assert counts["secrets-manager.GetSecretValue"] == 0


def test_the_overview_takes_three_requests(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        answer = twenty.customer("GET", "/api/machines")
    assert (answer.status, len(answer.json["machines"])) == (200, 20)
    assert dynamodb(counts) == {"GetItem": 1, "BatchGetItem": 1, "Query": 1}
    assert other(counts, twenty) == 0


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k"}], ids=["plain", "with a key"])
def test_a_submission_takes_four_requests(
    twenty: Stage, fresh: Fresh, headers: dict[str, str]
) -> None:
    body = {"values": {"1": 11_000, "2": 4300}, "version": 1}
    with fresh() as counts:
        answer = twenty.customer("PUT", "/api/machines/200007/readings", body, headers=headers)
    assert answer.status == 200
    assert dynamodb(counts) == {
        "GetItem": 1,
        "Query": 1,
        "BatchGetItem": 1,
        "TransactWriteItems": 1,
    }
    assert other(counts, twenty) == 0


@contextmanager
def own_calls() -> Iterator[Counter[bool]]:
    """Counts calls of our own functions under True."""
    counts: Counter[bool] = Counter()
    sys.setprofile(
        lambda frame, event, _: counts.update(
            [event == "call" and "/shared/meterportal/" in frame.f_code.co_filename]
        )
    )
    try:
        yield counts
    finally:
        sys.setprofile(None)


def test_a_machine_more_in_an_overview_takes_few_calls(stage: Stage, adapters: Adapters) -> None:
    """And one that it only puts in order and counts takes fewer."""
    signed_in(stage, adapters, a_holding(machines=[a_machine(str(n)) for n in range(100, 120)]))
    asked_for_all(adapters)

    def calls(limit: int) -> int:
        with own_calls() as counts:
            answer = stage.customer("GET", f"/api/machines?limit={limit}")
        assert len(answer.json["machines"]) == limit
        return counts[True]

    calls(20)  # what a process does once
    few, more = calls(1), calls(11)
    assert (more - few) / 10 <= MOST_CALLS_TO_SHOW
    for n in range(120, 130):
        settle_machine(adapters, a_machine(str(n)))
    assert (calls(1) - few) / 10 <= MOST_CALLS_TO_COUNT


def test_a_machine_more_in_a_report_takes_few_calls(
    twenty: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls of our own functions, which no load on a machine changes; each entry of a history is made once,
    and no meter is packed anew."""
    made: list[object] = []
    original = packed_histories.entries_of

    def noticed(steps: list[Any]) -> Any:
        entries = original(steps)
        made.extend(entries)
        return entries

    monkeypatch.setattr(packed_histories, "entries_of", noticed)
    monkeypatch.delattr(machines, "_pack_meter")
    values = {"1": 11_000, "2": 4300}

    def calls(*numbers: int) -> int:
        body = [{"machine_id": f"{n}", "values": values, "version": 1} for n in numbers]
        with own_calls() as counts:
            answer = twenty.customer("PUT", "/api/readings", {"machines": body})
        assert [one["status"] for one in answer.json["machines"]] == [200] * len(numbers)
        return counts[True]

    calls(200_001)  # what a process does once
    made.clear()
    one, three = calls(200_002), calls(200_003, 200_004, 200_005)
    assert (three - one) / 2 <= MOST_CALLS
    assert len(made) == 4 * sum(len(meter.history) for meter in a_machine().meters)


def test_who_was_not_asked_costs_one_read_more(
    stage: Stage, adapters: Adapters, fresh: Fresh
) -> None:
    """Then the dealer's grace days decide which day of reading is taken."""
    signed_in(stage, adapters, a_holding(machines=[a_machine()]))
    with fresh() as counts:
        assert stage.customer("GET", "/api/machines").status == 200
    assert dynamodb(counts) == {"GetItem": 2, "BatchGetItem": 1, "Query": 1}


def test_a_check_takes_three_requests(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        twenty.customer("POST", "/api/machines/200007/check", {"values": {"1": 11_000}})
    assert dynamodb(counts) == {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
    assert other(counts, twenty) == 0


def test_showing_the_session_takes_four_requests(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        twenty.customer("GET", "/api/session")
    assert dynamodb(counts) == {"GetItem": 2, "BatchGetItem": 2}
    assert other(counts, twenty) == 0


def test_opening_takes_six_requests_and_the_key(
    stage: Stage, adapters: Adapters, fresh: Fresh
) -> None:
    settle(adapters)
    token = a_link(adapters)
    with fresh() as counts:
        assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    assert dynamodb(counts) == {"GetItem": 2, "BatchGetItem": 2, "PutItem": 1, "UpdateItem": 1}
    assert other(counts, stage) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        # In a transaction, because the browser's earlier session ends with it.
        (
            "POST",
            "/api/session",
            {},
            {
                "GetItem": 2,
                "BatchGetItem": 1,
                "Query": 1,
                "TransactWriteItems": 1,
                "UpdateItem": 1,
            },
        ),
        ("GET", "/api/session", None, {"GetItem": 2, "BatchGetItem": 1, "Query": 1}),
        (
            "PUT",
            "/api/session/company",
            {"company_id": "10000"},
            {"GetItem": 2, "BatchGetItem": 1, "Query": 1, "UpdateItem": 1},
        ),
    ],
)
def test_the_session_with_its_overview_reads_nothing_twice(
    twenty: Stage,
    adapters: Adapters,
    fresh: Fresh,
    method: str,
    path: str,
    body: dict[str, str] | None,
    expected: dict[str, int],
) -> None:
    sent = {"token": a_link(adapters)} if body == {} else body
    with fresh() as counts:
        answer = twenty.customer(method, f"{path}?overview=1", sent)
    assert answer.json["overview"] == twenty.customer("GET", "/api/machines").json
    assert len(answer.json["overview"]["machines"]) == 20
    assert dynamodb(counts) == expected


def test_further_companies_cost_the_overview_one_request_more(
    twenty: Stage, adapters: Adapters, fresh: Fresh
) -> None:
    second_company(adapters)
    with fresh() as counts:
        answer = twenty.customer("GET", "/api/session?overview=1")
    assert len(answer.json["companies"]) == 2
    assert answer.json["overview"]["company"]["id"] == "10000"
    assert dynamodb(counts) == {"GetItem": 2, "BatchGetItem": 2, "Query": 1}


def test_what_is_open_costs_a_query_a_company(
    twenty: Stage, adapters: Adapters, fresh: Fresh
) -> None:
    second_company(adapters)
    with fresh() as counts:
        answer = twenty.customer("GET", "/api/session?counts=1")
    assert [company["open"] for company in answer.json["companies"]] == [1, 20]
    # The second company was not asked: its grace days are read.
    assert dynamodb(counts) == {"GetItem": 3, "BatchGetItem": 3, "Query": 2}
    with fresh() as counts:
        twenty.customer("GET", "/api/session?counts=1&overview=1")
    assert dynamodb(counts) == {"GetItem": 3, "BatchGetItem": 3, "Query": 2}


def test_nobodys_request_takes_one_request_or_none(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        twenty.request("customer_api", "GET", "/api/machines")
        twenty.request("customer_api", "GET", "/api/machines", cookies={"__Host-session": "x"})
    assert dynamodb(counts) == {}
    with fresh() as counts:
        unknown = {"__Host-session": "A" * 22}
        twenty.request("customer_api", "GET", "/api/machines", cookies=unknown)
    assert dynamodb(counts) == {"GetItem": 1}


LOOKING = {"GetItem": 1, "BatchGetItem": 1, "Query": 1}


def test_a_history_takes_three_requests_and_its_help_one_more(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        assert twenty.customer("GET", "/api/machines/200007/history").status == 200
    assert dynamodb(counts) == LOOKING
    with fresh() as counts:
        assert twenty.customer("GET", "/api/machines/200007/help").status == 200
    assert dynamodb(counts) == LOOKING | {"BatchGetItem": 2}
    assert other(counts, twenty) == 0


def test_a_problem_takes_four_requests(twenty: Stage, fresh: Fresh) -> None:
    with fresh() as counts:
        answer = twenty.customer("POST", "/api/machines/200007/problems", {"kind": "gone"})
    assert answer.status == 201
    assert dynamodb(counts) == LOOKING | {"TransactWriteItems": 1}
    assert other(counts, twenty) == 0
    with fresh() as counts:
        path = f"/api/machines/200007/problems/{answer.json['id']}"
        assert twenty.customer("DELETE", path).status == 204
    assert dynamodb(counts) == LOOKING | {"TransactWriteItems": 1}


def test_an_entry_that_settles_a_problem_takes_no_request_more(twenty: Stage, fresh: Fresh) -> None:
    twenty.customer("POST", "/api/machines/200007/problems", {"kind": "cannot_read"})
    body = {"values": {"1": 11_000, "2": 4300}, "version": 1}
    with fresh() as counts:
        assert twenty.customer("PUT", "/api/machines/200007/readings", body).status == 200
    assert dynamodb(counts)["TransactWriteItems"] == 1
    assert sum(dynamodb(counts).values()) == 4


def test_naming_a_successor_takes_four_requests(twenty: Stage, fresh: Fresh) -> None:
    body = {"name": "Erika Neu", "email": "erika@muster.example"}
    with fresh() as counts:
        assert twenty.customer("POST", "/api/successors", body).status == 201
    assert dynamodb(counts) == LOOKING | {"TransactWriteItems": 1}
