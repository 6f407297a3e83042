"""Machines of a release share a transaction, never a fate."""

from __future__ import annotations

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Location, Machine
from meterportal.domain.portfolio.selections import Selection
from meterportal.settings import Moment
from meterportal.usecases.release import release_readings

from tests.support.customers import before_the_next_write, change, stored
from tests.support.reported import a_reported_machine, run_of, settle_reported
from tests.support.stage import ANNA, Stage
from tests.support.units import metered
from tests.support.wire import counted


def planned(adapters: Adapters, at: Moment, *, dry_run: bool) -> str:
    """A run over thirty machines, up to its chunk."""
    devices = [a_reported_machine(str(200001 + n)) for n in range(30)]
    found: list[Machine] = settle_reported(adapters, devices)
    seen = Selection(tuple(m.id for m in found), versions={m.id: m.version for m in found})
    run = release_readings.start(adapters, seen, dry_run=dry_run, by=ANNA, at=at)
    release_readings.plan(adapters, run, at)
    return run


def test_who_is_written_meanwhile_holds_up_none_of_its_transaction(
    stage: Stage, adapters: Adapters, at: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = planned(adapters, at, dry_run=False)
    moved = Location(room="7")

    def meddle() -> None:
        change(adapters, "200003", location=moved)
        change_version(adapters, "200005")

    before_the_next_write(monkeypatch, adapters, meddle)
    with counted(adapters.table._client) as counts:
        release_readings.work(adapters, run, 0, at=at, has_time=lambda: True)

    # All; again without two of them, each of which is judged again: one is released, the other was
    # reported anew since staff have looked. Two are the meddler's.
    assert counts["dynamodb.TransactWriteItems"] == 1 + 1 + 1 + 2
    report = run_of(stage, run)
    assert (report["released"], report["refused"]) == (58, 2)
    refusals = {line["code"] for line in report["protocol"] if line["machine_id"] == "200005"}
    assert refusals == {"changed_meanwhile"}
    moved_one = stored(adapters, "200003")
    assert (moved_one.location, moved_one.state) == (moved, "released")
    assert stored(adapters, "200005").state == "reported"


def change_version(adapters: Adapters, machine_id: str) -> None:
    """A contact's correction, as staff have not seen it."""
    change(adapters, machine_id, version=stored(adapters, machine_id).version + 1)


def test_a_dry_run_costs_one_unit_a_machine(stage: Stage, adapters: Adapters, at: Moment) -> None:
    run = planned(adapters, at, dry_run=True)
    with metered(adapters.table._client) as consumed:
        release_readings.work(adapters, run, 0, at=at, has_time=lambda: True)
    assert consumed.requests["TransactWriteItems"] == 0
    assert consumed.requests["PutItem"] == 30 + 1
    assert consumed.written <= 30 + 2
