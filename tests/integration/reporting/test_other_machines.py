"""A doubtful value that fits another machine of the company: named to whoever may see that one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.domain.portfolio.machines import Machine
from meterportal.usecases.plausibility import neighbours

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, a_meter, settle
from tests.support.customers import asked_for_all, change, everything, put, signed_in, stored
from tests.support.reported import a_reading, a_reported_machine, release, seen, settle_reported
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

THEIRS = 736_214
"""What the other machine shows now."""


def there(number: str = "200002", **fields: Any) -> Machine:
    given: dict[str, Any] = {"meters": (a_meter(last_value=734_512, a_month=2_000),)}
    return a_machine(number, **given | fields)


def here(number: str = "200001", **fields: Any) -> Machine:
    return a_machine(number, meters=(a_meter(),), **fields)


def opened(
    stage: Stage, adapters: Adapters, *machines: Machine, rights: PortalRights | None = None
) -> None:
    """A contact who reports for contract 70001 only, with the right to readings."""
    contact = a_contact(rights=rights or PortalRights(readings=True))
    others = a_contact("5002", email="b@muster.example")
    contracts = [a_contract(), a_contract("70002", reporters=("5002",))]
    held = a_holding(contacts=[contact, others], contracts=contracts, machines=[here(), *machines])
    signed_in(stage, adapters, held)


def check(stage: Stage, value: Any = THEIRS) -> Any:
    body = {"values": {"1": value}}
    (found,) = stage.customer("POST", "/api/machines/200001/check", body).json["findings"]
    return found


def refused(stage: Stage, value: Any = THEIRS, **more: Any) -> Answer:
    return put(stage, values={"1": value}, version=1, **more)


def test_the_machine_is_named_with_what_a_page_needs_to_move_the_value(
    stage: Stage, adapters: Adapters
) -> None:
    opened(stage, adapters, there())
    found = check(stage)
    assert (found["code"], found["severity"]) == ("value_of_other_machine", "warn")
    assert "200002" in found["text"]
    assert found["suggestion"] is None
    assert (found["machine_id"], found["machine_meter_id"]) == ("200002", "1")
    assert (found["machine_serial"], found["machine_model"]) == ("SN200002", "IM C3000")
    answer = refused(stage)
    assert (answer.status, answer.json["findings"]) == (409, [found])


def test_a_digit_too_many_is_named_too_when_another_machine_shows_it(
    stage: Stage, adapters: Adapters
) -> None:
    opened(stage, adapters, there())
    change(adapters, meters=(a_meter(digits=5),))
    found = check(stage)
    assert (found["code"], found["severity"]) == ("too_many_digits", "block")
    assert found["machine_id"] == "200002"
    assert found["text"].endswith("anzeigt: Gehört der Wert zum Gerät 200002 (S/W)?")
    answer = refused(stage)
    assert (answer.status, answer.json["code"]) == (422, "too_many_digits")
    assert answer.json["field"] == "values.1"
    assert answer.json["findings"] == [found]


HIDDEN = {
    "another contract": there(contract_id="70002"),
    "inactive": there(active=False),
    "not billed": there(meters=(a_meter(last_value=734_512, a_month=2_000, billable=False),)),
    "unknown contract": there(contract_id="79999"),
}


@pytest.mark.parametrize("machine", HIDDEN.values(), ids=HIDDEN)
def test_a_machine_that_the_contact_may_not_see_is_never_named(
    stage: Stage, adapters: Adapters, machine: Machine
) -> None:
    opened(stage, adapters, machine)
    found = check(stage)
    assert (found["code"], "machine_id" in found) == ("usage_too_high", False)
    answer = refused(stage)
    assert answer.status == 409
    for text in (str(found), answer.text):
        assert "200002" not in text
        assert "value_of_other_machine" not in text


def test_who_sees_all_machines_of_the_company_is_told_of_all(
    stage: Stage, adapters: Adapters
) -> None:
    rights = PortalRights(readings=True, machines=True)
    opened(stage, adapters, there(contract_id="70002"), rights=rights)
    assert check(stage)["machine_id"] == "200002"


def test_what_is_stored_names_no_other_machine(stage: Stage, adapters: Adapters) -> None:
    """Whoever else sees this machine need not be allowed to see that one."""
    opened(stage, adapters, there())
    answer = refused(stage, confirm={"1": "Stimmt so"})
    assert answer.status == 200
    (reading,) = stored(adapters).readings
    assert [finding.code for finding in reading.findings] == ["usage_too_high"]
    assert "200002" not in answer.text


def test_a_plausible_value_costs_no_look_and_a_doubt_one_query(
    stage: Stage, adapters: Adapters
) -> None:
    opened(stage, adapters, there())
    asked_for_all(adapters)
    path = "/api/machines/200001/check"

    def requests(act: Any) -> Counter[str]:
        with counted(adapters.table._client) as counts:
            act()
        return Counter({n.removeprefix("dynamodb."): k for n, k in counts.items()})

    reads = Counter(GetItem=1, BatchGetItem=1, Query=1)
    body = {"values": {"1": 10_850}}
    assert requests(lambda: stage.customer("POST", path, body)) == reads
    doubtful = {"values": {"1": THEIRS}}
    assert requests(lambda: stage.customer("POST", path, doubtful)) == reads + Counter(Query=1)
    assert requests(lambda: refused(stage)) == reads + Counter(Query=1)
    assert requests(lambda: refused(stage, 10_000)) == reads, "unchanged: no other machine's value"
    assert requests(lambda: refused(stage, 10_850)) == reads + Counter(TransactWriteItems=1)
    confirmed = requests(lambda: put(stage, values={"1": 99_000}, confirm={"1": "x"}, version=2))
    assert confirmed == reads + Counter(TransactWriteItems=1)


def test_nothing_is_written_by_looking(stage: Stage, adapters: Adapters) -> None:
    opened(stage, adapters, there())
    before = everything(adapters)
    check(stage)
    refused(stage)
    assert everything(adapters) == before


def test_a_contact_of_a_large_company_gets_an_answer_without_all_machines(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(stage, adapters, there("200003"), here("200002"))
    monkeypatch.setattr(neighbours, "MOST_MACHINES", 2)
    assert check(stage)["code"] == "usage_too_high"
    monkeypatch.setattr(neighbours, "MOST_MACHINES", 3)
    assert check(stage)["code"] == "value_of_other_machine"
    monkeypatch.setattr(neighbours, "LOOKS_OF_A_CONTACT", 1)
    assert check(stage)["code"] == "usage_too_high"


def test_a_pair_taken_to_be_swapped_has_to_be_confirmed_as_before(
    stage: Stage, adapters: Adapters
) -> None:
    """Another machine's value never lifts a doubt that a reason would have to answer."""
    colour = replace(a_meter("2", last_value=4_000, a_month=300), label="Farbe")
    signed_in(
        stage,
        adapters,
        a_holding(
            machines=[
                a_machine(meters=(a_meter(), colour)),
                a_machine("200002", meters=(a_meter(last_value=4_000, a_month=300),)),
            ]
        ),
    )
    values = {"1": 4_250, "2": 10_850}
    asked = put(stage, values=values, version=1)
    assert {finding["meter_id"] for finding in asked.json["findings"]} == {"1", "2"}
    one = put(stage, values=values, confirm={"1": "Stimmt"}, version=1)
    assert one.status == 409
    assert {finding["meter_id"] for finding in one.json["findings"]} == {"1", "2"}
    both = put(stage, values=values, confirm={"1": "Stimmt", "2": "Stimmt"}, version=1)
    assert both.status == 200


