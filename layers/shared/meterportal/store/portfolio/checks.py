"""Portal Ready checks that are too large for one answer: header, and the result in packed rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.domain.portfolio.readiness import Granted, ReadinessOutcome
from meterportal.store import keys, runs
from meterportal.store.portfolio import reasons
from meterportal.store.table import Table
from meterportal.store.writes import Write


def create(started: ReadinessCheck) -> Write:
    """The header of a new check; fails when there is one already."""
    item = {
        **runs.header("CHECK", started.id, by=started.by, at=started.created_at),
        "as_of": started.as_of.isoformat(),
        "dry_run": started.dry_run,
        "problem": started.problem,
    }
    return Write(put=item, condition="attribute_not_exists(pk)")


def load(table: Table, check_id: str) -> ReadinessCheck | None:
    item = table.get(*keys.run("CHECK", check_id))
    if item is None:
        return None
    done_at = item.get("done_at")
    return ReadinessCheck(
        id=check_id,
        by=item["by"],
        created_at=datetime.fromisoformat(item["created_at"]),
        as_of=date.fromisoformat(item["as_of"]),
        dry_run=item["dry_run"],
        done_at=datetime.fromisoformat(done_at) if done_at else None,
        rows=item.get("rows", 0),
        problem=item.get("problem", ""),
        broken=runs.broken(item),
    )


def finish(table: Table, check_id: str, *, rows: int, at: datetime) -> None:
    table.write(
        Write(
            key=keys.run("CHECK", check_id),
            update="SET #done_at = :at, #rows = :rows",
            condition="attribute_exists(pk)",
            values={"at": at.isoformat(), "rows": rows},
        )
    )


def note_granted(check_id: str, contact_ids: Sequence[str]) -> Write:
    """Notes the contacts to whom a check gives rights, in the same transaction: a check that is
    started again still reports them as new.
    """
    pk, _ = keys.run("CHECK", check_id)
    return Write(put={"pk": pk, "sk": f"GRANTED#{contact_ids[0]}", "contacts": list(contact_ids)})


def granted(table: Table, check_id: str) -> frozenset[str]:
    """Contacts to whom a check has given rights so far. One query."""
    rows = table.query(keys.run("CHECK", check_id)[0], begins="GRANTED#")
    return frozenset(number for row in rows for number in row["contacts"])


def result_rows(check_id: str, outcome: ReadinessOutcome) -> Iterator[Write]:
    """The rows that hold an outcome; a repeated check overwrites them."""
    pk, _ = keys.run("CHECK", check_id)
    for n, text in enumerate(reasons.pieces(_pack(outcome))):
        yield Write(put={"pk": pk, "sk": f"RESULT#{n:06d}", "entries": text})


def result(table: Table, check: ReadinessCheck, row: int) -> ReadinessOutcome:
    """The content of one result row, counted from 0. One read."""
    item = table.get(keys.run("CHECK", check.id)[0], f"RESULT#{row:06d}")
    return _unpack(json.loads(item["entries"]) if item else [])


def _pack(outcome: ReadinessOutcome) -> Iterator[list[Any]]:
    for number in outcome.ready:
        yield ["ready", number]
    for number, why in outcome.not_ready:
        yield ["not_ready", number, [reasons.pack(reason) for reason in why]]
    for number, note in outcome.notes:
        yield ["note", number, reasons.pack(note)]
    for grant in outcome.granted:
        given = [grant.rights.readings, grant.rights.machines, grant.rights.service_orders]
        yield ["granted", grant.contact_id, grant.company_id, given, grant.new]


def _unpack(entries: list[list[Any]]) -> ReadinessOutcome:
    outcome = ReadinessOutcome()
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
