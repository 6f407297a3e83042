"""What all kinds of runs share: the header, the list (newest first, from the index), and the state
of a run whose worker has failed.

`failed` holds the parts of a run whose last delivery failed, `letters` the dead letters that are
noted already: a dead letter is noted once, even if it stays in its queue for days and the run was
started again since. Until `lease_until` a worker may be working on the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from meterportal.domain.runs import BrokenOff, RunKind
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.table import Table
from meterportal.store.writes import Write


def header(kind: str, number: str, *, by: str, at: datetime) -> Item:
    """The attributes that every run's header has: key, who started it, when, and its place in the
    list. Kind as in `keys.run`.
    """
    pk, sk = keys.run(kind, number)
    created_at = at.isoformat(timespec="milliseconds")
    listed = keys.run_list(kind, created_at, number)
    return {"pk": pk, "sk": sk, "by": by, "created_at": created_at, **listed}


def newest(table: Table, kind: str, *, before: str | None = None) -> Iterator[Item]:
    """Headers of the runs of a kind (as in `keys.run`); starts after the place `before`."""
    between = ("0", before) if before else None
    for item in table.query(f"RUNS#{kind}", index="lists", forward=False, between=between):
        if place(item) != before:
            yield item


def place(item: Item) -> str:
    """A run's place in its list."""
    found: str = item["lists_sk"]
    return found


def broken(item: Item) -> BrokenOff:
    """What a header says about failed deliveries, restart and lease of its run."""
    at, restarted_at, lease_until = (
        datetime.fromisoformat(item[name]) if name in item else None
        for name in ("failed_at", "restarted_at", "lease_until")
    )
    return BrokenOff(frozenset(item.get("failed") or ()), at, restarted_at, lease_until)


def fail(kind: RunKind, number: str, part: str, *, letter: str, at: datetime) -> Write:
    """Notes that the last delivery of a part of a run failed. Fails when this dead letter is noted
    already, or there is no such run.
    """
    return Write(
        key=keys.run(kind.name, number),
        update="SET #failed_at = :at ADD #failed :parts, #letters :letters",
        condition="attribute_exists(pk) AND NOT contains(#letters, :letter)",
        values={
            "at": at.isoformat(timespec="seconds"),
            "parts": {part},
            "letters": {letter},
            "letter": letter,
        },
    )


def take_up(kind: RunKind, number: str, part: str) -> Write:
    """Notes that a part of a run is being delivered again."""
    return Write(
        key=keys.run(kind.name, number),
        update="DELETE #failed :parts",
        condition="attribute_exists(pk)",
        values={"parts": {part}},
    )


def begin(table: Table, kind: RunKind, number: str, part: str, *, lease_until: datetime) -> None:
    """Notes that a worker works on a run that is one message, until `lease_until` at most."""
    taken = take_up(kind, number, part)
    table.write(
        taken._replace(
            update=f"SET #lease_until = :until {taken.update}",
            values={**taken.values, "until": lease_until.isoformat(timespec="seconds")},
        )
    )


def hand_on(table: Table, kind: RunKind, number: str) -> None:
    """Notes that the worker has ended and another message continues the run."""
    table.write(
        Write(
            key=keys.run(kind.name, number),
            update="REMOVE #lease_until",
            condition="attribute_exists(pk)",
        )
    )


def restart(kind: RunKind, number: str, *, at: datetime) -> Write:
    """Notes that somebody started a run again: from now on it counts as running."""
    return Write(
        key=keys.run(kind.name, number),
        update="SET #restarted_at = :at REMOVE #failed, #failed_at, #lease_until",
        condition="attribute_exists(pk)",
        values={"at": at.isoformat(timespec="seconds")},
    )
