"""What staff do once: the same request with the same Idempotency-Key gives the same answer for a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.store import idempotency
from meterportal.store.writes import Write


@frozen
class OwnRequest:
    """Whose request, its key (None: none was sent), and its digest."""

    owner: str
    key: str | None
    digest: str


def earlier(adapters: Adapters, request: OwnRequest, *, now: datetime) -> Any | None:
    """The answer given before, None for a new request. Raises ReusedKey. One read with a key."""
    if request.key is None:
        return None
    kept = idempotency.load(adapters.table, request.owner, request.key)
    again = idempotency.told_again(kept, request.digest, now=now)
    return again.answer if again else None


def kept(request: OwnRequest, answer: Any, *, now: datetime) -> list[Write]:
    """The write that keeps an answer, for the transaction that carries the request out; none without
    a key."""
    if request.key is None:
        return []
    return [
        idempotency.new(request.owner, request.key, request=request.digest, answer=answer, now=now)
    ]
