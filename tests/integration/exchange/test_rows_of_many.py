"""What a run releases waits in rows of many machines, which share a row, never a fate."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import batched
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.exports import Acknowledgement
from meterportal.domain.portfolio.machines import Machine
from meterportal.settings import Moment, moment
from meterportal.store.exchange import exports
from meterportal.usecases.exchange import acknowledge_exports, export_readings
from meterportal.usecases.release import release_readings

from tests.support.builders import a_meter, settle_machine
from tests.support.customers import before_the_next_write, change, events, stored
from tests.support.exported import lines
from tests.support.interleaving import every_order, unconditional
from tests.support.redelivery import work_off
from tests.support.reported import (
    a_reading,
    a_reported_machine,
    export,
    release,
    seen,
    settle_reported,
    start_release,
)
from tests.support.stage import ANNA, Answer, Stage
from tests.support.units import metered

NUMBERS = [str(200_001 + n) for n in range(4)]


def released(stage: Stage, adapters: Adapters, numbers: list[str] = NUMBERS) -> list[str]:
    """The names of the rows in which these machines wait."""
    found = [settle_machine(adapters, a_reported_machine(number)) for number in numbers]
    release(stage, seen(*found))
    return [row.item["sk"] for row in exports.waiting(adapters.table)]


def reading(number: str, meter: str = "1") -> str:
    return f"{number}.{meter}.2026-11-28"


def withdraw(stage: Stage, number: str) -> Answer:
    body = {"reason": "Verlesen", "version": 3}
    path = f"/api/staff/readings/{reading(number)}/withdrawal"
    return stage.staff("POST", path, body, groups="release")


def acknowledge(stage: Stage, run: str, body: dict[str, Any] | None = None) -> Answer:
    path = f"/api/staff/exports/{run}/ack"
    return stage.staff("POST", path, body or {"accepted": "all"}, groups="release")


def states(adapters: Adapters, number: str) -> list[str]:
    return [one.state.value for one in stored(adapters, number).readings]


def test_units_of_a_machine_from_release_to_bill(stage: Stage, adapters: Adapters) -> None:
    """For 50 machines: the machine and its history, each doubled, and the two rows that tell of them and in
    which they wait; then the machine, and the rows twice; then machine, history and the rows."""
    found = settle_reported(adapters, [a_reported_machine(str(200_001 + n)) for n in range(50)])
    assert start_release(stage, seen(*found)).status == 202
    with metered(adapters.table._client) as consumed:
        stage.drain()
    assert consumed.written <= 50 * 4 + 2 * 2 * 2 * 3 + 20
    assert len(list(exports.waiting(adapters.table))) == 2

    with metered(adapters.table._client) as consumed:
        run = export(stage)["id"]
    assert consumed.written <= 50 * 2 + 2 * 2 * 2 * 3 + 20
    assert consumed.requests["TransactWriteItems"] == 2, "one starts the run"
    with metered(adapters.table._client) as consumed:
        assert acknowledge(stage, run).json["acknowledged"]["accepted"] == 100
    assert consumed.written <= 50 * 4 + 2 * 2 * 3 + 20
    assert consumed.requests["TransactWriteItems"] == 3, "one keeps the answer"


def test_a_worker_may_die_at_any_call(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three machines in two rows, from their release to the ERP's answer."""
    monkeypatch.setattr(release_readings, "TOGETHER", 2)
    monkeypatch.setattr(acknowledge_exports, "AT_ONCE", 0)
    settle_reported(adapters, [])
    deaths = 0
    for call in range(60):
        numbers = [str(200_000 + 10 * call + n) for n in range(3)]
        found = [settle_machine(adapters, a_reported_machine(number)) for number in numbers]
        start_release(stage, seen(*found))
        died = work_off(stage, "release_readings", adapters.settings.release_queue, call=call)
        stage.drain()
        run = stage.staff("POST", "/api/staff/exports", {}).json["id"]
        queue = adapters.settings.export_queue
        died |= work_off(stage, "export_readings", queue, call=call)
        told = lines(adapters, stage.staff("GET", f"/api/staff/exports/{run}").json)
        named = [line["reading_id"] for line in told]
        assert sorted(named) == sorted(reading(n, m) for n in numbers for m in "12"), call
        acknowledge(stage, run)
        died |= work_off(stage, "export_readings", queue, call=call)

        answered = stage.staff("GET", f"/api/staff/exports/{run}").json["acknowledged"]
        assert (answered["accepted"], answered["open"]) == (6, 0), call
        for number in numbers:
            assert states(adapters, number) == ["billed", "billed"], call
            assert events(adapters, number) == ["released", "billed"], call
        assert list(exports.waiting(adapters.table)) == []
        if not died:
            break
        deaths += 1
    assert deaths > 7


