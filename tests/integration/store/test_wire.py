"""What the table's client writes and reads without botocore's walk is what botocore's walk makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from meterportal.adapters import Adapters, as_shipped, config_of
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

from tests.support import quick_moto

ITEM = {
    "pk": "WIRE#1",
    "sk": "A",
    "body": b"\x00\xff",
    "deep": {"list": [b"\x01", 1, None], "set": {"a", "b"}},
    "name": "Büro „Süd“",
    "on": True,
}
OTHER = {"pk": "WIRE#1", "sk": "B", "body": b"b"}


def _put(table: Table) -> None:
    table.write(Write(put=ITEM))
    table.batch_write(puts=[OTHER, {"pk": "WIRE#1", "sk": "C"}], deletes=[("WIRE#1", "D")])


def _read(table: Table) -> Any:
    keys = [("WIRE#1", "A"), ("WIRE#1", "B"), ("WIRE#1", "Z")]
    found = table.batch_get(keys)
    return table.get(*keys[0]), table.get(*keys[2]), found, list(table.query("WIRE#1", page=1))


def _update(table: Table) -> Any:
    key = ("WIRE#1", "A")
    update = "SET #body = :body REMOVE #on"
    table.write(Write(key=key, update=update, values={"body": b"\x02"}))
    with pytest.raises(ConditionFailed) as failed:
        table.write(Write(key=key, delete=True, condition="#body = :body", values={"body": b""}))
    return failed.value.stood()


def _transact(table: Table) -> Any:
    checked = Write(key=("WIRE#1", "C"), condition="attribute_exists(pk)", part="checked")
    table.transact([Write(put={"pk": "WIRE#2", "sk": "A", "body": b"\x03"}), checked])
    refused = Write(put=OTHER, condition="attribute_not_exists(pk)", part="refused")
    with pytest.raises(ConditionFailed) as failed:
        table.transact([refused, checked])
    return failed.value.parts, failed.value.stood("refused")


@contextmanager
def _sent(client: Any) -> Any:
    """The target and content of each request that a client sends meanwhile, without the token of one."""
    requests: list[tuple[Any, Any]] = []

    def note(request: Any, **_: Any) -> None:
        content = json.loads(request.body)
        content.pop("ClientRequestToken", None)
        requests.append((request.headers["X-Amz-Target"], content))

    client.meta.events.register_first("before-send.dynamodb", note)
    try:
        yield requests
    finally:
        client.meta.events.unregister("before-send.dynamodb", note)


@pytest.mark.parametrize("work", [_put, _read, _update, _transact])
def test_requests_and_answers_are_those_of_botocore(
    adapters: Adapters, work: Callable[[Table], Any]
) -> None:
    checked = adapters.table
    made = quick_moto.client("dynamodb", config=config_of("dynamodb"))
    light = Table(as_shipped("dynamodb", made), checked.name)
    _put(checked)
    with _sent(checked._client) as expected:
        answer = work(checked)
    _put(checked)
    with _sent(light._client) as sent:
        assert work(light) == answer
    assert sent == expected
    assert sent


def test_a_request_is_written_without_botocores_walk(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of 20 machines had botocore look at 2,600 values, and that was a fifth of its work."""
    made = quick_moto.client("dynamodb", config=config_of("dynamodb"))
    light = Table(as_shipped("dynamodb", made), adapters.table.name)
    given: list[Any] = []
    write = type(made._serializer).serialize_to_request

    def noted(self: Any, parameters: Any, operation: Any) -> Any:
        given.append(parameters)
        return write(self, parameters, operation)

    monkeypatch.setattr(type(made._serializer), "serialize_to_request", noted)
    _put(light)
    assert light.get("WIRE#1", "A") == ITEM
    assert given == [{}, {"RequestItems": {}}, {}]
