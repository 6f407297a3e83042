"""What a release run is started for: numbers with versions, filters with their dry run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, ReadingChannel
from meterportal.domain.reporting.readings import ReadingState

from tests.support.builders import DUE, a_contract, a_holding, settle, settle_machine
from tests.support.reported import (
    a_reading,
    a_reported_machine,
    codes,
    release,
    settle_reported,
    start_release,
)
from tests.support.stage import Stage


def test_every_number_needs_the_version_that_was_seen(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    refused = start_release(stage, {"ids": ["200001", "200002"], "versions": {"200001": 2}})

    assert refused.status == 422
    assert (refused.json["code"], refused.json["ids"]) == ("version_missing", ["200002"])
    assert refused.json["field"] == "selection.versions"
    assert codes(release(stage, {"ids": ["200001"]}, dry_run=True))[("200001", "1")] is None


def test_versions_may_come_from_a_dry_run(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    dry = release(stage, {"filter": {}}, dry_run=True)
    run = release(stage, {"ids": ["200002"], "snapshot": dry["id"]})

    assert set(codes(run)) == {("200002", "1"), ("200002", "2")}
    assert run["released"] == 2


def test_a_machine_unknown_to_the_dry_run_is_not_released_unseen(
    stage: Stage, adapters: Adapters
) -> None:
    settle_reported(adapters)
    dry = release(stage, {"ids": ["200009"]}, dry_run=True)
    settle_machine(adapters, a_reported_machine("200009"))

    run = release(stage, {"filter": {}, "snapshot": dry["id"]})
    assert set(codes(run).values()) == {"changed_meanwhile"}


def test_a_run_by_filter_needs_its_dry_run(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters)
    dry = release(stage, {"filter": {"company_id": "10000"}}, dry_run=True)
    real = release(stage, {"filter": {"company_id": "10000"}, "snapshot": dry["id"]})

    def refusal(**selection: Any) -> tuple[int, str]:
        answer = start_release(stage, {"filter": {}, **selection})
        return answer.status, answer.json["code"]

    assert refusal() == (422, "snapshot_missing")
    assert refusal(snapshot="nothing") == (422, "snapshot_unknown")
    assert refusal(snapshot=real["id"]) == (422, "snapshot_unknown")
    assert refusal(filter={"company_id": "10007"}, snapshot=dry["id"]) == (422, "snapshot_differs")
    waiting = start_release(stage, {"filter": {}}, dry_run=True).json["id"]
    assert refusal(snapshot=waiting) == (409, "snapshot_running")


def test_exceptions_are_left_out(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [a_reported_machine(), a_reported_machine("200002")])
    dry = release(stage, {"filter": {}}, dry_run=True)
    run = release(stage, {"filter": {}, "snapshot": dry["id"], "except": ["200001"]})

    assert {machine_id for machine_id, _ in codes(run)} == {"200002"}


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"200001", "200002", "200003", "300001"}),
    ({"company_id": "10000"}, {"200001", "200002", "200003"}),
    ({"company_id": "99999"}, set()),
    ({"contract_id": "70002"}, {"200002", "200003"}),
    ({"contract_id": "70002", "company_id": "10007"}, set()),
    ({"contract_id": "79999"}, set()),
    ({"reading_channel": "MPS"}, {"200002", "200003"}),
    ({"company_id": "10007", "reading_channel": "MPS"}, set()),
    ({"due_before": "2026-11-28"}, {"200001", "200002", "300001"}),
    ({"due_before": "2026-11-27"}, set()),
    ({"company_id": "10000", "due_before": "2026-11-28"}, {"200001", "200002"}),
    ({"state": "reported", "contract_id": "70001"}, {"200001"}),
    ({"state": "open"}, set()),
]


def test_a_filter_means_what_it_says(stage: Stage, adapters: Adapters) -> None:
    later = DUE + timedelta(days=30)
    reading = a_reading("1", due_on=later)
    settle(
        adapters,
        a_holding(
            contracts=[a_contract(), a_contract("70002", reading_channel=ReadingChannel.MPS)],
            machines=[
                a_reported_machine(),
                a_reported_machine("200002", contract_id="70002"),
                a_reported_machine("200003", reading, contract_id="70002", due_on=later),
                a_reported_machine("200004", a_reading("1", state=ReadingState.RELEASED)),
            ],
        ),
    )
    settle(
        adapters,
        a_holding(
            Company("10007", "Klinikum"),
            contracts=[a_contract("70009")],
            machines=[a_reported_machine("300001", contract_id="70009")],
        ),
    )
    for chosen, found in FILTERS:
        run = release(stage, {"filter": chosen}, dry_run=True)
        assert {machine_id for machine_id, _ in codes(run)} == found, chosen
        assert run["state"] == "done"
