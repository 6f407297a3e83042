"""Staff ask a customer back by mail about one value, and the answer comes back into the list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from botocore.exceptions import ReadTimeoutError
from meterportal.adapters import Adapters
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.mailing import questions
from meterportal.store.writes import Write
from meterportal.usecases.mailing.sweep_rounds import sweep

from tests.support import clock
from tests.support.builders import a_contact, a_contract, a_holding, settle
from tests.support.customers import CLARA, events, everything, open_by, put, stored
from tests.support.faults import failing, killed
from tests.support.reported import a_confirmed_reading, a_reading, a_reported_machine
from tests.support.requesting import an_event, text_of, work
from tests.support.stage import Answer, Stage

READING = "200001.1.2026-11-28"
PATH = f"/api/staff/readings/{READING}"
LATER = clock.BEGIN + timedelta(hours=1)
HIGH = Finding(
    "1",
    "usage_too_high",
    Severity.WARN,
    {"usage": 80_000, "last_on": "2026-10-28", "expected": 833, "low": 500, "high": 2_500},
)


def unusual(adapters: Adapters, **contact: Any) -> None:
    machine = a_reported_machine("200001", a_confirmed_reading(findings=(HIGH,)), a_reading("2"))
    settle(adapters, a_holding(contacts=[a_contact(**contact)], machines=[machine]))


def ask(stage: Stage, version: int = 2) -> Answer:
    body = {"decision": "asked_back", "version": version}
    return stage.staff("POST", f"{PATH}/decision", body, groups="release")


def undo(stage: Stage, version: int = 3) -> Answer:
    return stage.staff("POST", f"{PATH}/undo", {"version": version}, groups="release")


def waiting(adapters: Adapters) -> list[str]:
    return list(questions.waiting(adapters.table, until=LATER))


def sent(stage: Stage, adapters: Adapters) -> list[int]:
    """The worker's turn, after the ten seconds."""
    bodies = [
        {"schema": 1, "kind": "question", "question_id": number} for number in waiting(adapters)
    ]
    return work(stage, "send_mail", *bodies)


def listed(stage: Stage, name: str) -> list[dict[str, Any]]:
    answer = stage.staff("GET", f"/api/staff/readings?bucket={name}", groups="read")
    return [one for machine in answer.json["machines"] for one in machine["readings"]]


