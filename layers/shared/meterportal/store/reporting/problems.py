"""Problems with machines, for staff to decide: one row each, kept for good, listed by the index.

An open problem, or one that staff accepted, is also part of its machine's item. Both change in one
transaction, which also writes a row beside the machine's history: who did what, when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from meterportal.domain.portfolio.machines import Machine, ProblemKind
from meterportal.domain.reporting.problems import ProblemEvent, ProblemRow, ProblemState
from meterportal.store import keys, runs
from meterportal.store.items import Item, as_told
from meterportal.store.portfolio import machines
from meterportal.store.table import Table
from meterportal.store.writes import Write


def load(table: Table, problem_id: str) -> ProblemRow | None:
    """One problem, or None. One read."""
    item = table.get(*keys.run("PROBLEM", problem_id))
    return _unpack(item) if item else None


def newest(
    table: Table, *, waits: bool, before: str | None = None
) -> Iterator[tuple[str, ProblemRow]]:
    """(place in the list, problem), newest first; starts after the place `before`."""
    kind = f"PROBLEM#{'open' if waits else 'decided'}"
    for item in runs.newest(table, kind, before=before):
        yield runs.place(item), _unpack(item)


def report(machine: Machine, *, seen: Machine, by: str, at: datetime) -> list[Write]:
    """Stores the problem that a contact has reported for the machine; fails when the machine was
    written since.
    """
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
        **keys.staff_list("PROBLEM", waits=True, at=moment, number=problem.id),
    }
    facts = {"kind": problem.kind.value, "text": problem.text, "meter_id": problem.meter_id}
    return [
        *machines.save(machine, seen=seen, event=None),
        Write(put=row, condition="attribute_not_exists(pk)"),
        _event(machine, problem.id, "reported", facts, by=by, at=at),
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
    """Closes an open problem; the caller writes the machine itself. Fails when the problem is not
    open.
    """
    moment = at.isoformat(timespec="milliseconds")
    listed = keys.staff_list("PROBLEM", waits=False, at=moment, number=problem_id)
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
    facts = {"note": note} if note else {}
    return [row, _event(machine, problem_id, state.value, facts, by=by, at=at)]


def settle(before: Machine, after: Machine, *, by: str, at: datetime) -> list[Write]:
    """Closes the open problem that reported values settle; no writes where there is none."""
    problem = before.problem
    if problem is None or problem.accepted or after.problem is not None:
        return []
    return close(before, problem.id, ProblemState.SETTLED, by=by, at=at)


def events_of(table: Table, machine: Machine) -> list[ProblemEvent]:
    """What befell the problems of a machine, oldest first. One query; two where it stood here under a
    provisional number."""
    places = (keys.problem_event(machine.company_id, n, "", "") for n in reversed(machine.numbers))
    return [
        ProblemEvent(
            problem_id=item["problem_id"],
            by=item["by"],
            texts={name: item[name] for name in ("text", "note") if name in item},
            facts=as_told(item, without={"pk", "sk"}),
            place=(item["pk"], item["sk"]),
        )
        for pk, _ in places
        for item in table.query(pk, begins="PROBLEM#")
    ]


def reword(event: ProblemEvent, texts: Mapping[str, str]) -> Write:
    """Other texts for an event of a problem; fails when it is gone."""
    return _reworded(event.place, texts)


def reword_row(problem_id: str, texts: Mapping[str, str]) -> Write:
    """Other texts for a problem; fails when it is gone."""
    return _reworded(keys.run("PROBLEM", problem_id), texts)


def _reworded(place: tuple[str, str], texts: Mapping[str, str]) -> Write:
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in texts)
    return Write(key=place, update=update, condition="attribute_exists(pk)", values=dict(texts))


def _event(
    machine: Machine,
    problem_id: str,
    event: str,
    facts: Mapping[str, str],
    *,
    by: str,
    at: datetime,
) -> Write:
    moment = at.isoformat(timespec="milliseconds")
    place = f"{problem_id}#{event}"
    pk, sk = keys.problem_event(machine.company_id, machine.id, moment, place)
    row = {"pk": pk, "sk": sk, "problem_id": problem_id, "event": event, "at": moment, "by": by}
    return Write(put=row | dict(facts), condition="attribute_not_exists(pk)")


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
