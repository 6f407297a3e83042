"""Machines: one item each, packed, written under its `rev`; its history grows in the same write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from typing import Any

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import (
    HISTORY_KEPT,
    Effective,
    Location,
    Machine,
    Meter,
    MeterKind,
    Problem,
    ProblemKind,
)
from meterportal.domain.readings import Reading, ReadingState, Verdict
from meterportal.store import keys
from meterportal.store.table import HIGHEST, SHARDS, Item, Table, Write


def load(table: Table, company_id: str, machine_id: str) -> Machine | None:
    """One machine of a company, or None (unknown and foreign look alike). One read."""
    item = table.get(*keys.machine(company_id, machine_id))
    return unpack(item) if item else None


def find(table: Table, machine_ids: Iterable[str]) -> dict[str, Machine]:
    """Machines by their numbers, wherever they stand. Two reads per hundred."""
    wanted = list(dict.fromkeys(machine_ids))
    pointers = table.batch_get(keys.pointer("MACHINE", number) for number in wanted)
    places = [
        keys.machine(p["company_id"], pk.partition("#")[2]) for (pk, _), p in pointers.items()
    ]
    return {machine.id: machine for machine in map(unpack, table.batch_get(places).values())}


def of_company(
    table: Table, company_id: str, *, most: int | None = None, after: str = ""
) -> Iterator[Machine]:
    """The machines of a company by number, at most so many, behind the number `after`.

    One query (more pages over 1 MB, as far as they are gone through).
    """
    pk, first = keys.machine(company_id, f"{after}\0" if after else "")
    _, last = keys.machine(company_id, HIGHEST)
    yield from map(unpack, table.query(pk, between=(first, last), limit=most))


@dataclass(frozen=True, slots=True)
class Listed:
    """A machine as the index lists it. `due_on` is ISO text, "" without a due date."""

    due_on: str
    machine_id: str
    company_id: str
    state: str


def listed(
    table: Table, states: Iterable[str], *, after: tuple[str, str] | None = None, window: int = 1000
) -> Iterator[Listed]:
    """Machines in these states by due date and number, over all shards, from the index.

    `after` (due date, number) starts behind that place; `window` is how many rows of a shard are
    read at a time. For lists and for finding work, never for decisions.
    """
    lists = [
        _shard_listed(table, number, state, after, window)
        for state in states
        for number in range(SHARDS)
    ]
    yield from merge(*lists, key=lambda found: (found.due_on, found.machine_id))


def _shard_listed(
    table: Table, number: int, state: str, after: tuple[str, str] | None, window: int
) -> Iterator[Listed]:
    # NUL makes the next possible key, "~" stands behind every date.
    low = f"{state}#{after[0]}#{after[1]}\0" if after else f"{state}#"
    while True:
        rows = 0
        for item in table.query(
            f"MACHINES#{number}", index="machines", between=(low, f"{state}#~"), limit=window
        ):
            rows += 1
            low = item["machines_sk"] + "\0"
            due_on, _, machine_id = item["machines_sk"].removeprefix(f"{state}#").partition("#")
            yield Listed(due_on, machine_id, item["pk"].partition("#")[2], state)
        if rows < window:
            return


def load_many(table: Table, places: Iterable[tuple[str, str]]) -> dict[str, Machine]:
    """Machines by number from (company id, machine id). One read per hundred."""
    return {machine.id: machine for machine in load_places(table, places).values()}


def load_places(table: Table, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Machine]:
    """Machines by (company id, machine id): for a machine that may stand at two companies, open at
    one and closed at the other. One read per hundred."""
    found = table.batch_get(keys.machine(*place) for place in places)
    return {(machine.company_id, machine.id): machine for machine in map(unpack, found.values())}


def save(machine: Machine, *, seen: Machine | None, event: Mapping[str, Any] | None) -> list[Write]:
    """The writes that store `machine` in place of `seen` (None: a new one).

    With an `event` its readings changed: `machine.version` has grown by one and the event is
    appended to the history under that number. The writes fail together when anybody wrote since.
    """
    written = replace(machine, rev=(seen.rev if seen else 0) + 1)
    item = pack(written)
    if seen is None:
        writes = [Write(put=item, condition="attribute_not_exists(pk)")]
    else:
        writes = [Write(put=item, condition="#rev = :rev", values={"rev": seen.rev})]
    if event is not None:
        pk, sk = keys.history(machine.company_id, machine.id, machine.version)
        row = {"pk": pk, "sk": sk, "machine_id": machine.id, "company_id": machine.company_id}
        writes.append(
            Write(
                put=row | {"version": machine.version, **event},
                condition="attribute_not_exists(pk)",
            )
        )
    return writes


def history(table: Table, company_id: str, machine_id: str) -> Iterator[Item]:
    """Every stored change of a machine's readings, oldest first, as the events were written."""
    pk, _ = keys.history(company_id, machine_id, 0)
    yield from table.query(pk, begins="HISTORY#")


