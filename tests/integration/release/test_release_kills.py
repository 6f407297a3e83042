"""A release worker that dies: the run ends all the same, nothing is doubled, nothing is lost."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.exchange import exports

from tests.support.builders import settle_machine
from tests.support.customers import events, stored
from tests.support.redelivery import work_off
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    run_of,
    seen,
    settle_reported,
    start_release,
)
from tests.support.stage import Stage


def test_a_worker_may_die_at_any_call(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [])
    deaths = 0
    for call in range(100):
        first = 200_000 + 10 * call
        whole = settle_machine(adapters, a_reported_machine(str(first)))
        mixed = settle_machine(
            adapters, a_reported_machine(str(first + 1), a_confirmed_reading(), a_reading("2"))
        )
        selection = seen(whole, mixed)
        selection["ids"].append("999999")
        selection["versions"]["999999"] = 1
        run_id = start_release(stage, selection).json["id"]
        queue = adapters.settings.release_queue
        died = work_off(stage, "release_readings", queue, call=call)

        run = run_of(stage, run_id)
        assert (run["state"], run["released"], run["refused"]) == ("done", 3, 2), call
        assert [line["code"] for line in run["protocol"]] == [
            None,
            None,
            "confirmed_by_customer",
            None,
            "unknown_machine",
        ], call
        for machine in (whole, mixed):
            assert stored(adapters, machine.id).version == 3, call
            assert events(adapters, machine.id) == ["released"], call
            assert len(waiting(adapters, machine.id)) == 1, call
        if not died:
            break
        deaths += 1
    assert deaths > 7


def waiting(adapters: Adapters, machine_id: str) -> list[object]:
    """What waits for the next export of a machine."""
    return [row for row in exports.waiting(adapters.table) if ("10000", machine_id) in row.places]


def test_a_planner_that_comes_second_plans_nothing_anew(stage: Stage, adapters: Adapters) -> None:
    found = settle_reported(adapters)
    run_id = start_release(stage, seen(*found)).json["id"]
    for _ in range(2):
        work_off(stage, "release_readings", adapters.settings.release_queue, call=5)
    rows = list(adapters.table.query(keys.run("RELEASE", run_id)[0], begins="DONE#"))

    assert len(rows) == 1
    assert run_of(stage, run_id)["released"] == 2
