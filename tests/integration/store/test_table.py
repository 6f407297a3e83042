"""The table's connection: values survive, conditions are named, passing trouble is told apart."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.refusals import Unavailable
from meterportal.store.items import marshal, unmarshal
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

from tests.support.faults import refused

NAMES = st.text(min_size=1, max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(max_size=20)
    | st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_stored_comes_back(value: object) -> None:
    assert unmarshal(marshal(value)) == value


def test_a_float_is_never_stored() -> None:
    with pytest.raises(TypeError):
        marshal(1.5)


def test_a_failed_condition_names_its_part_and_what_stood_there(adapters: Adapters) -> None:
    adapters.table.write(Write(put={"pk": "A", "sk": "A", "value": 1}))
    with pytest.raises(ConditionFailed) as failed:
        adapters.table.transact(
            [
                Write(put={"pk": "B", "sk": "B"}, condition="attribute_not_exists(pk)").named(
                    "new"
                ),
                Write(put={"pk": "A", "sk": "A"}, condition="attribute_not_exists(pk)").named(
                    "old"
                ),
            ]
        )
    assert failed.value.only_on("old")
    assert not failed.value.on("new")
    assert failed.value.stood("old") == {"pk": "A", "sk": "A", "value": 1}
    assert adapters.table.get("B", "B") is None


def test_a_query_crosses_pages_and_obeys_its_limit(adapters: Adapters) -> None:
    adapters.table.batch_write(
        {"pk": "P", "sk": f"{n:03d}", "pad": "x" * 30_000} for n in range(60)
    )
    assert [item["sk"] for item in adapters.table.query("P")] == [f"{n:03d}" for n in range(60)]
    assert [item["sk"] for item in adapters.table.query("P", limit=2, forward=False)] == [
        "059",
        "058",
    ]


def test_a_batch_leaves_out_what_does_not_exist(adapters: Adapters) -> None:
    adapters.table.batch_write({"pk": "P", "sk": f"{n:03d}"} for n in range(120))
    wanted = [("P", f"{n:03d}") for n in range(150)]
    assert len(adapters.table.batch_get(wanted)) == 120


class Broken:
    """A client whose transactions are cancelled for these reasons, one list a call."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.calls = 0

    def transact_write_items(self, **_: Any) -> dict[str, Any]:
        self.calls += 1
        if not self.answers:
            return {}
        reasons = [{"Code": code} for code in self.answers.pop(0)]
        raise ClientError(
            {
                "Error": {"Code": "TransactionCanceledException", "Message": ""},
                "CancellationReasons": reasons,
            },
            "TransactWriteItems",
        )


def test_a_mere_conflict_is_tried_again() -> None:
    client = Broken(["None", "TransactionConflict"], ["TransactionConflict", "None"])
    Table(client, "t", sleep=lambda _: None).transact([Write(put={"pk": "a", "sk": "a"})])
    assert client.calls == 3


def test_endless_conflicts_end_as_unavailable() -> None:
    client = Broken(*[["TransactionConflict"]] * 20)
    with pytest.raises(Unavailable):
        Table(client, "t", sleep=lambda _: None).transact([Write(put={"pk": "a", "sk": "a"})])


def test_a_failed_condition_is_never_tried_again() -> None:
    client = Broken(["ConditionalCheckFailed", "TransactionConflict"])
    with pytest.raises(ConditionFailed):
        Table(client, "t", sleep=lambda _: None).transact([Write(put={"pk": "a", "sk": "a"})])
    assert client.calls == 1


