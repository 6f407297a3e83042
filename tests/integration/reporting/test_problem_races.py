"""Problems against everybody else who writes: entries, releases, imports, another member of staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Problem, ProblemKind
from meterportal.store.portfolio import machines

from tests.integration.reporting.test_problems import (
    decide,
    listed,
    report,
    reported,
    told,
    withdraw,
)
from tests.support.builders import a_holding, a_link, a_machine, a_meter, settle_machine
from tests.support.customers import change, put, release, signed_in, stored
from tests.support.erp_exports import CONTRACTS, FILES, MACHINES, Table, imported, with_cells
from tests.support.interleaving import every_order, of_machine, unconditional
from tests.support.stage import Stage

VALUES = {"1": 11_000, "2": 4_300}


def fresh(adapters: Adapters, number: int) -> str:
    """Another machine for each order, so that no order meets what the one before left."""
    machine = a_machine(str(300_001 + number))
    settle_machine(adapters, machine)
    return machine.id


def race(
    adapters: Adapters, scene: Callable[[str], tuple[Callable[[], Any], Callable[[], Any]]]
) -> list[str]:
    """Every order of two actors at a machine; gives back the machines."""
    seen: list[str] = []

    def made(number: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
        seen.append(fresh(adapters, number))
        return scene(seen[-1])

    def matters(operation: str, parameters: Any) -> bool:
        return of_machine(seen[-1])(operation, parameters)

    for _ in every_order(made, matters=matters):
        continue
    return seen


def at(adapters: Adapters, machine_id: str) -> Any:
    return machines.load(adapters.table, "10000", machine_id)


def test_an_entry_and_a_problem_at_once_are_both_kept(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    seen = race(
        adapters,
        lambda machine_id: (
            lambda: report(stage, "moved", machine_id),
            lambda: put(stage, machine_id, values=VALUES, version=1),
        ),
    )
    for machine_id in seen:
        machine = at(adapters, machine_id)
        assert machine.problem.kind is ProblemKind.MOVED
        assert (machine.version, len(machine.readings)) == (2, 2)
    assert len(seen) >= 4


def test_without_its_conditions_one_of_them_would_be_lost(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    unconditional(monkeypatch, adapters.table)
    seen = race(
        adapters,
        lambda machine_id: (
            lambda: report(stage, "moved", machine_id),
            lambda: put(stage, machine_id, values=VALUES, version=1),
        ),
    )
    found = [at(adapters, machine_id) for machine_id in seen]
    assert any(m.problem is None or not m.readings for m in found)


def test_all_values_and_a_decision_at_once_leave_one_story(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    problem: dict[str, str] = {}

    def scene(machine_id: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        problem[machine_id] = reported(stage, "cannot_read", machine_id=machine_id)
        return (
            lambda: decide(stage, problem[machine_id], "accepted"),
            lambda: put(stage, machine_id, values=VALUES, version=1),
        )

    seen = race(adapters, scene)
    rows = {row["id"]: row["state"] for row in listed(stage, "decided")}
    for machine_id in seen:
        machine = at(adapters, machine_id)
        assert machine.complete
        assert machine.problem is None
        assert rows[problem[machine_id]] in {"accepted", "settled"}
    assert {rows[problem[machine_id]] for machine_id in seen} == {"accepted", "settled"}


def test_taking_back_and_deciding_at_once_is_one_of_both(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    answers: dict[str, list[int]] = {}
    problem: dict[str, str] = {}

    def scene(machine_id: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        number = problem[machine_id] = reported(stage, "gone", machine_id=machine_id)
        told_here = answers.setdefault(machine_id, [])
        return (
            lambda: told_here.append(withdraw(stage, number, machine_id).status),
            lambda: told_here.append(decide(stage, number, "accepted").status),
        )

    seen = race(adapters, scene)
    rows = {row["id"]: row["state"] for row in listed(stage, "decided")}
    for machine_id in seen:
        state = rows[problem[machine_id]]
        # A machine that was struck off is not shown any more: taking back finds nothing there.
        assert sorted(answers[machine_id]) in ([204, 409], [200, 404], [200, 409])
        assert at(adapters, machine_id).struck_off is (state == "accepted")
        assert state == ("withdrawn" if 204 in answers[machine_id] else "accepted")


def test_two_problems_at_once_are_one_and_a_refusal(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    answers: dict[str, list[int]] = {}

    def scene(machine_id: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        told_here = answers.setdefault(machine_id, [])
        return (
            lambda: told_here.append(report(stage, "gone", machine_id).status),
            lambda: told_here.append(report(stage, "moved", machine_id).status),
        )

    seen = race(adapters, scene)
    assert all(sorted(answers[machine_id]) == [201, 409] for machine_id in seen)
    assert len(listed(stage)) == len(seen)


def test_a_release_keeps_the_problem(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert put(stage, values=VALUES, version=1).status == 200
    number = reported(stage, "previous_reading_wrong")
    run = {"selection": {"ids": ["200001"], "versions": {"200001": 2}}}
    assert stage.staff("POST", "/api/staff/releases", run).status == 202
    stage.drain()
    machine = stored(adapters)
    assert machine.state == "released"
    assert machine.problem is not None
    assert machine.problem.id == number
    assert decide(stage, number, "accepted").status == 200


def test_a_problem_survives_the_table(stage: Stage, adapters: Adapters) -> None:
    problem = Problem(
        "p1", ProblemKind.CANNOT_READ, date(2026, 11, 23), "5001", date(2026, 11, 28), "a\n„b“", "1", True
    )  # fmt: skip
    settle_machine(adapters, a_machine(problem=problem))
    assert stored(adapters).problem == problem
    assert change(adapters, customer_no="K-2").problem == problem
    assert stored(adapters).problem == problem
    assert release(adapters).problem == problem


# imports


def erp(**changed: Table) -> dict[str, Table]:
    return {**FILES, **{f"{name}.csv": table for name, table in changed.items()}}


@pytest.fixture
def clara(stage: Stage, adapters: Adapters) -> None:
    """The ERP's small export; Clara reports for 200001 and 200002."""
    assert imported(stage, erp())["state"] == "done"
    stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}})
    token = a_link(adapters, mailbox="c.schaefer@muster.example")
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201


