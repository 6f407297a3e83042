"""DynamoDB inside the process: botocore's requests answered from SQLite, and weighed by the published rule.

Requests are those that would be sent, answers those that would come: pages of 1 MB, cancelled transactions
with their reasons, indexes with what they carry. Indexes are never late here, and nothing is throttled.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from moto.core.models import botocore_stubber

from tests.benchmarks.image.expressions import Item, Wire, holds, updated
from tests.benchmarks.replay import Body
from tests.support.units import INDEX_OVERHEAD, Consumed, read_units, weight, write_units

_PAGE = 1024 * 1024
_HIGHEST = chr(0x10FFFF)
_WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


class Failed(Exception):
    """A condition is not met, or a transaction is cancelled; `answer` is what AWS says."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.answer = {
            "__type": f"com.amazonaws.dynamodb.v20120810#{kind}",
            "message": kind,
            **facts,
        }


class Image:
    """A table of this description (`describe_table`) in a file. `consumed` is what it has cost so far."""

    def __init__(self, path: Path, described: Mapping[str, Any]) -> None:
        self.consumed = Consumed()
        self._indexes = {
            one["IndexName"]: _carried(one["Projection"], one["IndexName"])
            for one in described["Table"].get("GlobalSecondaryIndexes", [])
        }
        self._disk = sqlite3.connect(path, isolation_level=None)
        keys = [f"{name}_{part}" for name in self._indexes for part in ("pk", "sk")]
        columns = ", ".join(f"{key} TEXT" for key in keys)
        self._columns = ["pk", "sk", "item", *keys]
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"CREATE TABLE rows (pk TEXT, sk TEXT, item TEXT, {columns}, PRIMARY KEY (pk, sk)) WITHOUT ROWID",
            *(
                f"CREATE INDEX by_{name} ON rows ({name}_pk, {name}_sk) WHERE {name}_pk IS NOT NULL"
                for name in self._indexes
            ),
        ):
            self._disk.execute(statement)

    def __call__(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        """Answers a request in place of the network (botocore's "before-send")."""
        operation = event_name.rpartition(".")[2]
        self.consumed.requests[operation] += 1
        body = json.loads(request.body)
        try:
            status, answer = 200, self._answer(operation, body)
        except Failed as failed:
            status, answer = 400, failed.answer
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, Body(json.dumps(answer).encode()))

    def _answer(self, operation: str, asked: Wire) -> Item:
        match operation:
            case "GetItem":
                return self._get_item(asked)
            case "BatchGetItem":
                return self._batch_get(asked)
            case "Query":
                return self._query(asked)
            case "TransactWriteItems":
                return self._transact(asked)
            case "BatchWriteItem":
                return self._batch_write(asked)
        return self._single(operation, asked)

    def close(self) -> None:
        self._disk.close()

    # ---- reads

    def _get_item(self, asked: Wire) -> Item:
        found = self._found(asked["Key"])
        consistent = bool(asked.get("ConsistentRead"))
        self.consumed.read += read_units(weight(found or {}), consistent=consistent)
        return {"Item": found} if found else {}

    def _batch_get(self, asked: Wire) -> Item:
        answers: dict[str, list[Item]] = {}
        for table, part in asked["RequestItems"].items():
            found = [self._found(key) for key in part["Keys"]]
            self.consumed.read += sum(read_units(weight(item or {})) for item in found)
            answers[table] = [item for item in found if item]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _query(self, asked: Wire) -> Item:
        index = asked.get("IndexName")
        pk, sk = (f"{index}_pk", f"{index}_sk") if index else ("pk", "sk")
        order = [sk, "pk", "sk"] if index else ["sk"]
        where, given = [f"{pk} = ?"], [asked["ExpressionAttributeValues"][":pk"]["S"]]
        for condition, value in _range(sk, asked):
            where.append(condition)
            given.append(value)
        forward = asked.get("ScanIndexForward", True)
        if start := asked.get("ExclusiveStartKey"):
            marks = ", ".join("?" for _ in order)
            where.append(f"({', '.join(order)}) {'>' if forward else '<'} ({marks})")
            given += [start[name]["S"] for name in order]
        direction = "" if forward else " DESC"
        rows = self._disk.execute(
            f"SELECT item FROM rows WHERE {' AND '.join(where)} "  # noqa: S608 - names of ours
            f"ORDER BY {', '.join(name + direction for name in order)}",
            given,
        )
        page: list[Item] = []
        size, more = 0, False
        for (text,) in rows:
            if len(page) == asked.get("Limit") or size >= _PAGE:
                more = True
                break
            item: Item = json.loads(text)
            item = self._indexes[index](item) if index else item
            page.append(item)
            size += weight(item)
        rows.close()
        self.consumed.read += read_units(size, consistent=bool(asked.get("ConsistentRead")))
        answer: Item = {"Items": _projected(asked, page), "Count": len(page)}
        if more:
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in {"pk", "sk", pk, sk}}
        return answer

    # ---- writes

    def _single(self, operation: str, asked: Wire) -> Item:
        found, after = self._outcome(_WRITES[operation], asked)
        if found is None:
            raise Failed("ConditionalCheckFailedException", **self._stood(asked))
        self._keep(asked, found[0], after, times=1)
        return {}

    def _transact(self, asked: Wire) -> Item:
        parts = [next(iter(part.items())) for part in asked["TransactItems"]]
        outcomes = [self._outcome(kind, part) for kind, part in parts]
        if any(found is None for found, _ in outcomes):
            reasons = [
                {"Code": "None"}
                if found
                else {"Code": "ConditionalCheckFailed", **self._stood(part)}
                for (found, _), (_, part) in zip(outcomes, parts, strict=True)
            ]
            raise Failed("TransactionCanceledException", CancellationReasons=reasons)
        for (kind, part), (found, after) in zip(parts, outcomes, strict=True):
            assert found is not None, "judged above"
            if kind == "ConditionCheck":
                self.consumed.written += 2 * write_units(weight(found[0]))
            else:
                self._keep(part, found[0], after, times=2)
        return {}

    def _batch_write(self, asked: Wire) -> Item:
        for requests in asked["RequestItems"].values():
            for request in requests:
                ((kind, part),) = request.items()
                found, after = self._outcome(kind.removesuffix("Request"), part)
                assert found is not None, "without a condition"
                self._keep(part, found[0], after, times=1)
        return {"UnprocessedItems": {}}

    def _outcome(self, kind: str, asked: Wire) -> tuple[tuple[Item] | None, Item | None]:
        """The item before ({}: none), in a tuple of its own, and after (None: none); None where the
        condition is not met."""
        item = self._found(asked.get("Key") or asked["Item"]) or {}
        names = asked.get("ExpressionAttributeNames", {})
        values = asked.get("ExpressionAttributeValues", {})
        if "ConditionExpression" in asked and not holds(
            asked["ConditionExpression"], names, values, item
        ):
            return None, None
        if kind == "Put":
            return (item,), dict(asked["Item"])
        if kind == "Update":
            held = item or dict(asked["Key"])
            return (item,), updated(asked["UpdateExpression"], names, values, held)
        return (item,), item or None if kind == "ConditionCheck" else None

    def _stood(self, asked: Wire) -> Item:
        found = self._found(asked.get("Key") or asked["Item"])
        return {"Item": found} if found else {}

    def _keep(self, asked: Wire, was: Item, after: Item | None, *, times: int) -> None:
        key = asked.get("Key") or asked["Item"]
        self.consumed.written += times * write_units(max(weight(was), weight(after or {})))
        for name, units in self._in_indexes(was, after or {}):
            self.consumed.indexes[name] += units
        if after is None:
            place = key["pk"]["S"], key["sk"]["S"]
            self._disk.execute("DELETE FROM rows WHERE pk = ? AND sk = ?", place)
            return
        values = [
            json.dumps(after) if c == "item" else after.get(c, {}).get("S") for c in self._columns
        ]
        marks = ", ".join("?" for _ in values)
        self._disk.execute(f"INSERT OR REPLACE INTO rows VALUES ({marks})", values)  # noqa: S608

    def _in_indexes(self, was: Item, after: Item) -> Iterator[tuple[str, int]]:
        """By index what a change costs: nothing where what it carries is the same, two writes where its
        place has changed."""
        for name, carried in self._indexes.items():
            keys = f"{name}_pk", f"{name}_sk"
            before, now = (carried(one) if keys[0] in one else {} for one in (was, after))
            if before == now:
                continue
            moved = before and now and any(before[key] != now[key] for key in keys)
            for entry in (before, now) if moved else (now or before,):
                yield name, write_units(weight(entry) + INDEX_OVERHEAD)

    def _found(self, key: Wire) -> Item | None:
        place = key["pk"]["S"], key["sk"]["S"]
        row = self._disk.execute("SELECT item FROM rows WHERE pk = ? AND sk = ?", place).fetchone()
        found: Item | None = json.loads(row[0]) if row else None
        return found


