"""Machines that staff put in place of others, as tests enter them."""

from __future__ import annotations

from typing import Any

from tests.support.erp_exports import FILES, MACHINES, METERS, Table
from tests.support.stage import Answer, Stage

NEW_SERIAL = "NEU-4711"
BROUGHT = "200077"
"""The number under which the ERP brings the new machine."""


REPLACEMENT: dict[str, Any] = {
    "read_on": "2026-11-20",
    "values": {"1": "10.800", "2": 4_200},
    "starts": {"1": 12, "2": 0},
    "serial": NEW_SERIAL,
    "model": "IM C4500",
    "version": 1,
}


def replaced(stage: Stage, machine_id: str = "200001", **fields: Any) -> Answer:
    """The request of the console; builders' machines have the last values 10,000 and 4,000."""
    given = REPLACEMENT | fields
    headers = given.pop("headers", {})
    path = f"/api/staff/machines/{machine_id}/replacement"
    return stage.staff("POST", path, given, groups="release", headers=headers)


def erp_brings(serial: str = NEW_SERIAL, *, contract: str = "70001", **changed: Table) -> Any:
    """The small export with one machine more, with that serial number, as 200077."""
    row = [BROUGHT, contract, serial, "Ricoh", "IM C4500", "K-1", "Zentrale", "A", "EG", "101", "J"]
    meters = [
        [BROUGHT, "1", "S/W", "schwarz/weiss", "Schwarz", "8", "J", "1", "J", "1000"],
        [BROUGHT, "2", "Farbe", "Farbe", "Vollfarbe", "8", "J", "1", "J", "0"],
    ]
    tables = {"maschinen": [*MACHINES, row], "zaehler": [*METERS, *meters]} | changed
    return {**FILES, **{f"{name}.csv": table for name, table in tables.items()}}
