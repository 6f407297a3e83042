"""Answers that nobody foresaw, through the front doors: each ends, and none keeps the others from staff."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.answers import devices, understanding
from meterportal.domain.mailing.answers.arrived import ArrivedMail, Outcome
from meterportal.settings import moment
from meterportal.store import keys
from meterportal.store.mailing import receipts
from meterportal.store.portfolio import provisional
from meterportal.usecases.mailing import receive_mail

from tests.integration.mailing.test_answers import BOTH, UNKNOWN, answer, asked, values
from tests.support import clock
from tests.support.answering import GOOD, a_mail, a_notice, arrive, stored
from tests.support.builders import a_contact, a_holding, a_machine, settle
from tests.support.customers import CLARA
from tests.support.stage import INBOUND_DOMAIN, Stage

DEVICES = f"geraete@{INBOUND_DOMAIN}"
KONICA = (
    "[Model Name],\n[Serial Number], SN200001\n[Send Date],23/11/26\n[Total Counter],00015170\n"
    "[Total Color Counter],00004270\n[Total Black Counter],00010900\n"
)


def a_device(adapters: Adapters, **machine: Any) -> None:
    settle(adapters, a_holding(machines=[a_machine(**machine)], contacts=[a_contact()]))
    adapters.table.write(provisional.hold("SN200001", "200001", beside=""))


@pytest.mark.parametrize(
    ("module", "name", "to"),
    [(understanding, "understood", ""), (devices, "read_device", DEVICES)],
)
def test_a_text_that_a_reader_fails_on_is_a_task(
    stage: Stage, adapters: Adapters, monkeypatch: Any, module: Any, name: str, to: str
) -> None:
    asked(stage, adapters)

    def fails(*_: object, **__: object) -> None:
        raise StopIteration

    monkeypatch.setattr(module, name, fails)
    end = answer(stage, adapters, to or f"service@{INBOUND_DOMAIN}", BOTH)
    assert (end.outcome, end.reason) == (Outcome.TASK, "unreadable")


def test_a_subject_that_cannot_be_decoded_does_not_stop_an_answer(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    raw = b"Subject: =?utf-8?B?A?=\r\n" + a_mail(BOTH, sender=CLARA)
    assert arrive(stage, adapters, raw, to, source=CLARA).outcome is Outcome.REPORTED


def test_a_device_whose_contract_is_gone_is_a_task(stage: Stage, adapters: Adapters) -> None:
    a_device(adapters, contract_id="79999")
    end = answer(stage, adapters, DEVICES, KONICA, sender="drucker@muster.example")
    assert (end.outcome, end.doubts) == (Outcome.TASK, ("implausible",))


def test_lone_carriage_returns_do_not_pass_the_bounds(stage: Stage, adapters: Adapters) -> None:
    to = asked(stage, adapters)
    raw = b"From: " + CLARA.encode() + b"\r\n\r\n" + b"x\r" * 30_000
    assert arrive(stage, adapters, raw, to, source=CLARA).reason == "many_lines"


def test_a_large_fleet_is_not_read_for_a_message_that_proves_no_sender(
    stage: Stage, adapters: Adapters, monkeypatch: Any
) -> None:
    to = asked(stage, adapters)
    monkeypatch.setattr(receive_mail, "_MOST_FOR_STRANGERS", 0)
    end = answer(stage, adapters, to, BOTH, verdicts={**GOOD, "dmarcVerdict": "FAIL"})
    assert (end.doubts, end.values) == (("not_authentic", "many_machines"), {})
    assert answer(stage, adapters, to, f"Hallo,\n{BOTH}").outcome is Outcome.REPORTED
    assert values(adapters) == {"1": 10_900, "2": 4_270}


@pytest.fixture
def two_tasks(monkeypatch: Any) -> None:
    """Two tasks of one sender a day, three of strangers."""
    limit = type(receive_mail.TASKS_OF_A_SENDER)
    day = timedelta(days=1)
    monkeypatch.setattr(receive_mail, "TASKS_OF_A_SENDER", limit("inbound", 2, day))
    monkeypatch.setattr(receive_mail, "TASKS_OF_STRANGERS", limit("inbound-strangers", 3, day))


@pytest.mark.usefixtures("two_tasks")
def test_no_flood_keeps_a_proved_customer_s_mail_from_staff(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    forged = {**GOOD, "dmarcVerdict": "FAIL"}
    ends = [answer(stage, adapters, to, f"Unecht {n}", verdicts=forged) for n in range(3)]
    ends += [answer(stage, adapters, UNKNOWN, f"Text {n}", f"x{n}@y.example") for n in range(2)]
    assert [end.reason for end in ends] == [
        "not_authentic",
        "not_authentic",
        "flood",
        "sender_unknown",
        "flood",
    ]
    ends = [answer(stage, adapters, to, f"Bitte anrufen, Nummer {n}") for n in range(4)]
    assert {end.outcome for end in ends} == {Outcome.TASK}


@pytest.mark.usefixtures("two_tasks")
def test_devices_behind_one_address_are_counted_by_machine(
    stage: Stage, adapters: Adapters
) -> None:
    devices_ = [a_machine("200001"), a_machine("200002")]
    settle(adapters, a_holding(machines=devices_, contacts=[a_contact()]))
    for number in ("200001", "200002"):
        adapters.table.write(provisional.hold(f"SN{number}", number, beside=""))

    def told(number: str, times: int) -> list[str]:
        return [
            answer(
                stage,
                adapters,
                DEVICES,
                f"Serial Number: SN{number}\n{n} xyz",
                "mfp@muster.example",
            ).reason
            for n in range(times)
        ]

    assert told("200001", 3) == ["form_unknown", "form_unknown", "flood"]
    assert told("200002", 2) == ["form_unknown", "form_unknown"]


def told_with(adapters: Adapters, sender: str, to: str, text: str, **settings: Any) -> ArrivedMail:
    """A message comes in where these settings are other ones."""
    other = Adapters(replace(adapters.settings, **settings))
    number = stored(adapters, a_mail(text, sender=sender))
    found = receive_mail.receive_mail(
        other, json.dumps(a_notice(number, to, source=sender)), moment()
    )
    assert found is not None
    return found


def test_a_mail_from_the_address_for_replies_is_a_task(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    service = "service@buero.example"
    end = told_with(adapters, service, UNKNOWN, "Bitte lesen", reply_to=service)
    assert (end.outcome, end.reason) == (Outcome.TASK, "sender_unknown")


@pytest.mark.parametrize("wanted", [True, False])
def test_an_answer_by_mail_opens_a_receipt_where_receipts_are_wanted(
    stage: Stage, adapters: Adapters, wanted: bool
) -> None:
    to = asked(stage, adapters)
    end = told_with(adapters, CLARA, to, BOTH, receipts=wanted)
    assert end.outcome is Outcome.REPORTED
    later = clock.now() + timedelta(days=1)
    assert len(list(receipts.waiting(adapters.table, opened_before=later))) == wanted


def test_a_task_is_kept_until_somebody_finished_it(stage: Stage, adapters: Adapters) -> None:
    end = answer(stage, adapters, asked(stage, adapters), "Bitte rufen Sie an.")
    place = keys.run("INBOUND", end.id)
    row = adapters.table.get(*place)
    assert row is not None
    assert "expires_at" not in row
    done = {"decision": "done", "note": ""}
    assert stage.staff("POST", f"/api/staff/answers/{end.id}/decision", done).status == 200
    row = adapters.table.get(*place)
    assert row is not None
    days = (int(row["expires_at"]) - clock.now().timestamp()) / 86_400
    assert 179 < days <= 180
