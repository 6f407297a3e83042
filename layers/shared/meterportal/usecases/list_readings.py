"""What staff see of a period: machines with their readings, by bucket, in the order of due dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meterportal.batches import batches
from meterportal.domain.buckets import Bucket, Shown, shown
from meterportal.domain.contracts import Contract
from meterportal.domain.machines import Machine
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import machines, portfolio
from meterportal.store.table import Table

SECTIONS: Mapping[Bucket, Sequence[Sequence[str]]] = {
    Bucket.REPORTED: [["reported"]],
    Bucket.IMPLAUSIBLE: [["reported"]],
    # Partly released machines stand among the others: behind the wholly released ones.
    Bucket.RELEASED: [["released"], ["open", "reported"]],
    Bucket.MISSING: [["open", "reported"]],
}
"""Which states of machines a bucket is looked for in; within a section by due date."""

LOOKED_AT = 2000
"""Machines that one page may look at: a sparse bucket comes in pages that are not full."""


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which machine a page starts. `due_on` is ISO text, "" without a due date."""

    section: int = 0
    due_on: str = ""
    machine_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    machine: Machine
    company: str
    shown: Sequence[Shown]


def page(
    doors: Doors,
    bucket: Bucket,
    *,
    company_id: str | None,
    contract_id: str | None,
    limit: int,
    after: Place | None,
    at: Moment,
) -> tuple[list[Row], Place | None]:
    """One page of a bucket and where the next one starts (None: this was the last)."""
    table = doors.table
    owner = company_id
    if contract_id is not None:
        owners = portfolio.companies_of(table, "CONTRACT", [contract_id])
        owner = owners.get(contract_id, "")
        if company_id not in (None, owner):
            return [], None
    if owner is None:
        found = _everybody(table, bucket, after or Place(), limit)
    else:
        found = _company(table, owner, contract_id, after)
    rows: list[tuple[Place, Machine, list[Shown]]] = []
    for looked_at, (place, machine, contract) in enumerate(found, 1):
        seen = shown(
            bucket,
            machine,
            contract,
            today=at.today,
            grace_days=doors.settings.grace_days,
        )
        if seen:
            rows.append((place, machine, seen))
        if len(rows) > limit:
            return _named(table, rows[:limit]), rows[limit - 1][0]
        if looked_at >= LOOKED_AT:
            return _named(table, rows), place
    return _named(table, rows), None


Found = Iterator[tuple[Place, Machine, Contract | None]]


def _everybody(table: Table, bucket: Bucket, after: Place, limit: int) -> Found:
    for number, states in enumerate(SECTIONS[bucket]):
        if number < after.section:
            continue
        started = number == after.section and after.machine_id
        place = (after.due_on, after.machine_id) if started else None
        listed = machines.listed(table, states, after=place, window=max(limit, 100))
        for some in batches(listed, 100):
            loaded = machines.load_many(table, ((row.company_id, row.machine_id) for row in some))
            papers = _contracts(table, bucket, loaded.values())
            for row in some:
                # The index may lag behind: what has left the section meanwhile is not shown in it.
                machine = loaded.get(row.machine_id)
                if machine is not None and machine.state in states:
                    found = Place(number, row.due_on, row.machine_id)
                    yield found, machine, papers.get(machine.contract_id)


def _contracts(table: Table, bucket: Bucket, loaded: Iterable[Machine]) -> dict[str, Contract]:
    """Contracts by number, where the bucket asks for them."""
    if bucket is not Bucket.MISSING:
        return {}
    return portfolio.contracts(table, {(m.company_id, m.contract_id) for m in loaded})


def _company(table: Table, company_id: str, contract_id: str | None, after: Place | None) -> Found:
    holding = portfolio.load(table, company_id)
    if holding is None:
        return
    start = (after.due_on, after.machine_id) if after else ("", "")
    for machine in sorted(holding.machines.values(), key=_by_due_date):
        if _by_due_date(machine) > start and contract_id in (None, machine.contract_id):
            due_on, number = _by_due_date(machine)
            yield Place(0, due_on, number), machine, holding.contracts.get(machine.contract_id)


def _by_due_date(machine: Machine) -> tuple[str, str]:
    return machine.due_on.isoformat() if machine.due_on else "", machine.id


def _named(table: Table, rows: Sequence[tuple[Place, Machine, list[Shown]]]) -> list[Row]:
    names = portfolio.companies(table, {machine.company_id for _, machine, _ in rows})
    return [
        Row(machine, names[machine.company_id].name if machine.company_id in names else "", seen)
        for _, machine, seen in rows
    ]