def test_the_customer_is_asked_about_the_value_and_the_link_opens_the_machine(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    answer = ask(stage)
    assert (answer.status, answer.json["asked"]["name"]) == (200, "Clara Schäfer")
    assert (listed(stage, "implausible"), len(listed(stage, "decided"))) == ([], 1)
    sent(stage, adapters)

    (mail,) = stage.mails()
    assert mail["To"] == CLARA
    assert mail["Subject"] == "Rückfrage zum Zählerstand 90.000: Ricoh IM C3000, SN200001"
    for kind in ("plain", "html"):
        text = " ".join(text_of(mail, kind).split())
        assert "Sehr geehrte Frau Schäfer" in text
        assert "10.000 am 28.10.2026" in text
        assert re.search(r"etwa (<strong>)?[\d.]+ bis [\d.]+ Seiten", text), text
        assert "Großauftrag im Herbst" in text
        assert "None" not in text
    found = re.search(r"#t=([\w.~-]+)&m=200001\b", text_of(mail))
    assert found, text_of(mail)
    assert open_by(stage, found[1]).status == 201
    assert "Prüfen geht ohne Anmeldung." in text_of(mail, "html")
    assert waiting(adapters) == []


def test_an_english_contact_is_asked_in_english(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters, language="en")
    ask(stage)
    sent(stage, adapters)
    (mail,) = stage.mails()
    assert mail["Subject"] == "A question about the reading 90,000: Ricoh IM C3000, SN200001"
    assert "Dear Ms Schäfer" in text_of(mail)
    assert "10,000 on 28 October 2026" in text_of(mail)


def test_another_value_is_an_answer(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    ask(stage)
    sent(stage, adapters)
    (mail,) = stage.mails()
    found = re.search(r"#t=([\w.~-]+)", text_of(mail))
    assert found
    open_by(stage, found[1])
    assert put(stage, version=3, values={"1": "10.900"}).status == 200
    assert (listed(stage, "implausible"), listed(stage, "decided")) == ([], [])
    assert [one["value"] for one in listed(stage, "reported")] == [4_250, 10_900]


def test_the_same_value_confirmed_again_comes_back_into_the_list(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    ask(stage)
    sent(stage, adapters)
    found = re.search(r"#t=([\w.~-]+)", text_of(stage.mails()[0]))
    assert found
    open_by(stage, found[1])
    again: dict[str, Any] = {
        "values": {"1": "90.000"},
        "confirm": {"1": "Großauftrag im Herbst"},
        "read_on": "2026-11-22",
    }
    assert put(stage, version=3, **again).status == 200
    (back,) = listed(stage, "implausible")
    assert (back["value"], back["decision"]) == (90_000, None)
    assert (listed(stage, "decided"), events(adapters)) == ([], ["asked_back", "corrected"])
    # Sent twice, as by a double click, it is one answer.
    assert put(stage, version=3, **again).json["version"] == 4


def test_within_ten_seconds_it_is_taken_back_and_nothing_is_sent(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    ask(stage)
    number = waiting(adapters)
    assert undo(stage).status == 200
    assert waiting(adapters) == []
    body = {"schema": 1, "kind": "question", "question_id": number[0]}
    assert work(stage, "send_mail", body) == []
    assert stage.mails() == []
    assert len(listed(stage, "implausible")) == 1


def test_what_is_sent_is_not_taken_back(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    ask(stage)
    sent(stage, adapters)
    answer = undo(stage)
    assert (answer.status, answer.json["code"]) == (409, "question_sent")
    # But staff may still decide, and the mail's answer would still count.
    body = {"decision": "estimated", "version": 3}
    assert stage.staff("POST", f"{PATH}/decision", body).status == 200


def test_another_decision_in_time_takes_the_question_along(
    stage: Stage, adapters: Adapters
) -> None:
    unusual(adapters)
    ask(stage)
    body = {"decision": "estimated", "version": 3}
    assert stage.staff("POST", f"{PATH}/decision", body).status == 200
    assert waiting(adapters) == []


def test_what_is_answered_before_it_was_sent_is_not_asked(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    ask(stage)
    by_phone = {"values": {"1": 10_900}, "version": 3, "channel": "PHONE"}
    assert stage.staff("PUT", "/api/staff/machines/200001/readings", by_phone).status == 200
    assert sent(stage, adapters) == []
    assert (stage.mails(), waiting(adapters)) == ([], [])


def test_who_cannot_be_reached_is_not_asked(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    values = {"delivery": "bounced"}
    box = Write(key=keys.mailbox(CLARA), update="SET #delivery = :delivery", values=values)
    adapters.table.write(box)
    answer = ask(stage)
    assert (answer.status, answer.json["code"]) == (409, "nobody_to_ask")
    assert stored(adapters).version == 2


def test_who_reported_is_asked_before_the_other_reporters(stage: Stage, adapters: Adapters) -> None:
    people = [a_contact(), a_contact("5002", email="otto@muster.example", last_name="Otter")]
    machine = a_reported_machine("200001", a_confirmed_reading(reported_by="5002"))
    papers = [a_contract(reporters=("5001", "5002"))]
    settle(adapters, a_holding(contacts=people, contracts=papers, machines=[machine]))
    assert ask(stage).json["asked"]["id"] == "5002"


def test_a_question_that_was_not_queued_is_found_by_the_next_plan(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    unusual(adapters)
    with failing("SendMessageBatch", ReadTimeoutError(endpoint_url="sqs")):
        ask(stage)
    assert len(waiting(adapters)) == 1
    later = Moment(LATER, at.today)
    sweep(adapters, later)
    sweep(adapters, later)
    stage.drain()
    assert len(stage.mails()) == 1


def test_a_question_is_sent_once_whatever_dies_in_between(stage: Stage, adapters: Adapters) -> None:
    for call in range(40):
        box = f"box{call}@haus.example"
        machine = a_reported_machine(
            f"3{call:05d}",
            a_confirmed_reading(reported_by=f"5{call:04d}"),
            contract_id=f"8{call:04d}",
        )
        contact = a_contact(f"5{call:04d}", email=box)
        paper = a_contract(f"8{call:04d}", reporters=(contact.id,))
        settle(
            adapters,
            a_holding(contacts=[contact], contracts=[paper], machines=[machine]),
        )
        path = f"/api/staff/readings/3{call:05d}.1.2026-11-28/decision"
        assert stage.staff("POST", path, {"decision": "asked_back", "version": 2}).status == 200
        number = waiting(adapters)[-1]
        body = {"schema": 1, "kind": "question", "question_id": number}
        with killed(call) as calls:
            work(stage, "send_mail", body)
        work(stage, "send_mail", body)
        tos = [str(mail["To"]) for mail in stage.mails()]
        assert tos.count(box) <= 1
        if "killed" not in calls:
            assert tos.count(box) == 1
            return
    raise AssertionError("the worker never came to its end")


def test_a_question_bounces_like_every_mail(stage: Stage, adapters: Adapters) -> None:
    unusual(adapters)
    ask(stage)
    sent(stage, adapters)
    (row,) = (item for key, item in everything(adapters).items() if "ROUND#question-" in str(key))
    round_id = str(row).partition("ROUND#")[2].partition("'")[0].partition('"')[0]
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id, CLARA)) == []
    mailbox = adapters.table.get(*keys.mailbox(CLARA))
    assert mailbox is not None
    assert mailbox["delivery"] == "bounced"


def test_a_message_that_nobody_wrote_goes_back(stage: Stage) -> None:
    assert work(stage, "send_mail", {"schema": 1, "kind": "question"}) == [0]
    assert work(stage, "send_mail", {"schema": 1, "kind": "question", "question_id": "x"}) == []
