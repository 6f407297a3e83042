"""A contract that the ERP moves to another company while values of its machines are on their way: each is
billed once, wherever it stood at that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.exchange import exports
from meterportal.store.portfolio import machines

from tests.support.builders import a_contact, a_contract, a_holding, a_link, a_machine, settle
from tests.support.customers import change, events, open_by, stored
from tests.support.erp_exports import CONTRACTS, MACHINES, READINGS, imported, with_cells
from tests.support.exported import lines
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    export,
    release,
    seen,
    settle_reported,
)
from tests.support.stage import Answer, Stage

FIRST, SECOND = "200001.1.2026-11-28", "200001.2.2026-11-28"
NEW = "10007"
NORA = "nora@abakus.example"
GROUPS = "release"


def settled(adapters: Adapters, *devices: Machine) -> list[Machine]:
    """The builders' company with reported machines, and the one to which its contract will go."""
    settle(
        adapters,
        a_holding(
            Company(NEW, "Abakus AG"),
            contacts=[a_contact("6001", first_name="Nora", email=NORA, mailbox=NORA)],
            contracts=[a_contract("70009", reporters=("6001",))],
            machines=[a_machine("200009", contract_id="70009")],
        ),
    )
    return settle_reported(adapters, devices or None)


def move(stage: Stage, **cells: str) -> None:
    """The ERP's export in which the contract is the other company's."""
    given = {"firmennummer": NEW, "meldeansprech": "6001"} | cells
    found = imported(stage, {"vertraege.csv": with_cells(CONTRACTS, 2, **given)[:2]})
    assert found["state"] == "done", found


def moved(adapters: Adapters) -> Machine:
    return stored(adapters, company_id=NEW)


def states(machine: Machine) -> dict[str, str]:
    return {one.meter_id: one.state.value for one in machine.readings}


def by_hand(stage: Stage, number: str, version: int) -> Answer:
    body = {"reason": "Mit Frau Schäfer besprochen", "version": version}
    return stage.staff("POST", f"/api/staff/readings/{number}/release", body, groups=GROUPS)


def take_back(stage: Stage, what: str, version: int, **fields: Any) -> Answer:
    body = {"reason": "Verlesen, laut Frau Schäfer", "version": version} | fields
    return stage.staff("POST", f"/api/staff/readings/{FIRST}/{what}", body, groups=GROUPS)


def acknowledge(stage: Stage, run: Any, body: dict[str, Any] | None = None) -> Any:
    path = f"/api/staff/exports/{run['id']}/ack"
    answer = stage.staff("POST", path, body or {"accepted": "all"}, groups=GROUPS)
    assert answer.status == 200, answer.text
    return answer.json["acknowledged"]


def put_by_nora(stage: Stage, adapters: Adapters, **body: Any) -> Answer:
    opened = open_by(stage, a_link(adapters, mailbox=NORA, company_id=NEW))
    assert opened.status == 201, opened.text
    return stage.customer("PUT", "/api/machines/200001/readings", body)


def numbers(adapters: Adapters, run: Any) -> list[str]:
    return sorted(line["reading_id"] for line in lines(adapters, run))


def test_without_values_the_machine_begins_with_its_last_ones(
    stage: Stage, adapters: Adapters
) -> None:
    settled(adapters, a_machine())
    move(stage)
    here, left = moved(adapters), stored(adapters)
    assert (here.readings, here.state, here.active) == ((), "open", True)
    assert (left.active, left.state) == (False, "open")


def test_what_is_reported_goes_along_and_is_released_and_billed_once(
    stage: Stage, adapters: Adapters
) -> None:
    settled(adapters)
    move(stage)
    here, left = moved(adapters), stored(adapters)
    assert states(here) == {"1": "reported", "2": "reported"}
    assert (left.readings, left.state) == ((), "open")
    listed = stage.staff("GET", "/api/staff/readings?bucket=reported").json["machines"]
    assert [row["company"]["id"] for row in listed] == [NEW]

    run = release(stage, seen(here))
    assert run["released"] == 2, run
    batch = export(stage)
    assert numbers(adapters, batch) == [FIRST, SECOND]
    assert {line["company_id"] for line in lines(adapters, batch)} == {NEW}
    assert acknowledge(stage, batch)["accepted"] == 2
    assert states(moved(adapters)) == {"1": "billed", "2": "billed"}


