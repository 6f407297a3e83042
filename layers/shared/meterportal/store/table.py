"""The connection to the table: reads, single writes, transactions, batches."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from meterportal import aws
from meterportal.domain.refusals import Unavailable
from meterportal.store.items import Item, Key, marshal_item, marshal_key, unmarshal_item
from meterportal.store.writes import ConditionFailed, Write, moment

SHARDS = 8
HIGHEST = chr(0x10FFFF)
"""The highest character: the upper end of a range of keys."""
_LONGEST = 2048, 1024
"""Bytes of a partition key and of a sort key: DynamoDB's quotas. It rejects requests with longer
keys.
"""

_METHODS = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}

_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Reasons of a cancelled transaction after which it may be tried again."""

_PAUSES = tuple(0.02 * 2**n for n in range(6))
"""Seconds to wait after each try: another transaction takes less time than that."""

_BATCH_PAUSES = tuple(0.05 * 2**n for n in range(8))
"""Seconds to wait where DynamoDB left out a part of a batch (throttled, or
the answer too large).
"""


def shard(number: str) -> int:
    """The shard of a company's rows in lists: always the same for a company, evenly distributed."""
    return sum(number.encode()) % SHARDS


def _possible(*key: str) -> bool:
    """Whether a key (or a partition key alone) is short enough to exist."""
    return all(len(part.encode()) <= most for part, most in zip(key, _LONGEST, strict=False))


class Table:
    """The table. Reads are consistent unless they use an index. A key that is too long to exist
    gives no item, in the same way as an unknown key.

    Every method raises `Unavailable` when DynamoDB stays throttled or cannot be reached.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self.name = name
        self._sleep = sleep
        self._clock = clock

    def get(self, pk: str, sk: str) -> Item | None:
        if not _possible(pk, sk):
            return None
        answer = self._call("get_item", Key=marshal_key((pk, sk)), ConsistentRead=True)
        return unmarshal_item(answer["Item"]) if "Item" in answer else None

    def batch_get(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Items by key, without those that do not exist. 100 keys per request."""
        wanted = [key for key in dict.fromkeys(keys) if _possible(*key)]
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), 100):
            asked = [marshal_key(key) for key in wanted[start : start + 100]]
            for pause in _BATCH_PAUSES:
                answer = self._call(
                    "batch_get_item",
                    table=False,
                    RequestItems={self.name: {"Keys": asked, "ConsistentRead": True}},
                )
                for stored in answer["Responses"].get(self.name, []):
                    item = unmarshal_item(stored)
                    found[item["pk"], item["sk"]] = item
                asked = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
                if not asked:
                    break
                self._sleep(pause)
            else:
                raise Unavailable
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
        page: int | None = None,
        start: Mapping[str, Any] | None = None,
        only: Iterable[str] | None = None,
    ) -> Iterator[Item]:
        """All items of a partition in order, from all pages; at most `limit` of them. `page` is how
        many a request reads at most. With `only` these attributes come, for the same units.
        """
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
        if only:
            named = {f"#{name}": name for name in only}
            parameters["ProjectionExpression"] = ", ".join(named)
            parameters["ExpressionAttributeNames"] = named
        if page:
            parameters["Limit"] = page
        if start:
            parameters["ExclusiveStartKey"] = marshal_item(start)
        left = limit
        while True:
            if left is not None:
                parameters["Limit"] = left
            answer = self._call("query", **parameters)
            yield from map(unmarshal_item, answer["Items"])
            if left is not None:
                left -= len(answer["Items"])
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, write: Write) -> None:
        """Carries out a single write; raises `ConditionFailed`.

        The SDK repeats a write when its answer was lost. Where the condition fails but the item
        already holds what this write stores, the first try has succeeded, and nothing is raised.
        """
        for pause in _PAUSES:
            attempt = write.stamped(moment(self._clock()))
            operation, parameters = attempt.request(self.name)
            parameters.pop("TableName")
            method = _METHODS[operation]
            try:
                self._call(method, **parameters)
            except Unavailable as unavailable:
                # A transaction locks the item; the SDK does not repeat after that.
                if aws.code_of(unavailable.__cause__) != "TransactionConflictException":
                    raise
            except ClientError as error:
                if aws.code_of(error) != "ConditionalCheckFailedException":
                    raise
                stored = error.response.get("Item")
                found = unmarshal_item(stored) if stored else None
                if attempt.stands_in(found):
                    return
                raise ConditionFailed([(write, found)]) from error
            else:
                return
            self._sleep(pause)
        raise Unavailable

    def transact(self, writes: Sequence[Write]) -> None:
        """Carries out all writes or none (at most 100); raises `ConditionFailed` with the parts
        that failed, or the refusal of a write that failed.

        The SDK does not repeat a cancelled transaction; a conflict with a concurrent one is tried
        again here. By the request token DynamoDB recognises a transaction that it has carried out
        already, in case the answer was lost. It holds for the same request only, so all tries have
        the same stamp.
        """
        items = []
        at = moment(self._clock())
        for write in writes:
            operation, parameters = write.stamped(at).request(self.name)
            items.append({operation: parameters})
        request = {"TransactItems": items, "ClientRequestToken": str(uuid.uuid4())}
        for pause in _PAUSES:
            try:
                self._call("transact_write_items", table=False, **request)
            except ClientError as error:
                if aws.code_of(error) != "TransactionCanceledException":
                    raise
                reasons = error.response.get("CancellationReasons", [])
                failed = [
                    (write, unmarshal_item(reason["Item"]) if reason.get("Item") else None)
                    for write, reason in zip(writes, reasons, strict=False)
                    if reason.get("Code") == "ConditionalCheckFailed"
                ]
                for write, _ in failed:
                    if write.refusal is not None:
                        raise write.refusal from error
                if failed:
                    raise ConditionFailed(failed) from error
                if not {r.get("Code") for r in reasons} - {"None", None} <= _PASSING:
                    raise
            else:
                return
            self._sleep(pause)
        raise Unavailable

    def batch_write(
        self, puts: Iterable[Mapping[str, Any]] = (), deletes: Iterable[Key] = ()
    ) -> None:
        """Puts and deletes without conditions, 25 per request: only for rows that no other process
        writes at the same time.
        """
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": marshal_item(i)}} for i in puts]
        requests += [{"DeleteRequest": {"Key": marshal_key(key)}} for key in deletes]
        for start in range(0, len(requests), 25):
            left = requests[start : start + 25]
            for pause in _BATCH_PAUSES:
                answer = self._call("batch_write_item", table=False, RequestItems={self.name: left})
                left = answer.get("UnprocessedItems", {}).get(self.name, [])
                if not left:
                    break
                self._sleep(pause)
            else:
                raise Unavailable

    def _call(self, method: str, *, table: bool = True, **parameters: Any) -> Any:
        if table:
            parameters["TableName"] = self.name
        return aws.call(self._client, method, **parameters)
