"""The peer of the customer's API: one route in FastAPI, handed to Lambda by Mangum, with our rules inside.

It knows the machines in memory: no table is read and none written, unless `asked` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, HTTPException
from mangum import Mangum
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.refusals import Refusal
from meterportal.domain.reporting import entry, periods
from meterportal.domain.reporting.readings import Reading
from pydantic import BaseModel, Field


class MachineReadings(BaseModel):
    machine_id: str
    values: Annotated[dict[str, int | str], Field(max_length=100)]
    confirm: Annotated[dict[str, str] | None, Field(max_length=100)] = None
    version: int
    read_on: date | None = None


class FleetReadings(BaseModel):
    machines: Annotated[list[MachineReadings], Field(min_length=1, max_length=500)]


@dataclass(frozen=True)
class Known:
    """`sessions`: the number of a contact by the fingerprint of a cookie."""

    held: Holding
    sessions: Mapping[str, str]
    tolerances: ToleranceSettings
    grace_days: int
    today: date


def handler(known: Known, asked: Callable[[], None] = lambda: None) -> Mangum:
    """The Lambda handler of an API that knows one company; `asked` is called with every request."""
    app = FastAPI()

    @app.put("/api/readings")
    def put_readings(
        body: FleetReadings,
        session: Annotated[str | None, Cookie(alias="__Host-session")] = None,
    ) -> dict[str, Any]:
        asked()
        contact = known.sessions.get(fingerprint(session or ""))
        if contact is None:
            raise HTTPException(401)
        return {"machines": [_stored(known, contact, one) for one in body.machines]}

    return Mangum(app, lifespan="off")


def fingerprint(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _stored(known: Known, contact: str, one: MachineReadings) -> dict[str, Any]:
    held = known.held
    machine = held.machines[one.machine_id]
    contract = held.contracts[machine.contract_id]
    try:
        typed = entry.read(
            machine, one.values, read_on=one.read_on or known.today, reasons=one.confirm or {}
        )
        done = entry.submit(
            machine,
            typed,
            seen=one.version,
            by=contact,
            now=datetime.now(UTC),
            today=known.today,
            starts_on=contract.starts_on,
            opens_on=periods.opens_on(machine, contract, lambda _: known.grace_days),
            people={person.id: person.name for person in held.contacts.values()},
            tolerances=known.tolerances,
        )
    except Refusal as refusal:
        return {"machine_id": one.machine_id, "status": 409, "detail": str(refusal)}
    readings = [reading for reading in done.machine.readings if reading.meter_id in typed.values]
    return {
        "machine_id": one.machine_id,
        "status": 200,
        "version": done.machine.version,
        "readings": [_as_json(reading) for reading in readings],
    }


def _as_json(reading: Reading) -> dict[str, Any]:
    released = reading.released_at
    return {
        "meter_id": reading.meter_id,
        "value": reading.value,
        "read_on": reading.read_on,
        "state": reading.state,
        "verdict": reading.verdict,
        "reason": reading.reason,
        "findings": [{"code": finding.code} for finding in reading.findings],
        "released_on": released.date() if released else None,
    }
