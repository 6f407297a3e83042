"""DynamoDB's units on the wire, by the published rule: what an item weighs, what reads and writes cost.

moto answers every request with the same capacity. Here the answers are weighed that it gives, and what
lies in its table before and after a write, with each index that carries the item. In a transaction a
unit of the table counts twice, one of an index once: indexes follow behind.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from botocore.client import BaseClient
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from tests.support.stage import REGION

Stored = Mapping[str, Any]

INDEX_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item of an index."""


def weight(item: Stored) -> int:
    """Bytes of an item as DynamoDB holds it: names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = content.lstrip("-").replace(".", "").strip("0")
            return int(ceil(len(digits) / 2) + 1 + content.startswith("-"))
        case "B":
            # moto and the wire hold it in base64.
            return len(content if isinstance(content, bytes) else base64.b64decode(content))
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(len(text.encode()) for text in content)
        case "L":
            return 3 + sum(_value(part) + 1 for part in content)
        case "M":
            return 3 + sum(len(name.encode()) + _value(part) + 1 for name, part in content.items())
    raise TypeError(kind)


def read_units(weighs: int, *, consistent: bool = True) -> float:
    """Of one item, or of all items of a Query."""
    return max(ceil(weighs / 4096), 1) * (1.0 if consistent else 0.5)


def write_units(weighs: int) -> int:
    return max(ceil(weighs / 1024), 1)


@dataclass
class Consumed:
    """What a block has cost: units read, written to the table and to each index, requests by operation."""

    read: float = 0
    written: float = 0
    indexes: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def all_written(self) -> float:
        return self.written + sum(self.indexes.values())


@contextmanager
def metered(client: BaseClient, consumed: Consumed | None = None) -> Iterator[Consumed]:
    """Weighs every request that the client sends to moto while the block runs, and adds it to `consumed`
    where that is given. Failed requests count as requests, their units are neglected."""
    consumed = consumed or Consumed()
    seen: list[tuple[str, dict[str, Any], list[Stored | None]]] = []

    def before(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        body = json.loads(params["body"])
        consumed.requests[model.name] += 1
        seen.append((model.name, body, [_lying(key) for key, _ in _written(model.name, body)]))

    def after(parsed: Mapping[str, Any], **_: Any) -> None:
        name, body, earlier = seen.pop()
        if "Error" in parsed:
            return
        consumed.read += _read(name, body, parsed)
        doubled = 2 if name == "TransactWriteItems" else 1
        for (key, checks), was in zip(_written(name, body), earlier, strict=True):
            is_now = _lying(key)
            heaviest = max(weight(was or {}), weight(is_now or {}))
            consumed.written += doubled * write_units(heaviest)
            if not checks:
                for index, units in _in_indexes(key[0], was, is_now):
                    consumed.indexes[index] += units

    client.meta.events.register("before-call.dynamodb", before)
    client.meta.events.register("after-call.dynamodb", after)
    try:
        yield consumed
    finally:
        client.meta.events.unregister("before-call.dynamodb", before)
        client.meta.events.unregister("after-call.dynamodb", after)


def _written(name: str, body: Mapping[str, Any]) -> list[tuple[tuple[str, str, str], bool]]:
    """(table, pk, sk) of what a request writes, and whether it only checks it."""
    found = []
    for operation, part in _parts(name, body):
        key = part.get("Item") or part["Key"]
        place = part["TableName"], key["pk"]["S"], key["sk"]["S"]
        found.append((place, operation == "ConditionCheck"))
    return found


def _parts(name: str, body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if name in {"PutItem", "UpdateItem", "DeleteItem"}:
        yield name.removesuffix("Item"), body
    elif name == "TransactWriteItems":
        for part in body["TransactItems"]:
            yield from part.items()
    elif name == "BatchWriteItem":
        for table, requests in body["RequestItems"].items():
            for request in requests:
                ((_, part),) = request.items()
                yield "Put", part | {"TableName": table}


def _read(name: str, body: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    consistent = bool(body.get("ConsistentRead"))
    if name == "GetItem":
        return read_units(weight(parsed.get("Item", {})), consistent=consistent)
    if name == "Query":
        items = parsed["Items"]
        if "ProjectionExpression" in body:
            items = [_whole(body, item) for item in items]
        return read_units(sum(map(weight, items)), consistent=consistent)
    if name == "BatchGetItem":
        asked = sum(len(part["Keys"]) for part in body["RequestItems"].values())
        items = [item for found in parsed["Responses"].values() for item in found]
        return sum(read_units(weight(item)) for item in items) + asked - len(items)
    return 0


def _whole(body: Mapping[str, Any], told: Stored) -> Stored:
    """An item of an answer that tells a part of it: it is read as a whole."""
    table = body["TableName"]
    found = _lying((table, told["pk"]["S"], told["sk"]["S"]))
    indexes = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table].global_indexes
    index = next((one for one in indexes if one.name == body.get("IndexName")), None)
    return (_entry(index, found) if index else found) or told


def _lying(place: tuple[str, str, str]) -> Stored | None:
    table, pk, sk = place
    items = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table].items
    found = items.get(DynamoType({"S": pk}), {}).get(DynamoType({"S": sk}))
    return None if found is None else found.to_json()["Attributes"]


def _in_indexes(table: str, was: Stored | None, is_now: Stored | None) -> Iterator[tuple[str, int]]:
    """By index what it costs that an item has changed: nothing where what it holds is the same, and
    two writes where its place has changed."""
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table]
    for index in stored.global_indexes:
        before, after = _entry(index, was), _entry(index, is_now)
        if before == after:
            continue
        keys = f"{index.name}_pk", f"{index.name}_sk"
        moved = before and after and any(before[key] != after[key] for key in keys)
        entries = (before, after) if moved else (after or before,)
        yield index.name, sum(write_units(weight(e) + INDEX_OVERHEAD) for e in entries if e)


def _entry(index: Any, item: Stored | None) -> Stored | None:
    if item is None or f"{index.name}_pk" not in item:
        return None
    if index.projection["ProjectionType"] == "ALL":
        return item
    names = {"pk", "sk", f"{index.name}_pk", f"{index.name}_sk"}
    names |= set(index.projection.get("NonKeyAttributes", ()))
    return {name: value for name, value in item.items() if name in names}
