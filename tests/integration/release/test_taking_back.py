"""A released reading is taken back: withdrawn until it is exported, corrected by two entries after."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Machine
from meterportal.settings import moment
from meterportal.store.exchange import exports
from meterportal.usecases.exchange import export_readings

from tests.support.builders import a_link
from tests.support.customers import before_the_next_write, change, events, open_by, put, stored
from tests.support.exported import content, lines
from tests.support.interleaving import every_order, unconditional
from tests.support.reported import (
    a_reported_machine,
    export,
    release,
    release_at_once,
    seen,
    settle_reported,
)
from tests.support.stage import ANNA, Answer, Stage

READING = "200001.1.2026-11-28"


def act(stage: Stage, what: str, number: str = READING, **fields: Any) -> Answer:
    body = {"reason": "Verlesen, laut Frau Schäfer", "version": 3} | fields
    headers = body.pop("headers", {})
    path = f"/api/staff/readings/{number}/{what}"
    return stage.staff("POST", path, body, groups="release", headers=headers)


def withdraw(stage: Stage, number: str = READING, **fields: Any) -> Answer:
    return act(stage, "withdrawal", number, **fields)


def correct(stage: Stage, number: str = READING, **fields: Any) -> Answer:
    return act(stage, "reversal", number, **{"value": "10.900"} | fields)


def released(stage: Stage, adapters: Adapters) -> Machine:
    release(stage, seen(*settle_reported(adapters)))
    return stored(adapters)


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


# withdrawal


def test_a_withdrawn_release_waits_again_and_is_not_exported(
    stage: Stage, adapters: Adapters
) -> None:
    released(stage, adapters)
    answer = withdraw(stage)
    assert answer.status == 200, answer.text
    assert answer.json == {
        "id": READING,
        "machine_id": "200001",
        "meter_id": "1",
        "value": 10_850,
        "read_on": "2026-11-22",
        "state": "reported",
        "version": 4,
    }
    machine = stored(adapters)
    assert machine.meters[0].last is not None
    assert machine.meters[0].last.value == 10_000, "it is history no more"
    assert machine.meters[1].last is not None
    assert machine.meters[1].last.value == 4_250
    assert events(adapters) == ["released", "withdrawn"]
    assert [line["meter_id"] for line in lines(adapters, export(stage))] == ["2"]
    assert open_by(stage, a_link(adapters)).status == 201
    assert put(stage, values={"1": 10_860}, version=4).status == 200, "its customer corrects it"


def test_it_is_released_and_exported_again_once(stage: Stage, adapters: Adapters) -> None:
    released(stage, adapters)
    assert withdraw(stage).status == 200
    release(stage, seen(stored(adapters)))
    numbers = [line["reading_id"] for line in lines(adapters, export(stage))]
    assert sorted(numbers) == [READING, "200001.2.2026-11-28"]


def test_a_release_report_calls_a_reading_as_feed_export_and_review_do(
    stage: Stage, adapters: Adapters
) -> None:
    released(stage, adapters)
    export(stage)
    assert correct(stage).status == 200
    machine = stored(adapters)
    run = release(stage, seen(machine))
    told = {line["meter_id"]: line["reading_id"] for line in run["protocol"]}
    assert told == {"1": f"{READING}~3", "2": "200001.2.2026-11-28"}


def test_what_is_exported_or_not_released_is_not_withdrawn(
    stage: Stage, adapters: Adapters
) -> None:
    settle_reported(adapters)
    assert refused(withdraw(stage, version=2)) == (409, "not_released")
    release(stage, seen(stored(adapters)))
    assert refused(withdraw(stage, version=2)) == (412, "changed_meanwhile")
    assert refused(withdraw(stage, "200001.9.2026-11-28")) == (404, "not_found")
    assert refused(withdraw(stage, f"{READING}~3")) == (404, "not_found")
    assert refused(withdraw(stage, f"{READING}~1")) == (404, "not_found")
    assert refused(withdraw(stage, "200099.1.2026-11-28")) == (404, "not_found")
    assert refused(withdraw(stage, reason="ja"))[0] == 422
    export(stage)
    assert refused(withdraw(stage)) == (409, "already_exported")
    assert stored(adapters).version == 3


def both_ways(stage: Stage, adapters: Adapters) -> Iterator[tuple[Answer, bool, str]]:
    """A withdrawal and an export in every order: what was answered, whether the batch has the reading,
    and the reading's state."""
    devices = [a_reported_machine(str(200_001 + n)) for n in range(80)]
    settle_reported(adapters, devices)
    told: list[Answer] = []
    batches: list[str] = []
    at = moment()

    def scene(number: int) -> Any:
        machine = devices[number]
        release_at_once(adapters, machine)
        batches.append(export_readings.start(adapters, by=ANNA, at=at))
        return (
            lambda: told.append(withdraw(stage, f"{machine.id}.1.2026-11-28")),
            lambda: export_readings.export(adapters, batches[-1], at=at, has_time=lambda: True),
        )

    def matters(operation: str, parameters: Any) -> bool:
        return operation in {"TransactWriteItems", "Query"} and "RELEASED#" in str(parameters)

    for number, _ in every_order(scene, matters=matters):
        reading = f"{devices[number].id}.1.2026-11-28"
        rows = exports.rows(adapters.table, batches[-1])
        taken = {line["reading_id"] for row in rows for line in row.lines}
        state = stored(adapters, devices[number].id).readings[0].state.value
        yield told[-1], reading in taken, state


