"""What staff see of a customer and of a machine."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.domain.portfolio.machines import Machine

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.customers import put, second_company, signed_in, stored
from tests.support.stage import Answer, Stage, query
from tests.support.wire import counted

GOOD = {"1": 11_000, "2": 4_300}


def page(stage: Stage, company_id: str = "10000", **more: str) -> dict[str, Any]:
    answer = stage.staff("GET", query(f"/api/staff/companies/{company_id}", **more), groups="read")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def told(stage: Stage, machine_id: str = "200001") -> dict[str, Any]:
    answer = stage.staff("GET", f"/api/staff/machines/{machine_id}", groups="read")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def enter(stage: Stage, **body: Any) -> Answer:
    sent = {"values": GOOD, "version": 1, "channel": "PHONE"} | body
    return stage.staff("PUT", "/api/staff/machines/200001/readings", sent)


def test_a_customer_s_page_holds_everything(stage: Stage, adapters: Adapters) -> None:
    people = [
        a_contact(phone="0228 12345", main=True),
        a_contact("5002", first_name="Erik", email="erik@muster.example", rights=None),
        a_contact("5003", first_name="Ida", email="", rights=None),
    ]
    settle(adapters, a_holding(contacts=people))
    assert stage.staff("POST", "/api/staff/rounds", {"selection": {"filter": {}}}).status == 202
    stage.drain()
    found = page(stage)
    assert found["company"]["name"] == "Muster GmbH"
    clara, erik, ida = found["contacts"]
    assert (clara["name"], clara["phone"], clara["main"]) == ("Clara Schäfer", "0228 12345", True)
    assert clara["rights"] == {"readings": True, "machines": True, "service_orders": "none"}
    assert (clara["delivery"], clara["reports"]) == ("ok", ["70001"])
    assert (erik["rights"], erik["reports"], ida["delivery"]) == (None, [], None)
    (contract,) = found["contracts"]
    assert (contract["due_on"], contract["state"]) == ("2026-11-28", "open")
    assert contract["machines"] == {"total": 1, "reported": 0, "released": 0}
    (mail,) = contract["mails"]
    assert (mail["contact_id"], mail["number"], mail["on"]) == ("5001", 0, "2026-11-23")
    (machine,) = found["machines"]
    assert (machine["serial"], machine["version"]) == ("SN200001", 1)
    assert machine["meters"][0]["previous"]["value"] == 10_000
    assert (found["machine_count"], found["next_cursor"]) == (1, None)


def test_an_address_that_mail_does_not_reach_is_seen(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    box = {"pk": "MAILBOX#clara@muster.example", "sk": "MAILBOX"}
    item = adapters.table.get(box["pk"], box["sk"])
    adapters.table.batch_write(
        puts=[{**(item or box), "delivery": Delivery.BOUNCED.value, "delivery_at": "2026-11-20"}]
    )
    assert page(stage)["contacts"][0]["delivery"] == "bounced"


def test_the_time_line_tells_who_did_what(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert stage.staff("POST", "/api/staff/rounds", {"selection": {"filter": {}}}).status == 202
    stage.drain()
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    assert enter(stage, values={"1": 11_020}, version=2, reporter="5001").status == 200
    assert stage.staff("POST", "/api/staff/contacts/5001/links/revoke").status == 200
    body = {"reason": "Telefonat", "version": 3}
    path = "/api/staff/readings/200001.1.2026-11-28/release"
    assert stage.staff("POST", path, body).status == 200

    lines = page(stage)["timeline"]["entries"]
    assert [(one["happening"], one["by"] and one["by"]["name"]) for one in lines] == [
        ("released", "Anna Weber"),
        ("action", "Anna Weber"),
        ("corrected", "Anna Weber"),
        ("reported", "Clara Schäfer"),
        ("asked", None),
    ]
    released, revoked, corrected, reported, asked = lines
    assert revoked["text"] == "Links und Passwort gesperrt"
    assert revoked["contact"] == {"id": "5001", "name": "Clara Schäfer"}
    assert corrected["reporter"] == {"id": "5001", "name": "Clara Schäfer"}
    assert corrected["changes"] == [{"field": "1", "before": 11_000, "after": 11_020}]
    assert (corrected["channel"], reported["channel"]) == ("PHONE", "PORTAL")
    assert (asked["on"], asked["at"]) == ("2026-11-23", None)
    assert (asked["contract_id"], asked["contact"]["name"]) == ("70001", "Clara Schäfer")
    assert released["machine_id"] == "200001"
    english = stage.staff("GET", "/api/staff/companies/10000/timeline", language="en").json
    assert [one["text"] for one in english["entries"]][:2] == [
        "Released",
        "Links and password revoked",
    ]
    assert [one["happening"] for one in told(stage)["timeline"]] == [
        "released",
        "corrected",
        "reported",
    ]


def test_the_time_line_is_complete_page_by_page(stage: Stage, adapters: Adapters) -> None:
    """Many lines of one moment, too: a release run writes all of a chunk at once."""
    held = a_holding(machines=[a_machine(str(200_001 + n)) for n in range(9)])
    signed_in(stage, adapters, held)
    for n in range(9):
        assert put(stage, str(200_001 + n), values=GOOD, version=1).status == 200
    for _ in range(3):
        assert stage.staff("POST", "/api/staff/contacts/5001/links/revoke").status == 200
    versions = {str(200_001 + n): 2 for n in range(9)}
    body = {"selection": {"ids": list(versions), "versions": versions}}
    assert stage.staff("POST", "/api/staff/releases", body).status == 202
    assert stage.staff("POST", "/api/staff/rounds", {"selection": {"ids": ["70001"]}}).status == 202
    stage.drain()
    listed = [*adapters.table.query("TIMELINE#10000", index="lists")]
    assert len(listed) == 9 + 1, "the run's row names the others"
    path = "/api/staff/companies/10000/timeline"
    whole = stage.staff("GET", f"{path}?limit=200").json
    assert whole["next_cursor"] is None
    assert len(whole["entries"]) == 9 + 3 + 9
    happened = Counter((one["happening"], one["machine_id"]) for one in whole["entries"])
    assert all(happened["released", number] == 1 for number in versions)
    for limit in ("1", "4", "20"):
        entries: list[Any] = []
        cursor = None
        while True:
            asked = {"limit": limit, **({"cursor": cursor} if cursor else {})}
            answer = stage.staff("GET", query(path, **asked)).json
            entries += answer["entries"]
            cursor = answer["next_cursor"]
            if cursor is None:
                break
        assert entries == whole["entries"]


def test_machines_come_by_the_page_in_walking_order(stage: Stage, adapters: Adapters) -> None:
    devices = [a_machine(str(200_001 + n)) for n in range(7)]
    settle(adapters, a_holding(machines=devices))
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        found = page(stage, **asked)
        assert len(found["machines"]) <= 3
        assert found["machine_count"] == 7
        seen += [machine["id"] for machine in found["machines"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert seen == [machine.id for machine in devices]


def test_a_machine_s_page_holds_everything(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    body = {"kind": "cannot_read", "text": "Display dunkel"}
    assert stage.customer("POST", "/api/machines/200001/problems", body).status == 201
    found = told(stage)
    assert found["company"] == {"id": "10000", "name": "Muster GmbH"}
    assert found["contract"] == {"id": "70001", "name": "Service Vollwartung"}
    assert (found["version"], found["state"], found["due_on"]) == (2, "reported", "2026-11-28")
    bw, colour = found["meters"]
    assert (bw["period"]["value"], bw["period"]["usage"]) == (11_000, 1_000)
    assert bw["expected"]["low"] < 1_000 < bw["expected"]["high"]
    assert bw["expected"]["days"] == 26
    assert colour["period"]["value"] is None
    assert colour["expected"]["pages"] > 0
    assert [entry["origin"] for entry in bw["history"]][:2] == ["reported", "imported"]
    assert len(bw["history"]) == 12
    assert found["problem"]["text"] == "Display dunkel"
    assert found["problem"]["reported_by"] == {"id": "5001", "name": "Clara Schäfer"}
    assert found["photos"] == []


def test_a_machine_that_nobody_is_asked_for_has_a_page(stage: Stage, adapters: Adapters) -> None:
    meters = tuple(replace(meter, billable=False) for meter in a_machine().meters)
    device = a_machine(active=False, due_on=None, meters=meters)
    settle(adapters, a_holding(machines=[device]))
    found = told(stage)
    assert (found["active"], found["due_on"]) == (False, None)
    assert found["meters"][0]["period"] is None


def test_what_is_unknown_is_not_found(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for path in (
        "companies/10001",
        "companies/10001/timeline",
        f"companies/{'x' * 65}",
        f"companies/{'x' * 3000}/timeline",
        "machines/200099",
        f"machines/{'x' * 65}",
    ):
        answer = stage.staff("GET", f"/api/staff/{path}")
        assert (answer.status, answer.json["code"]) == (404, "not_found"), path


def test_one_company_s_page_knows_nothing_of_another(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    second_company(adapters)
    assert stage.staff("POST", "/api/staff/contacts/6001/links/revoke").status == 200
    assert page(stage)["timeline"]["entries"] == []
    assert [one["id"] for one in page(stage)["machines"]] == ["200001"]
    cursor = page(stage, limit="1")["next_cursor"]
    assert cursor is None
    answer = stage.staff("GET", "/api/staff/companies/10000/timeline?cursor=AAAA")
    assert answer.status == 400


def test_everybody_of_the_staff_may_look(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for path in ("companies/10000", "companies/10000/timeline", "machines/200001"):
        for groups, status in (("read", 200), ("release", 200), ("other", 403)):
            assert stage.staff("GET", f"/api/staff/{path}", groups=groups).status == status


def test_the_pages_cost_few_requests(stage: Stage, adapters: Adapters) -> None:
    contracts = [a_contract(), a_contract("70002")]
    devices: list[Machine] = [
        a_machine(str(200_001 + n), contract_id=f"7000{1 + n % 2}") for n in range(20)
    ]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=devices))
    assert put(stage, values=GOOD, version=1).status == 200
    assert stored(adapters).version == 2
    with counted(adapters.table._client) as counts:
        page(stage)
    assert counts == {"dynamodb.Query": 5, "dynamodb.BatchGetItem": 1}
    with counted(adapters.table._client) as counts:
        told(stage)
    assert counts == {"dynamodb.Query": 3, "dynamodb.BatchGetItem": 2, "dynamodb.GetItem": 1}
