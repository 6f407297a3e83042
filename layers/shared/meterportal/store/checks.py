"""Portal Ready runs that are too large for one answer: header, and the result in packed rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from meterportal.domain.contracts import PortalRights
from meterportal.domain.readiness import Granted, Outcome
from meterportal.store import keys, reasons, runs
from meterportal.store.table import Table, Write


@dataclass(frozen=True, slots=True)
class Check:
    """`as_of` is the business date; `rows` counts result rows once `done_at` is set."""

    id: str
    by: str
    created_at: datetime
    as_of: date
    dry_run: bool = False
    done_at: datetime | None = None
    rows: int = 0
    problem: str = ""


def create(started: Check) -> Write:
    """The header of a new check; fails when there is one already."""
    item = {
        **runs.header("CHECK", started.id, by=started.by, at=started.created_at),
        "as_of": started.as_of.isoformat(),
        "dry_run": started.dry_run,
        "problem": started.problem,
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, check_id: str) -> Check | None:
    item = table.get(*keys.run("CHECK", check_id))
    if item is None:
        return None
    done_at = item.get("done_at")
    return Check(
        id=check_id,
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        as_of=date.fromisoformat(item["as_of"]),
        dry_run=item["dry_run"],
        done_at=datetime.fromisoformat(done_at) if done_at else None,
        rows=item.get("rows", 0),
        problem=item.get("problem", ""),
    )


def finish(check_id: str, *, rows: int, at: datetime) -> Write:
    return Write(
        key=keys.run("CHECK", check_id),
        update="SET #done_at = :at, #rows = :rows",
        condition="attribute_exists(pk)",
        values={"at": at.isoformat(), "rows": rows},
    )


def result_rows(check_id: str, outcome: Outcome) -> Iterator[Write]:
    """The rows that hold an outcome; running again overwrites them."""
    pk, _ = keys.run("CHECK", check_id)
    for n, text in enumerate(reasons.pieces(_pack(outcome))):
        yield Write(put={"pk": pk, "sk": f"RESULT#{n:06d}", "entries": text})


def result(table: Table, check: Check, row: int) -> Outcome:
    """What one result row holds, counted from 0. One read."""
    item = table.get(keys.run("CHECK", check.id)[0], f"RESULT#{row:06d}")
    return _unpack(json.loads(item["entries"]) if item else [])


def _pack(outcome: Outcome) -> Iterator[list[Any]]:
    for number in outcome.ready:
        yield ["ready", number]
    for number, why in outcome.not_ready:
        yield ["not_ready", number, [reasons.pack(reason) for reason in why]]
    for number, note in outcome.notes:
        yield ["note", number, reasons.pack(note)]
    for one in outcome.granted:
        given = [one.rights.readings, one.rights.machines, one.rights.service_orders]
        yield ["granted", one.contact_id, one.company_id, given, one.new]


def _unpack(entries: list[list[Any]]) -> Outcome:
    outcome = Outcome()
    for kind, number, *rest in entries:
        match kind:
            case "ready":
                outcome.ready.append(number)
            case "not_ready":
                outcome.not_ready.append((number, tuple(map(reasons.unpack, rest[0]))))
            case "note":
                outcome.notes.append((number, reasons.unpack(rest[0])))
            case "granted":
                company_id, given, new = rest
                outcome.granted.append(Granted(number, company_id, PortalRights(*given), new))
    return outcome
