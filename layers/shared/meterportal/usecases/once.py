"""Starting a run once: the same request with the same Idempotency-Key gives the same run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meterportal.domain.refusals import ReusedKey
from meterportal.store import idempotency
from meterportal.store.table import ConditionFailed, Table, Write


@dataclass(frozen=True, slots=True)
class Once:
    """Whose key it is (`owner`: a staff id), the key, and the digest of what is asked."""

    owner: str
    key: str
    request: str


def started_before(table: Table, once: Once | None, *, now: datetime) -> str | None:
    """The run that this request started within a day; raises ReusedKey for another request."""
    if once is None:
        return None
    answered = idempotency.load(table, once.owner, once.key)
    if answered is None or answered.over(now):
        return None
    if answered.request != once.request:
        raise ReusedKey
    run_id: str = answered.answer
    return run_id


def start(table: Table, once: Once | None, header: Write, run_id: str, *, now: datetime) -> str:
    """Write a run's header, with its key in the same transaction; gives back whose run it is."""
    if once is None:
        table.write(header)
        return run_id
    kept = idempotency.new(once.owner, once.key, request=once.request, answer=run_id, now=now)
    try:
        table.transact([header, kept])
    except ConditionFailed:
        earlier = started_before(table, once, now=now)
        if earlier is None:
            raise
        return earlier
    return run_id
