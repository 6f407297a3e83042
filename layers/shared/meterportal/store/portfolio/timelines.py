"""What happened to the readings of a company's machines, newest first, from the index `lists`; and the
same of one machine, from its own history.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from meterportal.domain.access.journal import FieldChange
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.timelines import Event, Happening, of_moment
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.packing import unpacked
from meterportal.store.table import Table


def of_company(
    table: Table, company_id: str, *, before: str, page: int
) -> Iterator[tuple[str, Event]]:
    """(place, change of readings), newest first, before the place `before`; `page` is how many a request
    reads. What came in by import is not among them, nor what happened before this list existed.

    A row may name those of other machines that the same transaction has changed: one read for all of them, and
    their places stand behind its own."""
    listed = keys.timeline(company_id, "")["lists_pk"]
    rows = table.query(listed, index="lists", between=("0", before), forward=False, page=page)
    for row in rows:
        own = row["lists_sk"]
        told = [row, *_others(table, company_id, row)]
        places = [own, *(f"{own}#{n:03d}" for n in range(1, len(told)))]
        for place, one in zip(reversed(places), reversed(told), strict=True):
            if place < before:
                yield place, _unpack(one)


def _others(table: Table, company_id: str, row: Item) -> list[Item]:
    """The rows that a row names, in its order."""
    if "others" not in row:
        return []
    named = [keys.history(company_id, *one) for one in unpacked(row["others"])]
    found = table.batch_get(named)
    return [found[key] for key in named if key in found]


def of_machine(table: Table, company_id: str, machine_id: str, *, limit: int) -> Iterator[Event]:
    """The newest changes of a machine's readings, newest first. One query."""
    pk, _ = keys.history(company_id, machine_id, 0)
    rows = table.query(pk, between=("HISTORY#", "HISTORY$"), forward=False, limit=limit)
    yield from map(_unpack, rows)


def _unpack(item: Item) -> Event:
    happening = Happening(item["event"])
    changes: tuple[FieldChange, ...] = ()
    if happening is not Happening.IMPORTED:
        changes = tuple(
            FieldChange(row["meter_id"], (row.get("before") or {}).get("value"), row["value"])
            for row in item["entries"]
            if "value" in row
        )
    at = datetime.fromisoformat(item["at"])
    event = Event(
        happening,
        at.date(),
        by=item.get("by", ""),
        machine_id=item["machine_id"],
        reporter=item.get("reporter", ""),
        channel=None if happening is Happening.IMPORTED else ReadingChannel(item["channel"]),
        changes=changes,
    )
    return of_moment(event, at)
