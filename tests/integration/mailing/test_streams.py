"""What every mail carries for its events: the configuration set of its stream, and its tags."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import Fate, MailKind, Stream
from meterportal.store.mailing import rounds
from meterportal.usecases.mailing.hand_over import tag_of

from infra.local.mail_events import following
from infra.local.mailbox import Mailbox
from tests.integration.mailing import test_announced_estimates as announced
from tests.integration.mailing import test_questions as questions
from tests.support import clock
from tests.support.access import ask_for_password_mail, put_by_mail
from tests.support.builders import a_contact, a_holding, settle
from tests.support.customers import CLARA, signed_in
from tests.support.receipts import a_report, settle_receipts, wait
from tests.support.reminding import days_after, remind
from tests.support.requesting import a_company, ask, work
from tests.support.stage import Stage

SENT = "provide-client-params.sesv2.SendEmail"

Sending = Callable[[Stage, Adapters, pytest.MonkeyPatch], object]


@contextmanager
def handed_over(adapters: Adapters) -> Iterator[list[dict[str, Any]]]:
    """What SES was given, mail by mail."""
    given: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        given.append(params)

    events = adapters.sender._client.meta.events
    events.register(SENT, note)
    try:
        yield given
    finally:
        events.unregister(SENT, note)


def _request(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(adapters)
    ask(stage)


def _reminder(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    _request(stage, adapters, monkeypatch)
    days_after(monkeypatch, 8)
    remind(stage)


def _announcement(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "settings", replace(adapters.settings, today=None))
    a_company(adapters, 1)
    announced.schedule(stage)
    announced.Days(stage, monkeypatch).until(announced.ANNOUNCED_ON)


def _receipt(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(stage, adapters)
    a_report(stage)
    wait(monkeypatch, 11)
    assert settle_receipts(stage) == 1


def _new_link(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(adapters)
    assert stage.customer("POST", "/api/links", {"email": CLARA}).status == 202
    stage.drain()


def _password_link(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(adapters)
    ask_for_password_mail(stage, email=CLARA)
    stage.drain()


def _notice(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(adapters)
    put_by_mail(stage, adapters)
    stage.drain()


def _question(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    questions.unusual(adapters)
    questions.ask(stage)
    questions.sent(stage, adapters)


def _test(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(adapters)
    shown = ask(stage, dry_run=True)["id"]
    stage.staff("POST", f"/api/staff/rounds/{shown}/mails/5001/test", groups="remind")
    stage.drain()


SENDINGS: dict[MailKind, Sending] = {
    MailKind.REQUEST: _request,
    MailKind.REMINDER: _reminder,
    MailKind.ANNOUNCEMENT: _announcement,
    MailKind.RECEIPT: _receipt,
    MailKind.NEW_LINK: _new_link,
    MailKind.PASSWORD_LINK: _password_link,
    MailKind.NOTICE: _notice,
    MailKind.QUESTION: _question,
    MailKind.TEST: _test,
}


def test_every_kind_of_mail_is_sent_here() -> None:
    assert set(SENDINGS) == set(MailKind)


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_names_its_stream_and_its_events_find_it(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: MailKind,
) -> None:
    with handed_over(adapters) as given:
        SENDINGS[kind](stage, adapters, monkeypatch)
    mail = given[-1]
    tags = {tag["Name"]: tag["Value"] for tag in mail["EmailTags"]}
    # What SES takes: letters, digits, "-" and "_", up to 256 of them.
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", part) for tag in tags.items() for part in tag)
    (address,) = mail["Destination"]["ToAddresses"]
    assert tags["kind"] == kind
    assert tags["stream"] == kind.stream
    assert tags["language"] == "de"
    assert tags["mailbox"] == tag_of(address)
    sets = {
        Stream.ROUNDS: adapters.settings.configuration_set,
        Stream.SINGLE: adapters.settings.single_configuration_set,
    }
    assert all(sets.values())
    assert len(set(sets.values())) == len(Stream)
    assert mail["ConfigurationSetName"] == sets[kind.stream]

    raw = mail["Content"]["Raw"]["Data"]
    kept = Mailbox(tmp_path).keep(
        raw, to=[address], tags=tags, configuration_set=mail["ConfigurationSetName"]
    )
    told = [json.dumps(one) for one in following(kept, clock.now() + timedelta(minutes=1))]
    assert work(stage, "record_mail_events", *told) == []
    row = rounds.mail(adapters.table, tags["round"], address)
    assert row is not None
    assert row.fate is Fate.DELIVERED


def test_the_language_is_the_reader_s(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(language="en")]))
    with handed_over(adapters) as given:
        ask(stage)
    assert {"Name": "language", "Value": "en"} in given[0]["EmailTags"]
