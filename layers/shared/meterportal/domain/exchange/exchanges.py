"""What the ERP is told with a reading when a machine was replaced: which was the end, which the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from meterportal.domain.portfolio.machines import Machine, Meter
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


def exchange_columns(by: Mapping[str, Any] | None, of: Mapping[str, Any] | None) -> list[Cell]:
    """The cells under `EXCHANGE_COLUMNS`."""
    day = (by or of or {}).get("read_on")
    return [
        date.fromisoformat(day) if day else None,
        by["serial"] if by else None,
        of["machine_id"] if of else None,
        of["start"] if of else None,
    ]
