"""What the months' machines have come to, a row a month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from meterportal.domain.portfolio.statistics import (
    KEPT,
    MonthStatistics,
    Response,
    RoundResponse,
)
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write, moment

Counted = tuple[str, datetime, MonthStatistics]
"""Month, when it was counted, and what came out."""


def keep(table: Table, month: str, told: MonthStatistics, *, at: datetime) -> bool:
    """Keeps a month as counted at a moment; False where it was counted since. One write."""
    pk, sk = keys.statistics(month)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "counted_at": moment(at),
        "told": json.dumps(told, separators=(",", ":")),
        "expires_at": int((at + KEPT).timestamp()),
    }
    write = Write(
        put=item,
        condition="attribute_not_exists(pk) OR #counted_at <= :at",
        values={"at": item["counted_at"]},
    )
    try:
        table.write(write)
    except ConditionFailed:
        return False
    return True


def newest(table: Table, *, most: int) -> Iterator[Counted]:
    """The months that were counted, the newest first. One query."""
    pk, _ = keys.statistics("")
    for item in table.query(pk, forward=False, limit=most):
        yield item["sk"], datetime.fromisoformat(item["counted_at"]), _unpack(item["told"])


def _unpack(text: str) -> MonthStatistics:
    due, done, response, first, curve, channels, estimates, rounds = json.loads(text)
    once, twice, more = estimates
    return MonthStatistics(
        due,
        done,
        Response(*response),
        first,
        tuple(curve),
        tuple((name, machines) for name, machines in channels),
        (once, twice, more),
        tuple(
            RoundResponse(round_id, number, on, Response(*response))
            for round_id, number, on, response in rounds
        ),
    )
