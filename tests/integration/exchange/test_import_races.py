"""Imports that die, imports side by side, imports against everybody else: the state comes out the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import Import
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.reporting.readings import Reading
from meterportal.queues import OutOfTime
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings, machines
from meterportal.usecases.exchange import apply_import
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.builders import DUE
from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    READINGS,
    Table,
    as_zip,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.faults import interrupted
from tests.support.interleaving import every_order, unconditional
from tests.support.master_rows import rewindable, rows_of
from tests.support.redelivery import work_off
from tests.support.stage import ANNA, Stage

CHANGED: Mapping[str, Table] = {
    **FILES,
    "firmen.csv": with_cells(COMPANIES, 2, ort="Berlin"),
    "ansprechpartner.csv": with_cells(
        with_cells(CONTACTS, 2, email="neu@muster.example"), 3, firmennummer="10007"
    ),
    "vertraege.csv": with_cells(
        with_cells(CONTRACTS, 2, firmennummer="10007"), 3, nachste="28.12.2026"
    ),
    "zaehlerstaende.csv": with_cells(
        [*READINGS, ["200001", "1", "20.11.2026", "5100", "Techniker", "", "", "N", "", ""]],
        6,
        stand="7007",
    ),
}
"""A second export: addresses, companies, periods and readings have moved."""


def told(found: Any) -> dict[str, Any]:
    """A report without what differs each time."""
    return {
        name: found[name]
        for name in ("state", "rows", "accepted", "rejected", "files", "changes", "findings")
    }


def test_a_worker_may_die_at_any_call(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small transactions: many places to die at.
    monkeypatch.setattr(apply_import, "_WRITES", 8)
    bucket = adapters.settings.import_bucket
    stage.client("s3").put_object(Bucket=bucket, Key="config/columns.toml", Body=b"")
    rewind, wanted = _undisturbed(stage, adapters)
    deaths = 0
    for call in range(400):
        rewind()
        number = upload(stage, as_zip(CHANGED)).json["id"]
        died = work_off(stage, "import_master_data", adapters.settings.import_queue, call=call)
        assert told(report(stage, number)) == wanted[0], call
        assert _without_times(rows_of(adapters)) == wanted[1], call
        if not died:
            break
        deaths += 1
    assert deaths > 7


Result = tuple[dict[str, Any], Any]


def _undisturbed(stage: Stage, adapters: Adapters) -> tuple[Callable[[], None], Result]:
    """How to get back to before the second export, and what it comes to when nobody meddles."""
    imported(stage, FILES)
    rewind = rewindable(adapters)
    found = imported(stage, CHANGED)
    assert [f["code"] for f in found["findings"]] == ["foreign_reporter", "reading_corrected"]
    return rewind, (told(found), _without_times(rows_of(adapters)))


def _without_times(rows: Mapping[tuple[str, str], Any]) -> Any:
    """The rows without what tells when and by which import."""
    times = {"at", "import_id", "changes_sk"}
    return {
        key: {
            name: value
            for name, value in row.items()
            if name not in times and not (name == "expires_at" and row.get("gone"))
        }
        for key, row in rows.items()
    }


def test_an_import_out_of_time_goes_on_by_itself(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply_import, "_WRITES", 8)
    rewind, wanted = _undisturbed(stage, adapters)
    rewind()
    number = upload(stage, as_zip(CHANGED)).json["id"]
    enough = iter([True, False])
    assert run_import(adapters, number, moment(), has_time=lambda: next(enough)).state == "running"
    begun = imports.load(adapters.table, number)
    assert begun is not None
    assert sum(begun.counted.values()) > 0
    stage.drain()
    assert told(report(stage, number)) == wanted[0]
    assert _without_times(rows_of(adapters)) == wanted[1]
    stuck = upload(stage, as_zip(FILES)).json["id"]
    with pytest.raises(OutOfTime):
        run_import(adapters, stuck, moment(), has_time=lambda: False)


def test_two_workers_with_one_import_write_it_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply_import, "_WRITES", 12)
    _side_by_side(stage, adapters, same=True)


def test_the_same_export_twice_at_once_comes_to_the_same(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply_import, "_WRITES", 16)
    _side_by_side(stage, adapters, same=False)


def _side_by_side(stage: Stage, adapters: Adapters, *, same: bool) -> None:
    rewind, (undisturbed, wanted) = _undisturbed(stage, adapters)
    at = moment()  # afterwards: an older file than the one there would be refused as stale
    much = _changes(undisturbed["changes"])
    numbers: list[list[str]] = []

    def scene(_: int) -> tuple[Callable[[], Import], Callable[[], Import]]:
        rewind()
        one = start_import(adapters, as_zip(CHANGED), at, by=ANNA)
        two = one if same else start_import(adapters, as_zip(CHANGED), at, by=ANNA)
        numbers.append([one, two])
        return lambda: run_import(adapters, one, at), lambda: run_import(adapters, two, at)

    orders = 0
    for number, order in every_order(scene, matters=_writes):
        orders += 1
        ended = [imports.load(adapters.table, n) for n in numbers[number]]
        assert [one.state for one in ended if one] == ["done", "done"], order
        assert _without_times(rows_of(adapters)) == wanted, order
        changes = [_changes(one.changes) for one in ended if one]
        assert changes == [much, much] if same else sum(changes) == much, order
        if orders == 60:
            break
    assert orders > 5


def _writes(operation: str, _: Mapping[str, Any]) -> bool:
    return operation == "TransactWriteItems"


def _changes(changes: Mapping[str, Mapping[str, int]]) -> int:
    return sum(kind["new"] + kind["changed"] for kind in changes.values())


@pytest.mark.parametrize(
    "step", [pytest.param(3, id="short"), pytest.param(1, id="long", marks=pytest.mark.long)]
)
def test_a_newer_export_wins_whenever_it_comes(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(apply_import, "_WRITES", 8)
    imported(stage, FILES, as_of="2026-11-01")
    rewind = rewindable(adapters)
    newer = {**CHANGED, "firmen.csv": with_cells(COMPANIES, 2, ort="Neustadt")}
    at = moment()
    ends = set()
    for call in range(0, 100, step):
        rewind()
        first = start_import(adapters, as_zip(CHANGED), at, by=ANNA, as_of=date(2026, 11, 20))
        second = start_import(adapters, as_zip(newer), at, by=ANNA, as_of=date(2026, 11, 21))
        with interrupted(call, partial(run_import, adapters, second, at)) as made:
            older = run_import(adapters, first, at)
        ended = run_import(adapters, second, at)
        assert ended.state == "done", call
        holding = holdings.load(adapters.table, "10000")
        assert holding is not None
        assert (holding.company.city, holding.contacts["5001"].email) == (
            "Neustadt",
            "neu@muster.example",
        ), call
        ends.add((older.state, *(f["code"] for f in report(stage, first)["findings"][:1])))
        if len(made) <= call:
            break
    assert {
        ("failed", "stale_import"),
        ("failed", "overtaken"),
        ("done", "foreign_reporter"),
    } <= ends


def test_a_reading_that_is_reported_meanwhile_is_kept(stage: Stage, adapters: Adapters) -> None:
    assert _reported_meanwhile(stage, adapters) == set()


def test_without_its_conditions_an_import_would_lose_a_reported_reading(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    unconditional(monkeypatch, adapters.table)
    assert _reported_meanwhile(stage, adapters)


def _reported_meanwhile(stage: Stage, adapters: Adapters) -> set[int]:
    """The calls of an import before which a report of machine 200001 gets lost."""
    imported(stage, FILES)
    rewind, at, lost = rewindable(adapters), moment(), set()
    row = ["200001", "1", "20.11.2026", "5100", "Techniker", "", "", "N", "", ""]
    files = {**FILES, "zaehlerstaende.csv": [*READINGS, row]}
    for call in range(100):
        rewind()
        number = start_import(adapters, as_zip(files), at, by=ANNA)
        with interrupted(call, partial(_report, adapters)) as made:
            assert run_import(adapters, number, at).state == "done"
        machine = machines.load(adapters.table, "10000", "200001")
        assert machine is not None
        events = [e["event"] for e in machines.history(adapters.table, "10000", "200001")]
        whole = len(events) == 3 and machine.version == 3
        if not (whole and machine.readings and len(machine.meters[0].history) == 3):
            lost.add(call)
        if len(made) <= call:
            return lost - {call}
    raise AssertionError("the import never ends")


def _report(adapters: Adapters) -> None:
    """As a customer's entry is stored: meter 1 on 22.11., 5200."""
    machine = machines.load(adapters.table, "10000", "200001")
    assert machine is not None
    reading = Reading("1", DUE, 5200, date(2026, 11, 22))
    changed = replace(machine, readings=(reading,), version=machine.version + 1)
    event = machines.event(
        "reported", [reading], at=moment().now, by="5001", channel=ReadingChannel.PORTAL
    )
    adapters.table.transact(machines.save(changed, seen=machine, event=event))
