"""Machines: one packed item each, written only if `rev` is unchanged; the same write adds to its
history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from heapq import merge
from typing import Any, Self

from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.holdings import ListedMachine
from meterportal.domain.portfolio.machine_rows import packed_machine
from meterportal.domain.portfolio.machines import (
    PROVISIONAL,
    Effective,
    Exchange,
    Location,
    Machine,
    Meter,
    MeterKind,
    Problem,
    ProblemKind,
)
from meterportal.domain.reporting.readings import Reading
from meterportal.store import keys
from meterportal.store.items import Item, day_of
from meterportal.store.packing import compact, deflated, inflated
from meterportal.store.portfolio import histories, packed_histories, packed_readings
from meterportal.store.table import HIGHEST, SHARDS, Table
from meterportal.store.writes import Write


def load(table: Table, company_id: str, machine_id: str) -> Machine | None:
    """One machine of a company, or None (also for a machine of another company). One read; two more
    by a provisional number that the ERP's has taken the place of."""
    item = table.get(*keys.machine(company_id, machine_id))
    if item is None and (number := brought_as(table, machine_id)):
        item = table.get(*keys.machine(company_id, number))
    return unpack(item) if item else None


def brought_as(table: Table, machine_id: str) -> str:
    """The ERP's number of a machine that stood here under a provisional one, else "". One read."""
    if not machine_id.startswith(PROVISIONAL):
        return ""
    number: str = (table.get(*keys.pointer("MACHINE", machine_id)) or {}).get("became", "")
    return number


def find(table: Table, machine_ids: Iterable[str]) -> dict[str, Machine]:
    """Machines by number, at any company. Two reads per hundred."""
    wanted = list(dict.fromkeys(machine_ids))
    pointers = table.batch_get(keys.pointer("MACHINE", number) for number in wanted)
    places = [
        keys.machine(p["company_id"], pk.partition("#")[2]) for (pk, _), p in pointers.items()
    ]
    return {machine.id: machine for machine in map(unpack, table.batch_get(places).values())}


def of_company(
    table: Table, company_id: str, *, most: int | None = None, after: str = ""
) -> Iterator[Machine]:
    """The machines of a company by number, at most `most`, starting after the number `after`.

    One query (more pages over 1 MB, read as needed).
    """
    return map(unpack, items_of(table, company_id, most=most, after=after))


def items_of(
    table: Table,
    company_id: str,
    *,
    most: int | None,
    after: str,
    only: Iterable[str] | None = None,
) -> Iterator[Item]:
    """The items of these machines, with these attributes `only`."""
    pk, first = keys.machine(company_id, f"{after}\0" if after else "")
    _, last = keys.machine(company_id, HIGHEST)
    return table.query(pk, between=(first, last), limit=most, only=only)


def listed(
    table: Table, states: Iterable[str], *, after: tuple[str, str] | None = None, window: int = 1000
) -> Iterator[ListedMachine]:
    """Machines in these states by due date and number, over all shards, from the index.

    Starts after the place `after` (due date, number); `window` is the number of rows that are read
    from a shard at a time. For lists and for finding work, never for decisions.
    """
    lists = [
        _shard_listed(table, number, state, after, window)
        for state in states
        for number in range(SHARDS)
    ]
    yield from merge(*lists, key=lambda found: (found.due_on, found.machine_id))


def _shard_listed(
    table: Table, number: int, state: str, after: tuple[str, str] | None, window: int
) -> Iterator[ListedMachine]:
    # "\0" gives the next possible key; "~" sorts after every date.
    low = f"{state}#{after[0]}#{after[1]}\0" if after else f"{state}#"
    while True:
        rows = 0
        for item in table.query(
            f"MACHINES#{number}", index="machines", between=(low, f"{state}#~"), limit=window
        ):
            rows += 1
            low = item["machines_sk"] + "\0"
            due_on, _, machine_id = item["machines_sk"].removeprefix(f"{state}#").partition("#")
            yield ListedMachine(due_on, machine_id, item["pk"].partition("#")[2], state)
        if rows < window:
            return


def load_many(table: Table, places: Iterable[tuple[str, str]]) -> dict[str, Machine]:
    """Machines by number from (company id, machine id). One read per hundred."""
    return {machine.id: machine for machine in load_places(table, places).values()}