def test_who_is_written_meanwhile_waits_in_a_row_of_its_own(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_reported(adapters, [])
    found = [settle_machine(adapters, a_reported_machine(number)) for number in NUMBERS]
    assert start_release(stage, seen(*found)).status == 202
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, NUMBERS[1], serial="N"))
    stage.drain()

    rows = list(exports.waiting(adapters.table))
    assert sorted(sorted(number for _, number in row.places) for row in rows) == [
        [NUMBERS[0], *NUMBERS[2:]],
        [NUMBERS[1]],
    ]
    for number in NUMBERS:
        assert withdraw(stage, number).status == 200, number
    assert [line["meter_id"] for line in lines(adapters, export(stage))] == ["2"] * 4


def with_orders(stage: Stage, adapters: Adapters) -> Iterator[tuple[bool, list[str], str, str]]:
    """A withdrawal and an export in every order: whether it was withdrawn, what the batch has, its reading, and
    the state of that."""
    settle_reported(adapters, [])
    told: list[Answer] = []
    runs: list[str] = []
    at = moment()

    def pair(n: int) -> list[str]:
        return [str(200_001 + 10 * n), str(200_002 + 10 * n)]

    def scene(n: int) -> Any:
        released(stage, adapters, pair(n))
        runs.append(export_readings.start(adapters, by=ANNA, at=at))
        return (
            lambda: told.append(withdraw(stage, pair(n)[1])),
            lambda: export_readings.export(adapters, runs[-1], at=at, has_time=lambda: True),
        )

    def matters(operation: str, parameters: Any) -> bool:
        taking = {"TransactWriteItems", "BatchGetItem"}
        return operation in taking and "RELEASED#" in str(parameters)

    for n, _ in every_order(scene, matters=matters):
        rows = exports.rows(adapters.table, runs[-1])
        taken = [line["reading_id"] for row in rows for line in row.lines]
        own = pair(n)[1]
        yield told[-1].status == 200, taken, own, states(adapters, own)[0]


def test_a_withdrawal_at_the_same_moment_holds_up_nobody_else(
    stage: Stage, adapters: Adapters
) -> None:
    outcomes = set()
    for withdrawn, taken, own, state in with_orders(stage, adapters):
        assert len(taken) == len(set(taken)) == (3 if withdrawn else 4)
        assert (reading(own) in taken) is not withdrawn
        assert state == ("reported" if withdrawn else "released")
        outcomes.add(withdrawn)
    assert outcomes == {True, False}


