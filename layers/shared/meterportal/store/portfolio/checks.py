"""Portal Ready checks that are too large for one answer: header, and the result in packed rows.

A check goes in pieces; the header says how far it has come. Rows of the result have the name of the
worker that wrote them, and count when the header names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.domain.portfolio.readiness import Granted, ReadinessOutcome
from meterportal.store import keys, runs
from meterportal.store.portfolio import reasons
from meterportal.store.table import Table
from meterportal.store.writes import Write

JUDGED = (
    *("pk", "sk", "name", "city", "language"),
    *("first_name", "last_name", "email", "mailbox", "role", "active", "main", "rights"),
    *("ends_on", "next_billing_on", "reading_channel", "reporters", "asked_for", "asked"),
)
"""What a check, and a filter, look at of a company, its contacts and contracts: half of what the index has."""


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
        pieces=item.get("pieces", 0),
        after=(item["after"][0], item["after"][1]) if "after" in item else (0, ""),
        results=tuple((first, name) for first, name in item.get("results", ())),
        progress=tuple(item.get("progress", (0, 0))),
    )


def keep_piece(
    table: Table, behind: ReadinessCheck, outcome: ReadinessOutcome, worker: str
) -> ReadinessCheck:
    """Stores the outcome of a piece under the worker's own name, then moves the header to where the
    check stands `behind` it; returns what is stored. Fails when another worker was faster. A write
    for each row, and one."""
    texts = list(reasons.pieces(_pack(outcome)))
    results = behind.results
    if not results or results[-1][1] != worker:
        results = (*results, (behind.rows, worker))
    for n, text in enumerate(texts, behind.rows):
        pk, sk = _result_key(behind.id, worker, n)
        table.write(Write(put={"pk": pk, "sk": sk, "entries": text}))
    kept = replace(behind, rows=behind.rows + len(texts), results=results)
    values = {
        "pieces": kept.pieces,
        "after": list(kept.after),
        "rows": kept.rows,
        "results": [list(one) for one in results],
        "progress": list(kept.progress),
    }
    if kept.done_at is not None:
        values["done_at"] = kept.done_at.isoformat()
    seen = "attribute_not_exists(#pieces)" if kept.pieces == 1 else "#pieces = :seen"
    table.write(
        Write(
            key=keys.run("CHECK", kept.id),
            update="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            condition=f"attribute_exists(pk) AND attribute_not_exists(#done_at) AND {seen}",
            values=values if kept.pieces == 1 else {**values, "seen": kept.pieces - 1},
        )
    )
    return kept


def note_granted(check: ReadinessCheck, contact_ids: Sequence[str]) -> Write:
    """Notes the contacts to whom a check gives rights in the piece at which it stands, in the same
    transaction: a piece that is done anew still reports them as new.
    """
    pk, _ = keys.run("CHECK", check.id)
    sk = f"{_given(check)}{contact_ids[0]}"
    return Write(put={"pk": pk, "sk": sk, "contacts": list(contact_ids)})


def granted(table: Table, check: ReadinessCheck) -> frozenset[str]:
    """Contacts to whom a check has given rights in the piece at which it stands. One query."""
    return _contacts(table, check, _given(check))


def granted_at_once(table: Table, check: ReadinessCheck) -> frozenset[str]:
    """Contacts to whom a check has given rights before checks went in pieces: one that an earlier
    version began. One query."""
    return _contacts(table, check, "GRANTED#")


def _contacts(table: Table, check: ReadinessCheck, begins: str) -> frozenset[str]:
    rows = table.query(keys.run("CHECK", check.id)[0], begins=begins)
    return frozenset(number for row in rows for number in row["contacts"])


def _given(check: ReadinessCheck) -> str:
    return f"GIVEN#{check.pieces:06d}#"


def result(table: Table, check: ReadinessCheck, row: int) -> ReadinessOutcome:
    """The content of one result row, counted from 0. One read."""
    worker = next((name for first, name in reversed(check.results) if first <= row), "")
    item = table.get(*_result_key(check.id, worker, row))
    return _unpack(json.loads(item["entries"]) if item else [])


def _result_key(check_id: str, worker: str, row: int) -> tuple[str, str]:
    """`worker` "": of a check that an earlier version has carried out."""
    pk, _ = keys.run("CHECK", check_id)
    return pk, f"RESULT#{worker}#{row:06d}" if worker else f"RESULT#{row:06d}"


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
