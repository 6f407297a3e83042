"""A whole list of the console as a selection: its filter says at the server what it says in the list."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company, ReadingChannel
from meterportal.domain.portfolio.work_states import WorkState, work_state
from meterportal.domain.reporting.readings import ReadingState
from meterportal.usecases.portfolio import check_readiness

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.reported import a_confirmed_reading, a_reading, a_reported_machine
from tests.support.requesting import ask
from tests.support.stage import Stage

LATER = DUE + timedelta(days=60)


def _portfolio(adapters: Adapters) -> None:
    """Five contracts of two companies: one a state or channel."""
    settle(
        adapters,
        a_holding(
            contracts=[
                a_contract("70001"),
                a_contract("70002", name="Wartung Größe L", reading_channel=ReadingChannel.PHONE),
                a_contract("70003", ends_on=date(2026, 11, 1)),
            ],
            machines=[
                a_machine("200001"),
                a_reported_machine("200002", contract_id="70002"),
                a_machine("200003", contract_id="70003"),
            ],
        ),
    )
    other = Company("10014", "Klinikum Jürgens AG", city="Göttingen")
    settle(
        adapters,
        a_holding(
            other,
            contacts=[a_contact("5014", email="j@klinikum.example")],
            contracts=[
                a_contract("71401", reporters=("5014",), next_billing_on=LATER),
                a_contract("71402", reporters=("5014",), reading_channel=ReadingChannel.MPS),
            ],
            machines=[
                a_machine("214001", contract_id="71401", due_on=LATER),
                a_reported_machine("214002", a_confirmed_reading(), contract_id="71402"),
            ],
        ),
    )


def _checked(stage: Stage, selection: dict[str, Any]) -> set[str]:
    body = {"selection": selection, "dry_run": True}
    answer = stage.staff("POST", "/api/staff/readiness", body)
    assert answer.status == 200, answer.text
    return {*answer.json["ready"], *(one["contract_id"] for one in answer.json["not_ready"])}


@pytest.mark.parametrize(
    ("chosen", "meant"),
    [
        ({}, "70001 70002 70003 71401 71402"),
        ({"running_on": "2026-11-23"}, "70001 70002 71401 71402"),
        ({"running_on": "2026-11-01"}, "70001 70002 70003 71401 71402"),
        ({"reading_channels": ["PHONE", "MPS"]}, "70002 71402"),
        ({"due_before": DUE.isoformat(), "running_on": "2026-11-23"}, "70001 70002 71402"),
        ({"words": "jür"}, "71401 71402"),
        ({"words": "JUERGENS 71401"}, "71401"),
        ({"words": "gottingen"}, ""),
        ({"words": "goettingen"}, "71401 71402"),
        ({"words": "groesse muster"}, "70002"),
        ({"states": ["complete"]}, "70002"),
        ({"states": ["conspicuous", "complete"]}, "70002 71402"),
        ({"states": ["unasked"], "words": "klinikum"}, "71401"),
        ({"states": ["billed"]}, ""),
        ({"asked": False, "company_id": "10014"}, "71401 71402"),
        ({"asked": True}, ""),
    ],
)
def test_a_condition_of_the_list_chooses_the_same_contracts_here(
    stage: Stage, adapters: Adapters, chosen: dict[str, Any], meant: str
) -> None:
    _portfolio(adapters)
    assert _checked(stage, {"filter": chosen}) == set(meant.split())


def test_what_was_taken_out_is_not_meant(stage: Stage, adapters: Adapters) -> None:
    _portfolio(adapters)
    taken_out = {"filter": {"words": "klinikum"}, "except": ["71402"]}
    assert _checked(stage, taken_out) == {"71401"}


def test_who_was_asked_is_known_by_the_period(stage: Stage, adapters: Adapters) -> None:
    _portfolio(adapters)
    ask(stage, {"ids": ["70001"]})
    assert _checked(stage, {"filter": {"asked": True}}) == {"70001"}
    assert _checked(stage, {"filter": {"states": ["asked"]}}) == {"70001"}
    assert "70001" not in _checked(stage, {"filter": {"asked": False}})


def test_a_round_means_all_of_a_whole_list_due_or_not(stage: Stage, adapters: Adapters) -> None:
    _portfolio(adapters)
    chosen = {"filter": {"words": "klinikum", "reading_channels": ["PORTAL"]}}
    due = ask(stage, chosen, dry_run=True)
    assert (due["planned"], due["not_due"]) == (0, 1)
    whole = ask(stage, chosen, dry_run=True, due_or_not=True)
    assert [mail["contract_ids"] for mail in whole["mails"]] == [["71401"]]
    assert whole["not_due"] == 0
    by_number = ask(stage, {"ids": ["71401"]}, dry_run=True)
    assert by_number["mails"][0]["contract_ids"] == whole["mails"][0]["contract_ids"]


@pytest.mark.parametrize("chosen", [{"words": "nobody"}, {"states": ["billed"]}])
def test_a_filter_that_passes_over_much_to_find_little_goes_through_the_queue(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any]
) -> None:
    _portfolio(adapters)
    monkeypatch.setattr(check_readiness, "LOOKED_AT", 3)
    body = {"selection": {"filter": chosen}, "dry_run": True}
    answer = stage.staff("POST", "/api/staff/readiness", body)
    assert answer.status == 202, answer.text
    stage.drain()
    done = stage.staff("GET", f"/api/staff/readiness/{answer.json['id']}").json
    assert (done["state"], done["ready"], done["not_ready"]) == ("done", [], [])


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"states": ["opened"]}, "selection.filter.states.0"),
        ({"states": []}, "selection.filter.states"),
        ({"reading_channels": ["TELEX"]}, "selection.filter.reading_channels.0"),
        ({"words": "x" * 201}, "selection.filter.words"),
        ({"words": " \u0301\t"}, "selection.filter.words"),
        ({"running_on": "soon"}, "selection.filter.running_on"),
    ],
)
def test_conditions_that_there_are_not_are_refused_by_name(
    stage: Stage, chosen: dict[str, Any], field: str
) -> None:
    answer = stage.staff("POST", "/api/staff/readiness", {"selection": {"filter": chosen}})
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_release_knows_none_of_them(stage: Stage) -> None:
    body = {"selection": {"filter": {"words": "jür"}}, "dry_run": True}
    assert stage.staff("POST", "/api/staff/releases", body).status == 422


def test_states_go_by_the_order_of_work() -> None:
    contract = a_contract()
    reported = a_reported_machine()
    released = a_reported_machine(
        "2", *(a_reading(n, state=ReadingState.RELEASED) for n in ("1", "2"))
    )
    billed = a_reported_machine("3", *(a_reading(n, state=ReadingState.BILLED) for n in ("1", "2")))
    asked = replace(contract, asked_for=DUE, asked={"5001": "round"})
    for machines, wanted in (
        ([], WorkState.IDLE),
        ([a_machine()], WorkState.UNASKED),
        ([reported, a_machine("4")], WorkState.PARTLY),
        ([reported], WorkState.COMPLETE),
        ([reported, released], WorkState.COMPLETE),
        ([released], WorkState.RELEASED),
        ([released, billed], WorkState.RELEASED),
        ([billed], WorkState.BILLED),
        ([billed, a_reported_machine("5", a_confirmed_reading())], WorkState.CONSPICUOUS),
    ):
        assert work_state(contract, machines) is wanted
    assert work_state(asked, [a_machine()]) is WorkState.ASKED


def test_a_filter_is_spelled_alike_in_every_process() -> None:
    """A request sent again is known by it, and the order of a set differs between processes."""
    made = (
        "from meterportal.domain.portfolio.selections import Filter, Selection as S\n"
        "from meterportal.domain.portfolio.contracts import ReadingChannel as C\n"
        "from meterportal.domain.portfolio.work_states import WorkState as W\n"
        "print(S(filter=Filter(states=frozenset(W), reading_channels=frozenset(C))).spelled())"
    )
    spelled = {
        subprocess.run(
            [sys.executable, "-c", made],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(spelled) == 1
    assert WorkState.IDLE.value in spelled.pop()