class Twice:
    """A client that sends each write again, as the SDK does when the answer got lost."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, method: str) -> Any:
        def call(**parameters: Any) -> Any:
            getattr(self._client, method)(**parameters)
            return getattr(self._client, method)(**parameters)

        return call


OWN = {"pk": "A", "sk": "A"}
SEEN = {**OWN, "state": "open", "asked": {"5001": "r1"}, "note": "alt"}
REPEATED = [
    Write(
        put={**SEEN, "state": "done", "tags": {"x", "y"}},
        condition="#state = :open",
        values={"open": "open"},
    ),
    Write(
        key=("A", "A"),
        update="SET #state = :to, #at = if_not_exists(#at, :at) REMOVE #asked.#contact, #note",
        condition="#state = :open AND #asked.#contact = :round",
        values={"to": "done", "open": "open", "at": "heute", "round": "r1"},
        names={"contact": "5001"},
    ),
    Write(key=("A", "A"), delete=True, condition="#state = :open", values={"open": "open"}),
]


@pytest.mark.parametrize("write", REPEATED, ids=["put", "update", "delete"])
def test_a_write_that_the_sdk_repeats_meets_its_own_doing(adapters: Adapters, write: Write) -> None:
    adapters.table.write(Write(put=SEEN))
    Table(Twice(adapters.table._client), adapters.table.name).write(write)
    assert write.stands_in(adapters.table.get("A", "A"))


@pytest.mark.parametrize("write", REPEATED, ids=["put", "update", "delete"])
def test_what_somebody_else_wrote_is_not_taken_for_one_s_own(
    adapters: Adapters, write: Write
) -> None:
    adapters.table.write(Write(put={**SEEN, "state": "decided otherwise"}))
    with pytest.raises(ConditionFailed):
        adapters.table.write(write)


@pytest.mark.parametrize(
    "update", ["SET #n = #n + :one", "ADD #n :one", "SET #n = if_not_exists(#n, :one) + :one"]
)
def test_nobody_can_tell_whose_sum_it_is(adapters: Adapters, update: str) -> None:
    adapters.table.write(Write(put={**OWN, "n": 2}))
    once = Write(key=("A", "A"), update=update, condition="#n < :one", values={"one": 1})
    with pytest.raises(ConditionFailed):
        adapters.table.write(once)


def test_a_transaction_whose_answer_was_lost_is_carried_out_once(adapters: Adapters) -> None:
    adapters.table.write(Write(put={**OWN, "n": 1}))
    once = Write(key=("A", "A"), update="ADD #n :one", condition="#n = :one", values={"one": 1})
    Table(Twice(adapters.table._client), adapters.table.name).transact([once])
    assert adapters.table.get("A", "A") == {**OWN, "n": 2}


class Busy:
    """A client whose item is held by a transaction for so many calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def put_item(self, **_: Any) -> dict[str, Any]:
        self.left -= 1
        if self.left >= 0:
            raise refused("TransactionConflictException")
        return {}


def test_a_single_write_waits_for_somebody_else_s_transaction() -> None:
    Table(Busy(3), "t", sleep=lambda _: None).write(Write(put=OWN))
    with pytest.raises(Unavailable):
        Table(Busy(99), "t", sleep=lambda _: None).write(Write(put=OWN))


def test_a_batch_that_is_never_answered_whole_ends_as_unavailable() -> None:
    class Throttled:
        def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - AWS's name
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    waited: list[float] = []
    with pytest.raises(Unavailable):
        Table(Throttled(), "t", sleep=waited.append).batch_get([("A", "A")])
    assert waited
    assert sum(waited) < 20


@pytest.mark.parametrize("long", ["x" * 2049, "ä" * 1025])
def test_the_table_is_not_asked_for_keys_that_are_too_long_to_exist(long: str) -> None:
    unasked = Table(None, "table")  # DynamoDB would refuse; any call fails here
    assert unasked.get(long, "A") is None
    assert unasked.get("A", long) is None
    assert unasked.batch_get([(long, "A"), ("A", long)]) == {}
    assert list(unasked.query(long)) == []


def test_the_longest_keys_hold_something(adapters: Adapters) -> None:
    longest = {"pk": "ä" * 1024, "sk": "x" * 1024}
    adapters.table.write(Write(put=longest))
    assert adapters.table.get(longest["pk"], longest["sk"]) == longest
    assert list(adapters.table.query(longest["pk"])) == [longest]