def test_without_its_conditions_it_would_be_withdrawn_and_exported(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    unconditional(monkeypatch, adapters.table)
    orders = with_orders(stage, adapters)
    assert any(reading(own) in taken and state == "reported" for _, taken, own, state in orders)


def test_two_answers_at_once_for_one_row_are_both_heard(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [])
    numbers: list[str] = []

    def scene(n: int) -> tuple[Any, Any]:
        numbers[:] = [str(200_001 + 10 * n), str(200_002 + 10 * n)]
        released(stage, adapters, numbers)
        run = export(stage)["id"]
        one, other = map(reading, numbers)
        no = {"refused": [{"reading_id": other, "reason": "zu hoch"}], "accepted": []}
        return (
            lambda: acknowledge(stage, run, {"accepted": [one]}),
            lambda: acknowledge(stage, run, no),
        )

    def writes(operation: str, parameters: Any) -> bool:
        return operation == "TransactWriteItems" and "LINE#" in str(parameters)

    for _, order in every_order(scene, matters=writes):
        assert states(adapters, numbers[0]) == ["billed", "released"], order
        machine = stored(adapters, numbers[1])
        assert [one.export_refused for one in machine.readings] == ["zu hoch", None], order
        assert [events(adapters, number)[-1] for number in numbers] == ["billed", "export_refused"]


def test_numbers_are_found_in_a_large_batch(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, at: Moment
) -> None:
    """By their readings; where a machine's period is past, by reading all of the batch."""
    settle_reported(adapters, [])
    numbers = [str(200_001 + n) for n in range(44)]
    released(stage, adapters, numbers)
    run = export(stage)["id"]
    body = {"accepted": [reading(numbers[7])]}
    assert acknowledge(stage, run, body).json["acknowledged"]["accepted"] == 1
    assert states(adapters, numbers[7]) == ["billed", "released"]
    change(adapters, numbers[8], readings=())
    body = {"accepted": [reading(numbers[8])]}
    assert acknowledge(stage, run, body).json["acknowledged"]["accepted"] == 2
    assert acknowledge(stage, run, {"accepted": ["200099.1.2026-11-28"]}).status == 422


def test_numbers_are_looked_for_as_far_as_they_stand(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may have a million lines."""
    settle_reported(adapters, [])
    numbers = [str(200_001 + n) for n in range(44)]
    released(stage, adapters, numbers)
    run = export(stage)["id"]
    change(adapters, numbers[8], readings=())
    every, read = exports.rows, list[str]()

    def rows(*given: Any) -> Iterator[Any]:
        for row in every(*given):
            read.append(row.sk)
            yield row

    monkeypatch.setattr(exports, "rows", rows)
    export_of = exports.load(adapters.table, run)
    assert export_of is not None
    answer = Acknowledgement(frozenset([reading(numbers[8])]), {})
    acknowledge_exports._refuse_foreign(adapters, export_of, answer)
    assert len(read) == 1


@pytest.mark.parametrize(
    "foreign", ["200099.1.2026-11-28", "200099.1", "x", "200099.1.2026-11-28~3", ".."]
)
def test_a_number_of_no_machine_is_foreign_without_a_look_into_a_large_batch(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, foreign: str
) -> None:
    settle_reported(adapters, [])
    numbers = [str(200_001 + n) for n in range(44)]
    released(stage, adapters, numbers)
    run = export(stage)["id"]
    monkeypatch.setattr(exports, "rows", None)
    answer = acknowledge(stage, run, {"accepted": [reading(numbers[0]), foreign]})
    assert (answer.status, answer.json["code"], answer.json["ids"]) == (
        422,
        "not_in_batch",
        [foreign],
    )


def with_long_reasons(number: str, meters: int) -> Machine:
    """A machine with reasons that cannot be packed."""
    signs = random.Random(number)  # noqa: S311 - no secret
    found = [a_meter(str(n + 1)) for n in range(meters)]
    readings = [
        replace(a_reading(), meter_id=meter.id, reason=some_signs(signs, 500)) for meter in found
    ]
    return replace(a_reported_machine(number), meters=tuple(found), readings=tuple(readings))


def some_signs(signs: random.Random, length: int) -> str:
    """Four bytes each, and hardly less packed."""
    return "".join(chr(signs.randrange(0x20000, 0x2A6DF)) for _ in range(length))


def test_rows_stay_below_what_an_item_may_have(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [])
    numbers = [str(200_001 + n) for n in range(31)]
    found = [settle_machine(adapters, with_long_reasons(number, 14)) for number in numbers]
    run = release(stage, seen(*found))
    assert (run["state"], run["released"]) == ("done", 31 * 14)
    batch = export(stage)
    assert batch["count"] == 31 * 14
    rows = list(exports.rows(adapters.table, batch["id"]))
    assert len(rows) == 1 + 31 - 10, "10 machines share one"
    assert acknowledge(stage, batch["id"]).json["acknowledged"]["accepted"] == 31 * 14


@pytest.mark.parametrize("sign", ["", '"', "\\", "ä"])
def test_an_answer_with_the_longest_reasons_finds_room_in_its_row(
    stage: Stage, adapters: Adapters, sign: str
) -> None:
    """Each request of the ERP has 64 KB at most, but every one may add reasons to the same row."""
    settle_reported(adapters, [])
    signs = random.Random(0)  # noqa: S311 - no secret
    numbers = [str(200_001 + n) for n in range(10)]
    found = [settle_machine(adapters, with_long_reasons(number, 14)) for number in numbers]
    release(stage, seen(*found))
    batch = export(stage)
    (row,) = exports.rows(adapters.table, batch["id"])
    ids = [line["reading_id"] for line in row.lines]
    assert len(ids) == 140
    for some in batched(ids, 7, strict=True):
        reasons = {one: sign * 500 or some_signs(signs, 500) for one in some}
        lines = [{"reading_id": one, "reason": reason} for one, reason in reasons.items()]
        answer = acknowledge(stage, batch["id"], {"accepted": [], "refused": lines})
        assert answer.status == 200, answer.text
        again = stored(adapters).version
        assert acknowledge(stage, batch["id"], {"accepted": [], "refused": lines}).status == 200
        assert stored(adapters).version == again, "the same answer changes nothing"
    (row,) = exports.rows(adapters.table, batch["id"])
    kept = {one: reason for one, reason in row.answers.items() if one in reasons}
    assert all(reasons[one].startswith(reason.removesuffix("…")) for one, reason in kept.items())
    item = adapters.table.get(f"EXPORT#{batch['id']}", row.sk)
    assert item is not None
    assert len(item["lines"]) + len(item["answers"].encode()) < 300_000
    told = stage.staff("GET", f"/api/staff/exports/{batch['id']}").json["acknowledged"]
    assert (told["refused"], told["open"]) == (140, 0)


def test_rows_of_earlier_versions_are_moved_and_answered(stage: Stage, adapters: Adapters) -> None:
    """A row with its company beside the lines, and one of a batch with a mapping of its answers."""
    settle_reported(adapters, [])
    (name,) = released(stage, adapters, NUMBERS[:1])
    (row,) = exports.waiting(adapters.table)
    machine: Machine = stored(adapters, NUMBERS[0])
    old = exports.waiting_row(machine, row.lines).put
    assert old is not None
    adapters.table.batch_write([{**old, "company_id": "10000"}], deletes=[row.key])
    run = export(stage)["id"]
    assert name not in str(list(exports.rows(adapters.table, run)))
    pk = f"EXPORT#{run}"
    (item,) = adapters.table.query(pk, begins="LINE#")
    adapters.table.batch_write([{**item, "answers": {}}])
    acknowledge(stage, run, {"accepted": [reading(NUMBERS[0])]})
    assert states(adapters, NUMBERS[0]) == ["billed", "released"]
    assert acknowledge(stage, run).json["acknowledged"]["accepted"] == 2
