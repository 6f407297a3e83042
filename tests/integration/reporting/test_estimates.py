"""Staff estimate what nobody reported: proposals first, then the chosen ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter

from tests.support.builders import a_contract, a_holding, a_machine, a_meter, settle
from tests.support.customers import (
    before_the_next_write,
    change,
    events,
    put,
    signed_in,
    stored,
)
from tests.support.exported import lines
from tests.support.reported import export, release, seen
from tests.support.stage import Answer, Stage

DUE = date(2026, 11, 20)
"""Three days before today: nobody reported in time."""


def due(number: str = "200001", **fields: Any) -> Machine:
    return a_machine(number, due_on=DUE, **fields)


def holding(*machines: Machine, **fields: Any) -> Any:
    return a_holding(
        contracts=[a_contract(next_billing_on=DUE, **fields)], machines=machines or [due()]
    )


def estimate(stage: Stage, **body: Any) -> Answer:
    return stage.staff("POST", "/api/staff/estimates", body, groups="release")


def machines(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["machines"]
    return found


def test_a_dry_run_proposes_the_last_value_and_the_usual_pages(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, holding())
    (one,) = machines(estimate(stage, dry_run=True))
    assert (one["outcome"], one["version"], one["due_on"]) == ("proposed", 1, "2026-11-20")
    bw, colour = one["estimates"]
    # 1,000 pages in 30 days, 23 days since the last reading.
    assert bw == {
        "meter_id": "1",
        "label": "S/W",
        "last": {"value": 10_000, "read_on": "2026-10-28", "estimated": False},
        "value": 10_000 + round(23 * 1_000 / 30),
        "read_on": "2026-11-20",
        "days": 23,
        "per_day": 33.33,
        "in_a_row": 1,
        "look_closer": False,
    }
    assert colour["value"] == 4_000 + 230
    assert stored(adapters).version == 1


def test_the_chosen_ones_wait_for_release_and_go_to_the_erp_as_estimates(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, holding())
    (one,) = machines(estimate(stage, versions={"200001": 1}))
    assert (one["outcome"], one["version"]) == ("estimated", 2)
    readings = stored(adapters).readings
    assert {r.channel for r in readings} == {ReadingChannel.ESTIMATE}
    assert {r.state.value for r in readings} == {"reported"}
    assert events(adapters) == ["estimated"]
    last = stored(adapters).meters[0].last
    assert last is not None
    assert last.value == 10_000, "nothing feeds on it"
    release(stage, seen(stored(adapters)))
    last = stored(adapters).meters[0].last
    assert last is not None
    assert (last.value, last.estimated) == (10_767, True)
    assert {line["channel"] for line in lines(adapters, export(stage))} == {"ESTIMATE"}


def test_a_true_value_takes_its_place_until_it_is_released(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters, holding())
    assert machines(estimate(stage, versions={"200001": 1}))[0]["outcome"] == "estimated"
    true = put(stage, values={"1": 10_800}, version=2)
    assert true.status == 200, true.text
    reading = stored(adapters).readings[-1]
    assert (reading.value, reading.channel) == (10_800, ReadingChannel.PORTAL)


def test_after_three_in_a_row_somebody_should_look(stage: Stage, adapters: Adapters) -> None:
    guessed = tuple(
        Effective(date(2026, 8, 1) + timedelta(days=30 * n), 10_000 + n, estimated=True)
        for n in range(3)
    )
    meter = a_meter(until=date(2026, 7, 28))
    meter = replace(meter, history=(*meter.history, *guessed))
    settle(adapters, holding(due(meters=(meter,))))
    (one,) = machines(estimate(stage, dry_run=True))
    (found,) = one["estimates"]
    assert (found["in_a_row"], found["look_closer"]) == (4, True)
    assert found["per_day"] == 33.33, "estimates are no basis"


def estimated(count: int) -> Meter:
    """A counter that was last read on 28.07.2026, and estimated `count` times since."""
    guessed = tuple(
        Effective(date(2026, 8, 1) + timedelta(days=30 * n), 10_000 + n, estimated=True)
        for n in range(count)
    )
    meter = a_meter(until=date(2026, 7, 28))
    return replace(meter, history=(*meter.history, *guessed))


@pytest.mark.parametrize(("before", "said"), [(1, (2, False)), (2, (3, True)), (3, (4, True))])
def test_exactly_the_third_in_a_row_is_the_first_to_look_at(
    stage: Stage, adapters: Adapters, before: int, said: tuple[int, bool]
) -> None:
    settle(adapters, holding(due(meters=(estimated(before),))))
    (one,) = machines(estimate(stage, dry_run=True))
    (found,) = one["estimates"]
    assert (found["in_a_row"], found["look_closer"]) == said
    # Stored it counts no other way.
    (stored_,) = machines(estimate(stage, versions={"200001": 1}))
    (kept,) = stored_["estimates"]
    assert (kept["in_a_row"], kept["look_closer"]) == said


def test_a_true_reading_begins_the_row_anew(stage: Stage, adapters: Adapters) -> None:
    meter = estimated(2)
    true = Effective(date(2026, 10, 28), 10_900)
    settle(adapters, holding(due(meters=(replace(meter, history=(*meter.history, true)),))))
    (one,) = machines(estimate(stage, dry_run=True))
    assert one["estimates"][0]["in_a_row"] == 1


LAST = date(2026, 10, 28)


def read(*days_and_values: tuple[int, int]) -> Meter:
    """A counter with readings, each so many days before the last one."""
    history = tuple(
        Effective(LAST - timedelta(days=days), value) for days, value in days_and_values
    )
    return replace(a_meter(last_value=None), history=history)


@pytest.mark.parametrize(
    ("readings", "per_day"),
    [
        # 9,000 pages in ten days end 359 days before the last reading: they count.
        pytest.param(((369, 0), (359, 9_000), (0, 10_000)), 10_000 / 369, id="359 days before"),
        pytest.param(((370, 0), (360, 9_000), (0, 10_000)), 1_000 / 360, id="360 days before"),
        pytest.param(((800, 0), (500, 9_000), (0, 10_000)), 1_000 / 500, id="read once a year"),
    ],
)
def test_usage_that_ended_360_days_before_the_last_reading_is_no_basis(
    stage: Stage, adapters: Adapters, readings: tuple[tuple[int, int], ...], per_day: float
) -> None:
    settle(adapters, holding(due(meters=(read(*readings),))))
    (one,) = machines(estimate(stage, dry_run=True))
    (found,) = one["estimates"]
    assert found["per_day"] == round(per_day, 2)
    assert found["value"] == 10_000 + round(per_day * 23)


def nothing_known(**fields: Any) -> Meter:
    return a_meter(last_value=None, **fields)


def test_what_has_nothing_to_go_by_is_told(stage: Stage, adapters: Adapters) -> None:
    once = (Effective(date(2026, 10, 28), 500),)
    settle(
        adapters,
        holding(
            due(meters=(nothing_known(),)),
            due("200002", meters=(replace(nothing_known(volume=3_650), history=once),)),
            due("200003", meters=(a_meter(), nothing_known(number="2"))),
        ),
    )
    none, volume, partly = machines(estimate(stage, dry_run=True))
    assert (none["outcome"], none["without"]) == ("no_basis", ["1"])
    assert volume["estimates"][0]["value"] == 500 + 230
    assert (partly["outcome"], partly["without"]) == ("proposed", ["2"])


def test_what_is_not_missing_is_not_estimated(stage: Stage, adapters: Adapters) -> None:
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(next_billing_on=DUE), a_contract("70002")],
            machines=[
                due(),
                a_machine("200002", contract_id="70002"),
                due("200003", active=False),
                due("200004"),
            ],
        ),
    )
    entered = stage.staff(
        "PUT",
        "/api/staff/machines/200004/readings",
        {"values": {"1": 10_700, "2": 4_200}, "version": 1, "channel": "PHONE"},
    )
    assert entered.status == 200, entered.text
    assert [one["machine_id"] for one in machines(estimate(stage, dry_run=True))] == ["200001"]
    versions = {"200001": 9, "200002": 1, "200003": 1, "200004": 2, "200099": 1}
    outcomes = {
        one["machine_id"]: one["outcome"] for one in machines(estimate(stage, versions=versions))
    }
    assert outcomes == {
        "200001": "changed_meanwhile",
        "200002": "nothing_missing",
        "200003": "nothing_missing",
        "200004": "nothing_missing",
        "200099": "unknown_machine",
    }


def test_a_billing_date_that_a_reading_has_overtaken_is_told_and_estimates_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    later = tuple(a_meter(one, until=DUE) for one in ("1", "2"))
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(next_billing_on=DUE)],
            machines=[due(), due("200002", meters=later)],
        ),
    )
    listed = {one["machine_id"]: one["outcome"] for one in machines(estimate(stage, dry_run=True))}
    assert listed == {"200001": "proposed", "200002": "already_read"}
    (told,) = machines(estimate(stage, versions={"200002": 1}))
    assert (told["outcome"], told["estimates"]) == ("already_read", [])


@pytest.mark.parametrize("channel", [ReadingChannel.PHONE, ReadingChannel.LETTER])
def test_other_channels_are_estimated_too(
    stage: Stage, adapters: Adapters, channel: ReadingChannel
) -> None:
    settle(adapters, holding(reading_channel=channel))
    assert machines(estimate(stage, dry_run=True))[0]["outcome"] == "proposed"


def test_proposals_come_by_the_page(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, holding(*[due(str(200_001 + n)) for n in range(7)]))
    monkeypatch.setattr("staff_api.estimates.MOST", 3)
    for looked_at in (2_000, 2):
        monkeypatch.setattr("meterportal.usecases.reporting.estimate_missing.LOOKED_AT", looked_at)
        found: list[str] = []
        cursor = None
        while True:
            answer = estimate(stage, dry_run=True, cursor=cursor)
            found += [one["machine_id"] for one in machines(answer)]
            cursor = answer.json["next_cursor"]
            if cursor is None:
                break
        assert found == [str(200_001 + n) for n in range(7)]


def test_who_writes_in_between_wins(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters, holding())
    before_the_next_write(
        monkeypatch, adapters, lambda: put(stage, values={"1": 10_800}, version=1)
    )
    (one,) = machines(estimate(stage, versions={"200001": 1}))
    assert one["outcome"] == "changed_meanwhile"
    assert [r.value for r in stored(adapters).readings] == [10_800]
    assert stage.staff("GET", "/api/staff/audit").json["entries"] == []


def test_the_same_request_again_tells_the_same(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, holding())
    first = estimate(stage, versions={"200001": 1})
    again = estimate(stage, versions={"200001": 1})
    assert again.json == first.json
    assert events(adapters) == ["estimated"]
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert entry["action"] == "readings_estimated"
    assert {"field": "meter 1", "before": None, "after": 10_767} in entry["changes"]


def test_bad_requests_and_rights(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, holding())
    change(adapters, serial="NEU")
    assert (estimate(stage).status, estimate(stage).json["field"]) == (422, "versions")
    assert estimate(stage, versions={}).status == 422
    assert estimate(stage, versions={str(n): 1 for n in range(201)}).status == 422
    assert estimate(stage, dry_run=True, cursor="AAAA").status == 400
    for groups in ("read", "remind"):
        told = stage.staff("POST", "/api/staff/estimates", {"dry_run": True}, groups=groups)
        assert told.status == 403
