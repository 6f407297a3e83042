"""Readings of a period for staff: machines with their readings, by bucket, in the order of due
dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from meterportal.adapters import Adapters
from meterportal.batches import batches
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.release.buckets import Bucket, ShownMeter, shown
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.mailing.schedule_now import grace_now

SECTIONS: Mapping[Bucket, Sequence[Sequence[str]]] = {
    Bucket.REPORTED: [["reported"]],
    Bucket.IMPLAUSIBLE: [["reported"]],
    Bucket.DECIDED: [["reported"]],
    # Partly released machines are in another state: they follow the wholly released ones.
    Bucket.RELEASED: [["released"], ["open", "reported"]],
    Bucket.MISSING: [["open", "reported"]],
}
"""The states of machines in which a bucket's readings can be; within a section by due date."""

LOOKED_AT = 2000
"""Highest number of machines that are read for one page: where few of them belong to the bucket,
pages are not full.
"""


@frozen
class ListPlace:
    """The machine after which a page starts. `due_on` is ISO text, "" without a due date."""

    section: int = 0
    due_on: str = ""
    machine_id: str = ""


@frozen
class ReadingRow:
    machine: Machine
    company: str
    shown: Sequence[ShownMeter]


def page(
    adapters: Adapters,
    bucket: Bucket,
    *,
    company_id: str | None,
    contract_id: str | None,
    limit: int,
    after: ListPlace | None,
    at: Moment,
) -> tuple[list[ReadingRow], ListPlace | None]:
    """One page of a bucket and the place where the next one starts (None: this is
    the last page).
    """
    table = adapters.table
    owner = company_id
    if contract_id is not None:
        owners = holdings.companies_of(table, "CONTRACT", [contract_id])
        owner = owners.get(contract_id, "")
        if company_id not in (None, owner):
            return [], None
    if owner is None:
        found = _everybody(adapters, bucket, after or ListPlace(), limit)
    else:
        found = _company(adapters, owner, contract_id, after)
    rows: list[tuple[ListPlace, Machine, list[ShownMeter]]] = []
    grace = grace_now(adapters)
    for looked_at, (place, machine, contract) in enumerate(found, 1):
        seen = shown(
            bucket,
            machine,
            contract,
            today=at.today,
            grace=grace,
        )
        if seen:
            rows.append((place, machine, seen))
        if len(rows) > limit:
            return _named(adapters, rows[:limit]), rows[limit - 1][0]
        if looked_at >= LOOKED_AT:
            return _named(adapters, rows), place
    return _named(adapters, rows), None


def deciders(adapters: Adapters, rows: Iterable[ReadingRow]) -> dict[str, str]:
    """The names of the staff who have decided about the values of a page, by id. One read where there
    are any."""
    found = (one.reading.decision for row in rows for one in row.shown if one.reading)
    ids = {who for one in found if one for who in (one.by, one.second_by) if who}
    return journal.names(adapters.table, ids) if ids else {}


Found = Iterator[tuple[ListPlace, Machine, Contract | None]]


def _everybody(adapters: Adapters, bucket: Bucket, after: ListPlace, limit: int) -> Found:
    for number, states in enumerate(SECTIONS[bucket]):
        if number < after.section:
            continue
        started = number == after.section and after.machine_id
        place = (after.due_on, after.machine_id) if started else None
        listed = machines.listed(adapters.table, states, after=place, window=max(limit, 100))
        for rows in batches(listed, 100):
            loaded = machines.load_many(
                adapters.table, ((row.company_id, row.machine_id) for row in rows)
            )
            contracts = _contracts(adapters, bucket, loaded.values())
            for row in rows:
                # The index may be late: machines that have left the section are not shown in it.
                machine = loaded.get(row.machine_id)
                if machine is not None and machine.state in states:
                    found = ListPlace(number, row.due_on, row.machine_id)
                    yield found, machine, contracts.get(machine.contract_id)


def _contracts(
    adapters: Adapters, bucket: Bucket, loaded: Iterable[Machine]
) -> dict[str, Contract]:
    """Contracts by number, if the bucket needs them."""
    if bucket is not Bucket.MISSING:
        return {}
    return holdings.contracts(adapters.table, {(m.company_id, m.contract_id) for m in loaded})


def _company(
    adapters: Adapters, company_id: str, contract_id: str | None, after: ListPlace | None
) -> Found:
    holding = holdings.load(adapters.table, company_id)
    if holding is None:
        return
    start = (after.due_on, after.machine_id) if after else ("", "")
    for machine in sorted(holding.machines.values(), key=_by_due_date):
        if _by_due_date(machine) > start and contract_id in (None, machine.contract_id):
            due_on, number = _by_due_date(machine)
            yield ListPlace(0, due_on, number), machine, holding.contracts.get(machine.contract_id)


def _by_due_date(machine: Machine) -> tuple[str, str]:
    return machine.due_on.isoformat() if machine.due_on else "", machine.id


def _named(
    adapters: Adapters, rows: Sequence[tuple[ListPlace, Machine, list[ShownMeter]]]
) -> list[ReadingRow]:
    names = holdings.companies(adapters.table, {machine.company_id for _, machine, _ in rows})
    return [
        ReadingRow(
            machine, names[machine.company_id].name if machine.company_id in names else "", seen
        )
        for _, machine, seen in rows
    ]
