"""The table's connection: values survive, conditions are named, passing trouble is told apart."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.refusals import Unavailable
from meterportal.doors import Doors
from meterportal.store.table import ConditionFailed, Table, Write, marshal, unmarshal

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


def test_a_failed_condition_says_where_and_what_stood_there(doors: Doors) -> None:
    doors.table.write(Write(put={"pk": "A", "sk": "A", "value": 1}))
    with pytest.raises(ConditionFailed) as failed:
        doors.table.transact(
            [
                Write(put={"pk": "B", "sk": "B"}, condition="attribute_not_exists(pk)"),
                Write(put={"pk": "A", "sk": "A"}, condition="attribute_not_exists(pk)"),
            ]
        )
    assert failed.value.failed == (1,)
    assert failed.value.items[1] == {"pk": "A", "sk": "A", "value": 1}
    assert doors.table.get("B", "B") is None


def test_a_query_crosses_pages_and_obeys_its_limit(doors: Doors) -> None:
    doors.table.batch_write({"pk": "P", "sk": f"{n:03d}", "pad": "x" * 30_000} for n in range(60))
    assert [item["sk"] for item in doors.table.query("P")] == [f"{n:03d}" for n in range(60)]
    assert [item["sk"] for item in doors.table.query("P", limit=2, forward=False)] == ["059", "058"]


def test_a_batch_leaves_out_what_does_not_exist(doors: Doors) -> None:
    doors.table.batch_write({"pk": "P", "sk": f"{n:03d}"} for n in range(120))
    wanted = [("P", f"{n:03d}") for n in range(150)]
    assert len(doors.table.batch_get(wanted)) == 120


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
            },  # type: ignore[typeddict-unknown-key]
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


@pytest.mark.parametrize("long", ["x" * 2049, "ä" * 1025])
def test_the_table_is_not_asked_for_keys_that_are_too_long_to_exist(long: str) -> None:
    unasked = Table(None, "table")  # DynamoDB would refuse; any call fails here
    assert unasked.get(long, "A") is None
    assert unasked.get("A", long) is None
    assert unasked.batch_get([(long, "A"), ("A", long)]) == {}
    assert list(unasked.query(long)) == []


def test_the_longest_keys_hold_something(doors: Doors) -> None:
    longest = {"pk": "ä" * 1024, "sk": "x" * 1024}
    doors.table.write(Write(put=longest))
    assert doors.table.get(longest["pk"], longest["sk"]) == longest
    assert list(doors.table.query(longest["pk"])) == [longest]