def _range(sk: str, asked: Wire) -> Sequence[tuple[str, str]]:
    """The table's own forms of a range of sort keys (`Table.query`)."""
    values = asked["ExpressionAttributeValues"]
    if ":begins" in values:
        begins = values[":begins"]["S"]
        return (f"{sk} >= ?", begins), (f"{sk} < ?", begins + _HIGHEST)
    if ":low" in values:
        return (f"{sk} >= ?", values[":low"]["S"]), (f"{sk} <= ?", values[":high"]["S"])
    return ()


def _projected(asked: Wire, page: list[Item]) -> list[Item]:
    """What a query asks of its items: names, each behind a placeholder."""
    if "ProjectionExpression" not in asked:
        return page
    meant = asked["ExpressionAttributeNames"]
    names = {meant[one] for one in asked["ProjectionExpression"].split(", ")}
    return [{name: value for name, value in item.items() if name in names} for item in page]


def _carried(projection: Mapping[str, Any], index: str) -> Callable[[Item], Item]:
    """What an index has of an item."""
    if projection["ProjectionType"] == "ALL":
        return dict
    names = {"pk", "sk", f"{index}_pk", f"{index}_sk", *projection.get("NonKeyAttributes", ())}
    return lambda item: {name: value for name, value in item.items() if name in names}


@contextmanager
def answered(client: BaseClient, image: Image) -> Iterator[None]:
    """While the block runs the client's requests go to the image; then it is closed."""
    # Of several answers botocore takes the first, but it asks everybody: moto would store all, too.
    client.meta.events.unregister("before-send", botocore_stubber)
    client.meta.events.register_first("before-send.dynamodb", image)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb", image)
        client.meta.events.register("before-send", botocore_stubber)
        image.close()
