"""The connection to the one table: items as plain dicts, conditions as expressions, failures named.

Items hold str, int, bool, None, dict, list and set[str]; the codec below is the whole translation.
In expressions `#name` stands for the attribute `name` and `:value` for the key `value` of `values`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

from meterportal.domain.refusals import Unavailable

Item = dict[str, Any]
Key = tuple[str, str]

SHARDS = 8
HIGHEST = chr(0x10FFFF)
"""Behind every other character: the upper end of a range of keys."""
_LONGEST = 2048, 1024
"""Bytes of a partition key and of a sort key: DynamoDB's quotas, which a request for more violates."""

_NAME = re.compile(r"#(\w+)")
_PASSING = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "TransactionInProgressException",
}


class ConditionFailed(Exception):
    """A conditional write met another state.

    `failed` holds the positions of the writes whose condition failed, `items` what stood there
    instead (None: nothing), by position.
    """

    def __init__(self, failed: Sequence[int], items: Mapping[int, Item | None]) -> None:
        super().__init__(f"conditions failed at {list(failed)}")
        self.failed = tuple(failed)
        self.items = dict(items)


def marshal(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case list() | tuple():
            return {"L": [marshal(part) for part in value]}
        case dict():
            return {"M": {key: marshal(part) for key, part in value.items()}}
    raise TypeError(f"the table does not hold {type(value).__name__}")


def unmarshal(stored: Mapping[str, Any]) -> Any:
    ((kind, value),) = stored.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "SS":
            return set(value)
        case "L":
            return [unmarshal(part) for part in value]
        case "M":
            return {key: unmarshal(part) for key, part in value.items()}
    raise TypeError(f"the table does not hold {kind}")


def marshal_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: marshal(value) for key, value in item.items()}


def unmarshal_item(stored: Mapping[str, Any]) -> Item:
    return {key: unmarshal(value) for key, value in stored.items()}


def shard(number: str) -> int:
    """The shard of a company's rows in lists: stable, even, cheap."""
    return sum(number.encode()) % SHARDS


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction: a put, an update, a delete or a check.

    Exactly one of `put` (item) and `key` is given; with `key`, `update` holds the expression,
    `delete` removes, neither means a mere check of the condition.
    """

    put: Mapping[str, Any] | None = None
    key: Key | None = None
    update: str | None = None
    delete: bool = False
    condition: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def request(self, table: str) -> tuple[str, dict[str, Any]]:
        """The operation's name and its parameters."""
        parameters: dict[str, Any] = {"TableName": table}
        if self.put is not None:
            operation, parameters["Item"] = "Put", marshal_item(self.put)
        else:
            assert self.key is not None, "a write needs an item or a key"
            parameters["Key"] = _key(self.key)
            operation = "Update" if self.update else "Delete" if self.delete else "ConditionCheck"
        if self.update:
            parameters["UpdateExpression"] = self.update
        if self.condition:
            parameters["ConditionExpression"] = self.condition
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        text = f"{self.update or ''} {self.condition or ''}"
        names = {f"#{name}": self.names.get(name, name) for name in _NAME.findall(text)}
        if names:
            parameters["ExpressionAttributeNames"] = names
        if self.values:
            parameters["ExpressionAttributeValues"] = {
                f":{name}": marshal(value) for name, value in self.values.items()
            }
        return operation, parameters


def _possible(*key: str) -> bool:
    """Whether anything can stand under a key (or under a partition, without a sort key)."""
    return all(len(part.encode()) <= most for part, most in zip(key, _LONGEST, strict=False))


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