# at release


def reported(number: str = "200001", value: int = THEIRS) -> Machine:
    return replace(a_reported_machine(number, a_reading("1", value)), meters=(a_meter(),))


def found_at_release(run: Any) -> dict[str, list[str]]:
    return {
        line["machine_id"]: [finding["code"] for finding in line["findings_at_release"]]
        for line in run["protocol"]
    }


def test_a_run_names_it_in_the_protocol_as_the_dry_run_did(
    stage: Stage, adapters: Adapters
) -> None:
    found = settle_reported(adapters, [reported(), there()])
    dry = release(stage, {"filter": {}}, dry_run=True)
    assert found_at_release(dry) == {"200001": ["value_of_other_machine"]}
    run = release(stage, seen(found[0]))
    assert run["protocol"] == dry["protocol"]
    assert "200002" in run["protocol"][0]["reason"]
    assert run["released"] == 0


def test_a_run_reads_a_company_once_and_only_for_a_doubt(stage: Stage, adapters: Adapters) -> None:
    settle_reported(adapters, [reported("200003"), reported("200004"), reported("200005", 10_850)])
    with counted(adapters.table._client) as counts:
        release(stage, {"filter": {}}, dry_run=True)
    doubtful = counts["dynamodb.Query"]
    for number in ("200003", "200004"):
        change(adapters, number, readings=(a_reading("1", 10_850),))
    with counted(adapters.table._client) as counts:
        release(stage, {"filter": {}}, dry_run=True)
    assert doubtful == counts["dynamodb.Query"] + 1


def test_a_chunk_reads_a_few_companies_and_looks_so_often(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_reported(adapters, [reported(), reported("200003"), there()])
    monkeypatch.setattr(neighbours, "LOOKS_OF_A_CHUNK", 3)
    told = found_at_release(release(stage, {"filter": {}}, dry_run=True))
    assert told == {"200001": ["value_of_other_machine"], "200003": ["usage_too_high"]}
    monkeypatch.setattr(neighbours, "COMPANIES_OF_A_CHUNK", 0)
    told = found_at_release(release(stage, {"filter": {}}, dry_run=True))
    assert told == {"200001": ["usage_too_high"], "200003": ["usage_too_high"]}


def test_staffs_check_carries_the_same(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(machines=[here(), there()]))
    body = {"machines": [{"machine_id": "200001", "values": {"1": THEIRS}}]}
    (told,) = stage.staff("POST", "/api/staff/check", body).json["machines"]
    assert told["findings"][0]["machine_serial"] == "SN200002"


def test_the_second_best_number_is_told_beside_the_best(stage: Stage, adapters: Adapters) -> None:
    opened(stage, adapters)
    found = check(stage, 1_155)
    assert found["code"] == "digit_missing"
    assert (found["suggestion"], found["or_meant"]) == ({"values": {"1": 11_155}}, 11_055)
    assert "11.155 oder 11.055" in found["text"]
    assert "or_meant" not in check(stage, 18_050)


def test_many_machines_in_one_request_are_told_alike(stage: Stage, adapters: Adapters) -> None:
    opened(stage, adapters, there(), there("200003", contract_id="70002"))
    body = {"machine_id": "200001", "values": {"1": THEIRS}, "version": 1}
    (told,) = stage.customer("PUT", "/api/readings", {"machines": [body]}).json["machines"]
    assert (told["status"], told["findings"][0]["machine_id"]) == (409, "200002")
    change(adapters, "200002", active=False)
    answer = stage.customer("PUT", "/api/readings", {"machines": [body]})
    assert answer.json["machines"][0]["findings"][0]["code"] == "usage_too_high"
    assert "200003" not in answer.text
