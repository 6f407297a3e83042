"""What a request with an Idempotency-Key was answered: kept for a day, written with its effect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from meterportal.store import keys
from meterportal.store.table import Item, Table, Write

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
    pk, sk = keys.idempotency(owner, key)
    item = {
        "pk": pk,
        "sk": sk,
        "request": request,
        "answer": json.dumps(answer, ensure_ascii=False, separators=(",", ":")),
        "expires_at": int((now + _KEPT).timestamp()),
    }
    return Write(
        put=item,
        condition="attribute_not_exists(pk) OR #expires_at <= :now",
        values={"now": int(now.timestamp())},
    )


def load(table: Table, owner: str, key: str) -> Answered | None:
    """What this owner's key was answered, or None. One read."""
    item = table.get(*keys.idempotency(owner, key))
    return unpack(item) if item else None


def unpack(item: Item) -> Answered:
    return Answered(item["request"], json.loads(item["answer"]), item["expires_at"])
