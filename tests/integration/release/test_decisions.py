"""Staff decide about values that wait: accept, take the suggestion, estimate, defer, and take it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.adapters import adapters as adapters_of
from meterportal.domain.access.journal import StaffMember
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import Verdict
from meterportal.settings import settings

from tests.support.builders import a_holding
from tests.support.customers import before_the_next_write, change, events, put, signed_in, stored
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    codes,
    release,
    seen,
    settle_reported,
)
from tests.support.stage import ANNA, Answer, Stage

READING = "200001.1.2026-11-28"
PATH = f"/api/staff/readings/{READING}"
BERND = StaffMember("staff-2", "Bernd Otto")
HIGH: dict[str, Any] = {"value": 90_000, "findings": ["usage_too_high"]}


def unusual(adapters: Adapters) -> Machine:
    """One value that the customer confirmed, beside a plausible one."""
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    return settle_reported(adapters, [machine])[0]


def decide(stage: Stage, decision: str, *, by: StaffMember = ANNA, **more: Any) -> Answer:
    body = {"decision": decision, "version": 2} | more
    return stage.staff("POST", f"{PATH}/decision", body, groups="release", by=by)


def undo(stage: Stage, version: int, *, by: StaffMember = ANNA) -> Answer:
    return stage.staff("POST", f"{PATH}/undo", {"version": version}, groups="release", by=by)


def bucket(stage: Stage, name: str) -> list[dict[str, Any]]:
    answer = stage.staff("GET", f"/api/staff/readings?bucket={name}", groups="read")
    assert answer.status == 200, answer.text
    return [one for machine in answer.json["machines"] for one in machine["readings"]]


def journal(stage: Stage) -> list[str]:
    return [row["action"] for row in stage.staff("GET", "/api/staff/audit").json["entries"]]


def test_the_next_run_releases_what_was_accepted(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert [one["id"] for one in bucket(stage, "implausible")] == [READING]
    done = decide(stage, "accepted", **HIGH, note="Mit Frau Schäfer telefoniert")

    assert done.status == 200, done.text
    assert (done.json["value"], done.json["version"]) == (90_000, 3)
    assert done.json["decision"]["decision"] == "accepted"
    assert bucket(stage, "implausible") == []
    (listed,) = bucket(stage, "decided")
    assert listed["decision"]["by"] == {"id": ANNA.id, "name": ANNA.name}
    assert listed["decision"]["note"] == "Mit Frau Schäfer telefoniert"
    assert (journal(stage)[0], events(adapters)) == ("reading_accepted", ["accepted"])

    run = release(stage, seen(stored(adapters)))
    assert codes(run) == {("200001", "1"): None, ("200001", "2"): None}
    released = stored(adapters)
    assert [one.state.value for one in released.readings] == ["released"] * 2
    meter = released.meter("1")
    assert meter is not None
    assert meter.last is not None
    assert (meter.last.value, meter.last.confirmed) == (90_000, True)


def test_a_dry_run_says_the_same_of_an_accepted_value(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert decide(stage, "accepted", **HIGH).status == 200
    run = release(stage, {"filter": {}}, dry_run=True)
    assert (run["releasable"], run["refused"]) == (2, 0)


def test_another_value_is_not_accepted_with_the_first(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(machines=[]))
    settle_reported(adapters, [a_reported_machine("200001", a_confirmed_reading())])
    assert decide(stage, "accepted", **HIGH).status == 200
    corrected = put(stage, version=3, values={"1": "80000"}, confirm={"1": "Doch weniger"})
    assert corrected.status == 200, corrected.text

    assert [one["value"] for one in bucket(stage, "implausible")] == [80_000]
    run = release(stage, seen(stored(adapters)))
    assert codes(run) == {("200001", "1"): "confirmed_by_customer"}


def test_other_doubts_than_those_accepted_stop_the_run(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert decide(stage, "accepted", **HIGH).status == 200
    machine = stored(adapters)
    meter = machine.meters[0]
    # An import has brought a higher value meanwhile.
    higher = meter.history[-1]._replace(value=95_000, read_on=date(2026, 11, 20))
    known = replace(meter, history=(*meter.history, higher))
    change(adapters, meters=(known, *machine.meters[1:]))

    run = release(stage, seen(stored(adapters)))
    assert codes(run)["200001", "1"] == "confirmed_by_customer"
    (listed,) = bucket(stage, "implausible")
    assert (listed["decision"], listed["refused"]) == (None, "confirmed_by_customer")


def test_a_doubt_that_was_not_seen_is_shown_before_it_is_accepted(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    first = decide(stage, "accepted", value=90_000)
    assert (first.status, first.json["code"]) == (409, "findings_differ")
    assert [one["code"] for one in first.json["findings"]] == ["usage_too_high"]
    assert decide(stage, "accepted", **HIGH).status == 200


def test_only_what_was_seen_can_be_decided(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)

    def refused(decision: str, **more: Any) -> tuple[int, str]:
        answer = decide(stage, decision, **more)
        return answer.status, answer.json["code"]

    assert refused("accepted", **HIGH, version=1) == (412, "changed_meanwhile")
    assert refused("accepted", **HIGH | {"value": 89_999}) == (412, "changed_meanwhile")
    assert refused("accepted") == (422, "invalid")
    assert refused("taken") == (422, "invalid")
    assert refused("taken", value=90_000)[0] == 409
    assert refused("deferred") == (422, "invalid")
    for day in ("2026-11-23", "2027-11-30"):
        assert refused("deferred", until=day) == (422, "invalid"), day
    assert refused("deferred", until="2026-11-30", note="x" * 501)[0] == 422
    assert refused("thrown_away")[0] == 422
    assert (undo(stage, 2).status, undo(stage, 2).json["code"]) == (409, "nothing_decided")
    for number in ("200001.9.2026-11-28", "200009.1.2026-11-28", "200001.1.2026-11-28~3"):
        body = {"decision": "accepted", "version": 2, **HIGH}
        answer = stage.staff("POST", f"/api/staff/readings/{number}/decision", body)
        assert answer.status == 404, number
    assert (stored(adapters).version, events(adapters)) == (2, [])


def test_who_may_not_release_decides_nothing(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    for groups in ("read", "remind"):
        for path in ("decision", "undo"):
            body = {"version": 2} | ({"decision": "accepted", **HIGH} if path != "undo" else {})
            assert stage.staff("POST", f"{PATH}/{path}", body, groups=groups).status == 403


@pytest.mark.parametrize(
    "made",
    [
        {"decision": "accepted", **HIGH},
        {"decision": "taken", "value": 10_900},
        {"decision": "estimated"},
        {"decision": "deferred", "until": "2026-11-30"},
    ],
)
def test_the_last_decision_is_taken_back(
    stage: Stage, adapters: Adapters, made: dict[str, Any]
) -> None:
    before = unusual(adapters).reading("1")
    body = {"version": 2} | made
    assert stage.staff("POST", f"{PATH}/decision", body).status == 200
    assert bucket(stage, "implausible") == []
    back = undo(stage, 3)

    assert back.status == 200, back.text
    assert (back.json["value"], back.json["version"]) == (90_000, 4)
    assert stored(adapters).reading("1") == before
    assert [one["id"] for one in bucket(stage, "implausible")] == [READING]
    assert (events(adapters)[-1], journal(stage)[0]) == ("undone", "decision_undone")


def test_what_is_released_is_not_taken_back(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    decide(stage, "accepted", **HIGH)
    release(stage, seen(stored(adapters)))
    answer = undo(stage, stored(adapters).version)
    assert (answer.status, answer.json["code"]) == (409, "already_released")


def test_a_suggestion_takes_the_place_of_the_value(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    done = decide(stage, "taken", value="10.900")
    assert (done.status, done.json["value"], done.json["decision"]["before"]) == (
        200,
        10_900,
        90_000,
    )
    reading = stored(adapters).reading("1")
    assert reading is not None
    assert (reading.value, reading.channel, reading.reported_by) == (
        10_900,
        ReadingChannel.PORTAL,
        ANNA.id,
    )
    assert codes(release(stage, seen(stored(adapters)))) == {
        ("200001", "1"): None,
        ("200001", "2"): None,
    }


def test_swapped_counters_change_places_together(stage: Stage, adapters: Adapters) -> None:
    meant = {"1": 10_850, "2": 4_250}
    swapped = Finding("1", "meters_swapped", Severity.WARN, {}, meant)
    given: dict[str, Any] = {
        "verdict": Verdict.CONFIRMED,
        "reason": "Ist so",
        "findings": (swapped,),
    }
    before = a_reported_machine(
        "200001", a_reading("1", 4_250, **given), a_reading("2", 10_850, **given)
    )
    settle_reported(adapters, [before])
    done = decide(stage, "taken", value=10_850)
    assert done.status == 200, done.text
    assert {one.meter_id: one.value for one in stored(adapters).readings} == meant
    assert bucket(stage, "implausible") == []
    assert decide(stage, "deferred", until="2026-11-30", version=3).status == 200
    # Taken back from either of them, both are as they were, whatever was decided in between.
    other = "/api/staff/readings/200001.2.2026-11-28/undo"
    assert stage.staff("POST", other, {"version": 4}).status == 200
    found = {one.meter_id: one for one in stored(adapters).readings}
    assert found == {one.meter_id: one for one in before.readings}


def test_a_suggestion_that_is_in_doubt_itself_is_not_taken(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    answer = decide(stage, "taken", value=70_000)
    assert (answer.status, answer.json["code"]) == (409, "needs_confirmation")


def test_an_estimate_takes_the_place_of_the_value(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    done = decide(stage, "estimated")
    # 1,000 pages in 30 days, 25 days since the last reading.
    assert (done.status, done.json["value"], done.json["read_on"]) == (200, 10_833, "2026-11-22")
    reading = stored(adapters).reading("1")
    assert reading is not None
    assert (reading.channel, reading.reason) == (ReadingChannel.ESTIMATE, "")
    assert events(adapters) == ["estimated"]


@pytest.mark.parametrize(
    "first", [{"value": 10_900, "decision": "taken"}, {"decision": "estimated"}]
)
@pytest.mark.parametrize(
    "then",
    [
        {"decision": "deferred", "until": "2026-11-30"},
        {"decision": "accepted"},
        {"decision": "estimated"},
        {"decision": "taken", "value": 10_950},
    ],
)
def test_after_two_decisions_the_customer_s_own_value_comes_back(
    stage: Stage, adapters: Adapters, first: dict[str, Any], then: dict[str, Any]
) -> None:
    own = unusual(adapters).reading("1")
    done = decide(stage, **first)
    assert done.status == 200, done.text
    again = decide(stage, **{"value": done.json["value"]} | then, version=3)
    assert again.status == 200, again.text
    assert again.json["decision"]["before"] == 90_000
    assert undo(stage, 4).json["value"] == 90_000
    assert stored(adapters).reading("1") == own


def test_a_run_that_refuses_a_taken_value_leaves_the_way_back(
    stage: Stage, adapters: Adapters
) -> None:
    own = unusual(adapters).reading("1")
    assert decide(stage, "taken", value="10.900").status == 200
    assert decide(stage, "accepted", value="10.900", version=3).status == 200
    machine = stored(adapters)
    meter = machine.meters[0]
    higher = meter.history[-1]._replace(value=95_000, read_on=date(2026, 11, 20))
    change(
        adapters,
        meters=(replace(meter, history=(*meter.history, higher)), *machine.meters[1:]),
    )
    run = release(stage, seen(stored(adapters)))
    assert codes(run)["200001", "1"] == "implausible_now"
    (listed,) = bucket(stage, "implausible")
    assert (listed["value"], listed["decision"]["decision"]) == (10_900, "taken")
    undone = undo(stage, stored(adapters).version)
    assert undone.status == 200, undone.text
    assert stored(adapters).reading("1") == own


def test_without_a_history_there_is_no_estimate(stage: Stage, adapters: Adapters) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading())
    bare = replace(machine, meters=(replace(machine.meters[0], history=()),))
    settle_reported(adapters, [bare])
    answer = decide(stage, "estimated")
    assert (answer.status, answer.json["code"]) == (409, "no_basis")


def test_a_deferred_value_comes_back_on_its_day(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    unusual(adapters)
    done = decide(stage, "deferred", until="2026-11-30", note="  Technikerin fährt\u00a0hin ")
    assert done.json["decision"]["until"] == "2026-11-30"
    assert done.json["decision"]["note"] == "Technikerin fährt hin"
    assert bucket(stage, "implausible") == []
    assert codes(release(stage, seen(stored(adapters))))["200001", "1"] == "deferred"
    assert len(bucket(stage, "decided")) == 1

    monkeypatch.setenv("TODAY", "2026-11-30")
    settings.cache_clear()
    adapters_of.cache_clear()
    assert [one["id"] for one in bucket(stage, "implausible")] == [READING]


def test_what_is_sent_again_is_decided_once(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    headers = {"idempotency-key": "one-decision"}
    body = {"decision": "accepted", "version": 2, **HIGH}
    first, again = (
        stage.staff("POST", f"{PATH}/decision", body, headers=headers) for _ in range(2)
    )
    assert (first.status, first.json) == (200, again.json)
    assert events(adapters) == ["accepted"]


def test_a_correction_in_between_wins(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters, a_holding(machines=[]))
    settle_reported(adapters, [a_reported_machine("200001", a_confirmed_reading())])
    before_the_next_write(
        monkeypatch,
        adapters,
        lambda: put(stage, version=2, values={"1": "80000"}, confirm={"1": "Doch weniger"}),
    )
    answer = decide(stage, "accepted", **HIGH)
    assert (answer.status, answer.json["code"]) == (412, "changed_meanwhile")
    reading = stored(adapters).reading("1")
    assert reading is not None
    assert (reading.value, reading.decision) == (80_000, None)


def limit(stage: Stage, **body: Any) -> Answer:
    return stage.staff("PUT", "/api/staff/release-limits", {"version": 0} | body)


def test_above_the_limit_it_takes_two_people(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert limit(stage, pages=50_000).status == 200
    first = decide(stage, "accepted", **HIGH)
    assert first.json["decision"]["waits_for_second"]
    assert [one["id"] for one in bucket(stage, "implausible")] == [READING]
    run = release(stage, seen(stored(adapters)))
    assert codes(run)["200001", "1"] == "second_person_missing"

    version = stored(adapters).version
    again = decide(stage, "accepted", **HIGH, version=version)
    assert (again.status, again.json["code"]) == (409, "same_person")
    alone = stage.staff("POST", f"{PATH}/release", {"reason": "Es eilt", "version": version})
    assert (alone.status, alone.json["code"]) == (409, "same_person")

    second = decide(stage, "accepted", **HIGH, version=version, by=BERND)
    assert second.status == 200, second.text
    assert not second.json["decision"]["waits_for_second"]
    assert bucket(stage, "implausible") == []
    run = release(stage, seen(stored(adapters)))
    assert codes(run)["200001", "1"] is None


def test_times_the_expected_pages_are_a_limit_too(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert limit(stage, times=10).status == 200
    alone = stage.staff("POST", f"{PATH}/release", {"reason": "Es eilt", "version": 2})
    assert (alone.status, alone.json["code"]) == (409, "second_person_missing")
    assert decide(stage, "accepted", **HIGH).json["decision"]["waits_for_second"]
    released = stage.staff("POST", f"{PATH}/release", {"reason": "Geprüft", "version": 3}, by=BERND)
    assert released.status == 200, released.text


def test_below_the_limit_one_person_is_enough(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    assert limit(stage, pages=80_000, times=1000).status == 200
    assert not decide(stage, "accepted", **HIGH).json["decision"]["waits_for_second"]
    again = decide(stage, "accepted", **HIGH, version=3, by=BERND)
    assert (again.status, again.json["code"]) == (409, "already_accepted")


def test_the_limit_is_set_by_administrators_and_stands_in_the_journal(stage: Stage) -> None:
    path = "/api/staff/release-limits"
    none = {"pages": None, "times": None, "version": 0}
    assert stage.staff("GET", path, groups="read").json == none
    assert stage.staff("PUT", path, none, groups="release").status == 403
    for wrong in ({"pages": 0}, {"pages": -1}, {"times": 1001}, {"pages": "10"}, {"times": 1.5}):
        assert limit(stage, **wrong).status == 422, wrong
    assert limit(stage, pages=20_000, times=5).json == {"pages": 20_000, "times": 5, "version": 1}
    assert limit(stage, pages=1).status == 412
    assert limit(stage, pages=None, version=1).json == {"pages": None, "times": None, "version": 2}
    assert journal(stage) == ["release_limits_changed"] * 2
