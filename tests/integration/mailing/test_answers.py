"""Answers by mail, through the front doors: SES's notice in; readings, receipts and tasks out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.answers.arrived import ArrivedMail, Outcome, TaskState
from meterportal.store.mailing import arrived
from meterportal.store.portfolio import machines
from meterportal.usecases.mailing import receive_mail
from meterportal.usecases.mailing.receive_mail import TASKS_OF_A_SENDER

from tests.support import clock
from tests.support.answering import GOOD, a_mail, a_notice, arrive, stored
from tests.support.builders import a_contact, a_holding, a_machine, settle
from tests.support.customers import CLARA
from tests.support.faults import killed
from tests.support.requesting import a_company, ask, text_of, work
from tests.support.stage import INBOUND_DOMAIN, Stage

BOTH = "S/W 10.900, Farbe 4.270"
UNKNOWN = f"z-irgendwas@{INBOUND_DOMAIN}"


def asked(stage: Stage, adapters: Adapters, **more: Any) -> str:
    """Clara is asked for her machine; the address that her mail gives for answers."""
    settle(adapters, a_holding(**more))
    ask(stage)
    return str(stage.mails()[-1]["Reply-To"])


def values(adapters: Adapters, machine_id: str = "200001") -> dict[str, int]:
    machine = machines.find(adapters.table, [machine_id])[machine_id]
    return {reading.meter_id: reading.value for reading in machine.readings}


def answer(
    stage: Stage, adapters: Adapters, to: str, text: str, sender: str = CLARA, **more: Any
) -> ArrivedMail:
    return arrive(stage, adapters, a_mail(text, sender=sender), to, source=sender, **more)


def tasks(stage: Stage, state: str = "open") -> list[Any]:
    found: list[Any] = stage.staff("GET", f"/api/staff/answers?state={state}").json["answers"]
    return found


def test_the_address_for_answers_names_the_mail_and_opens_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    local, _, domain = to.partition("@")
    assert domain == INBOUND_DOMAIN
    assert len(local) <= 64
    assert stage.mails()[0]["References"] == f"<{to}>"
    assert stage.customer("POST", "/api/session", {"token": local}).status == 401


def test_what_was_understood_is_reported_and_the_receipt_shows_it(
    stage: Stage, adapters: Adapters
) -> None:
    end = answer(stage, adapters, asked(stage, adapters), BOTH)
    assert (end.outcome, end.state) == (Outcome.REPORTED, None)
    machine = machines.find(adapters.table, ["200001"])["200001"]
    assert {(r.meter_id, r.value, r.channel.value, r.reported_by) for r in machine.readings} == {
        ("1", 10_900, "EMAIL", "5001"),
        ("2", 4_270, "EMAIL", "5001"),
    }
    assert tasks(stage) == []
    clock.forward(timedelta(minutes=30))
    schedule = {"kind": "receipts", "scheduled_at": clock.now().isoformat()}
    stage.handler("queue_receipts")(schedule, None)
    stage.drain()
    receipt = stage.mails()[-1]
    assert receipt["To"] == CLARA
    assert "10.900" in text_of(receipt)
    assert "#t=" in text_of(receipt)


def test_a_message_that_is_delivered_again_changes_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    raw = a_mail(BOTH, sender=CLARA)
    first = arrive(stage, adapters, raw, to, source=CLARA)
    version = machines.find(adapters.table, ["200001"])["200001"].version
    assert arrive(stage, adapters, raw, to, source=CLARA) == first
    assert machines.find(adapters.table, ["200001"])["200001"].version == version


@pytest.mark.parametrize(
    ("text", "outcome"),
    [(BOTH, Outcome.REPORTED), ("S/W 10.900. Bitte rufen Sie an.", Outcome.TASK)],
)
def test_killed_after_any_call_and_delivered_again_a_message_ends_once(
    stage: Stage, adapters: Adapters, text: str, outcome: Outcome
) -> None:
    """An answer with an unknown sender is a task, one of the contact is reported."""
    for call in range(40):
        box = f"box{call}@haus.example"
        (number,) = a_company(adapters, call, box)
        ask(stage, {"ids": [number]})
        to = str(stage.mails()[-1]["Reply-To"])
        sender = box if outcome is Outcome.REPORTED else "someone@else.example"
        raw = a_mail(text, sender=sender, subject=f"Antwort {call}")
        notice = a_notice(stored(adapters, raw), to, source=sender)
        with killed(call, reads=True) as calls:
            work(stage, "receive_mail", notice)
        assert work(stage, "receive_mail", notice) == []
        found = arrived.load(adapters.table, notice["mail"]["messageId"])
        assert found is not None
        assert found.outcome is outcome, (call, calls)
        machine = machines.find(adapters.table, [f"2{number}"])[f"2{number}"]
        reported = outcome is Outcome.REPORTED
        assert len(machine.readings) == (2 if reported else 0)
        assert machine.version == (2 if reported else 1), (call, calls)
        assert len(tasks(stage)) == (0 if reported else call + 1)
        if "killed" not in calls:
            break
    else:
        pytest.fail("the worker never came to its end")


def test_a_message_that_was_sent_twice_is_said_once(stage: Stage, adapters: Adapters) -> None:
    to = asked(stage, adapters)
    raw = a_mail("Bitte rufen Sie an.", sender=CLARA)
    assert arrive(stage, adapters, raw, to, source=CLARA).outcome is Outcome.TASK
    again = arrive(stage, adapters, raw, to, source=CLARA, number="another")
    assert (again.outcome, again.reason) == (Outcome.IGNORED, "repeat")
    assert len(tasks(stage)) == 1


@pytest.mark.parametrize(
    ("verdicts", "doubt"),
    [
        ({"dmarcVerdict": "FAIL"}, "not_authentic"),
        ({"dmarcVerdict": "GRAY", "spfVerdict": "FAIL", "dkimVerdict": "GRAY"}, "not_authentic"),
        ({"spamVerdict": "FAIL"}, "spam_suspected"),
        ({"virusVerdict": "FAIL"}, "virus_suspected"),
    ],
)
def test_a_message_that_proves_nothing_only_proposes(
    stage: Stage, adapters: Adapters, verdicts: dict[str, str], doubt: str
) -> None:
    to = asked(stage, adapters)
    end = answer(stage, adapters, to, BOTH, verdicts={**GOOD, **verdicts})
    assert (end.outcome, end.reason) == (Outcome.TASK, doubt)
    assert values(adapters) == {}
    (task,) = tasks(stage)
    (machine,) = task["machines"]
    assert [meter["value"] for meter in machine["meters"]] == [10_900, 4_270]


def test_an_aligned_spf_proves_a_sender_whose_domain_has_no_policy(
    stage: Stage, adapters: Adapters
) -> None:
    verdicts = {**GOOD, "dmarcVerdict": "GRAY", "dkimVerdict": "GRAY"}
    end = answer(stage, adapters, asked(stage, adapters), BOTH, verdicts=verdicts)
    assert end.outcome is Outcome.REPORTED


def test_headers_that_the_sender_wrote_prove_nothing(stage: Stage, adapters: Adapters) -> None:
    to = asked(stage, adapters)
    verdicts = {**GOOD, "dmarcVerdict": "GRAY", "spfVerdict": "FAIL"}
    forged = "amazonses.com; spf=pass; dkim=pass header.i=@muster.example"
    real = b"Authentication-Results: amazonses.com; spf=fail; dkim=pass header.i=@evil.example\r\n"
    raw = real + a_mail(BOTH, sender=CLARA, Authentication_Results=forged)
    end = arrive(stage, adapters, raw, to, source="x@evil.example", verdicts=verdicts)
    assert end.doubts[0] == "not_authentic"


def test_text_beyond_the_values_reaches_staff_although_the_values_are_reported(
    stage: Stage, adapters: Adapters
) -> None:
    end = answer(stage, adapters, asked(stage, adapters), f"{BOTH}\n\nBitte Toner schicken!")
    assert (end.outcome, end.state) == (Outcome.REPORTED, TaskState.OPEN)
    assert values(adapters) == {"1": 10_900, "2": 4_270}
    (task,) = tasks(stage)
    assert "Bitte Toner schicken!" in task["text"]


def test_an_unusual_value_waits_for_staff(stage: Stage, adapters: Adapters) -> None:
    end = answer(stage, adapters, asked(stage, adapters), "S/W 99.900, Farbe 4.270")
    assert (end.outcome, end.doubts) == (Outcome.TASK, ("implausible",))
    assert values(adapters) == {}


def test_another_value_than_the_one_reported_waits_for_staff(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    answer(stage, adapters, to, BOTH)
    end = answer(stage, adapters, to, "S/W 10.950, Farbe 4.270")
    assert end.doubts == ("already_reported",)
    assert values(adapters) == {"1": 10_900, "2": 4_270}
    assert answer(stage, adapters, to, f"Hallo,\n{BOTH}").outcome is Outcome.REPORTED


def test_an_answer_is_found_by_references_and_by_the_id_that_ses_gave(
    stage: Stage, adapters: Adapters
) -> None:
    to = asked(stage, adapters)
    service = f"service@{INBOUND_DOMAIN}"
    raw = a_mail("Bitte anrufen", sender=CLARA, References=f"<x@y.example> <{to}>")
    end = arrive(stage, adapters, raw, service, source=CLARA)
    assert (end.contact_id, end.doubts) == ("5001", ("no_values",))
    sent = next(one for one in _sent_ids(stage))
    raw = a_mail("Rückruf bitte", sender=CLARA, In_Reply_To=f"<{sent}@eu-central-1.amazonses.com>")
    end = arrive(stage, adapters, raw, service, source=CLARA)
    assert (end.contact_id, end.doubts) == ("5001", ("no_values",))


def _sent_ids(stage: Stage) -> list[str]:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    from tests.support.stage import REGION

    return [one.id for one in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages]


def test_without_a_token_the_sender_s_own_request_is_meant(
    stage: Stage, adapters: Adapters
) -> None:
    asked(stage, adapters)
    end = answer(stage, adapters, f"service@{INBOUND_DOMAIN}", BOTH)
    assert end.outcome is Outcome.REPORTED


def test_a_stranger_s_message_waits_for_staff_and_nothing_is_answered(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    sent = len(stage.mails())
    end = answer(stage, adapters, UNKNOWN, BOTH, sender="wer@anders.example")
    assert (end.outcome, end.reason) == (Outcome.TASK, "sender_unknown")
    assert len(stage.mails()) == sent


@pytest.mark.parametrize(
    ("headers", "source", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, CLARA, "auto_reply"),
        ({"X_Autoreply": "yes"}, CLARA, "auto_reply"),
        ({"Precedence": "auto_reply"}, CLARA, "auto_reply"),
        ({}, "", "bounce"),
        ({}, "<>", "bounce"),
    ],
)
def test_automatic_messages_are_ignored(
    stage: Stage, adapters: Adapters, headers: dict[str, str], source: str, why: str
) -> None:
    raw = a_mail(BOTH, sender=CLARA, **headers)
    end = arrive(stage, adapters, raw, asked(stage, adapters), source=source)
    assert (end.outcome, end.reason, end.text) == (Outcome.IGNORED, why, "")
    assert values(adapters) == {}


def test_our_own_mail_coming_back_is_ignored(stage: Stage, adapters: Adapters) -> None:
    to = asked(stage, adapters)
    own = adapters.settings.sender_address
    assert answer(stage, adapters, to, BOTH, sender=own).reason == "loop"


def test_what_devices_and_programs_write_about_themselves_is_no_automatic_answer(
    stage: Stage, adapters: Adapters
) -> None:
    more = {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"}
    raw = a_mail(BOTH, sender=CLARA, **more)
    end = arrive(stage, adapters, raw, asked(stage, adapters), source=CLARA)
    assert end.outcome is Outcome.REPORTED


def test_a_flood_of_one_sender_ends(stage: Stage, adapters: Adapters, monkeypatch: Any) -> None:
    few = type(TASKS_OF_A_SENDER)("inbound", 2, timedelta(days=1))
    monkeypatch.setattr(receive_mail, "TASKS_OF_A_SENDER", few)
    settle(adapters)
    ends = [answer(stage, adapters, UNKNOWN, f"Text {n}", sender="x@y.example") for n in range(3)]
    assert [(end.outcome, end.reason) for end in ends] == [
        (Outcome.TASK, "sender_unknown"),
        (Outcome.TASK, "sender_unknown"),
        (Outcome.IGNORED, "flood"),
    ]


def test_a_message_above_a_bound_is_a_task_unread(stage: Stage, adapters: Adapters) -> None:
    to = asked(stage, adapters)
    number = stored(adapters, b"From: " + CLARA.encode() + b"\r\n\r\n" + b"x" * 1_000_001, "large")
    told = a_notice(number, to, source=CLARA, sender=CLARA, subject="Groß")
    assert work(stage, "receive_mail", told) == []
    (task,) = tasks(stage)
    assert (task["doubts"], task["sender"], task["subject"]) == (["too_large"], CLARA, "Groß")


def test_what_is_no_notice_goes_to_the_dead_letters(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    missing = a_notice("not-there", UNKNOWN, source=CLARA)
    setup = a_notice("AMAZON_SES_SETUP_NOTIFICATION", UNKNOWN)
    assert work(stage, "receive_mail", "no JSON", {"a": 1}, missing, setup) == [0, 1, 2]


def test_staff_finish_a_task_once(stage: Stage, adapters: Adapters) -> None:
    answer(stage, adapters, asked(stage, adapters), "Bitte rufen Sie an.")
    (task,) = tasks(stage)
    path = f"/api/staff/answers/{task['id']}/decision"
    assert stage.staff("POST", path, {"decision": "done"}, groups="read").status == 403
    done = {"decision": "done", "note": "Angerufen"}
    assert stage.staff("POST", path, done).status == 200
    assert stage.staff("POST", path, done).status == 200
    refused = stage.staff("POST", path, {"decision": "dismissed"})
    assert (refused.status, refused.json["code"]) == (409, "answer_decided")
    assert tasks(stage) == []
    (closed,) = tasks(stage, "decided")
    assert (closed["state"], closed["decision"]["note"]) == ("done", "Angerufen")
    assert stage.staff("POST", "/api/staff/answers/no/decision", done).status == 404


def test_a_device_of_the_house_reports_for_itself_and_one_of_elsewhere_does_not(
    stage: Stage, adapters: Adapters
) -> None:
    from meterportal.store.portfolio import provisional

    settle(adapters, a_holding(machines=[a_machine()], contacts=[a_contact()]))
    adapters.table.write(provisional.hold("SN200001", "200001", beside=""))
    ask(stage)
    text = (
        "[Model Name],\n[Serial Number], SN200001\n[Send Date],23/11/26\n[Total Counter],00015170\n"
        "[Total Color Counter],00004270\n[Total Black Counter],00010900\n"
    )
    devices = f"geraete@{INBOUND_DOMAIN}"
    other = answer(stage, adapters, devices, text, sender="drucker@anders.example")
    assert (other.outcome, other.reason) == (Outcome.TASK, "other_sender")
    own = answer(stage, adapters, devices, text, sender="drucker@muster.example")
    assert own.outcome is Outcome.REPORTED
    machine = machines.find(adapters.table, ["200001"])["200001"]
    assert {(r.value, r.channel.value, r.reported_by) for r in machine.readings} == {
        (10_900, "MPS", "device"),
        (4_270, "MPS", "device"),
    }
    later = text.replace("15170", "15180").replace("10900", "10910")
    end = answer(stage, adapters, devices, later, sender="drucker@muster.example")
    assert (end.outcome, end.reason) == (Outcome.IGNORED, "already_reported")