NEXT_PERIOD = with_cells(CONTRACTS, 2, nachste="28.02.2027")
ELSEWHERE = with_cells(MACHINES, 2, raum="202")


@pytest.mark.usefixtures("clara")
def test_an_open_problem_outlives_every_import(stage: Stage, adapters: Adapters) -> None:
    number = reported(stage, "gone")
    for files in (erp(), erp(maschinen=ELSEWHERE), erp(vertraege=NEXT_PERIOD)):
        assert imported(stage, files)["state"] == "done"
        problem = stored(adapters).problem
        assert problem is not None
        assert problem.id == number
    assert decide(stage, number, "accepted").status == 200


@pytest.mark.usefixtures("clara")
def test_what_was_struck_off_comes_back_when_the_erp_changes_the_machine(
    stage: Stage, adapters: Adapters
) -> None:
    assert decide(stage, reported(stage, "gone"), "accepted").status == 200
    imported(stage, erp())
    imported(stage, erp(vertraege=NEXT_PERIOD))
    assert stored(adapters).struck_off  # the same row, another period: still gone
    imported(stage, erp(vertraege=NEXT_PERIOD, maschinen=ELSEWHERE))
    assert stored(adapters).problem is None
    assert stored(adapters).asked_for


@pytest.mark.usefixtures("clara")
def test_an_exception_for_a_period_ends_with_the_import_that_opens_the_next(
    stage: Stage, adapters: Adapters
) -> None:
    assert decide(stage, reported(stage, "cannot_read"), "accepted").status == 200
    imported(stage, erp(maschinen=ELSEWHERE))
    assert stored(adapters).set_aside
    imported(stage, erp(maschinen=ELSEWHERE, vertraege=NEXT_PERIOD))
    assert stored(adapters).problem is None


@pytest.mark.usefixtures("clara")
def test_a_machine_that_goes_to_another_company_leaves_its_problem_behind(
    stage: Stage, adapters: Adapters
) -> None:
    number = reported(stage, "not_ours")
    imported(stage, erp(maschinen=with_cells(MACHINES, 2, vertragsnummer="70002")))
    assert stored(adapters, company_id="10007").problem is None
    assert decide(stage, number, "accepted", "zur Beispiel AG").status == 200
    assert told(adapters)[-1] == ("accepted", "staff-1")
    assert stored(adapters, company_id="10007").asked_for


@pytest.mark.usefixtures("clara")
def test_an_import_and_a_problem_at_once_are_both_kept(stage: Stage, adapters: Adapters) -> None:
    before = with_cells(MACHINES, 2, raum="1")
    rooms = iter(range(1000))

    def scene(_: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
        table = with_cells(before, 2, raum=str(500 + next(rooms)))
        known = stored(adapters).problem
        if known:
            assert withdraw(stage, known.id).status == 204
        return (
            lambda: report(stage, "moved"),
            lambda: imported(stage, {"maschinen.csv": table}),
        )

    orders = 0
    for number, _ in every_order(
        scene, matters=lambda operation, p: operation == "TransactWriteItems" and "200001" in str(p)
    ):
        machine = stored(adapters)
        assert machine.problem is not None
        assert machine.location.room == str(500 + number)
        orders += 1
    assert orders >= 2


def test_a_meter_that_is_not_billed_has_no_problem(stage: Stage, adapters: Adapters) -> None:
    machine = a_machine(meters=(a_meter(), a_meter("2", billable=False)))
    signed_in(stage, adapters, a_holding(machines=[machine]))
    assert report(stage, "cannot_read", meter_id="2").json["code"] == "unknown_meter"
