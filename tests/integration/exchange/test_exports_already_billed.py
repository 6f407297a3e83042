"""What the ERP shows to have before it was exported is billed already, and is not exported again."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.batches import Export
from meterportal.domain.exchange.imports.merging import merge_readings
from meterportal.domain.portfolio.machines import Machine
from meterportal.settings import moment
from meterportal.store.exchange import exports, standing
from meterportal.store.portfolio import machines
from meterportal.usecases.exchange import export_readings

from tests.support.builders import settle_machine
from tests.support.customers import stored
from tests.support.erp_exports import CONTRACTS, READINGS, Table, imported, read, with_cells
from tests.support.exported import content, lines
from tests.support.interleaving import every_order, unconditional
from tests.support.redelivery import deliver, work_off
from tests.support.reported import a_reported_machine, export, release, release_at_once, seen
from tests.support.reported import settle_reported as settle
from tests.support.stage import Stage

VALUES = {"1": "10850", "2": "4250"}


def come_back(*places: tuple[str, str]) -> Table:
    """The ERP's rows of what the builders' customers report, by (machine, meter)."""
    rows = [
        [machine, meter, "22.11.2026", VALUES[meter], "CO Portal", "", "", "J", "", ""]
        for machine, meter in places
    ]
    return [READINGS[0], *rows]


def bill(adapters: Adapters, machine: Machine, *meters: str) -> None:
    """Write what an import writes when these readings of a machine come back, without the import."""
    known = stored(adapters, machine.id)
    table = come_back(*((machine.id, meter) for meter in meters))
    merged = merge_readings(
        known, read("zaehlerstaende.csv", table).rows, released={}, since=None
    ).machine
    adapters.table.transact(machines.save(merged, seen=known, event=None))


def left_out(stage: Stage, number: str) -> int:
    told: int = stage.staff("GET", f"/api/staff/exports/{number}").json["already_billed"]
    return told


def test_what_came_back_by_an_import_is_not_exported_again(
    stage: Stage, adapters: Adapters
) -> None:
    found = settle(adapters, [a_reported_machine(n) for n in ("200001", "200002", "200003")])
    release(stage, seen(*found))
    rows = come_back(("200001", "1"), ("200002", "1"), ("200002", "2"))
    imported(stage, {"zaehlerstaende.csv": rows})
    assert [r.state.value for r in stored(adapters, "200001").readings] == ["billed", "released"]
    run = export(stage)

    left = ["200001.2.2026-11-28", "200003.1.2026-11-28", "200003.2.2026-11-28"]
    assert sorted(line["reading_id"] for line in lines(adapters, run)) == left
    assert (run["state"], run["count"], run["already_billed"]) == ("done", 3, 3)
    assert (run["sum"], run["acknowledged"]["open"]) == (4_250 + 10_850 + 4_250, 3)
    manifest = json.loads(content(adapters, run, "manifest.json"))
    assert (manifest["count"], manifest["already_billed"]) == (3, 3)
    assert list(exports.waiting(adapters.table)) == []
    listed = stage.staff("GET", "/api/staff/exports").json["exports"]
    assert [row["already_billed"] for row in listed] == [3]
    answer = stage.staff("POST", f"/api/staff/exports/{run['id']}/ack", {"accepted": "all"})
    assert answer.json["acknowledged"]["accepted"] == 3
    again = export(stage)
    assert (again["count"], again["already_billed"]) == (0, 0)


def test_a_billed_reading_that_has_left_the_machine_is_known_from_the_meter(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settle(adapters)))
    imported(stage, {"zaehlerstaende.csv": come_back(("200001", "1"))})
    imported(stage, {"vertraege.csv": with_cells(CONTRACTS, 2, nachste="28.12.2026")[:2]})
    assert [r.meter_id for r in stored(adapters, "200001").readings] == ["2"]
    run = export(stage)

    assert [line["reading_id"] for line in lines(adapters, run)] == ["200001.2.2026-11-28"]
    assert run["already_billed"] == 1


def test_rows_that_another_batch_took_are_neither_moved_nor_counted(
    stage: Stage, adapters: Adapters
) -> None:
    """Rows take one write or two, so a lost one is found by its place among the writes."""
    found = settle(adapters, [a_reported_machine(n) for n in ("200001", "200002", "200003")])
    for machine, meters in zip(found, ("12", "12", "1"), strict=True):
        release_at_once(adapters, machine)
        bill(adapters, machine, *meters)
    gone, lost, half = exports.waiting(adapters.table)
    rows = [gone, lost, half]
    known = standing.load(adapters.table, (place for row in rows for place in row.places))
    for name in ("one", "two"):
        adapters.table.write(exports.create(Export(name, "staff-1", moment().now)))
    assert export_readings._move(adapters, "one", [lost], known)
    assert export_readings._move(adapters, "two", rows, known)

    assert [left_out(stage, name) for name in ("one", "two")] == [2, 3]
    assert [len(row.lines) for row in exports.rows(adapters.table, "two")] == [1]
    assert list(exports.waiting(adapters.table)) == []


def test_a_worker_may_die_at_any_call(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, [])
    deaths = 0
    for call in range(60):
        half, gone = (
            settle_machine(adapters, a_reported_machine(str(200_000 + 10 * call + n)))
            for n in range(2)
        )
        for machine, meters in ((half, "1"), (gone, "12")):
            release_at_once(adapters, machine)
            bill(adapters, machine, *meters)
        started = stage.staff("POST", "/api/staff/exports", {}).json["id"]
        queue = adapters.settings.export_queue
        died = work_off(stage, "export_readings", queue, call=call)

        run = stage.staff("GET", f"/api/staff/exports/{started}").json
        assert (run["state"], run["count"], run["already_billed"]) == ("done", 1, 3), call
        assert [line["reading_id"] for line in lines(adapters, run)] == [f"{half.id}.2.2026-11-28"]
        manifest = json.loads(content(adapters, run, "manifest.json"))
        assert (manifest["count"], manifest["already_billed"]) == (1, 3), call
        assert list(exports.waiting(adapters.table)) == []
        if not died:
            break
        deaths += 1
    assert deaths > 6


def test_two_exports_at_once_leave_a_reading_out_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the conditions some order counts a reading twice, so they are what protects."""
    settle(adapters, [])
    monkeypatch.setattr(export_readings, "WRITES", 1)
    started: list[str] = []

    def scene(number: int) -> tuple[Any, Any]:
        for n, meters in enumerate(("12", "1")):
            name = str(200_000 + 10 * number + n)
            machine = settle_machine(adapters, a_reported_machine(name))
            release_at_once(adapters, machine)
            bill(adapters, machine, *meters)
        started[:] = [stage.staff("POST", "/api/staff/exports", {}).json["id"] for _ in range(2)]
        one, two = started
        return (
            lambda: deliver(stage, "export_readings", {"export_id": one}),
            lambda: deliver(stage, "export_readings", {"export_id": two}),
        )

    def outcome() -> tuple[int, list[int]]:
        runs = [stage.staff("GET", f"/api/staff/exports/{number}").json for number in started]
        told = Counter(line["reading_id"] for run in runs for line in lines(adapters, run))
        return sum(left_out(stage, number) for number in started), list(told.values())

    def moves(operation: str, _: Any) -> bool:
        return operation == "TransactWriteItems"

    for _, order in every_order(scene, matters=moves):
        assert outcome() == (3, [1]), order

    unconditional(monkeypatch, adapters.table)
    orders = every_order(lambda number: scene(number + 100), matters=moves)
    assert any(outcome() != (3, [1]) for _ in orders)
