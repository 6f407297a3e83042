"""Machines that staff put in place of others, until the ERP brings them: their serial numbers are reserved.

A reservation stands in the row of the serial number, so that a replacement and an import that brings the
same machine see each other in their writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from meterportal.domain.portfolio.machines import Machine, fold_serial
from meterportal.store import keys
from meterportal.store.portfolio import holdings
from meterportal.store.table import Table
from meterportal.store.writes import Write


def reserved(table: Table, serials: Iterable[str]) -> dict[str, str]:
    """Folded serial number -> the provisional machine that has it. One read per hundred."""
    found = table.batch_get(keys.serial(fold_serial(serial)) for serial in set(serials))
    return {
        pk.partition("#")[2]: item["provisional"]
        for (pk, _), item in found.items()
        if "provisional" in item
    }


def brought(table: Table, numbers: Iterable[str]) -> dict[str, str]:
    """Provisional number -> the ERP's, of the machines that it has brought. One read per hundred."""
    found = table.batch_get(keys.pointer("MACHINE", number) for number in numbers)
    return {
        pk.partition("#")[2]: item["became"] for (pk, _), item in found.items() if "became" in item
    }


def reserve(machine: Machine) -> Write:
    """Reserves the serial number of a provisional machine; fails when any machine has it."""
    return Write(
        key=keys.serial(fold_serial(machine.serial)),
        update="SET #provisional = :who",
        condition="attribute_not_exists(#provisional) AND attribute_not_exists(#machines)",
        values={"who": machine.id},
    )


def hold(serial: str, machine_id: str, *, beside: str) -> Write:
    """Notes that a machine of the ERP has this serial number; fails when a provisional machine has
    reserved it other than the one, `beside`, that was seen ("" for none)."""
    condition = "attribute_not_exists(#provisional)"
    return Write(
        key=keys.serial(fold_serial(serial)),
        update="ADD #machines :who",
        condition=f"{condition} OR #provisional = :beside" if beside else condition,
        values={"who": {machine_id}, **({"beside": beside} if beside else {})},
    )


def take_back(provisional: Machine, *, at: datetime) -> list[Write]:
    """Takes a provisional machine away as if it had never been: its serial number is free again, and
    nobody finds it. Fails when anybody wrote since, or the ERP has brought it."""
    key = keys.machine(provisional.company_id, provisional.id)
    serial = Write(
        key=keys.serial(fold_serial(provisional.serial)),
        update="REMOVE #provisional",
        condition="#provisional = :was",
        values={"was": provisional.id},
    )
    pointer = Write(
        key=keys.pointer("MACHINE", provisional.id),
        delete=True,
        condition="attribute_not_exists(#became)",
    )
    return [*holdings.take_away(key, rev=provisional.rev, at=at), pointer, serial]


def take_over(provisional: Machine, number: str, *, at: datetime) -> list[Write]:
    """Takes a provisional machine away, of which everything stands in machine `number` of the same
    company now; whoever asks by the provisional number is led there. Fails when anybody wrote since."""
    key = keys.machine(provisional.company_id, provisional.id)
    pk, sk = keys.pointer("MACHINE", provisional.id)
    pointer = {"pk": pk, "sk": sk, "company_id": provisional.company_id, "became": number}
    serial = Write(
        key=keys.serial(fold_serial(provisional.serial)),
        update="ADD #machines :who REMOVE #provisional",
        condition="#provisional = :was",
        values={"who": {number}, "was": provisional.id},
    )
    return [
        *holdings.take_away(key, rev=provisional.rev, at=at),
        Write(put=pointer, condition="attribute_not_exists(#became)"),
        serial,
    ]
