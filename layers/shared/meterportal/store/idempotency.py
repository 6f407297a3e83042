"""What a request with an Idempotency-Key was answered: kept for a day, written with its effect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from meterportal.store import keys
from meterportal.store.table import Item, Key, Table, Write

_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """`request` is the digest of what was asked, `answer` the payload that was given (JSON)."""

    request: str
    answer: Any
    expires_at: int

    def over(self, now: datetime) -> bool:
        """Deleting old rows takes the table a while: what is past its day does not count."""
        return now.timestamp() >= self.expires_at


def new(owner: str, key: str, *, request: str, answer: Any, now: datetime) -> Write:
    """Keep an answer; belongs into the transaction of what was done.

    `owner` is the mailbox or staff member whose key it is. Fails when the key was used within a day.
    """
    return Write(
        put=_item(keys.idempotency(owner, key), request, answer, now),
        condition="attribute_not_exists(pk) OR #expires_at <= :now",
        values={"now": int(now.timestamp())},
    )


def part(owner: str, key: str, number: str, *, request: str, answer: Any, now: datetime) -> Write:
    """Keep a part of an answer beside the key's row, which the first transaction writes; `number`
    has never been used."""
    return Write(put=_item(keys.idempotency_part(owner, key, number), request, answer, now))


def parts(table: Table, owner: str, key: str) -> list[Answered]:
    """All parts under this owner's key, older ones too. One query."""
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
    """What this owner's key was answered, or None. One read."""
    item = table.get(*keys.idempotency(owner, key))
    return unpack(item) if item else None


def unpack(item: Item) -> Answered:
    return Answered(item["request"], json.loads(item["answer"]), item["expires_at"])
