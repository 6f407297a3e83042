"""The ERP's answer to an export: billed, refused, and no way back."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.usecases.exchange import acknowledge_exports

from tests.support.customers import change, events, stored
from tests.support.interleaving import every_order
from tests.support.redelivery import deliver, work_off
from tests.support.reported import (
    a_reported_machine,
    export,
    release,
    release_at_once,
    seen,
    settle_reported,
)
from tests.support.stage import Answer, Stage

FIRST, SECOND = "200001.1.2026-11-28", "200001.2.2026-11-28"


def exported(stage: Stage, adapters: Adapters, *numbers: str) -> str:
    machines = [a_reported_machine(number) for number in numbers or ("200001",)]
    for machine in settle_reported(adapters, machines):
        release_at_once(adapters, machine)
    run: str = export(stage)["id"]
    return run


def acknowledge(stage: Stage, run: str, body: dict[str, Any] | None = None) -> Answer:
    path = f"/api/staff/exports/{run}/ack"
    return stage.staff("POST", path, body or {"accepted": "all"}, groups="release")


def states(adapters: Adapters, number: str = "200001") -> list[tuple[str, str | None]]:
    return [(r.state.value, r.export_refused) for r in stored(adapters, number).readings]


def test_what_the_erp_takes_is_billed(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters, "200001", "200002")
    answer = acknowledge(stage, run)

    assert answer.status == 200, answer.text
    assert answer.json["acknowledged"] | {"at": None} == {
        "at": None,
        "accepted": 4,
        "refused": 0,
        "open": 0,
    }
    for number in ("200001", "200002"):
        machine = stored(adapters, number)
        assert states(adapters, number) == [("billed", None)] * 2
        assert [reading.batch for reading in machine.readings] == [run] * 2
        assert [meter.last.billed for meter in machine.meters if meter.last] == [True, True]
        assert events(adapters, number) == ["released", "billed"]
        assert machine.version == 4
    assert stage.staff("GET", f"/api/staff/exports/{run}").json["acknowledged"]["accepted"] == 4


def test_what_it_refuses_stays_released_with_its_reason(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters)
    body = {"accepted": "all", "refused": [{"reading_id": FIRST, "reason": "Vertrag gesperrt"}]}
    answer = acknowledge(stage, run, body)

    assert (answer.json["acknowledged"]["accepted"], answer.json["acknowledged"]["refused"]) == (
        1,
        1,
    )
    assert states(adapters) == [("released", "Vertrag gesperrt"), ("billed", None)]
    assert events(adapters) == ["released", "billed", "export_refused"]
    assert stored(adapters).version == 5
    row = stage.staff("GET", "/api/staff/readings?bucket=released").json["machines"][0]
    assert row["readings"][0]["export_refused"] == "Vertrag gesperrt"
    assert export(stage)["count"] == 0

    later = acknowledge(stage, run, {"accepted": [FIRST]})
    assert later.json["acknowledged"]["accepted"] == 2
    assert states(adapters) == [("billed", None)] * 2


def test_what_is_open_can_be_taken_without_what_was_refused(
    stage: Stage, adapters: Adapters
) -> None:
    run = exported(stage, adapters)
    refused = {"accepted": [], "refused": [{"reading_id": FIRST, "reason": "Vertrag gesperrt"}]}
    acknowledge(stage, run, refused)
    answer = acknowledge(stage, run, {"accepted": "open"})
    told = answer.json["acknowledged"]
    assert (told["accepted"], told["refused"], told["open"]) == (1, 1, 0)
    assert states(adapters) == [("released", "Vertrag gesperrt"), ("billed", None)]
    assert acknowledge(stage, run, {"accepted": "all"}).json["acknowledged"]["refused"] == 0
    assert states(adapters) == [("billed", None)] * 2


def test_the_same_answer_twice_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters)
    body = {"accepted": [SECOND], "refused": [{"reading_id": FIRST, "reason": "zu hoch"}]}
    acknowledge(stage, run, body)
    before, told = stored(adapters), events(adapters)
    again = acknowledge(stage, run, body)

    assert again.status == 200
    assert again.json["acknowledged"]["open"] == 0
    assert (stored(adapters), events(adapters)) == (before, told)


def test_answers_that_do_not_fit_are_refused_as_a_whole(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters)
    before = stored(adapters)
    foreign = acknowledge(stage, run, {"accepted": [FIRST, "200001.1.2026-10-28", "x"]})
    assert (foreign.status, foreign.json["code"]) == (422, "not_in_batch")
    assert foreign.json["ids"] == ["200001.1.2026-10-28", "x"]

    def refused(body: dict[str, Any]) -> int:
        return acknowledge(stage, run, body).status

    line = {"reading_id": FIRST, "reason": "zu hoch"}
    assert refused({"accepted": [], "refused": [line | {"reading_id": "y"}]}) == 422
    assert refused({"accepted": [FIRST], "refused": [line]}) == 422
    assert refused({"accepted": [], "refused": [line, line]}) == 422
    assert refused({"accepted": [], "refused": [line | {"reason": "  "}]}) == 422
    assert refused({"accepted": "some"}) == 422
    assert refused({"accepted": [7]}) == 422
    assert refused({"accepted": ["x"] * 1001}) == 422
    assert stored(adapters) == before

    assert acknowledge(stage, run).status == 200
    billed = acknowledge(stage, run, {"accepted": [], "refused": [line]})
    assert (billed.status, billed.json["code"], billed.json["ids"]) == (
        409,
        "already_billed",
        [FIRST],
    )


def test_only_a_finished_export_can_be_answered(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settle_reported(adapters)))
    started = stage.staff("POST", "/api/staff/exports", {}).json["id"]
    early = acknowledge(stage, started)

    assert (early.status, early.json["code"]) == (409, "not_exported_yet")
    assert acknowledge(stage, "none").status == 404
    for groups in ("read", "remind"):
        path = f"/api/staff/exports/{started}/ack"
        assert stage.staff("POST", path, {"accepted": "all"}, groups=groups).status == 403


def test_the_answer_to_a_large_batch_goes_through_the_queue(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge_exports, "AT_ONCE", 1)
    run = exported(stage, adapters, "200001", "200002", "200003")
    answer = acknowledge(
        stage, run, {"accepted": "all", "refused": [{"reading_id": FIRST, "reason": "zu hoch"}]}
    )
    assert (answer.status, answer.json["acknowledged"]["open"]) == (202, 6)
    stage.drain()

    told = stage.staff("GET", f"/api/staff/exports/{run}").json["acknowledged"]
    assert (told["accepted"], told["refused"], told["open"]) == (5, 1, 0)
    assert states(adapters) == [("released", "zu hoch"), ("billed", None)]


def test_numbers_are_found_in_a_large_batch_too(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters, *(str(200_001 + n) for n in range(21)))
    assert acknowledge(stage, run, {"accepted": [FIRST]}).json["acknowledged"]["accepted"] == 1
    assert acknowledge(stage, run, {"accepted": ["200099.1.2026-11-28"]}).status == 422


def test_a_worker_may_die_at_any_call(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge_exports, "AT_ONCE", 0)
    settle_reported(adapters, [])
    for call in range(40):
        number = str(200_001 + 10 * call)
        run = exported(stage, adapters, number)
        refused = {"reading_id": f"{number}.1.2026-11-28", "reason": "zu hoch"}
        assert acknowledge(stage, run, {"refused": [refused]}).status == 202
        queue = adapters.settings.export_queue
        died = work_off(stage, "export_readings", queue, call=call)

        told = stage.staff("GET", f"/api/staff/exports/{run}").json["acknowledged"]
        assert (told["accepted"], told["refused"]) == (1, 1), call
        assert states(adapters, number) == [("released", "zu hoch"), ("billed", None)], call
        assert events(adapters, number) == ["released", "billed", "export_refused"], call
        if not died:
            break
    assert call > 2


def test_two_answers_at_once_are_both_heard(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [])
    numbers: list[str] = []

    def scene(n: int) -> tuple[Any, Any]:
        numbers[:] = [str(200_001 + 10 * n)]
        run = exported(stage, adapters, numbers[0])
        first, second = (f"{numbers[0]}.{meter}.2026-11-28" for meter in "12")
        return (
            lambda: acknowledge(stage, run, {"accepted": [first]}),
            lambda: acknowledge(stage, run, {"accepted": [second]}),
        )

    def writes(operation: str, _: Any) -> bool:
        return operation == "TransactWriteItems"

    for _, order in every_order(scene, matters=writes):
        assert states(adapters, numbers[0]) == [("billed", None)] * 2, order
        assert events(adapters, numbers[0]) == ["released", "billed", "billed"], order


def test_master_data_written_in_between_do_not_matter(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = exported(stage, adapters)
    original = adapters.table.transact

    def meddle(writes: Any) -> None:
        monkeypatch.setattr(adapters.table, "transact", original)
        change(adapters, serial="SN-NEU")
        original(writes)

    monkeypatch.setattr(adapters.table, "transact", meddle)
    assert acknowledge(stage, run).status == 200
    assert states(adapters) == [("billed", None)] * 2
    assert stored(adapters).serial == "SN-NEU"


def test_an_answer_that_nobody_kept_goes_back(stage: Stage, adapters: Adapters) -> None:
    run = exported(stage, adapters)
    message = {"export_id": run, "step": "acknowledge", "ack": "none", "after": ""}

    assert deliver(stage, "export_readings", message) == ["0"]
