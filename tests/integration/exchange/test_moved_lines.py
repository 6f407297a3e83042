"""Lines that wait, or are in a batch, while their machine goes on from company to company, with its contract or alone: each
value is billed once, to the contract for which it was reported."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.store.portfolio import machines

from tests.integration.exchange.test_moved_contracts import (
    FIRST,
    NEW,
    SECOND,
    acknowledge,
    by_hand,
    move,
    moved,
    numbers,
    put_by_nora,
    settled,
    states,
)
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.erp_exports import CONTRACTS, MACHINES, READINGS, imported, with_cells
from tests.support.reported import export, release, seen
from tests.support.stage import Stage

HOME = {"firmennummer": "10000", "meldeansprech": "5001"}


def told(stage: Stage, day: str, first: str, second: str, *, billed: str, by: str) -> None:
    """What the ERP says of both counters of a day."""
    values = (("1", first), ("2", second))
    rows = [["200001", meter, day, one, by, "", "", billed, "", ""] for meter, one in values]
    found = imported(stage, {"zaehlerstaende.csv": [READINGS[0], *rows]})
    assert found["state"] == "done", found


def erp_bills(stage: Stage) -> None:
    told(stage, "22.11.2026", "10850", "4250", billed="J", by="CO Portal")


def later_values(stage: Stage) -> None:
    told(stage, "23.11.2026", "10900", "4300", billed="", by="Techniker")


def next_period(stage: Stage) -> None:
    """A billed value of the last one is forgotten then."""
    move(stage, nachste="28.02.2027", **HOME)


def goes_alone(stage: Stage, contract: str = "70009") -> None:
    imported(stage, {"maschinen.csv": with_cells(MACHINES, 2, vertragsnummer=contract)[:2]})


def reported_anew(stage: Stage, adapters: Adapters) -> None:
    """By the contact of the other company, for their own contract."""
    put_by_nora(stage, adapters, values={"1": 10_870, "2": 4_270}, version=moved(adapters).version)


def third(adapters: Adapters) -> None:
    box = "x@dritte.example"
    settle(
        adapters,
        a_holding(
            Company("10009", "Dritte AG"),
            contacts=[a_contact("6101", email=box, mailbox=box)],
            contracts=[a_contract("70011", reporters=("6101",))],
            machines=[a_machine("200011", contract_id="70011")],
        ),
    )


def test_a_billed_value_that_was_forgotten_before_the_move_is_not_exported(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settled(adapters)))
    erp_bills(stage)
    next_period(stage)
    later_values(stage)
    move(stage, nachste="28.02.2027")
    assert numbers(adapters, export(stage)) == []


def test_nor_is_it_where_the_machine_went_to_another_contract(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settled(adapters)))
    erp_bills(stage)
    next_period(stage)
    goes_alone(stage)
    reported_anew(stage, adapters)
    assert numbers(adapters, export(stage)) == []


@pytest.mark.parametrize("refused", [False, True])
def test_an_answer_about_the_old_customer_settles_nothing_of_the_new_one(
    stage: Stage, adapters: Adapters, refused: bool
) -> None:
    release(stage, seen(*settled(adapters)))
    first = export(stage)
    erp_bills(stage)
    next_period(stage)
    goes_alone(stage)
    reported_anew(stage, adapters)
    release(stage, seen(moved(adapters)))
    body = {"accepted": [], "refused": [{"reading_id": FIRST, "reason": "Bereits berechnet"}]}
    acknowledge(stage, first, body if refused else None)
    found = [(one.state.value, one.export_refused) for one in moved(adapters).readings]
    assert found == [("released", None)] * 2
    assert numbers(adapters, export(stage)) == [FIRST, SECOND]


@pytest.mark.parametrize("exported", [False, True])
def test_an_answer_finds_values_that_went_along_and_then_stayed(
    stage: Stage, adapters: Adapters, exported: bool
) -> None:
    third(adapters)
    release(stage, seen(*settled(adapters)))
    batch: Any = export(stage) if exported else None
    move(stage)
    goes_alone(stage, "70011")
    batch = batch or export(stage)
    refused = [{"reading_id": FIRST, "reason": "Vertrag gesperrt"}]
    acknowledge(stage, batch, {"accepted": [SECOND], "refused": refused})
    assert states(moved(adapters)) == {"1": "released", "2": "billed"}
    assert moved(adapters).readings[0].export_refused == "Vertrag gesperrt"


def test_what_is_billed_where_it_went_along_to_is_not_exported(
    stage: Stage, adapters: Adapters
) -> None:
    third(adapters)
    release(stage, seen(*settled(adapters)))
    move(stage)
    erp_bills(stage)
    later_values(stage)
    goes_alone(stage, "70011")
    assert states(moved(adapters)) == {"1": "billed", "2": "billed"}
    assert numbers(adapters, export(stage)) == []


def test_a_released_value_stays_beside_a_billed_one_of_another_contract(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settled(adapters)))
    acknowledge(stage, export(stage))
    goes_alone(stage)
    reported_anew(stage, adapters)
    release(stage, seen(moved(adapters)))
    given = {"vertragsnummer": "70009"} | HOME
    imported(stage, {"vertraege.csv": with_cells(CONTRACTS, 2, **given)[:2]})
    assert numbers(adapters, export(stage)) == [FIRST, SECOND]


def test_the_words_of_a_release_by_hand_stay(stage: Stage, adapters: Adapters) -> None:
    settled(adapters)
    assert by_hand(stage, FIRST, 2).status == 200
    move(stage)
    acknowledge(stage, export(stage))
    assert [one.release_reason for one in moved(adapters).readings] == ["", ""]
    assert "Schäfer" not in repr(list(machines.history(adapters.table, NEW, "200001")))