def test_an_export_at_the_same_moment_takes_it_or_leaves_it(
    stage: Stage, adapters: Adapters
) -> None:
    outcomes = set()
    for answer, taken, state in both_ways(stage, adapters):
        assert answer.status in {200, 409}, answer.text
        assert taken is (answer.status == 409)
        assert state == ("released" if taken else "reported")
        outcomes.add(answer.status)
    assert outcomes == {200, 409}


def test_without_its_conditions_it_would_be_withdrawn_and_exported(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    unconditional(monkeypatch, adapters.table)
    assert any(taken and state == "reported" for _, taken, state in both_ways(stage, adapters))


def test_the_same_request_again_is_told_again(stage: Stage, adapters: Adapters) -> None:
    released(stage, adapters)
    key = {"idempotency-key": "one"}
    first = withdraw(stage, headers=key)
    assert withdraw(stage, headers=key).json == first.json
    assert refused(withdraw(stage, headers=key, version=9)) == (422, "idempotency_key_reused")
    assert refused(withdraw(stage)) == (409, "not_released")
    assert events(adapters) == ["released", "withdrawn"]


def test_the_machines_page_tells_what_can_still_be_withdrawn(
    stage: Stage, adapters: Adapters
) -> None:
    def told() -> list[tuple[str, bool]]:
        page = stage.staff("GET", "/api/staff/machines/200001").json
        return [(one["id"], one["exported"]) for one in page["released"]]

    settle_reported(adapters)
    assert told() == []
    release(stage, seen(stored(adapters)))
    assert told() == [(READING, False), ("200001.2.2026-11-28", False)]
    export(stage)
    assert told() == [(READING, True), ("200001.2.2026-11-28", True)]
    assert correct(stage).status == 200
    # What corrects it waits for its own export: until then it cannot be corrected again.
    assert (f"{READING}~3", False) in told()


# correction


def test_a_correction_is_a_reversing_entry_and_a_new_one(stage: Stage, adapters: Adapters) -> None:
    released(stage, adapters)
    first = export(stage)
    answer = correct(stage)
    assert answer.status == 200, answer.text
    assert (answer.json["id"], answer.json["value"]) == (f"{READING}~3", 10_900)
    assert (answer.json["state"], answer.json["version"]) == ("released", 4)
    assert [line["value"] for line in lines(adapters, first)] == [10_850, 4_250], "never edited"

    run = export(stage)
    reversal, new = lines(adapters, run)
    assert (reversal["reading_id"], reversal["entry"]) == (f"{READING}~2", "reversal")
    assert (reversal["value"], reversal["reverses"]) == (10_850, READING)
    assert (new["reading_id"], new["entry"]) == (f"{READING}~3", "correction")
    assert (new["value"], new["reverses"]) == (10_900, READING)
    assert new["release_reason"] == "Verlesen, laut Frau Schäfer"
    sheet = content(adapters, run, "readings.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet, newline=""), delimiter=";"))
    assert [(row["Buchung"], row["Storno zu"], row["Stand"]) for row in rows] == [
        ("Storno", READING, "10850"),
        ("Korrektur", READING, "10900"),
    ]
    last = stored(adapters).meters[0].last
    assert last is not None
    assert last.value == 10_900
    assert events(adapters) == ["released", "reversed"]


def test_a_correction_is_corrected_in_the_same_way(stage: Stage, adapters: Adapters) -> None:
    released(stage, adapters)
    export(stage)
    assert correct(stage).status == 200
    export(stage)
    assert refused(correct(stage, version=4)) == (404, "not_found"), "the earlier id is over"
    assert correct(stage, f"{READING}~3", version=4, value=10_890).status == 200
    reversal, new = lines(adapters, export(stage))
    assert (reversal["reading_id"], reversal["reverses"]) == (f"{READING}~4", f"{READING}~3")
    assert (new["reading_id"], new["value"]) == (f"{READING}~5", 10_890)


def test_an_acknowledgement_of_the_old_line_does_not_bill_the_new_one(
    stage: Stage, adapters: Adapters
) -> None:
    released(stage, adapters)
    first = export(stage)
    assert correct(stage).status == 200
    second = export(stage)

    def acknowledge(run: Any) -> None:
        path = f"/api/staff/exports/{run['id']}/ack"
        assert stage.staff("POST", path, {"accepted": "all"}).status == 200

    acknowledge(first)
    assert [r.state.value for r in stored(adapters).readings] == ["released", "billed"]
    acknowledge(second)
    assert [r.state.value for r in stored(adapters).readings] == ["billed", "billed"]


def test_what_cannot_be_corrected_like_this_is_refused(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    assert refused(correct(stage, version=2)) == (409, "not_released")
    release(stage, seen(stored(adapters)))
    assert refused(correct(stage)) == (409, "not_exported_yet")
    export(stage)
    assert refused(correct(stage, version=2)) == (412, "changed_meanwhile")
    assert refused(correct(stage, value="10.850")) == (409, "same_value")
    for value in ("12,5", None, True, 10**12):
        assert correct(stage, value=value).status == 422, value
    for day in ("2026-12-24", "2020-01-01"):
        assert correct(stage, read_on=day).status == 422, day
    assert stored(adapters).version == 3
    for groups in ("read", "remind"):
        path = f"/api/staff/readings/{READING}/reversal"
        body = {"reason": "Telefonat", "version": 3, "value": 10_900}
        assert stage.staff("POST", path, body, groups=groups).status == 403


def test_of_two_corrections_at_once_one_counts(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(stage, adapters)
    export(stage)
    before_the_next_write(monkeypatch, adapters, lambda: correct(stage, value=10_910))
    assert refused(correct(stage, value=10_920)) == (404, "not_found")
    assert [line["value"] for line in lines(adapters, export(stage))] == [10_850, 10_910]


def test_master_data_in_between_do_not_matter(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(stage, adapters)
    before_the_next_write(monkeypatch, adapters, lambda: change(adapters, serial="NEU"))
    assert withdraw(stage).status == 200
    assert stored(adapters).serial == "NEU"


def test_the_journal_has_both_values(stage: Stage, adapters: Adapters) -> None:
    released(stage, adapters)
    export(stage)
    assert correct(stage).status == 200
    entry = stage.staff("GET", "/api/staff/audit").json["entries"][0]
    assert (entry["action"], entry["record"]["id"]) == ("reading_corrected", f"{READING}~3")
    assert {"field": "value", "before": 10_850, "after": 10_900} in entry["changes"]
    lines_ = stage.staff("GET", "/api/staff/companies/10000/timeline").json["entries"]
    assert [one["happening"] for one in lines_][:2] == ["reversed", "released"]
