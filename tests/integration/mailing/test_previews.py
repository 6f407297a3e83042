"""A round before it is sent: its mails as their readers would get them, a test mail, and the sending."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import Problem, ProblemKind
from meterportal.store import keys
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.requesting import ask, recipients, report, show, start, text_of, work
from tests.support.stage import Answer, Stage

OWN = "anna@dealer.example"


@pytest.fixture
def proposed(stage: Stage, adapters: Adapters) -> str:
    """A dry run over two contracts of two people."""
    held = a_holding(
        contacts=[a_contact(), a_contact("5002", email="otto@muster.example")],
        contracts=[a_contract(), a_contract("70002", reporters=("5002",))],
        machines=[a_machine(), a_machine("200002", contract_id="70002")],
    )
    settle(adapters, held)
    number: str = ask(stage, dry_run=True)["id"]
    return number


def preview(stage: Stage, round_id: str, contact: str = "5001", **more: Any) -> Answer:
    path = f"/api/staff/rounds/{round_id}/mails/{contact}"
    return stage.staff("GET", path, **({"groups": "read"} | more))


def test_the_preview_is_the_mail_without_a_way_in(stage: Stage, proposed: str) -> None:
    shown = preview(stage, proposed).json
    assert shown["to"] == "clara@muster.example"
    assert shown["block"] == "bwCOPortalZEmailHtml"
    assert "#t=" not in shown["html"] + shown["text"]
    assert stage.mails() == []
    sending = stage.staff("POST", f"/api/staff/rounds/{proposed}/sending")
    assert sending.status == 202
    stage.drain()
    (mail,) = [one for one in stage.mails() if one["To"] == shown["to"]]
    assert mail["Subject"] == shown["subject"]
    words = [line for line in shown["text"].splitlines() if "http" not in line]
    sent = text_of(mail).splitlines()
    assert [line for line in words if "Code" not in line and line.strip() not in sent] == []


def test_preview_and_mail_name_the_same_machines(stage: Stage, adapters: Adapters) -> None:
    """Of two contracts: those that are open; none that is reported, set aside, idle or another's."""
    gone = Problem("p1", ProblemKind.GONE, date(2026, 11, 20), "5001", accepted=True)
    held = a_holding(
        contacts=[a_contact(), a_contact("5002", email="otto@muster.example")],
        contracts=[
            a_contract(),
            a_contract("70002"),
            a_contract("70003", reporters=("5002",)),
        ],
        machines=[
            a_machine(),
            a_machine("200002"),
            a_machine("200003", problem=gone),
            a_machine("200004", active=False),
            a_machine("200005", contract_id="70002"),
            a_machine("200006", contract_id="70002"),
            a_machine("200007", contract_id="70003"),
        ],
    )
    settle(adapters, held)
    dry = ask(stage, dry_run=True)["id"]
    report(adapters, "200002", "1", "2")
    report(adapters, "200006", "1", "2")
    shown = preview(stage, dry).json
    stage.staff("POST", f"/api/staff/rounds/{dry}/sending")
    stage.drain()
    (mail,) = [one for one in stage.mails() if one["To"] == shown["to"]]
    named = re.findall(r"SN2\d{5}", text_of(mail))
    assert sorted(named) == ["SN200001", "SN200005"]
    assert re.findall(r"SN2\d{5}", shown["text"]) == named


def test_the_code_of_a_preview_opens_nothing(stage: Stage, proposed: str) -> None:
    shown = preview(stage, proposed).json
    assert "XXXX-XXXX" in shown["text"]
    login = {"email": shown["to"], "code": "XXXX-XXXX"}
    assert stage.customer("POST", "/api/session", login).status == 401


def test_a_mail_tells_whom_it_reaches_and_when_it_went(stage: Stage, proposed: str) -> None:
    before = {one["contact_ids"][0]: one for one in show(stage, proposed)["mails"]}
    assert before["5002"]["company_ids"] == ["10000"]
    assert before["5002"]["sent_at"] is None
    started = stage.staff("POST", f"/api/staff/rounds/{proposed}/sending").json["id"]
    stage.drain()
    assert all(one["sent_at"] for one in show(stage, started)["mails"])


def test_only_what_was_shown_is_sent(stage: Stage, adapters: Adapters, proposed: str) -> None:
    late = a_holding(
        Company("10001", "Spät GmbH"),
        contacts=[a_contact("5009", email="late@late.example")],
        contracts=[a_contract("70009", reporters=("5009",))],
        machines=[a_machine("200009", contract_id="70009")],
    )
    settle(adapters, late)
    report(adapters, "200002", "1", "2")
    started = stage.staff("POST", f"/api/staff/rounds/{proposed}/sending").json["id"]
    stage.drain()
    assert recipients(stage.mails()) == ["clara@muster.example"]
    left = show(stage, started)["left_out"]
    assert [one["contract_id"] for one in left] == ["70002"]
    assert left[0]["reasons"][0]["code"] == "already_reported"


