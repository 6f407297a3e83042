"""What customers have reported, as tests of release and export need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.release.judging import judge
from meterportal.domain.release.runs import MachineLines
from meterportal.domain.reporting.readings import Reading, Verdict
from meterportal.store.portfolio import machines
from meterportal.store.release import releases

from tests.support.builders import DUE, HasTable, a_holding, a_machine, settle
from tests.support.stage import Answer, Stage

READ_ON = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PLAUSIBLE = {"1": 10_850, "2": 4_250}
"""What the builders' two meters show 25 days after their last reading."""


def a_reading(meter_id: str = "1", value: int | None = None, **fields: Any) -> Reading:
    """A plausible reported reading of one of the builders' meters."""
    given: dict[str, Any] = {
        "due_on": DUE,
        "read_on": READ_ON,
        "verdict": Verdict.PLAUSIBLE,
        "reported_by": "5001",
        "reported_at": datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    }
    return Reading(
        meter_id, value=PLAUSIBLE[meter_id] if value is None else value, **given | fields
    )


def a_confirmed_reading(
    meter_id: str = "1", reason: str = "Großauftrag im Herbst", **fields: Any
) -> Reading:
    return a_reading(meter_id, 90_000, verdict=Verdict.CONFIRMED, reason=reason, **fields)


def a_reported_machine(number: str = "200001", *readings: Reading, **fields: Any) -> Machine:
    """A machine whose two meters are reported, or with just these readings."""
    reported = readings or (a_reading("1"), a_reading("2"))
    return replace(a_machine(number, version=2, **fields), readings=reported)


def settle_reported(adapters: HasTable, devices: Iterable[Machine] | None = None) -> list[Machine]:
    """The builders' company with reported machines (one unless told otherwise)."""
    found = list(devices) if devices is not None else [a_reported_machine()]
    return list(settle(adapters, a_holding(machines=found)).machines.values())


def release_at_once(adapters: HasTable, machine: Machine) -> None:
    """Write what a run writes of a machine, without the run."""
    stored = machines.load(adapters.table, machine.company_id, machine.id)
    decision = judge(machine.id, stored, seen=None, now=NOW, today=READ_ON, by="staff-1")
    told = MachineLines.of(decision, None)
    adapters.table.transact(releases.store("seeded", decision, told, by="staff-1", at=NOW))


def start_release(stage: Stage, selection: dict[str, Any], **more: Any) -> Answer:
    return stage.staff("POST", "/api/staff/releases", {"selection": selection} | more)


def release(stage: Stage, selection: dict[str, Any], **more: Any) -> Any:
    """Start a run, let the queue work, and read it back."""
    started = start_release(stage, selection, **more)
    assert started.status == 202, started.text
    stage.drain()
    return run_of(stage, started.json["id"])


def run_of(stage: Stage, release_id: str) -> Any:
    answer = stage.staff("GET", f"/api/staff/releases/{release_id}")
    assert answer.status == 200, answer.text
    return answer.json


def export(stage: Stage) -> Any:
    """Start an export, let the queue work, and read it back."""
    started = stage.staff("POST", "/api/staff/exports", {})
    assert started.status == 202, started.text
    stage.drain()
    return stage.staff("GET", f"/api/staff/exports/{started.json['id']}").json


def seen(*devices: Machine) -> dict[str, Any]:
    """A selection of machines as staff see them now."""
    return {
        "ids": [one.id for one in devices],
        "versions": {one.id: one.version for one in devices},
    }


def codes(run: Any) -> dict[tuple[str, str | None], str | None]:
    """Why not, by (machine, meter), from a run's protocol; None for what was released."""
    return {(line["machine_id"], line["meter_id"]): line["code"] for line in run["protocol"]}
