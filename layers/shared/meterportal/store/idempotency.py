"""Answers to requests with an Idempotency-Key: kept for a day, written together with what the
request changed.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import ReusedKey
from meterportal.store import keys
from meterportal.store.items import Item, Key
from meterportal.store.table import Table
from meterportal.store.writes import Write

_KEPT = timedelta(hours=24)


@frozen
class Answered:
    """`request` is the digest of the request, `answer` the payload of its response (JSON)."""

    request: str
    answer: Any
    expires_at: int

    def over(self, now: datetime) -> bool:
        """Whether the answer has expired. DynamoDB deletes expired rows late, so every reader
        checks this.
        """
        return now.timestamp() >= self.expires_at


def told_again(answered: Answered | None, request: str, *, now: datetime) -> Answered | None:
    """The kept answer to a repeated request, None for a new request. Raises ReusedKey when a
    different request used the key within the last 24 hours.
    """
    if answered is None or answered.over(now):
        return None
    if answered.request != request:
        raise ReusedKey(field="Idempotency-Key")
    return answered


def new(owner: str, key: str, *, request: str, answer: Any, now: datetime) -> Write:
    """The write that keeps an answer, for the transaction that carries out the request.

    `owner` is the mailbox or staff member whose key it is. Fails when the key was used within a
    day.
    """
    return Write(
        put=_item(keys.idempotency(owner, key), request, answer, now),
        condition="attribute_not_exists(pk) OR #expires_at <= :now",
        values={"now": int(now.timestamp())},
    )


def part(owner: str, key: str, number: str, *, request: str, answer: Any, now: datetime) -> Write:
    """The write that keeps a part of an answer, in a row beside the key's row (the first
    transaction writes that one). `number` must be new.
    """
    return Write(put=_item(keys.idempotency_part(owner, key, number), request, answer, now))


def parts(table: Table, owner: str, key: str) -> list[Answered]:
    """All parts kept for this owner's key, expired ones too. One query."""
    pk, begins = keys.idempotency_part(owner, key, "")
    return [unpack(item) for item in table.query(pk, begins=begins)]


def _item(place: Key, request: str, answer: Any, now: datetime) -> Item:
    return {
        "pk": place[0],
        "sk": place[1],
        "request": request,
        "answer": json.dumps(answer, ensure_ascii=False, separators=(",", ":")),
        "expires_at": int((now + _KEPT).timestamp()),
    }


def load(table: Table, owner: str, key: str) -> Answered | None:
    """The answer kept for this owner's key, or None. One read."""
    item = table.get(*keys.idempotency(owner, key))
    return unpack(item) if item else None


def unpack(item: Item) -> Answered:
    return Answered(item["request"], json.loads(item["answer"]), item["expires_at"])