def test_sent_twice_with_one_key_it_is_one_round(stage: Stage, proposed: str) -> None:
    path, key = f"/api/staff/rounds/{proposed}/sending", {"idempotency-key": "k" * 20}
    first = stage.staff("POST", path, headers=key).json["id"]
    assert stage.staff("POST", path, headers=key).json["id"] == first
    stage.drain()
    assert len(stage.mails()) == 2


def test_a_reminder_is_sent_as_the_reminder_that_was_shown(stage: Stage, proposed: str) -> None:
    stage.staff("POST", f"/api/staff/rounds/{proposed}/sending")
    stage.drain()
    tried = ask(stage, kind="reminder", early=True, dry_run=True)["id"]
    assert preview(stage, tried).json["block"] == "bwCOPortalZErinnerungHtml"
    started = stage.staff("POST", f"/api/staff/rounds/{tried}/sending").json["id"]
    stage.drain()
    shown = show(stage, started)
    assert (shown["kind"], shown["sent"]) == ("reminder", 2)


def test_what_proposes_nothing_cannot_be_sent(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    real = ask(stage)["id"]
    empty = ask(stage, dry_run=True)["id"]
    unplanned = start(stage, dry_run=True)
    for number in (real, empty, unplanned):
        refused = stage.staff("POST", f"/api/staff/rounds/{number}/sending")
        assert (refused.status, refused.json["code"]) == (409, "not_proposed")
    assert stage.staff("POST", "/api/staff/rounds/nowhere/sending").status == 404


def test_a_test_mail_goes_to_who_asks_and_says_what_it_is(stage: Stage, proposed: str) -> None:
    path = f"/api/staff/rounds/{proposed}/mails/5001/test"
    asked = stage.staff("POST", path, groups="remind")
    assert (asked.status, asked.json) == (202, {"to": OWN})
    stage.drain()
    (mail,) = stage.mails()
    assert mail["To"] == OWN
    assert mail["Subject"] == f"Test: {preview(stage, proposed).json['subject']}"
    assert "Dies ist eine Testmail" in text_of(mail)
    assert "Dies ist eine Testmail" in html_of(mail)
    assert "#t=" not in text_of(mail) + html_of(mail)
    told = stage.staff("GET", "/api/staff/audit?action=test_mail_sent").json["entries"]
    assert [one["record"]["id"] for one in told] == [proposed]


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    content: str = part.get_content()
    return content


def test_a_test_mail_delivered_twice_is_sent_once(stage: Stage, proposed: str) -> None:
    message = {
        "schema": 1,
        "kind": "test_mail",
        "request_id": "r1",
        "round_id": proposed,
        "contact_id": "5001",
        "mailbox": OWN,
    }
    assert work(stage, "send_mail", message, message) == []
    assert len(stage.mails()) == 1


def test_nothing_is_shown_of_what_is_settled(
    stage: Stage, adapters: Adapters, proposed: str
) -> None:
    report(adapters, "200001", "1", "2")
    for answer in (
        preview(stage, proposed),
        stage.staff("POST", f"/api/staff/rounds/{proposed}/mails/5001/test"),
    ):
        assert (answer.status, answer.json["code"]) == (409, "nothing_to_show")


@pytest.mark.parametrize("contact", ["5404", "5003", "7" * 80])
def test_there_is_no_mail_to_others(
    stage: Stage, adapters: Adapters, proposed: str, contact: str
) -> None:
    third = replace(a_contact("5003"), email="", mailbox=None)
    settle(adapters, a_holding(Company("10003", "Dritte GmbH"), contacts=[third], contracts=[]))
    assert preview(stage, proposed, contact).status == 404
    assert preview(stage, "nowhere").status == 404


def test_who_may_only_read_sends_nothing(stage: Stage, proposed: str) -> None:
    for path in ("mails/5001/test", "sending"):
        refused = stage.staff("POST", f"/api/staff/rounds/{proposed}/{path}", groups="read")
        assert refused.status == 403


def test_an_account_without_an_address_gets_no_test(
    stage: Stage, adapters: Adapters, proposed: str
) -> None:
    claims = {"token_use": "id", "sub": "machine", "cognito:groups": ["remind"]}
    path = f"/api/staff/rounds/{proposed}/mails/5001/test"
    refused = stage.request("staff_api", "POST", path, None, claims=claims)
    assert (refused.status, refused.json["code"]) == (409, "no_own_address")


def test_a_changed_address_is_no_address_of_the_round(
    stage: Stage, adapters: Adapters, proposed: str
) -> None:
    update = "SET #email = :new, #mailbox = :new"
    key = keys.contact("10000", "5001")
    adapters.table.write(Write(key=key, update=update, values={"new": "new@muster.example"}))
    assert holdings.contacts(adapters.table, [("10000", "5001")])
    assert preview(stage, proposed).status == 404
