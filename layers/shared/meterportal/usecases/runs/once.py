"""Starts a run once: the same request with the same Idempotency-Key gives the same run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.store import idempotency
from meterportal.store.writes import ConditionFailed, Write


@frozen
class Once:
    """The owner of the key (a staff id), the key, and the digest of the request."""

    owner: str
    key: str
    request: str


def started_before(adapters: Adapters, once: Once | None, *, now: datetime) -> str | None:
    """The run that this request started within a day; raises ReusedKey for another request."""
    if once is None:
        return None
    answered = idempotency.load(adapters.table, once.owner, once.key)
    again = idempotency.told_again(answered, once.request, now=now)
    return str(again.answer) if again else None


def start(
    adapters: Adapters,
    once: Once | None,
    header: Write,
    run_id: str,
    *,
    now: datetime,
    noted: Sequence[Write] = (),
) -> str:
    """Writes a run's header, its key and what is `noted` in the journal, in one transaction; returns
    the id of the run that has the key.
    """
    if once is None:
        if noted:
            adapters.table.transact([header, *noted])
        else:
            adapters.table.write(header)
        return run_id
    kept = idempotency.new(once.owner, once.key, request=once.request, answer=run_id, now=now)
    try:
        adapters.table.transact([header, kept, *noted])
    except ConditionFailed:
        earlier = started_before(adapters, once, now=now)
        if earlier is None:
            raise
        return earlier
    return run_id
