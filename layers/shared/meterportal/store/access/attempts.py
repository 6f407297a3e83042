"""Limits on attempts: each attempt is counted by a conditional write, so a limit also holds for
concurrent requests. The table knows the person only by a pseudonym.
"""

from __future__ import annotations

from datetime import UTC, datetime

from meterportal.domain.access.attempts import Limit, Pace, TakenAttempts
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def count(limit: Limit, whose: str, *, now: datetime) -> Write:
    """Counts one more attempt of a pseudonym; fails when the limit is reached."""
    window = int(now.timestamp()) // int(limit.within.total_seconds())
    return Write(
        key=keys.attempts(limit.purpose, whose, window),
        update="SET #count = if_not_exists(#count, :none) + :one, #expires_at = :forgotten",
        condition="attribute_not_exists(#count) OR #count < :most",
        values={
            "none": 0,
            "one": 1,
            "most": limit.most,
            "forgotten": int((now + 2 * limit.within).timestamp()),
        },
    )


def take_free(table: Table, pace: Pace, whose: str, *, now: datetime) -> None:
    """Takes one of the attempts without waiting time; fails when they are used up."""
    table.write(
        Write(
            key=keys.pace(pace.purpose, whose),
            update="SET #count = if_not_exists(#count, :none) + :one, #last_at = :now, #expires_at = :end",
            condition="attribute_not_exists(#count) OR #count < :free",
            values={"none": 0, "one": 1, "free": pace.free, **_times(pace, now)},
        )
    )


def take_next(
    table: Table,
    pace: Pace,
    whose: str,
    seen: TakenAttempts,
    count: int,
    *,
    now: datetime,
    mark: str,
) -> None:
    """Takes the `count`-th attempt; fails when another one was taken since `seen`. `mark` is unique
    for each attempt: otherwise two attempts in the same millisecond look like one that the SDK
    repeated.
    """
    table.write(
        Write(
            key=keys.pace(pace.purpose, whose),
            update="SET #count = :count, #last_at = :now, #expires_at = :end, #mark = :mark",
            condition="#count = :seen AND #last_at = :seen_at",
            values={
                "count": count,
                "mark": mark,
                "seen": seen.count,
                "seen_at": _milliseconds(seen.last_at),
                **_times(pace, now),
            },
        )
    )


def give_back(pace: Pace, whose: str) -> Write:
    """Takes one attempt out of the count, because it was correct; fails when it is forgotten: it would leave
    a count without an end."""
    return Write(
        key=keys.pace(pace.purpose, whose),
        update="ADD #count :less",
        condition="attribute_exists(pk)",
        values={"less": -1},
    )


def taken(item: Item) -> TakenAttempts:
    """The attempts so far, from the item on which a condition failed."""
    return TakenAttempts(item["count"], datetime.fromtimestamp(item["last_at"] / 1000, UTC))


def _times(pace: Pace, now: datetime) -> dict[str, int]:
    forgotten = int((now + pace.forgotten + pace.longest).timestamp())
    return {"now": _milliseconds(now), "end": forgotten}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
