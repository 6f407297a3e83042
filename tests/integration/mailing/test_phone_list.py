"""The phone list: whom to call once no mail helps any more, as JSON and as a sheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.marks import entry, noted
from meterportal.domain.portfolio.contracts import Company, Contract, Delivery
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings, machines
from meterportal.store.writes import Write

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.erp_exports import CONTACTS, FILES, imported
from tests.support.requesting import ask, report
from tests.support.stage import Stage

CLARA = "clara@muster.example"


def calls(stage: Stage, query: str = "", **more: Any) -> list[Any]:
    answer = stage.staff("GET", f"/api/staff/phone-list{query}", groups="read", **more)
    assert answer.status == 200, answer.text
    found: list[Any] = answer.json["calls"]
    return found


def reminded(
    adapters: Adapters,
    number: str = "70001",
    company: str = "10000",
    *,
    contact: str = "5001",
    times: int,
) -> None:
    """What a request and so many reminders leave on a contract."""
    days = [date(2026, 11, 1) + timedelta(days=7 * n) for n in range(times + 1)]
    texts = {entry(contact, n): noted("r0", f"r{n}", day) for n, day in enumerate(days)}
    seen = holdings.contracts(adapters.table, [(company, number)])[number]
    asked = {**seen.asked, contact: "r0"}
    adapters.table.write(
        Write(
            key=keys.contract(company, number),
            update="SET #asked_for = :due, #asked = :asked, #mailed = :mailed",
            values={
                "due": DUE.isoformat(),
                "asked": asked,
                "mailed": {**(seen.mailed or {}), **texts},
            },
        )
    )


def bounce(adapters: Adapters, address: str = CLARA) -> None:
    write = mailboxes.note_failure(address, Delivery.BOUNCED, at="2026-11-20T09:00:00+00:00")
    adapters.table.write(write)


def test_after_the_last_reminder_a_contract_stands_on_the_list(
    stage: Stage, adapters: Adapters
) -> None:
    held = a_holding(
        contacts=[a_contact(phone="+49 211 123-45")],
        machines=[a_machine(), a_machine("200002")],
    )
    settle(adapters, held)
    report(adapters, "200002", "1")
    reminded(adapters, times=1)
    assert calls(stage) == []
    reminded(adapters, times=2)
    (call,) = calls(stage)
    assert call == {
        "company": {"id": "10000", "name": "Muster GmbH"},
        "contract": {"id": "70001", "name": "Service Vollwartung"},
        "reading_channel": "PORTAL",
        "due_on": "2026-11-28",
        "contacts": [
            {"id": "5001", "name": "Clara Schäfer", "phone": "+49 211 123-45", "email": CLARA}
        ],
        "machines": [
            {
                "id": "200001",
                "serial": "SN200001",
                "model": "Ricoh IM C3000",
                "location": "Zentrale, A, EG, 101",
                "missing": ["S/W", "Farbe"],
            },
            {
                "id": "200002",
                "serial": "SN200002",
                "model": "Ricoh IM C3000",
                "location": "Zentrale, A, EG, 101",
                "missing": ["Farbe"],
            },
        ],
        "reasons": [
            {
                "code": "reminded_enough",
                "text": "5001 Clara Schäfer wurde zweimal an die Fälligkeit 28.11.2026 erinnert. "
                "Bitte rufen Sie an.",
                "contact_id": "5001",
            }
        ],
        "mailed_on": "2026-11-15",
    }


def test_whose_mail_came_back_is_called_without_a_reminder(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    assert calls(stage) == []
    bounce(adapters)
    (call,) = calls(stage, language="en")
    assert [reason["code"] for reason in call["reasons"]] == ["email_bounced"]
    assert "come back as undeliverable" in call["reasons"][0]["text"]
    assert call["mailed_on"] is None
    assert call["contacts"][0]["phone"] is None


def complete(adapters: Adapters) -> None:
    report(adapters, "200001", "1", "2")


def other_channel(adapters: Adapters) -> None:
    """Its readings come in another way, and are not late yet."""
    change(adapters, reading_channel="MPS")


def ended(adapters: Adapters) -> None:
    change(adapters, ends_on="2026-11-22")


def next_period(adapters: Adapters) -> None:
    change(adapters, next_billing_on="2027-02-28")
    seen = machines.find(adapters.table, ["200001"])["200001"]
    later = replace(seen, due_on=date(2027, 2, 28))
    adapters.table.transact(machines.save(later, seen=seen, event=None))


def change(adapters: Adapters, **values: str) -> None:
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    adapters.table.write(Write(key=keys.contract("10000", "70001"), update=update, values=values))


@pytest.mark.parametrize("settled", [complete, other_channel, ended, next_period])
def test_who_needs_no_call_any_more_leaves_the_list(
    stage: Stage, adapters: Adapters, settled: Any
) -> None:
    settle(adapters)
    reminded(adapters, times=2)
    bounce(adapters)
    assert len(calls(stage)) == 1
    settled(adapters)
    assert calls(stage) == []


def test_while_another_reporter_still_waits_for_a_reminder_nobody_is_called(
    stage: Stage, adapters: Adapters
) -> None:
    people = [a_contact(), a_contact("5002", last_name="König", email="anna@muster.example")]
    settle(adapters, a_holding(contacts=people, contracts=[a_contract(reporters=("5001", "5002"))]))
    reminded(adapters, times=2)
    reminded(adapters, contact="5002", times=1)
    assert calls(stage) == []
    reminded(adapters, contact="5002", times=2)
    assert [person["id"] for person in calls(stage)[0]["contacts"]] == ["5001", "5002"]


def test_a_bounced_role_reporter_beside_a_reachable_one_needs_no_call(
    stage: Stage, adapters: Adapters
) -> None:
    people = [
        a_contact(role="meter_reporting"),
        a_contact("5002", role="meter_reporting", email="anna@muster.example"),
    ]
    settle(adapters, a_holding(contacts=people, contracts=[a_contract(reporters=())]))
    bounce(adapters)
    assert calls(stage) == []
    bounce(adapters, "anna@muster.example")
    assert len(calls(stage)) == 1


def a_firm(adapters: Adapters, n: int, due_on: date) -> Contract:
    contact = a_contact(f"6{n:03d}", email=f"box{n}@haus.example", phone="=1+1")
    contract = a_contract(f"8{n:03d}", reporters=(contact.id,), next_billing_on=due_on)
    machine = a_machine(f"9{n:03d}", contract_id=contract.id, due_on=due_on)
    company = Company(f"2{n:03d}", f"Firma {n}")
    settle(
        adapters, a_holding(company, contacts=[contact], contracts=[contract], machines=[machine])
    )
    bounce(adapters, f"box{n}@haus.example")
    return contract


def test_the_list_goes_by_due_date_and_comes_in_pages(stage: Stage, adapters: Adapters) -> None:
    for n, back in enumerate([3, 1, 2]):
        a_firm(adapters, n, DUE - timedelta(days=back))
    assert [call["company"]["name"] for call in calls(stage)] == ["Firma 0", "Firma 2", "Firma 1"]
    first = stage.staff("GET", "/api/staff/phone-list?limit=2").json
    rest = stage.staff("GET", f"/api/staff/phone-list?limit=2&cursor={first['next_cursor']}").json
    assert [call["company"]["name"] for call in first["calls"]] == ["Firma 0", "Firma 2"]
    assert [call["company"]["name"] for call in rest["calls"]] == ["Firma 1"]
    assert rest["next_cursor"] is None
    foreign = stage.staff("GET", f"/api/staff/contracts?cursor={first['next_cursor']}")
    assert foreign.status == 400


def test_the_sheet_has_a_row_for_each_machine_and_no_formula(
    stage: Stage, adapters: Adapters
) -> None:
    a_firm(adapters, 1, DUE)
    answer = stage.staff("GET", "/api/staff/phone-list.csv", groups="read")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "phone-list.csv" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";")
    assert row["Firma"] == "Firma 1"
    assert row["Telefon"] == "'=1+1"
    assert row["Es fehlt"] == "S/W, Farbe"
    assert row["Fällig am"] == "28.11.2026"


def test_who_may_read_nothing_sees_no_list(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for path in ("phone-list", "phone-list.csv"):
        assert stage.staff("GET", f"/api/staff/{path}", groups="").status == 403
        assert stage.staff("GET", f"/api/staff/{path}?cursor=x").status == 400


def test_a_real_bounce_leads_onto_the_list(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    ask(stage)
    assert calls(stage) == []
    bounce(adapters)
    assert [call["contract"]["id"] for call in calls(stage)] == ["70001"]


def test_the_phone_number_comes_with_the_erp_s_export(stage: Stage, adapters: Adapters) -> None:
    heads, *rows = CONTACTS
    table = [[*heads, "Telefon-Nr."], *([*row, "0228 / 4711-0"] for row in rows)]
    found = imported(stage, {**FILES, "ansprechpartner.csv": table})
    assert found["rejected"] == 0, found["findings"]
    imported(stage, FILES)  # without the column: what is known stays
    bounce(adapters, "c.schaefer@muster.example")
    (call,) = calls(stage)
    assert call["contacts"][0]["phone"] == "0228 / 4711-0"


@pytest.mark.parametrize(
    ("channel", "billed_on", "listed"),
    [
        ("PHONE", "2026-12-07", True),
        ("PHONE", "2026-12-08", False),
        ("MPS", "2026-11-23", True),
        ("MPS", "2026-11-24", False),
        ("TECHNICIAN", "2026-11-23", True),
        ("EMAIL", "2026-11-23", True),
        ("LETTER", "2026-11-23", True),
    ],
)
def test_other_channels_are_called_when_their_readings_are_late(
    stage: Stage, adapters: Adapters, channel: str, billed_on: str, listed: bool
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(phone="+49 211 123-45")]))
    change(adapters, reading_channel=channel, next_billing_on=billed_on)
    found = calls(stage)
    assert [one["reading_channel"] for one in found] == [channel] * listed
    for call in found:
        assert call["contacts"][0]["phone"] == "+49 211 123-45"
        assert call["machines"][0]["missing"] == ["S/W", "Farbe"]
        assert [reason["code"] for reason in call["reasons"]] == ["other_way"]
    complete(adapters)
    assert calls(stage) == []
