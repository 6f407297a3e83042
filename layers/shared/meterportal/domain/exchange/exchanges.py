"""What the ERP is told with a reading when a machine was replaced: which was the end, which the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from meterportal.domain.portfolio.machines import PROVISIONAL, Machine, Meter
from meterportal.domain.reporting.readings import Reading
from meterportal.domain.sheets import Cell

EXCHANGE_COLUMNS: Sequence[str] = (
    "Austausch am",
    "Ausgetauscht gegen",
    "Ersetzt Gerät",
    "Anfangsstand Gerät",
)


def replaced_by(machine: Machine, reading: Reading) -> dict[str, Any] | None:
    """Which machine came in place of this one, on its end reading."""
    other = machine.replaced_by
    if other is None or reading.read_on != other.on:
        return None
    return {"serial": other.serial, "read_on": other.on.isoformat()}


def replaces(machine: Machine, meter: Meter, reading: Reading) -> dict[str, Any] | None:
    """In place of which machine this one began, and with which value, on its first reading."""
    other = machine.replaces
    if other is None:
        return None
    known = [entry for entry in meter.history if entry.read_on <= reading.read_on]
    earlier = [e for e in known if (e.read_on, e.value) != (reading.read_on, reading.value)]
    begun = next((entry for entry in known if entry.read_on == other.on), None)
    if begun is None or any(entry.read_on > other.on for entry in earlier):
        return None
    return {
        "machine_id": other.machine_id,
        "serial": other.serial,
        "read_on": other.on.isoformat(),
        "start": begun.value,
    }


def unnumbered(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """The provisional numbers that lines name: a machine may have been replaced twice between imports."""
    named = (line["replaces"]["machine_id"] for line in lines if line.get("replaces"))
    return [number for number in named if number and number.startswith(PROVISIONAL)]


def numbered(
    lines: Iterable[Mapping[str, Any]], brought: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The lines with the ERP's numbers, `brought`, in place of provisional ones; with none for a machine
    that the ERP has never brought, which it knows by the serial number at most."""
    found = []
    for line in lines:
        known = dict(line)
        if unnumbered([line]):
            number = brought.get(line["replaces"]["machine_id"])
            known["replaces"] = line["replaces"] | {"machine_id": number}
        found.append(known)
    return found


def exchange_columns(by: Mapping[str, Any] | None, of: Mapping[str, Any] | None) -> list[Cell]:
    """The cells under `EXCHANGE_COLUMNS`."""
    day = (by or of or {}).get("read_on")
    return [
        date.fromisoformat(day) if day else None,
        by["serial"] if by else None,
        of["machine_id"] if of else None,
        of["start"] if of else None,
    ]