@pytest.mark.parametrize("one_by_one", [False, True])
def test_what_waits_for_its_export_stays_closed_and_is_billed_once(
    stage: Stage, adapters: Adapters, one_by_one: bool
) -> None:
    found = settled(adapters)
    if one_by_one:
        assert by_hand(stage, FIRST, 2).status == 200
        assert by_hand(stage, SECOND, 3).status == 200
    else:
        release(stage, seen(*found))
    move(stage)
    here = moved(adapters)
    assert states(here) == {"1": "released", "2": "released"}
    refused = put_by_nora(stage, adapters, values={"1": 10_860}, version=here.version)
    assert (refused.status, refused.json["code"]) == (409, "already_released")

    batch = export(stage)
    assert numbers(adapters, batch) == [FIRST, SECOND]
    assert {one.batch for one in moved(adapters).readings} == {batch["id"]}
    answer = {
        "accepted": [SECOND],
        "refused": [{"reading_id": FIRST, "reason": "Vertrag gesperrt"}],
    }
    told = acknowledge(stage, batch, answer)
    assert (told["accepted"], told["refused"]) == (1, 1)
    assert states(moved(adapters)) == {"1": "released", "2": "billed"}
    assert moved(adapters).readings[0].export_refused == "Vertrag gesperrt"
    assert export(stage)["count"] == 0


def test_a_machine_that_releases_half_before_and_half_after_is_moved_in_one_transaction(
    stage: Stage, adapters: Adapters
) -> None:
    settled(adapters)
    assert by_hand(stage, FIRST, 2).status == 200
    move(stage)
    assert by_hand(stage, SECOND, moved(adapters).version).status == 200
    batch = export(stage)
    assert numbers(adapters, batch) == [FIRST, SECOND]
    assert {one.batch for one in moved(adapters).readings} == {batch["id"]}
    assert acknowledge(stage, batch)["accepted"] == 2
    assert states(moved(adapters)) == {"1": "billed", "2": "billed"}


def test_what_is_in_a_batch_is_found_by_the_erp_s_answer(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settled(adapters)))
    batch = export(stage)
    move(stage)
    assert states(moved(adapters)) == {"1": "released", "2": "released"}
    assert acknowledge(stage, batch)["accepted"] == 2
    assert states(moved(adapters)) == {"1": "billed", "2": "billed"}
    assert events(adapters, company_id=NEW)[-1] == "billed"
    assert [meter.last.billed for meter in moved(adapters).meters if meter.last] == [True, True]
    assert stored(adapters).readings == ()


def test_what_is_billed_keeps_the_period_closed_until_the_next(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settled(adapters)))
    acknowledge(stage, export(stage))
    move(stage)
    here = moved(adapters)
    assert states(here) == {"1": "billed", "2": "billed"}
    refused = put_by_nora(stage, adapters, values={"1": 10_860}, version=here.version)
    assert (refused.status, refused.json["code"]) == (409, "already_released")
    move(stage, nachste="28.02.2027")
    assert moved(adapters).readings == ()


def test_a_contract_that_moves_with_its_next_period_brings_what_waits(
    stage: Stage, adapters: Adapters
) -> None:
    found = settled(adapters, a_reported_machine("200001"), a_reported_machine("200002"))
    release(stage, seen(found[1]))
    acknowledge(stage, export(stage))
    move(stage, nachste="28.02.2027")
    assert states(moved(adapters)) == {"1": "reported", "2": "reported"}
    assert stored(adapters, "200002", NEW).readings == ()


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_release_of_before_is_withdrawn_until_it_is_exported(
    stage: Stage, adapters: Adapters, one_by_one: bool
) -> None:
    found = settled(adapters)
    if one_by_one:
        assert by_hand(stage, FIRST, 2).status == 200
    else:
        release(stage, seen(*found))
    move(stage)
    answer = take_back(stage, "withdrawal", moved(adapters).version)
    assert answer.status == 200, answer.text
    assert states(moved(adapters))["1"] == "reported"
    assert FIRST not in numbers(adapters, export(stage))


def test_a_release_of_before_is_corrected_after_its_export(
    stage: Stage, adapters: Adapters
) -> None:
    settled(adapters)
    assert by_hand(stage, FIRST, 2).status == 200
    move(stage)
    waiting = take_back(stage, "reversal", moved(adapters).version, value="10.900")
    assert (waiting.status, waiting.json["code"]) == (409, "not_exported_yet")
    export(stage)
    assert take_back(stage, "reversal", moved(adapters).version, value="10.900").status == 200
    assert numbers(adapters, export(stage)) == [f"{FIRST}~2", f"{FIRST}~3"]


