"""Receipts on their way: broken off, doubled, throttled, bounced; none is lost and none comes twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.store import keys
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import machines

from tests.support import clock
from tests.support.customers import CLARA, before_the_next_write, put, signed_in, stored
from tests.support.faults import failing, interrupted, killed, refused
from tests.support.mail_account import ACCOUNT
from tests.support.receipts import (
    EVENT,
    PLAUSIBLE,
    a_report,
    mail_row,
    message_of,
    reports,
    settle_receipts,
    somebody_reported,
    sweep,
    wait,
    waiting,
)
from tests.support.requesting import an_event, code_of, text_of, token_of, work
from tests.support.stage import Context, Stage


def ready(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A contact has reported and is done; the message that would send the receipt."""
    signed_in(stage, adapters)
    a_report(stage)
    wait(monkeypatch, 11)
    receipt = waiting(adapters)
    assert receipt is not None
    return message_of(receipt)


def test_queued_and_delivered_many_times_it_is_sent_once(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ready(stage, adapters, monkeypatch)
    assert [sweep(stage) for _ in range(3)] == [1, 1, 1]
    stage.drain()
    for _ in range(3):
        assert work(stage, "send_mail", message) == []
    assert len(stage.mails()) == 1


def test_a_sender_killed_between_any_two_calls_never_doubles_a_receipt(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(monkeypatch, 11)
    doubtful = 0
    for call in range(30):
        message = somebody_reported(adapters, call)
        before = len(stage.mails())
        with killed(call) as calls:
            work(stage, "send_mail", message)
        work(stage, "send_mail", message)
        sent = len(stage.mails()) - before
        found = mail_row(adapters, message)
        if found.state is not MailState.SENT:  # broken off after the claim: told by its event
            doubtful += 1
            assert sent <= 1
            assert found.lease_until is not None
            assert found.state_at(found.lease_until + timedelta(1)) is MailState.IN_DOUBT
            if sent:
                event = an_event("Send", found.round_id, message["mailbox"])
                assert work(stage, "record_mail_events", event) == []
                assert mail_row(adapters, message).state is MailState.SENT
        else:
            assert sent == 1
        assert waiting(adapters, message["mailbox"], message["company_id"]) is None
        if "killed" not in calls:
            assert call > 2
            assert doubtful > 0
            return
    raise AssertionError("the sender never came to its end")


def test_two_senders_at_once_send_one_receipt(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(monkeypatch, 11)
    for call in range(30):
        message = somebody_reported(adapters, call)
        before = len(stage.mails())
        with interrupted(call, partial(work, stage, "send_mail", message)) as calls:
            assert work(stage, "send_mail", message) == []
        assert len(stage.mails()) - before == 1
        assert mail_row(adapters, message).state is MailState.SENT
        if len(calls) <= call:
            return
    raise AssertionError("the sender never came to its end")


def test_a_report_between_any_two_calls_is_told_once_at_least_and_never_lost(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for call in range(30):
        wait(monkeypatch, 11)
        message = somebody_reported(adapters, call)
        box, company = message["mailbox"], message["company_id"]
        before = len(stage.mails())
        late = clock.now() + timedelta(minutes=11)
        with interrupted(call, partial(reports, adapters, call, 10_999, late)) as calls:
            assert work(stage, "send_mail", message) == []
        wait(monkeypatch, 30)
        later = waiting(adapters, box, company)
        if later is not None:
            assert work(stage, "send_mail", message_of(later)) == []
        assert waiting(adapters, box, company) is None
        told = stage.mails()[before:]
        assert 1 <= len(told) <= 2
        if len(calls) <= call:  # nobody came in between any more
            assert call > 3
            return
        assert "10.999" in text_of(told[-1])
    raise AssertionError("the sender never came to its end")


@pytest.mark.parametrize("code", ["TooManyRequestsException", "SendingPausedException"])
def test_a_throttled_receipt_waits_again_and_goes_out_later(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    message = ready(stage, adapters, monkeypatch)
    with failing("SendEmail", refused(code)):
        assert work(stage, "send_mail", message) == [0]
    assert waiting(adapters) is not None
    a_report(stage, values={"1": 10_870}, version=2)
    wait(monkeypatch, 30)
    assert settle_receipts(stage) == 1
    (mail,) = stage.mails()
    assert mail["Subject"] == "Zählerstände erhalten: Muster GmbH, 1 Gerät"
    assert "10.870" in text_of(mail)
    assert work(stage, "send_mail", message) == []
    assert len(stage.mails()) == 1


def test_a_receipt_refused_for_good_is_not_tried_for_ever(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ready(stage, adapters, monkeypatch)
    with failing("SendEmail", refused("MessageRejected")):
        assert work(stage, "send_mail", message) == []
    assert mail_row(adapters, message).state is MailState.UNDELIVERABLE
    assert settle_receipts(stage) == 0
    assert stage.mails() == []


def test_a_receipt_that_the_sandbox_keeps_from_its_address_is_not_tried_for_ever(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ready(stage, adapters, monkeypatch)
    ACCOUNT.tell({"sandbox": True})
    assert work(stage, "send_mail", message) == []
    ACCOUNT.tell({"sandbox": False})
    assert sweep(stage) == 0
    assert work(stage, "send_mail", message) == []
    assert stage.mails() == []


@pytest.mark.parametrize("arrived", [False, True])
def test_a_broken_connection_leaves_it_in_doubt_until_its_event_comes(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    message = ready(stage, adapters, monkeypatch)
    fault = ReadTimeoutError(endpoint_url="https://ses.example")
    with failing("SendEmail", fault, after=arrived):
        assert work(stage, "send_mail", message) == []
    assert work(stage, "send_mail", message) == []
    assert len(stage.mails()) == int(arrived)
    found = mail_row(adapters, message)
    assert work(stage, "record_mail_events", an_event("Delivery", found.round_id, CLARA)) == []
    assert mail_row(adapters, message).state is MailState.SENT


def test_a_receipt_that_bounces_closes_the_address(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ready(stage, adapters, monkeypatch)
    work(stage, "send_mail", message)
    token = token_of(stage.mails()[0])
    found = mail_row(adapters, message)
    event = an_event("Bounce Permanent", found.round_id, CLARA)
    assert work(stage, "record_mail_events", event) == []
    assert mailboxes.load(adapters.table, CLARA).delivery is Delivery.BOUNCED
    assert stage.customer("POST", "/api/session", {"token": token}).status == 401


def test_a_sweep_killed_between_any_two_calls_loses_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(stage, adapters, monkeypatch)
    for call in range(10):
        with killed(call) as calls:
            sweep(stage)
        if "killed" not in calls:
            break
    sweep(stage)
    stage.drain()
    assert len(stage.mails()) == 1


def test_a_lost_race_for_the_reading_opens_no_receipt(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)

    def meddle() -> None:
        seen = stored(adapters)
        changed = replace(seen, version=seen.version + 1)
        adapters.table.transact(machines.save(changed, seen=seen, event=None))

    before_the_next_write(monkeypatch, adapters, meddle)
    assert put(stage, values=PLAUSIBLE, version=1).status == 412
    assert waiting(adapters) is None


@pytest.mark.parametrize(
    "change_", [{"opened_at": "soon"}, {"opened_at": "2026-11-23T09:00:00"}, {"kind": "else"}]
)
def test_a_message_of_nobody_s_comes_back(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, change_: dict[str, str]
) -> None:
    message = ready(stage, adapters, monkeypatch)
    assert work(stage, "send_mail", message | change_) == [0]
    assert work(stage, "send_mail", {k: v for k, v in message.items() if k != "company_id"}) == [0]
    assert work(stage, "send_mail", message | {"company_id": "404"}) == []
    assert stage.mails() == []


@pytest.mark.parametrize("event", [{}, {"kind": "daily_plan"}, EVENT | {"kind": None}])
def test_what_is_not_the_schedule_s_event_queues_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]
) -> None:
    ready(stage, adapters, monkeypatch)
    assert stage.handler("queue_receipts")(event, Context()) == {"queued": 0}


def test_no_address_and_no_value_stands_in_a_log_line(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = ready(stage, adapters, monkeypatch)
    with failing("SendEmail", refused("TooManyRequestsException")):
        work(stage, "send_mail", message)
    settle_receipts(stage)
    logged = str([record.__dict__ for record in caplog.records])
    assert "receipt" in logged
    (mail,) = stage.mails()
    for secret in ("muster.example", "Schäfer", "10850", token_of(mail), code_of(mail)):
        assert secret not in logged


def test_so_much_was_said_that_it_is_not_remembered(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterportal.store.mailing.claimed_receipts._LARGEST", 10)
    message = ready(stage, adapters, monkeypatch)
    work(stage, "send_mail", message)
    item = adapters.table.get(*keys.told(CLARA, "10000"))
    assert item is not None
    assert json.loads(item["told"]) == {}
    a_report(stage, values={"1": 10_870}, version=2)
    wait(monkeypatch, 30)
    settle_receipts(stage)
    assert stage.mails()[1]["Subject"] == "Zählerstände erhalten: Muster GmbH, 1 Gerät"
