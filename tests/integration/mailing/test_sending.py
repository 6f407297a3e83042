"""Sending one mail: claimed, sent, marked; two write requests; never twice, never lost in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from meterportal.adapters import Adapters
from meterportal.crypto import digest, fingerprint
from meterportal.domain.mailing.mails import MailState, OutboxMail
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import accounts, codes, links, mailboxes
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import holdings
from meterportal.usecases.access.personal_access import LINK_LIFE

from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.faults import failing, interrupted, killed, refused
from tests.support.requesting import (
    FACILITY,
    a_company,
    an_event,
    code_of,
    plan,
    recipients,
    report,
    send,
    show,
    start,
    text_of,
    token_of,
    work,
)
from tests.support.stage import INBOUND_DOMAIN, Context, Stage
from tests.support.wire import counted


def planned(stage: Stage, numbers: list[str] | None = None) -> str:
    """A round that is planned and not sent: its messages stay where they are."""
    round_id = start(stage, {"ids": numbers} if numbers else None)
    plan(stage, round_id)
    return round_id


def row(adapters: Adapters, round_id: str, mailbox: str = FACILITY) -> OutboxMail:
    found = rounds.mail(adapters.table, round_id, mailbox)
    assert found is not None
    return found


def asked(adapters: Adapters, number: int = 1) -> dict[str, str]:
    contract = f"7{number:05d}000"
    return holdings.contracts(adapters.table, [(f"1{number:05d}", contract)])[contract].asked


def test_a_mail_is_two_write_requests_and_one_send(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1, contracts=2)
    round_id = planned(stage)
    assert adapters.keys
    with counted(adapters.table._client, adapters.sender._client) as requests:
        send(stage, round_id)
    assert requests == {
        "dynamodb.BatchGetItem": 1,  # outbox row, round, mailbox, account, words, look
        "dynamodb.Query": 1,  # one a company
        "dynamodb.TransactWriteItems": 1,  # claim, link and code
        "sesv2.SendEmail": 1,
        "dynamodb.UpdateItem": 2,  # the turns of a hundred mails; sent
    }


def test_the_mail_as_it_was_really_sent(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    send(stage, round_id)
    (mail,) = stage.mails()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"].endswith(f"@{INBOUND_DOMAIN}"), (
        "an answer comes to us, and names the mail"
    )
    assert mail["Date"] is not None
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    link_id = adapters.keys.open_link(token_of(mail))
    link = links.load(adapters.table, fingerprint(link_id))
    assert link is not None
    assert (link.mailbox, link.company_id, link.round_id) == (FACILITY, "100001", round_id)
    assert link.expires_on == DUE + LINK_LIFE
    assert f"{adapters.settings.public_url}/#t=" in text_of(mail)


def test_the_code_in_a_mail_opens_what_its_link_opens(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    send(stage, planned(stage))
    (mail,) = stage.mails()
    code = code_of(mail)
    place = keys.code(adapters.keys.code_fingerprint(FACILITY, code))
    stored = adapters.table.get(*place)
    assert stored is not None
    assert codes.link_of(stored) == fingerprint(adapters.keys.open_link(token_of(mail)))
    assert code not in str(adapters.table.get(*place))
    link = links.load(adapters.table, codes.link_of(stored))
    assert link is not None
    assert link.issued_at is not None
    assert f"{adapters.settings.public_url}/#/login" in text_of(mail)


def test_the_language_that_the_owner_chose_outweighs_the_master_data(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    adapters.table.write(accounts.choose_language(FACILITY, "en"))
    send(stage, planned(stage))
    (mail,) = stage.mails()
    assert mail["Subject"].startswith("Meter readings due on")
    assert mail["Content-Language"] == "en"


def test_an_english_contact_is_written_to_in_english(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(language="EN")]))
    send(stage, planned(stage), "clara@muster.example")
    (mail,) = stage.mails()
    assert mail["Subject"] == "Meter readings due on 28 November 2026: Muster GmbH, 1 machine"
    assert "Enter meter readings" in text_of(mail, "html")


def test_the_link_of_long_overdue_readings_lives_as_well(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    long_ago = at.today - timedelta(days=300)
    machine = a_machine(due_on=long_ago, meters=())
    machine = replace(machine, meters=(replace(a_machine().meters[0], history=()),))
    settle(
        adapters,
        a_holding(contracts=[a_contract(next_billing_on=long_ago)], machines=[machine]),
    )
    send(stage, planned(stage), "clara@muster.example")
    link_id = adapters.keys.open_link(token_of(stage.mails()[0]))
    link = links.load(adapters.table, fingerprint(link_id))
    assert link is not None
    assert link.expires_on == at.today + LINK_LIFE


def test_delivering_a_message_again_sends_nothing_again(stage: Stage, adapters: Adapters) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    for _ in range(3):
        assert send(stage, round_id) == []
    assert len(stage.mails()) == 1


def test_a_sender_killed_between_any_two_calls_never_doubles_a_mail(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    doubtful = 0
    for call in range(30):
        box = f"box{call}@haus.example"
        round_id = planned(stage, a_company(adapters, call, box))
        before = len(stage.mails())
        with killed(call) as calls:
            send(stage, round_id, box)
        send(stage, round_id, box)
        sent = len(stage.mails()) - before
        found = row(adapters, round_id, box)
        later = (found.lease_until or at.now) + timedelta(seconds=1)
        if sent == 1 and found.state is MailState.SENT:
            pass
        else:  # broken off after the claim: visible, and settled by the mail system's event
            doubtful += 1
            assert sent <= 1
            assert found.state_at(later) is MailState.IN_DOUBT
            if sent:
                assert work(stage, "record_mail_events", an_event("Send", round_id, box)) == []
                assert row(adapters, round_id, box).state is MailState.SENT
        if "killed" not in calls:
            assert call > 2
            assert doubtful > 0
            return
    raise AssertionError("the sender never came to its end")


def test_two_senders_at_once_send_one_mail(stage: Stage, adapters: Adapters) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        round_id = planned(stage, a_company(adapters, call, box))
        before = len(stage.mails())
        with interrupted(call, partial(send, stage, round_id, box)) as calls:
            send(stage, round_id, box)
        assert recipients(stage.mails()[before:]) == [box]
        assert row(adapters, round_id, box).state is MailState.SENT
        if len(calls) <= call:
            return
    raise AssertionError("the sender never came to its end")


@pytest.mark.parametrize(
    "fault",
    [
        refused("TooManyRequestsException"),
        refused("InternalServiceErrorException", 500),
        EndpointConnectionError(endpoint_url="https://ses.example"),
    ],
    ids=["too fast", "broken", "out of reach"],
)
def test_a_throttled_mail_comes_back_and_goes_out_later(
    stage: Stage, adapters: Adapters, fault: Exception
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    with failing("SendEmail", fault):
        assert send(stage, round_id) == [0]
    assert row(adapters, round_id).state is MailState.PLANNED
    assert send(stage, round_id) == []
    assert len(stage.mails()) == 1
    assert row(adapters, round_id).attempts == 2


def test_a_mail_refused_for_good_is_listed_and_its_contracts_can_be_asked_again(
    stage: Stage, adapters: Adapters
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    with failing("SendEmail", refused("MessageRejected")):
        assert send(stage, round_id) == []
    shown = show(stage, round_id)
    assert (shown["state"], shown["failed"], shown["undeliverable"]) == ("done", 1, 1)
    assert shown["mails"][0]["problem"] == "MessageRejected"
    assert asked(adapters) == {}
    send(stage, planned(stage))
    assert len(stage.mails()) == 1


def test_marks_of_a_refused_mail_are_taken_back_even_if_the_sender_is_killed(
    stage: Stage, adapters: Adapters
) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        round_id = planned(stage, a_company(adapters, call, box))
        with failing("SendEmail", refused("MessageRejected")):
            with killed(call) as calls:
                send(stage, round_id, box)
            send(stage, round_id, box)
        if row(adapters, round_id, box).state is MailState.UNDELIVERABLE:
            assert asked(adapters, call) == {}
        if "killed" not in calls:
            return
    raise AssertionError("the sender never came to its end")


@pytest.mark.parametrize("arrived", [False, True])
def test_a_broken_connection_leaves_the_mail_in_doubt_until_its_event_comes(
    stage: Stage, adapters: Adapters, at: Moment, arrived: bool
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    fault = ReadTimeoutError(endpoint_url="https://ses.example")
    with failing("SendEmail", fault, after=arrived):
        assert send(stage, round_id) == []
    found = row(adapters, round_id)
    assert found.lease_until is not None
    assert found.state_at(found.lease_until + timedelta(seconds=1)) is MailState.IN_DOUBT
    send(stage, round_id)
    assert len(stage.mails()) == int(arrived)
    work(stage, "record_mail_events", an_event("Delivery", round_id))
    shown = show(stage, round_id)
    assert (shown["sent"], shown["mails"][0]["delivery"]) == (1, "delivered")


def test_machines_reported_meanwhile_are_left_out(stage: Stage, adapters: Adapters) -> None:
    first, second = a_company(adapters, 1, contracts=2)
    round_id = planned(stage)
    report(adapters, f"2{first}", "1", "2")
    send(stage, round_id)
    assert f"SN2{first}" not in text_of(stage.mails()[0])
    assert f"SN2{second}" in text_of(stage.mails()[0])
    shown = show(stage, round_id)["mails"][0]
    assert [one["reasons"][0]["code"] for one in shown["fell_out"]] == ["already_reported"]


def test_with_nothing_left_to_ask_no_mail_goes_out(stage: Stage, adapters: Adapters) -> None:
    (number,) = a_company(adapters, 1)
    round_id = planned(stage)
    report(adapters, f"2{number}", "1", "2")
    assert send(stage, round_id) == []
    assert stage.mails() == []
    shown = show(stage, round_id)
    assert (shown["state"], shown["skipped"]) == ("done", 1)
    assert asked(adapters) == {f"5{1:05d}": round_id}


def bounce(adapters: Adapters) -> None:
    adapters.table.write(
        mailboxes.note_failure(FACILITY, Delivery.BOUNCED, at="2026-11-23T09:00:00")
    )


def deactivate(adapters: Adapters) -> None:
    person = replace(a_contact(f"5{1:05d}", email=FACILITY), company_id="100001", active=False)
    place = keys.contact("100001", person.id)
    adapters.table.write(holdings.save_master(place, holdings.contact_master(person)))


@pytest.mark.parametrize(
    ("change", "code"), [(bounce, "email_bounced"), (deactivate, "address_changed")]
)
def test_who_may_no_longer_be_asked_gets_no_mail_and_can_be_asked_later(
    stage: Stage, adapters: Adapters, change: Any, code: str
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    change(adapters)
    assert send(stage, round_id) == []
    assert stage.mails() == []
    (mail,) = show(stage, round_id)["mails"]
    assert mail["state"] == "skipped"
    assert mail["fell_out"][0]["reasons"][0]["code"] == code
    assert asked(adapters) == {}


@pytest.mark.parametrize("call", range(8))
def test_a_report_between_any_two_calls_never_leaves_a_wrong_mark(
    stage: Stage, adapters: Adapters, call: int
) -> None:
    a_company(adapters, 1)
    a_company(adapters, 2)
    round_id = planned(stage)
    with interrupted(call, lambda: deactivate(adapters)):
        assert send(stage, round_id) == []
    (mail,) = stage.mails()
    assert ("Firma 1" in text_of(mail)) == bool(asked(adapters))
    assert asked(adapters, 2) == {f"5{2:05d}": round_id}


def test_a_mail_that_nobody_planned_comes_back(stage: Stage, adapters: Adapters) -> None:
    assert send(stage, "404") == [0]
    assert work(stage, "send_mail", "{", {"schema": 1, "round_id": "r"}) == [0, 1]


def test_one_poisoned_message_among_ten_harms_no_other(stage: Stage, adapters: Adapters) -> None:
    numbers = [a_company(adapters, n, f"box{n}@haus.example")[0] for n in range(9)]
    round_id = planned(stage, numbers)
    messages: list[Any] = [
        {"schema": 1, "round_id": round_id, "mailbox": f"box{n}@haus.example"} for n in range(9)
    ]
    assert work(stage, "send_mail", *messages[:4], "poison", *messages[4:]) == [4]
    assert len(stage.mails()) == 9


def test_short_of_time_nothing_more_is_begun(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", staticmethod(lambda: 5_000))
    assert send(stage, round_id) == [0]
    assert row(adapters, round_id).attempts == 0


def test_no_address_stands_in_a_log_line(
    stage: Stage, adapters: Adapters, caplog: pytest.LogCaptureFixture
) -> None:
    a_company(adapters, 1)
    round_id = planned(stage)
    with failing("SendEmail", refused("TooManyRequestsException")):
        send(stage, round_id)
    send(stage, round_id)
    work(stage, "record_mail_events", an_event("Send", round_id), an_event("Odd", round_id))
    logged = str([record.__dict__ for record in caplog.records])
    assert "goes back to its queue" in logged
    assert "haus.example" not in logged
    assert token_of(stage.mails()[0]) not in logged


def test_tags_name_the_round_and_a_hash_of_the_mailbox(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, str]] = []
    real = type(adapters.sender).send

    def listen(self: Any, message: Any, *, tags: dict[str, str], **more: Any) -> str:
        told.append(tags)
        return real(self, message, tags=tags, **more)

    monkeypatch.setattr(type(adapters.sender), "send", listen)
    a_company(adapters, 1)
    round_id = planned(stage)
    send(stage, round_id)
    assert [(one["round"], one["mailbox"]) for one in told] == [(round_id, digest(FACILITY)[:32])]