def test_what_the_erp_shows_to_have_is_not_exported(stage: Stage, adapters: Adapters) -> None:
    release(stage, seen(*settled(adapters)))
    move(stage)
    row = ["200001", "1", "22.11.2026", "10850", "CO Portal", "", "", "J", "", ""]
    imported(stage, {"zaehlerstaende.csv": [READINGS[0], row]})
    assert states(moved(adapters)) == {"1": "billed", "2": "released"}
    batch = export(stage)
    assert numbers(adapters, batch) == [SECOND]
    assert batch["already_billed"] == 1


def test_what_the_erp_shows_to_have_is_known_also_from_before_the_last_value(
    stage: Stage, adapters: Adapters
) -> None:
    """The two meters were read on two days: the history here begins with the later one."""
    early = a_reading("1", 10_700, read_on=a_reading("2").read_on.replace(day=18))
    release(stage, seen(*settled(adapters, a_reported_machine("200001", early, a_reading("2")))))
    move(stage)
    row = ["200001", "1", "18.11.2026", "10700", "CO Portal", "", "", "J", "", ""]
    imported(stage, {"zaehlerstaende.csv": [READINGS[0], row]})
    assert states(moved(adapters)) == {"1": "billed", "2": "released"}
    assert numbers(adapters, export(stage)) == [SECOND]


def test_the_new_company_learns_nothing_of_who_reported(stage: Stage, adapters: Adapters) -> None:
    secret = "Frau Schäfer war im Urlaub"
    settled(adapters, a_reported_machine("200001", a_confirmed_reading(reason=secret)))
    move(stage)
    (reading,) = moved(adapters).readings
    assert (reading.value, reading.reason, reading.reported_by) == (90_000, "", "")
    assert reading.decision is None
    assert open_by(stage, a_link(adapters, mailbox=NORA, company_id=NEW)).status == 201
    for path in ("/api/machines", "/api/machines/200001/history"):
        shown = stage.customer("GET", path)
        assert shown.status == 200, shown.text
        assert "Schäfer" not in shown.text, path
    assert "5001" not in stage.customer("GET", "/api/machines").text


def test_the_same_export_again_changes_nothing_and_the_way_back_is_the_same(
    stage: Stage, adapters: Adapters
) -> None:
    release(stage, seen(*settled(adapters)))
    move(stage)
    before = moved(adapters)
    move(stage)
    assert moved(adapters) == before
    move(stage, firmennummer="10000", meldeansprech="5001")
    assert states(stored(adapters)) == {"1": "released", "2": "released"}
    assert moved(adapters).readings == ()
    assert acknowledge(stage, export(stage))["accepted"] == 2
    assert states(stored(adapters)) == {"1": "billed", "2": "billed"}


def test_a_period_that_is_closed_here_is_not_opened_by_a_value_from_there(
    stage: Stage, adapters: Adapters
) -> None:
    """Of before this rule: it was released here, then moved away and reported again there."""
    release(stage, seen(*settled(adapters)))
    closed = stored(adapters).readings
    move(stage)
    change(adapters, active=False, readings=closed)
    here = moved(adapters)
    again = tuple(a_reading(one.meter_id, one.value + 5) for one in closed)
    adapters.table.transact(machines.save(replace(here, readings=again), seen=here, event=None))
    move(stage, firmennummer="10000", meldeansprech="5001")
    assert states(stored(adapters)) == {"1": "released", "2": "released"}


def test_a_machine_that_goes_to_another_contract_leaves_its_values_to_the_old_one(
    stage: Stage, adapters: Adapters
) -> None:
    """Its contract stays: the old customer's last value is billed to the old customer."""
    release(stage, seen(*settled(adapters)))
    batch = export(stage)
    row = with_cells(MACHINES, 2, vertragsnummer="70009")[:2]
    imported(stage, {"maschinen.csv": row})
    assert moved(adapters).readings == ()
    assert states(stored(adapters)) == {"1": "released", "2": "released"}
    assert acknowledge(stage, batch)["accepted"] == 2
    assert states(stored(adapters)) == {"1": "billed", "2": "billed"}
    assert list(exports.waiting(adapters.table)) == []
