"""What an export and the ERP's answer change in many machines is told once in a time line, and to each console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import moment
from meterportal.store.portfolio import snapshots
from meterportal.usecases.exchange import acknowledge_exports
from meterportal.usecases.portfolio import read_changes

from tests.support.builders import settle_machine
from tests.support.customers import before_the_next_write, change, stored
from tests.support.read_model import Console, base_rows
from tests.support.redelivery import work_off
from tests.support.reported import a_reported_machine, export, release, seen, settle_reported
from tests.support.stage import Stage

NUMBERS = [str(200_001 + n) for n in range(6)]


@pytest.fixture
def console(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> Console:
    """It holds a snapshot of machines that a run has released, and what has changed until then. It is told nothing
    twice, so that it sees what it is to see."""
    monkeypatch.setattr(read_changes, "HELD_BACK", timedelta())
    monkeypatch.setattr(read_changes, "OVERLAP", timedelta())
    found = settle_reported(adapters, [a_reported_machine(number) for number in NUMBERS])
    stage.staff("POST", "/api/staff/portfolio")
    release(stage, seen(*found))
    snapshot = snapshots.newest(adapters.table)
    assert snapshot is not None
    console = Console.opened(adapters, snapshot)
    console.poll(moment())
    return console


def acknowledge(stage: Stage, run: str, *numbers: str) -> None:
    body = {"accepted": [f"{number}.{meter}.2026-11-28" for number in numbers for meter in "12"]}
    path = f"/api/staff/exports/{run}/ack"
    answer = stage.staff("POST", path, body if numbers else {"accepted": "all"}, groups="release")
    assert answer.status in {200, 202}, answer.text


def test_a_console_sees_each_step(stage: Stage, adapters: Adapters, console: Console) -> None:
    run = export(stage)["id"]
    assert len({change.which for change in console.poll(moment())} & machines_of(console)) == 6
    assert console.rows == base_rows(adapters.table)

    acknowledge(stage, run)
    console.poll(moment())
    assert console.rows == base_rows(adapters.table)


def test_one_row_of_a_company_s_time_line_names_the_other_machines(
    stage: Stage, adapters: Adapters, console: Console
) -> None:
    acknowledge(stage, export(stage)["id"])
    listed = list(adapters.table.query("TIMELINE#10000", index="lists"))
    assert [row["event"] for row in listed] == ["released", "billed"]
    entries = stage.staff("GET", "/api/staff/companies/10000/timeline").json["entries"]
    told = [(one["happening"], one["machine_id"]) for one in entries]
    assert sorted(told) == sorted(
        (what, number) for what in ("released", "billed") for number in NUMBERS
    )
    own = stage.staff("GET", f"/api/staff/machines/{NUMBERS[3]}").json["timeline"]
    assert [one["happening"] for one in own] == ["billed", "released"]


def machines_of(console: Console) -> set[tuple[str, str, str]]:
    return {which for which in console.rows if which[0] == "machine"}


def test_a_machine_that_was_written_meanwhile_is_told_as_it_is_then(
    stage: Stage, adapters: Adapters, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge_exports, "AT_ONCE", 0)
    acknowledge(stage, export(stage)["id"])
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, NUMBERS[1], serial="NEU"))
    stage.drain()
    assert [one.state.value for one in stored(adapters, NUMBERS[1]).readings] == ["billed"] * 2
    console.poll(moment())
    assert console.rows == base_rows(adapters.table)
    row = console.rows["machine", "10000", NUMBERS[1]]
    assert row.serial == "NEU"  # type: ignore[union-attr]


def test_a_console_misses_nothing_when_a_worker_dies_at_any_call(
    stage: Stage, adapters: Adapters, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge_exports, "AT_ONCE", 0)
    deaths = 0
    queue = adapters.settings.export_queue
    for call in range(40):
        numbers = [str(300_000 + 10 * call + n) for n in range(6)]
        found = [settle_machine(adapters, a_reported_machine(number)) for number in numbers]
        release(stage, seen(*found))
        run = stage.staff("POST", "/api/staff/exports", {}).json["id"]
        died = work_off(stage, "export_readings", queue, call=call)
        console.poll(moment())
        assert console.rows == base_rows(adapters.table), call
        acknowledge(stage, run)
        died |= work_off(stage, "export_readings", queue, call=call)
        console.poll(moment())
        assert console.rows == base_rows(adapters.table), call
        if not died:
            break
        deaths += 1
    assert deaths > 5