def load_places(table: Table, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Machine]:
    """Machines by (company id, machine id): for machines that may have an item at two companies,
    one of them closed. One read per hundred.
    """
    found = table.batch_get(keys.machine(*place) for place in places)
    return {(machine.company_id, machine.id): machine for machine in map(unpack, found.values())}


def save(machine: Machine, *, seen: Machine | None, event: Mapping[str, Any] | None) -> list[Write]:
    """The writes that store `machine` in place of `seen` (None: a new machine).

    With an `event` its readings changed: `machine.version` has grown by one and the event is added
    to the history under that number. All writes fail when the machine was written since.
    """
    written = replace(machine, rev=(seen.rev if seen else 0) + 1)
    item = pack(written)
    row = keys.change(machine.company_id, item["sk"])
    if seen is None:
        writes = [Write(put=item, condition="attribute_not_exists(pk)", change=row)]
    else:
        replaced = Write(put=item, condition="#rev = :rev", values={"rev": seen.rev}, change=row)
        writes = [replaced._replace(behind=seen.written_at)]
    if event is not None:
        writes.append(histories.added(machine, event, behind=seen.written_at if seen else ""))
    return writes


def history_of(table: Table, machine: Machine) -> Iterator[Item]:
    """Every stored change of a machine's readings, oldest first, also from before the ERP brought it."""
    for number in reversed(machine.numbers):
        yield from history(table, machine.company_id, number)


def history(table: Table, company_id: str, machine_id: str) -> Iterator[Item]:
    """Every stored change of a machine's readings, oldest first, as the events were written."""
    pk, _ = keys.history(company_id, machine_id, 0)
    yield from map(histories.read, table.query(pk, begins="HISTORY#"))


def event(
    kind: str, readings: Sequence[Reading], *, at: datetime, by: str, channel: ReadingChannel
) -> dict[str, Any]:
    """The content of a history row: what happened to which readings, when, by whom, by which
    channel.
    """
    return {
        "event": kind,
        "at": at.isoformat(timespec="milliseconds"),
        "by": by,
        "channel": channel,
        "entries": [_entry(reading) for reading in readings],
    }


def start_entries(machine: Machine) -> list[dict[str, Any]]:
    """The values with which a machine that replaces another began, for an event."""
    began = machine.replaces.on if machine.replaces else None
    return [
        {
            "meter_id": meter.id,
            "due_on": None,
            "value": first.value,
            "read_on": first.read_on.isoformat(),
            "state": "effective",
        }
        for meter in machine.meters
        if (first := next((one for one in meter.history if one.read_on == began), None))
    ]


def _entry(reading: Reading) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "meter_id": reading.meter_id,
        "due_on": reading.due_on.isoformat(),
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state,
        "verdict": reading.verdict,
    }
    for name in ("reason", "release_reason", "refused", "batch", "export_refused"):
        if getattr(reading, name):
            entry[name] = getattr(reading, name)
    if reading.number > 1:
        entry["number"] = reading.number
    return entry


def pack(machine: Machine) -> Item:
    """The machine's item. Lists in `body` have the order of the fields below, without names, and
    are compressed, so that items stay small.
    """
    place = machine.location
    before = {
        "card": [machine.serial, machine.maker, machine.model, machine.customer_no],
        "place": [place.site, place.building, place.floor, place.room],
        "active": int(machine.active),
    }
    behind: dict[str, Any] = {"readings": list(map(packed_readings.pack, machine.readings))}
    if machine.problem:
        behind["problem"] = _pack_problem(machine.problem)
    for name in ("replaced_by", "replaces"):
        if other := getattr(machine, name):
            behind[name] = [other.machine_id, other.serial, other.on.isoformat()]
    for name in ("former", "went_to"):
        if number := getattr(machine, name):
            behind[name] = number
    body = f"{compact(before)[:-1]}{METERS}{_meters_as_json(machine.meters)},{compact(behind)[1:]}"
    pk, sk = keys.machine(machine.company_id, machine.id)
    due_on = machine.due_on.isoformat() if machine.due_on else ""
    state = machine.state
    return {
        "pk": pk,
        "sk": sk,
        "contract_id": machine.contract_id,
        "due_on": due_on,
        "state": state,
        "version": machine.version,
        "rev": machine.rev,
        # Without it an item with four years of history takes three times as many units, each time.
        "body": deflated(body),
        "row": packed_row(machine),
        **keys.machine_list(machine.company_id, state, due_on, machine.id),
    }


