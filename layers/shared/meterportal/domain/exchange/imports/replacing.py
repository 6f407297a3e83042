"""Machines that staff put in place of others, and that a file of the ERP brings now: the same serial number.

What stands under our number then stands under the ERP's: readings, values, problem, exchange.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from meterportal.domain.exchange.imports.batch import Batch, Known
from meterportal.domain.exchange.imports.faults import Fault
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind, fold_serial


@dataclass(slots=True)
class Brought:
    """`taken`: the ERP's number -> the provisional machine that it takes the place of. `beside`: the
    ERP's number -> a provisional machine with its serial number that stays. `refused` are rows that
    name such a serial number where it cannot be."""

    taken: dict[str, Machine] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    refused: dict[str, tuple[SheetRow, Fault]] = field(default_factory=dict)


def brought(rows: Iterable[SheetRow], stored: Mapping[str, Machine]) -> Brought:
    """Which rows of a company bring one of its provisional machines; `stored` are its machines.

    One that staff have struck off waits for nothing any more, nor does one that has left with its
    contract. A machine that the ERP has brought before keeps what it has.
    """
    waiting = {
        fold_serial(one.serial): one
        for one in stored.values()
        if one.provisional and (one.active or one.replaced_by)
    }
    found, named = Brought(), defaultdict[str, list[SheetRow]](list)
    for row in rows:
        if row["serial"] and fold_serial(row["serial"]) in waiting:
            named[fold_serial(row["serial"])].append(row)
    for serial, candidates in named.items():
        provisional = waiting[serial]
        for row in candidates:
            number: str = row["id"]
            found.beside[number] = provisional.id
            if provisional.struck_off or _lived_in(stored.get(number)):
                continue
            if len(candidates) > 1:
                found.refused[number] = row, _twice(row, provisional)
            elif row["contract_id"] != provisional.contract_id:
                found.refused[number] = row, _elsewhere(row, provisional)
            else:
                found.taken[number] = provisional
    return found


def refuse_elsewhere(batch: Batch, known: Known, provisional: Iterable[Machine]) -> None:
    """Rejects rows that bring a machine to another company than the one where it was put in place of
    another."""
    waiting = {fold_serial(one.serial): one for one in provisional if not one.struck_off}
    homes = known.contracts | {row["id"]: row["company_id"] for row in batch.of("contracts")}
    for row in list(batch.of("machines")):
        there = waiting.get(fold_serial(row["serial"] or ""))
        if there is None or row["id"] in known.machines:
            continue
        home = homes.get(row["contract_id"])
        if home is not None and home != there.company_id:
            batch.reject(row, _elsewhere(row, there))


def _lived_in(machine: Machine | None) -> bool:
    """Whether a machine of that number has values already."""
    return machine is not None and (
        bool(machine.readings) or any(meter.history for meter in machine.meters)
    )


def _elsewhere(row: SheetRow, there: Machine) -> Fault:
    facts = {"value": row["serial"], "contract": there.contract_id, "machine": there.id}
    return row.fault("serial", "replacement_elsewhere", **facts)


def _twice(row: SheetRow, there: Machine) -> Fault:
    return row.fault("serial", "replacement_twice", value=row["serial"], machine=there.id)


def take_over(
    provisional: Machine, seen: Machine | None, number: str, rows: Sequence[SheetRow]
) -> Machine:
    """The ERP's machine with everything of the provisional one. `rows` are the file's about its meters,
    `seen` its item so far, which holds no value."""
    kinds = {row["id"]: MeterKind(row["kind"]) for row in rows}
    kinds = kinds or {meter.id: meter.kind for meter in seen.meters} if seen else kinds
    known = {meter.id: meter for meter in seen.meters} if seen else {}
    ids = _own_ids(provisional.meters, kinds, known)
    meters = {
        ids[meter.id]: replace(
            known.get(ids[meter.id], meter), id=ids[meter.id], history=meter.history
        )
        for meter in provisional.meters
    }
    return replace(
        provisional,
        id=number,
        former=provisional.id,
        rev=seen.rev if seen else 0,
        version=max(provisional.version, seen.version if seen else 0) + 1,
        meters=tuple((known | meters).values()),
        readings=tuple(replace(one, meter_id=ids[one.meter_id]) for one in provisional.readings),
    )


def _own_ids(
    ours: Sequence[Meter], kinds: Mapping[str, MeterKind], known: Iterable[str]
) -> dict[str, str]:
    """The numbers of our counters from now on, no two alike: one that the ERP does not bring makes way for
    another whose number the ERP has given it."""
    ids = {meter.id: _own_id(meter, ours, kinds) for meter in ours}
    theirs = {ids[meter.id] for meter in ours if kinds.get(ids[meter.id]) is meter.kind}
    used = {*kinds, *known, *ids, *ids.values()}
    for meter in ours:
        number = ids[meter.id]
        if number in theirs and kinds[number] is not meter.kind:
            ids[meter.id] = next(free for free in map(str, count(1)) if free not in used)
            used.add(ids[meter.id])
    return ids


def _own_id(meter: Meter, ours: Sequence[Meter], kinds: Mapping[str, MeterKind]) -> str:
    """The ERP's number for a counter: its own where the kind is the same, else that of the only counter
    of its kind."""
    if not kinds or kinds.get(meter.id) is meter.kind:
        return meter.id
    alike = [number for number, kind in kinds.items() if kind is meter.kind]
    single = Counter(one.kind for one in ours)[meter.kind] == 1 and len(alike) == 1
    return alike[0] if single else meter.id