class Table:
    """The table. Reads are consistent unless they come from an index. Nothing is found under keys
    that are too long to exist, wherever they came from.

    Every method raises `Unavailable` when DynamoDB stays throttled or out of reach.
    """

    def __init__(
        self, client: Any, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self.name = name
        self._sleep = sleep

    def get(self, pk: str, sk: str) -> Item | None:
        if not _possible(pk, sk):
            return None
        answer = self._call("get_item", Key=_key((pk, sk)), ConsistentRead=True)
        return unmarshal_item(answer["Item"]) if "Item" in answer else None

    def batch_get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Items by key; what does not exist is left out. 100 keys a request."""
        wanted = [key for key in dict.fromkeys(keys) if _possible(*key)]
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), 100):
            asked = [_key(key) for key in wanted[start : start + 100]]
            while asked:
                answer = self._call(
                    "batch_get_item",
                    table=False,
                    RequestItems={self.name: {"Keys": asked, "ConsistentRead": True}},
                )
                for stored in answer["Responses"].get(self.name, []):
                    item = unmarshal_item(stored)
                    found[item["pk"], item["sk"]] = item
                asked = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        return found

    def query(
        self,
        pk: str,
        *,
        begins: str | None = None,
        between: tuple[str, str] | None = None,
        index: str | None = None,
        forward: bool = True,
        limit: int | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> Iterator[Item]:
        """All items of a partition in order, over every page. `limit` ends it early."""
        if not _possible(pk):
            return
        names = (f"{index}_pk", f"{index}_sk") if index else ("pk", "sk")
        values: dict[str, Any] = {":pk": {"S": pk}}
        condition = f"{names[0]} = :pk"
        if begins is not None:
            condition += f" AND begins_with({names[1]}, :begins)"
            values[":begins"] = {"S": begins}
        elif between is not None:
            condition += f" AND {names[1]} BETWEEN :low AND :high"
            values[":low"], values[":high"] = {"S": between[0]}, {"S": between[1]}
        parameters: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": forward,
        }
        if index:
            parameters["IndexName"] = index
        else:
            parameters["ConsistentRead"] = True
        if start:
            parameters["ExclusiveStartKey"] = marshal_item(start)
        left = limit
        while True:
            if left is not None:
                parameters["Limit"] = left
            answer = self._call("query", **parameters)
            for stored in answer["Items"]:
                yield unmarshal_item(stored)
            if left is not None:
                left -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, write: Write) -> None:
        """One write on its own; raises `ConditionFailed`."""
        operation, parameters = write.request(self.name)
        parameters.pop("TableName")
        method = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}[operation]
        try:
            self._call(method, **parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            stood = error.response.get("Item")
            raise ConditionFailed(
                [0], {0: unmarshal_item(stored) if (stored := stood) else None}
            ) from error

    def transact(self, writes: Sequence[Write]) -> None:
        """All writes or none (at most 100); raises `ConditionFailed` with the positions.

        The SDK does not retry a cancelled transaction: a mere conflict with a concurrent one is
        tried again here.
        """
        items = []
        for write in writes:
            operation, parameters = write.request(self.name)
            items.append({operation: parameters})
        for attempt in range(6):
            try:
                self._call("transact_write_items", table=False, TransactItems=items)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                reasons = error.response.get("CancellationReasons", [])
                failed = [
                    n for n, r in enumerate(reasons) if r.get("Code") == "ConditionalCheckFailed"
                ]
                if failed:
                    stood = {
                        n: unmarshal_item(reasons[n]["Item"]) if reasons[n].get("Item") else None
                        for n in failed
                    }
                    raise ConditionFailed(failed, stood) from error
                passing = {r.get("Code") for r in reasons} - {"None", None}
                if not passing <= {
                    "TransactionConflict",
                    "ThrottlingError",
                    "ProvisionedThroughputExceeded",
                }:
                    raise
            self._sleep(0.02 * 2**attempt)
        raise Unavailable

    def batch_write(
        self, puts: Iterable[Mapping[str, Any]] = (), deletes: Iterable[Key] = ()
    ) -> None:
        """Puts and deletes without conditions, 25 a request: only for rows nobody races for."""
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": marshal_item(i)}} for i in puts]
        requests += [{"DeleteRequest": {"Key": _key(key)}} for key in deletes]
        for start in range(0, len(requests), 25):
            left = requests[start : start + 25]
            for attempt in range(8):
                answer = self._call("batch_write_item", table=False, RequestItems={self.name: left})
                left = answer.get("UnprocessedItems", {}).get(self.name, [])
                if not left:
                    break
                self._sleep(0.05 * 2**attempt)
            else:
                raise Unavailable

    def _call(self, method: str, *, table: bool = True, **parameters: Any) -> Any:
        if table:
            parameters["TableName"] = self.name
        try:
            return getattr(self._client, method)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in _PASSING:
                raise Unavailable from error
            raise
        except (BotoConnectionError, HTTPClientError, BotoCoreError) as error:
            raise Unavailable from error
