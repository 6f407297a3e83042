"""Answers that nobody foresaw, through the front doors: each ends, and none keeps the others from staff."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.answers import devices, understanding
from meterportal.domain.mailing.answers.arrived import Outcome
from meterportal.store.portfolio import provisional
from meterportal.usecases.mailing import receive_mail

from tests.integration.mailing.test_answers import BOTH, answer, asked, values
from tests.support.answering import GOOD, a_mail, arrive
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
