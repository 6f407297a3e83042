"""Problems with machines, as staff work them off: one row each, kept for good, listed by the index.

While it matters for who is asked, a problem also stands in its machine's item: both change in one
transaction, together with a row beside the machine's history that tells who did what when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from meterportal.domain.machines import Machine, ProblemKind
from meterportal.domain.problems import ProblemState
from meterportal.store import keys, machines, runs
from meterportal.store.table import Item, Table, Write


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem with its place and its fate. `decided_by` is a staff or contact id, "" while open."""

    id: str
    company_id: str
    machine_id: str
    contract_id: str
    kind: ProblemKind
    state: ProblemState
    reported_on: date
    reported_at: datetime
    reported_by: str
    due_on: date | None = None
    text: str = ""
    meter_id: str = ""
    note: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""


def load(table: Table, problem_id: str) -> ProblemRow | None:
    """One problem, or None. One read."""
    item = table.get(*keys.run("PROBLEM", problem_id))
    return _unpack(item) if item else None


def newest(
    table: Table, *, waits: bool, before: str | None = None
) -> Iterator[tuple[str, ProblemRow]]:
    """(place in the list, problem), newest first; `before` is such a place, left out itself."""
    kind = f"PROBLEM#{'open' if waits else 'decided'}"
    for item in runs.newest(table, kind, before=before):
        yield runs.place(item), _unpack(item)


def report(machine: Machine, *, seen: Machine, by: str, at: datetime) -> list[Write]:
    """Store a problem that a contact has just put on the machine; fails when anybody wrote since."""
    problem = machine.problem
    assert problem is not None, "the problem stands on the machine"
    pk, sk = keys.run("PROBLEM", problem.id)
    moment = at.isoformat(timespec="milliseconds")
    row: Item = {
        "pk": pk,
        "sk": sk,
        "company_id": machine.company_id,
        "machine_id": machine.id,
        "contract_id": machine.contract_id,
        "kind": problem.kind.value,
        "state": ProblemState.OPEN.value,
        "reported_on": problem.reported_on.isoformat(),
        "reported_at": moment,
        "reported_by": by,
        "due_on": problem.due_on.isoformat() if problem.due_on else None,
        "text": problem.text,
        "meter_id": problem.meter_id,
        **keys.desk_list("PROBLEM", waits=True, at=moment, number=problem.id),
    }
    told = {"kind": problem.kind.value, "text": problem.text, "meter_id": problem.meter_id}
    return [
        *machines.save(machine, seen=seen, event=None),
        Write(put=row, condition="attribute_not_exists(pk)"),
        _event(machine, problem.id, "reported", told, by=by, at=at),
    ]


def close(
    machine: Machine,
    problem_id: str,
    state: ProblemState,
    *,
    by: str,
    at: datetime,
    note: str = "",
) -> list[Write]:
    """End an open problem; the machine's own write is the caller's. Fails when it is not open."""
    moment = at.isoformat(timespec="milliseconds")
    listed = keys.desk_list("PROBLEM", waits=False, at=moment, number=problem_id)
    values: dict[str, Any] = {
        "state": state.value,
        "note": note,
        "at": moment,
        "by": by,
        "open": ProblemState.OPEN.value,
        **listed,
    }
    row = Write(
        key=keys.run("PROBLEM", problem_id),
        update="SET #state = :state, #note = :note, #decided_at = :at, #decided_by = :by,"
        " #lists_pk = :lists_pk, #lists_sk = :lists_sk",
        condition="#state = :open",
        values=values,
    )
    told = {"note": note} if note else {}
    return [row, _event(machine, problem_id, state.value, told, by=by, at=at)]


def settle(before: Machine, after: Machine, *, by: str, at: datetime) -> list[Write]:
    """What reported values do to an open problem that they answer: nothing where there is none."""
    problem = before.problem
    if problem is None or problem.accepted or after.problem is not None:
        return []
    return close(before, problem.id, ProblemState.SETTLED, by=by, at=at)


def _event(
    machine: Machine,
    problem_id: str,
    event: str,
    told: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> Write:
    moment = at.isoformat(timespec="milliseconds")
    place = f"{problem_id}#{event}"
    pk, sk = keys.problem_event(machine.company_id, machine.id, moment, place)
    row = {"pk": pk, "sk": sk, "problem_id": problem_id, "event": event, "at": moment, "by": by}
    return Write(put=row | dict(told), condition="attribute_not_exists(pk)")


def _unpack(item: Item) -> ProblemRow:
    decided_at, due_on = item.get("decided_at"), item.get("due_on")
    return ProblemRow(
        id=item["pk"].partition("#")[2],
        company_id=item["company_id"],
        machine_id=item["machine_id"],
        contract_id=item["contract_id"],
        kind=ProblemKind(item["kind"]),
        state=ProblemState(item["state"]),
        reported_on=date.fromisoformat(item["reported_on"]),
        reported_at=datetime.fromisoformat(item["reported_at"]),
        reported_by=item["reported_by"],
        due_on=date.fromisoformat(due_on) if due_on else None,
        text=item.get("text", ""),
        meter_id=item.get("meter_id", ""),
        note=item.get("note", ""),
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        decided_by=item.get("decided_by", ""),
    )
