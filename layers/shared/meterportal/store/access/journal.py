"""The journal: one row for each action of staff, written once and never changed.

Rows stand by year and moment, so that one query tells the newest; those about a company stand in the
index `lists` by company, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from meterportal.domain.access.journal import (
    Action,
    Deed,
    FieldChange,
    JournalEntry,
    StaffMember,
)
from meterportal.domain.refusals import StaffSignedOut
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.packing import compact
from meterportal.store.table import HIGHEST, Table
from meterportal.store.writes import Write, moment

_IDS = ("company_id", "contract_id", "machine_id", "contact_id")


def entries(number: str, by: StaffMember, at: datetime, *deeds: Deed) -> list[Write]:
    """The writes that put deeds into the journal, for the transaction that carries them out; and one
    that keeps the person's name. `number` is new for each transaction.

    The transaction is refused with StaffSignedOut when the rights of the person were changed since the
    token was made by which they act.
    """
    when, year = moment(at), at.astimezone(UTC).year
    rows = [_row(year, f"{when}#{number}-{n:02d}", by, deed) for n, deed in enumerate(deeds)]
    values = {"name": by.name, "at": when, **keys.staff_members(by.id)}
    person = Write(
        key=keys.staff_member(by.id),
        update="SET #name = :name, #acted_at = :at, #lists_pk = :lists_pk, #lists_sk = :lists_sk",
        values=values,
    )
    if by.issued_at is not None:
        person = person._replace(
            condition="attribute_not_exists(#not_before) OR #not_before < :issued",
            values=values | {"issued": by.issued_at},
            refusal=StaffSignedOut,
        )
    return [*rows, person]


def end_rights(staff_id: str, *, at: datetime) -> Write:
    """Tokens that a staff member has got until now change nothing any more."""
    return Write(
        key=keys.staff_member(staff_id),
        update="SET #not_before = :at",
        values={"at": int(at.timestamp())},
    )


def last_acts(table: Table, ids: Iterable[str]) -> dict[str, str]:
    """When staff last changed something, by id (ISO, UTC). One read per hundred."""
    found = table.batch_get(keys.staff_member(number) for number in ids)
    return {
        pk.partition("#")[2]: item["acted_at"]
        for (pk, _), item in found.items()
        if "acted_at" in item
    }


def _row(year: int, place: str, by: StaffMember, deed: Deed) -> Write:
    pk, sk = keys.journal(year, place)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "by": by.id,
        "name": by.name,
        "action": deed.action.value,
        "kind": deed.kind,
        "number": deed.number,
        **{name: number for name in _IDS if (number := getattr(deed, name))},
    }
    if deed.changes:
        changes = [[one.field, one.before, one.after] for one in deed.changes]
        item["changes"] = compact(changes)
    if deed.company_id:
        item |= keys.journal_list(deed.company_id, place)
    return Write(put=item, condition="attribute_not_exists(pk)")


def newest(
    table: Table, year: int, *, since: str, before: str, page: int
) -> Iterator[tuple[str, JournalEntry]]:
    """(place, entry) of a year, newest first, from the place `since` to before the place `before`;
    `page` is how many a request reads."""
    pk, _ = keys.journal(year, "")
    rows = table.query(pk, between=(since, before), forward=False, page=page)
    yield from ((row["sk"], unpack(row)) for row in rows if row["sk"] != before)


def newest_of_company(
    table: Table, company_id: str, *, since: str, before: str, page: int
) -> Iterator[tuple[str, JournalEntry]]:
    """The same of a company, over all years, from the index."""
    listed = keys.journal_list(company_id, "")
    rows = table.query(
        listed["lists_pk"], index="lists", between=(since, before), forward=False, page=page
    )
    yield from ((row["sk"], unpack(row)) for row in rows if row["sk"] != before)


def place_of(at: datetime) -> str:
    """The place before every entry of a moment."""
    return moment(at)


FIRST, LAST = "0", HIGHEST
"""Places before and behind every entry."""


def names(table: Table, ids: Iterable[str]) -> dict[str, str]:
    """The names of staff by id, as far as they are known. One read per hundred."""
    found = table.batch_get(keys.staff_member(number) for number in ids)
    return {pk.partition("#")[2]: item.get("name", "") for (pk, _), item in found.items()}


def everybody(table: Table) -> list[StaffMember]:
    """All staff who have changed something so far, from the index. One query."""
    rows = table.query(keys.staff_members("")["lists_pk"], index="lists")
    return [StaffMember(row["lists_sk"], row["name"]) for row in rows]


def unpack(item: Item) -> JournalEntry:
    ids = {name: item[name] for name in _IDS if name in item}
    changes = tuple(FieldChange(*row) for row in json.loads(item.get("changes", "[]")))
    return JournalEntry(
        at=datetime.fromisoformat(item["sk"].partition("#")[0]),
        by=StaffMember(item["by"], item["name"]),
        deed=Deed(Action(item["action"]), item["kind"], item["number"], changes=changes, **ids),
    )
