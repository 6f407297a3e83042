"""Staff see the portal as a contact sees it: the same words, nothing marked, noted in the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import PortalRights

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.customers import asked_for_all, everything, put, second_company, signed_in
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

BESIDE = {"contact", "may_enter"}


def view(stage: Stage, query: str = "", *, contact: str = "5001", groups: str = "read") -> Answer:
    return stage.staff("GET", f"/api/staff/contacts/{contact}/view{query}", groups=groups)


def without(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in BESIDE}


def test_staff_see_what_the_contact_sees(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine(), a_machine("200002"), a_machine("200003", contract_id="70002")]
    contracts = [a_contract(), a_contract("70002", reporters=("5002",))]
    people = [a_contact(), a_contact("5002", first_name="Erik", email="erik@muster.example")]
    held = a_holding(machines=machines, contracts=contracts, contacts=people)
    signed_in(stage, adapters, held)
    put(stage, values={"1": "11.000", "2": "4.300"}, version=1)
    told = view(stage)
    assert told.status == 200, told.text
    assert told.json["contact"] == {"id": "5001", "name": "Clara Schäfer"}
    assert told.json["may_enter"] is True
    assert without(told.json) == stage.customer("GET", "/api/machines").json
    whole = stage.customer("GET", "/api/machines?scope=company").json
    assert without(view(stage, "?scope=company").json) == whole
    assert len(whole["machines"]) == 3


def test_it_marks_nothing_and_the_journal_tells_who_looked(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    before = everything(adapters)
    assert view(stage).status == 200
    changed = {key for key, item in everything(adapters).items() if before.get(key) != item}
    assert changed
    assert all("JOURNAL#" in str(pk) or "STAFF#" in str(pk) for pk, _ in changed)
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert (entry["action"], entry["contact"]["id"]) == ("viewed_as_contact", "5001")
    assert entry["by"]["name"] == "Anna Weber"
    assert stage.cookies == {}


def test_pages_follow_each_other_and_are_one_look(stage: Stage, adapters: Adapters) -> None:
    machines = [a_machine(str(200001 + n)) for n in range(5)]
    settle(adapters, a_holding(machines=machines))
    found: list[str] = []
    query = "?limit=2"
    while True:
        page = view(stage, query).json
        found += [one["id"] for one in page["machines"]]
        assert page["progress"] == {"reported": 0, "total": 5}
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert found == [machine.id for machine in machines]
    assert len(stage.staff("GET", "/api/staff/audit").json["entries"]) == 1


def test_who_may_not_enter_is_said(stage: Stage, adapters: Adapters) -> None:
    nobody = replace(a_contact(), rights=PortalRights())
    settle(adapters, a_holding(contacts=[nobody]), claimed=False)
    told = view(stage).json
    assert (told["may_enter"], told["machines"]) == (False, [])


def test_unknown_contacts_and_bad_questions(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    second_company(adapters)
    for contact in ("5999", "x" * 65):
        assert view(stage, contact=contact).status == 404
    assert view(stage, "?scope=all").status == 400
    assert view(stage, "?cursor=nonsense").status == 400
    assert view(stage, groups="erp").status == 403
    assert [one["company"]["id"] for one in (view(stage, contact="6001").json,)] == ["10007"]


def test_a_look_costs_what_the_contact_s_costs_and_its_entry(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    asked_for_all(adapters)
    with counted(adapters.table._client) as counts:
        assert view(stage).status == 200
    operations = {"BatchGetItem": 2, "Query": 1, "TransactWriteItems": 1}
    assert counts == {f"dynamodb.{name}": n for name, n in operations.items()}