def event(
    kind: str, readings: Sequence[Reading], *, at: datetime, by: str, channel: ReadingChannel
) -> dict[str, Any]:
    """A history row's content: what happened to which readings, when, by whom, by which channel."""
    return {
        "event": kind,
        "at": at.isoformat(timespec="milliseconds"),
        "by": by,
        "channel": channel.value,
        "entries": [_entry(reading) for reading in readings],
    }


def _entry(reading: Reading) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "meter_id": reading.meter_id,
        "due_on": reading.due_on.isoformat(),
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state.value,
        "verdict": reading.verdict.value,
    }
    for name in ("reason", "release_reason", "refused", "batch", "export_refused"):
        if getattr(reading, name):
            entry[name] = getattr(reading, name)
    return entry


def pack(machine: Machine) -> Item:
    """The machine's item. Lists in `body` keep the order of the names below: rows stay small."""
    place = machine.location
    body = {
        "card": [machine.serial, machine.maker, machine.model, machine.customer_no],
        "place": [place.site, place.building, place.floor, place.room],
        "active": int(machine.active),
        "meters": [_pack_meter(meter) for meter in machine.meters],
        "readings": [pack_reading(reading) for reading in machine.readings],
    }
    if machine.problem:
        body["problem"] = _pack_problem(machine.problem)
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
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        **keys.machine_list(machine.company_id, state, due_on, machine.id),
    }


def unpack(item: Item) -> Machine:
    body = json.loads(item["body"])
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
        due_on=_day(item["due_on"]),
        version=item["version"],
        rev=item["rev"],
        meters=tuple(_unpack_meter(row) for row in body["meters"]),
        readings=tuple(unpack_reading(row) for row in body["readings"]),
        problem=_unpack_problem(body["problem"]) if "problem" in body else None,
    )


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


def _unpack_problem(row: list[Any]) -> Problem:
    number, kind, reported_on, reported_by, due_on, text, meter_id, accepted = row
    return Problem(
        id=number,
        kind=ProblemKind(kind),
        reported_on=date.fromisoformat(reported_on),
        reported_by=reported_by,
        due_on=_day(due_on),
        text=text,
        meter_id=meter_id,
        accepted=bool(accepted),
    )


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
        [_pack_effective(entry) for entry in meter.history[-HISTORY_KEPT:]],
    ]


def _unpack_meter(row: list[Any]) -> Meter:
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
        history=tuple(_unpack_effective(entry) for entry in row[10]),
    )


def _pack_effective(entry: Effective) -> list[Any]:
    row: list[Any] = [
        entry.read_on.toordinal(),
        entry.value,
        entry.channel.value,
        int(entry.estimated) + 2 * int(entry.billed) + 4 * int(entry.confirmed),
    ]
    if entry.reset_end is not None or entry.reset_start is not None:
        row += [entry.reset_end, entry.reset_start]
    return row


def _unpack_effective(row: list[Any]) -> Effective:
    reset_end, reset_start = row[4:6] if len(row) > 4 else (None, None)
    return Effective(
        date.fromordinal(row[0]),
        row[1],
        ReadingChannel(row[2]),
        bool(row[3] & 1),
        bool(row[3] & 2),
        reset_end,
        reset_start,
        bool(row[3] & 4),
    )


def pack_reading(reading: Reading) -> dict[str, Any]:
    """A reading as plain data, short names, nothing empty: it goes into the machine's body."""
    full: dict[str, Any] = {
        "m": reading.meter_id,
        "d": reading.due_on.isoformat(),
        "v": reading.value,
        "r": reading.read_on.isoformat(),
        "s": reading.state.value,
        "j": reading.verdict.value,
        "f": [
            [
                f.meter_id,
                f.code,
                f.severity.value,
                dict(f.numbers),
                f.suggestion and dict(f.suggestion),
            ]
            for f in reading.findings
        ],
        "why": reading.reason,
        "by": reading.reported_by,
        "c": reading.channel.value,
        "at": _moment(reading.reported_at),
        "no": reading.refused,
        "rat": _moment(reading.released_at),
        "rby": reading.released_by,
        "rwhy": reading.release_reason,
        "b": reading.batch,
        "bno": reading.export_refused,
    }
    return {name: value for name, value in full.items() if value not in (None, "", [])}


def unpack_reading(row: dict[str, Any]) -> Reading:
    """The reading that `pack_reading` made this of."""
    return Reading(
        meter_id=row["m"],
        due_on=date.fromisoformat(row["d"]),
        value=row["v"],
        read_on=date.fromisoformat(row["r"]),
        state=ReadingState(row["s"]),
        verdict=Verdict(row["j"]),
        findings=tuple(
            Finding(meter, code, Severity(severity), numbers, suggestion)
            for meter, code, severity, numbers, suggestion in row.get("f", ())
        ),
        reason=row.get("why", ""),
        reported_by=row.get("by", ""),
        channel=ReadingChannel(row["c"]),
        reported_at=_aware(row.get("at")),
        refused=row.get("no"),
        released_at=_aware(row.get("rat")),
        released_by=row.get("rby", ""),
        release_reason=row.get("rwhy", ""),
        batch=row.get("b"),
        export_refused=row.get("bno"),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None


def _aware(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
