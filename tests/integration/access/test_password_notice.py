"""An address is told of its new password, once, by a mail that opens nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from botocore.exceptions import ReadTimeoutError
from meterportal.adapters import Adapters
from meterportal.domain.access.notices import Notice
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import notices
from meterportal.store.writes import Write
from meterportal.usecases.mailing.sweep_rounds import sweep

from tests.support import clock
from tests.support.access import PASSWORD, put_by_mail
from tests.support.builders import a_contact, a_holding
from tests.support.customers import CLARA, everything, signed_in
from tests.support.faults import failing, killed
from tests.support.requesting import an_event, text_of, work
from tests.support.stage import Stage

SET_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
MUCH_LATER = clock.BEGIN + timedelta(days=1)


def test_the_address_is_told_by_a_mail_that_opens_nothing(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters)
    stage.drain()
    (mail,) = stage.mails()
    assert (mail["To"], mail["Subject"]) == (CLARA, "Ihr Passwort wurde gesetzt")
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "Sehr geehrte Frau Schäfer" in text
        assert "#t=" not in text
        assert "Code:" not in text
        assert "/#/login" in text
        assert PASSWORD not in text
    assert list(notices.waiting(adapters.table, until=MUCH_LATER)) == []


def test_an_english_contact_is_told_in_english(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters, a_holding(contacts=[a_contact(language="en")]))
    put_by_mail(stage, adapters)
    stage.drain()
    (mail,) = stage.mails()
    assert mail["Subject"] == "Your password has been set"
    assert "Dear Ms Schäfer" in text_of(mail)


def test_a_notice_that_was_not_queued_is_found_by_the_next_plan(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    signed_in(stage, adapters)
    fault = ReadTimeoutError(endpoint_url="sqs")
    with failing("SendMessageBatch", fault):
        assert put_by_mail(stage, adapters).status == 200
    stage.drain()
    assert stage.mails() == []
    later = Moment(MUCH_LATER, at.today)
    sweep(adapters, later)
    sweep(adapters, later)
    stage.drain()
    assert len(stage.mails()) == 1
    sweep(adapters, later)
    stage.drain()
    assert len(stage.mails()) == 1


def test_a_notice_is_sent_once_whatever_dies_in_between(stage: Stage, adapters: Adapters) -> None:
    for call in range(30):
        box = f"box{call}@haus.example"
        adapters.table.write(notices.note(Notice(box, SET_AT)))
        body = {
            "schema": 1,
            "kind": "password_notice",
            "mailbox": box,
            "set_at": SET_AT.isoformat(),
        }
        with killed(call) as calls:
            work(stage, "send_mail", body)
        work(stage, "send_mail", body)
        tos = [str(mail["To"]) for mail in stage.mails()]
        assert tos.count(box) <= 1
        if "killed" not in calls:
            assert tos.count(box) == 1
            return
    raise AssertionError("the worker never came to its end")


def test_a_bounced_address_is_not_written_to(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters)
    values = {"delivery": "bounced"}
    adapters.table.write(
        Write(key=keys.mailbox(CLARA), update="SET #delivery = :delivery", values=values)
    )
    stage.drain()
    assert stage.mails() == []


def test_a_notice_bounces_like_every_mail(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    put_by_mail(stage, adapters)
    stage.drain()
    (row,) = (item for key, item in everything(adapters).items() if "ROUND#notice-" in str(key))
    round_id = str(row).partition("ROUND#")[2][:39]
    assert work(stage, "record_mail_events", an_event("Bounce Permanent", round_id, CLARA)) == []
    assert stage.customer("GET", "/api/machines").status == 401


def test_a_message_without_a_moment_goes_back(stage: Stage) -> None:
    body = {"schema": 1, "kind": "password_notice", "mailbox": CLARA}
    for set_at in ("soon", "2026-11-23T10:00:00", ""):
        assert work(stage, "send_mail", body | {"set_at": set_at}) == [0]
