"""Receipts: one mail once a contact has come to rest, never two, and never a word too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.crypto import fingerprint
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store.access import accounts, links, mailboxes
from meterportal.usecases.access.personal_access import LINK_LIFE

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_link, a_machine
from tests.support.customers import (
    CLARA,
    asked_for_all,
    change,
    release,
    save_contact,
    second_company,
    signed_in,
)
from tests.support.receipts import a_report, message_of, settle_receipts, sweep, wait, waiting
from tests.support.requesting import code_of, text_of, token_of, work
from tests.support.stage import Stage
from tests.support.wire import counted


def three_machines(stage: Stage, adapters: Adapters) -> None:
    devices = [a_machine(f"20000{n}") for n in (1, 2, 3)]
    signed_in(stage, adapters, a_holding(machines=devices))


def test_one_receipt_after_the_last_change_with_everything_in_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_machines(stage, adapters)
    a_report(stage, read_on="2026-11-22")
    reason = {"1": "Großauftrag im Herbst"}
    a_report(stage, "200002", values={"1": 90_850}, confirm=reason)
    assert settle_receipts(stage) == 0
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 1
    (mail,) = stage.mails()
    assert mail["To"] == CLARA
    assert mail["Subject"] == "Zählerstände erhalten: Muster GmbH, 2 Geräte"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == adapters.settings.reply_to
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        for word in ("10.850", "4.250", "90.850", "22.11.2026", "23.11.2026", "S/W", "Farbe"):
            assert word in text, word
        assert "Gemeldet von Clara Schäfer" in text
        assert "Bestätigt mit Begründung: Großauftrag im Herbst" in text
        assert text.count("es fehlt Farbe") == 1
        assert text.count("SN200003") == 1
        assert "Noch offen" in text
        assert "Korrektur" not in text
    wait(monkeypatch, 120)
    assert settle_receipts(stage) == 0
    assert len(stage.mails()) == 1


def test_when_all_is_there_the_receipt_says_so_and_asks_for_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = DUE + timedelta(days=200)  # not due for long: no part of "still missing"
    others = [
        a_contract("70002", next_billing_on=later),
        a_contract("70003", reporters=("5009",)),
    ]
    devices = [
        a_machine(),
        a_machine("200002", contract_id="70002", due_on=later),
        a_machine("200003", contract_id="70003"),
    ]
    signed_in(stage, adapters, a_holding(contracts=[a_contract(), *others], machines=devices))
    a_report(stage)
    wait(monkeypatch, 11)
    settle_receipts(stage)
    text = text_of(stage.mails()[0])
    assert "Damit ist alles gemeldet." in text
    assert "fehlt" not in text
    assert "SN200002" not in text
    assert "SN200003" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Damit ist für Muster GmbH alles gemeldet."),
        ("en", "Everything has been reported for Muster GmbH."),
    ],
)
def test_of_several_companies_a_receipt_speaks_of_its_own(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    signed_in(stage, adapters, a_holding(contacts=[a_contact(language=language)]))
    second_company(adapters)
    a_report(stage)
    wait(monkeypatch, 11)
    settle_receipts(stage)
    for kind in ("plain", "html"):
        assert words in text_of(stage.mails()[0], kind)


def test_the_link_and_the_code_of_a_receipt_open_what_can_still_be_corrected(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    a_report(stage)
    wait(monkeypatch, 11)
    settle_receipts(stage)
    (mail,) = stage.mails()
    stage.cookies.clear()
    opened = stage.customer("POST", "/api/session", {"token": token_of(mail)})
    assert opened.status == 201, opened.text
    a_report(stage, values={"1": 10_870}, version=2)
    stage.cookies.clear()
    by_code = stage.customer("POST", "/api/session", {"email": CLARA, "code": code_of(mail)})
    assert by_code.status == 201, by_code.text
    link = links.load(adapters.table, fingerprint(adapters.keys.open_link(token_of(mail))))
    assert link is not None
    assert link.expires_on == DUE + LINK_LIFE


def test_a_change_puts_the_receipt_off_but_not_beyond_an_hour(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    a_report(stage)
    opened = waiting(adapters)
    assert opened is not None
    quiet = timedelta(minutes=10)
    assert not opened.due(opened.changed_at + timedelta(minutes=9, seconds=59), quiet)
    assert opened.due(opened.changed_at + quiet, quiet)
    busy = replace(opened, changed_at=opened.opened_at + timedelta(minutes=59))
    assert not busy.due(opened.opened_at + timedelta(minutes=59, seconds=59), quiet)
    assert busy.due(opened.opened_at + timedelta(minutes=60), quiet)
    a_report(stage, values={"1": 10_870}, version=2)
    changed = waiting(adapters)
    assert changed is not None
    assert changed.opened_at == opened.opened_at
    assert changed.changed_at > opened.changed_at


def test_a_later_change_opens_another_receipt_that_names_the_correction(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_machines(stage, adapters)
    a_report(stage)
    a_report(stage, values={"1": 10_860}, version=2)  # still the first receipt: no correction
    a_report(stage, "200002")
    wait(monkeypatch, 11)
    settle_receipts(stage)
    a_report(stage, values={"1": 10_870}, version=3)
    wait(monkeypatch, 22)
    settle_receipts(stage)
    first, second = stage.mails()
    assert first["Subject"] == "Zählerstände erhalten: Muster GmbH, 2 Geräte"
    assert second["Subject"] == "Korrektur erhalten: Muster GmbH, 1 Gerät"
    assert "10.870 (bisher 10.860)" in text_of(second)
    assert "bisher 10.860" in text_of(second, "html")
    assert "SN200002" not in text_of(second)
    assert token_of(first) != token_of(second)
    a_report(stage, "200003")
    wait(monkeypatch, 33)
    settle_receipts(stage)
    assert stage.mails()[2]["Subject"] == "Zählerstände erhalten: Muster GmbH, 1 Gerät"


def test_each_company_of_a_mailbox_gets_its_own_and_each_person_theirs(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = a_contact("5002", first_name="Anna", last_name="König", email="anna@muster.example")
    held = a_holding(
        contacts=[a_contact(), anna],
        contracts=[a_contract(reporters=("5001", "5002"))],
        machines=[a_machine(), a_machine("200002")],
    )
    signed_in(stage, adapters, held)
    second_company(adapters)
    a_report(stage)
    stage.customer("PUT", "/api/session/company", {"company_id": "10007"})
    a_report(stage, "200009")
    stage.customer(
        "POST", "/api/session", {"token": a_link(adapters, mailbox="anna@muster.example")}
    )
    a_report(stage, values={"2": 4_260}, version=2)
    a_report(stage, "200002")
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 3
    told = {(str(mail["To"]), str(mail["Subject"])): text_of(mail) for mail in stage.mails()}
    assert set(told) == {
        (CLARA, "Zählerstände erhalten: Muster GmbH, 1 Gerät"),
        (CLARA, "Meter readings received: Abakus AG, 1 machine"),
        ("anna@muster.example", "Zählerstände erhalten: Muster GmbH, 2 Geräte"),
    }
    clara = told[CLARA, "Zählerstände erhalten: Muster GmbH, 1 Gerät"]
    assert "Gemeldet von Anna König" in clara  # who stands behind the colour value now
    assert "Gemeldet von Clara Schäfer" in clara


def test_the_language_is_the_one_chosen_else_the_contacts(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    adapters.table.write(accounts.choose_language(CLARA, "en"))
    a_report(stage)
    wait(monkeypatch, 11)
    settle_receipts(stage)
    (mail,) = stage.mails()
    assert mail["Subject"] == "Meter readings received: Muster GmbH, 1 machine"
    assert mail["Content-Language"] == "en"
    assert "10,850" in text_of(mail)
    assert "Everything has been reported." in text_of(mail, "html")


def bounced(adapters: Adapters) -> None:
    write = mailboxes.note_failure(CLARA, Delivery.BOUNCED, at="2026-11-23T09:00:00+00:00")
    adapters.table.write(write)


def deactivated(adapters: Adapters) -> None:
    save_contact(adapters, replace(a_contact(), active=False))


def other_address(adapters: Adapters) -> None:
    save_contact(adapters, a_contact(email="new@muster.example"))


def gone(adapters: Adapters) -> None:
    change(adapters, readings=())


@pytest.mark.parametrize("fate", [bounced, deactivated, other_address, gone])
def test_who_may_not_be_written_to_gets_none_and_nothing_waits(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, fate: Any
) -> None:
    signed_in(stage, adapters)
    a_report(stage)
    fate(adapters)
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 1
    assert stage.mails() == []
    assert waiting(adapters) is None
    assert settle_receipts(stage) == 0


def test_what_was_released_meanwhile_is_told_all_the_same(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    a_report(stage)
    release(adapters)
    change(adapters, due_on=DUE + timedelta(days=30))  # the next period is open already
    wait(monkeypatch, 11)
    settle_receipts(stage)
    assert "10.850" in text_of(stage.mails()[0])


def test_switched_off_nothing_is_written_read_or_sent(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = replace(adapters.settings, receipts=False)
    monkeypatch.setattr(adapters, "settings", off)
    signed_in(stage, adapters)
    a_report(stage)
    assert waiting(adapters) is None
    wait(monkeypatch, 11)
    with counted(adapters.table._client) as requests:
        assert sweep(stage) == 0
    assert not requests


def test_nothing_due_costs_one_query_of_an_empty_list(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    with counted(adapters.table._client, adapters.queues._client) as requests:
        assert sweep(stage) == 0
        assert requests == {"dynamodb.Query": 1}
        a_report(stage)
    with counted(adapters.table._client, adapters.queues._client) as requests:
        assert sweep(stage) == 0
    assert requests == {"dynamodb.Query": 1}


def test_a_report_still_is_four_requests_and_a_receipt_two_writes(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    asked_for_all(adapters)
    with counted(adapters.table._client) as requests:
        a_report(stage)
    assert sum(requests.values()) == 4
    assert requests["dynamodb.TransactWriteItems"] == 1
    wait(monkeypatch, 11)
    receipt = waiting(adapters)
    assert receipt is not None
    assert adapters.keys
    with counted(adapters.table._client, adapters.sender._client) as requests:
        assert work(stage, "send_mail", message_of(receipt)) == []
    assert requests == {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.GetItem": 1,  # how far ahead the dealer asks
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
        "sesv2.SendEmail": 1,
        "dynamodb.UpdateItem": 2,  # the turns of a hundred mails; sent
    }


def test_a_whole_fleet_is_one_receipt(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [a_machine(f"2{n:05d}") for n in range(70)]
    signed_in(stage, adapters, a_holding(machines=devices))
    fleet = [
        {"machine_id": one.id, "values": {"1": 10_850, "2": 4_250}, "version": 1} for one in devices
    ]
    answer = stage.customer("PUT", "/api/readings", {"machines": fleet})
    assert {one["status"] for one in answer.json["machines"]} == {200}
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 1
    (mail,) = stage.mails()
    assert mail["Subject"] == "Zählerstände erhalten: Muster GmbH, 70 Geräte"
    assert text_of(mail).count("Seriennr.") == 60
    assert "und 10 weitere" in text_of(mail)
    assert len(bytes(mail)) < 100_000