def packed_row(machine: Machine) -> str:
    """What the console's rows say of a machine beyond its item's own attributes."""
    return compact(packed_machine(machine))


def unpack(item: Item) -> Machine:
    text = inflated(item["body"])
    body = json.loads(text)
    serial, maker, model, customer_no = body["card"]
    return Machine(
        id=item["sk"].partition("#")[2],
        company_id=item["pk"].partition("#")[2],
        contract_id=item["contract_id"],
        serial=serial,
        maker=maker,
        model=model,
        customer_no=customer_no,
        location=Location(*body["place"]),
        active=bool(body["active"]),
        due_on=day_of(item["due_on"]),
        version=item["version"],
        rev=item["rev"],
        meters=_unpack_meters(body, text),
        readings=tuple(packed_readings.unpack(row) for row in body["readings"]),
        problem=unpack_problem(body),
        replaced_by=_unpack_exchange(body.get("replaced_by")),
        replaces=_unpack_exchange(body.get("replaces")),
        former=body.get("former", ""),
        went_to=body.get("went_to", ""),
        written_at=item.get("changes_sk", "").partition("#")[0],
    )


def _unpack_exchange(row: list[str] | None) -> Exchange | None:
    return Exchange(row[0], row[1], date.fromisoformat(row[2])) if row else None


def _pack_problem(problem: Problem) -> list[Any]:
    return [
        problem.id,
        problem.kind.value,
        problem.reported_on.isoformat(),
        problem.reported_by,
        problem.due_on.isoformat() if problem.due_on else "",
        problem.text,
        problem.meter_id,
        int(problem.accepted),
    ]


def unpack_problem(body: Mapping[str, Any]) -> Problem | None:
    """The problem that a machine's body holds, if any."""
    if "problem" not in body:
        return None
    number, kind, reported_on, reported_by, due_on, text, meter_id, accepted = body["problem"]
    return Problem(
        id=number,
        kind=ProblemKind(kind),
        reported_on=date.fromisoformat(reported_on),
        reported_by=reported_by,
        due_on=day_of(due_on),
        text=text,
        meter_id=meter_id,
        accepted=bool(accepted),
    )


METERS, HISTORIES, _BEHIND = ',"meters":', ',"histories":', ',"readings":'
"""Between which the meters and their histories stand in a body's JSON. In no text of it: there, a quotation mark has a sign before it."""


class StoredMeters(tuple[Meter, ...]):
    """Meters as they were read, with their body. Most writes leave them as they are: then their JSON is
    stored again, which is most of the body."""

    body: str

    def __new__(cls, body: str, meters: Iterable[Meter]) -> Self:
        made = super().__new__(cls, meters)
        made.body = body
        return made


def _meters_as_json(meters: tuple[Meter, ...]) -> str:
    if isinstance(meters, StoredMeters):
        _, found, rest = meters.body.partition(METERS)
        text, also, _ = rest.partition(_BEHIND)
        if found and also:
            return text
    histories = compact(packed_histories.pack(meter.history for meter in meters))
    return f"{compact([_pack_meter(meter) for meter in meters])}{HISTORIES}{histories}"


def _pack_meter(meter: Meter) -> list[Any]:
    return [
        meter.id,
        meter.label,
        meter.kind.value,
        meter.display_label,
        meter.digits,
        int(meter.cumulative),
        int(meter.billable),
        meter.click_factor,
        meter.free_copies,
        meter.volume,
    ]


def _unpack_meters(body: Mapping[str, Any], text: str) -> tuple[Meter, ...]:
    rows = body["meters"]
    if "histories" in body:
        histories = packed_histories.unpack(body["histories"])
        return StoredMeters(text, map(_unpack_meter, rows, histories))
    # Of an earlier version: the next write changes its form.
    return tuple(_unpack_meter(row, packed_histories.of_rows(row[10])) for row in rows)


def _unpack_meter(row: list[Any], history: Sequence[Effective]) -> Meter:
    return Meter(
        id=row[0],
        label=row[1],
        kind=MeterKind(row[2]),
        display_label=row[3],
        digits=row[4],
        cumulative=bool(row[5]),
        billable=bool(row[6]),
        click_factor=row[7],
        free_copies=row[8],
        volume=row[9],
        history=history,
    )
