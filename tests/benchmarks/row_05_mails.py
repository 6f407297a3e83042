"""Row 5: mails a second, beside a mail that nobody renders: from the token to a stubbed SES, and through the
whole function, with its reads and writes.

The reference puts finished words into Python's EmailMessage and gives its bytes to the same SES. Calls are
made as they would be sent, signature included; their answers lie ready.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import meterportal.adapters
import meterportal.settings
import pytest
from botocore.awsrequest import AWSResponse
from meterportal.adapters import adapters
from meterportal.clients import session_for
from meterportal.domain.mailing.mails import Stream
from meterportal.domain.mailing.text_blocks import REQUEST
from meterportal.domain.portfolio.contracts import Company
from meterportal.mail.layout import Access, SenderIdentity
from meterportal.mail.message import Message
from meterportal.mail.render import MailPart, request_mail
from meterportal.mail.text_blocks import text_block
from meterportal.store.mailing.paces import SendingTurns
from moto.core.models import botocore_stubber

from tests.benchmarks.figures import Row, at_least, at_least_times
from tests.benchmarks.replay import Body, alternating
from tests.conftest import built
from tests.support.builders import DUE, a_contact, a_contract, a_holding, a_machine, settle
from tests.support.requesting import plan, start, work
from tests.support.stage import PUBLIC_URL, Context, delivery

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
SENDER = SenderIdentity("Büro & Kopie", "zaehler@dealer.example", "service@dealer.example")
MAILS = 50
MACHINES = 3
_BATCH = 10
"""Messages that the queue hands over at once, as the template says."""
_READS = {"GetItem", "BatchGetItem", "Query", "GetSecretValue"}


def rows(*, mails: int = MAILS) -> Iterator[Row]:
    """Half of the mails in German, half in English; three machines each."""
    logging.disable()
    with pytest.MonkeyPatch.context() as monkeypatch:
        answers, deliveries, environment = _planned(mails)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with _answered(answers):
            made = adapters()
            # A worker waits for its turns for most of a second; what follows a pause is slower than a day's work.
            clock = _Clock()
            turns = SendingTurns(made.table, made.new_number, sleep=clock.sleep, clock=clock.time)
            monkeypatch.setitem(vars(made), "pace", turns)
            finished = [_mail(n) for n in range(mails)]
            sender = made.sender
            from send_mail.app import lambda_handler

            def rendered() -> None:
                for n in range(mails):
                    sender.send(_mail(n), at=AT, stream=Stream.ROUNDS, tags={"round": "r"})

            def handled() -> None:
                for one in deliveries:
                    assert lambda_handler(one, Context()) == {"batchItemFailures": []}

            def reference() -> None:
                for mail in finished:
                    _send_by_the_library(sender._client, mail)

            took, took_handled, took_reference = alternating(rendered, handled, reference)
            assert answers.sent == 6 * 3 * mails
    told = mails / took_reference
    yield Row("5 mails", mails / took, "mails/s CPU", told, at_least_times(1.5))
    yield Row("5 mails, function", mails / took_handled, "mails/s CPU", told, at_least(250))


@dataclass
class _Clock:
    """Time that only passes while somebody waits."""

    now: float = AT.timestamp()

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Answers:
    """What AWS says: to reads what they were told once, by target and body; to writes that they are done."""

    reads: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    sent: int = 0

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, {}, Body(self._content(request)))

    def _content(self, request: Any) -> bytes:
        if request.url.endswith("/outbound-emails"):
            self.sent += 1
            return b'{"MessageId": "m"}'
        if request.url.endswith("/email/account"):
            return json.dumps(_ACCOUNT).encode()
        return self.reads.get((_target(request), request.body), b"{}")


_ACCOUNT = {
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
    "SendQuota": {"Max24HourSend": 1e9, "MaxSendRate": 200, "SentLast24Hours": 0},
}


def _target(request: Any) -> str:
    target = request.headers.get("X-Amz-Target", b"")
    return target.decode() if isinstance(target, bytes) else str(target)


@contextmanager
def _answered(answers: Answers) -> Iterator[None]:
    """The application's own clients, whose calls go no further than to `answers`."""
    sessions = [session_for(service) for service in ("sesv2", "sqs")]  # all that there are
    meterportal.adapters.adapters.cache_clear()
    meterportal.settings.settings.cache_clear()
    for session in sessions:
        session.register("before-send", answers)
    try:
        yield
    finally:
        for session in sessions:
            session.unregister("before-send", answers)
        meterportal.adapters.adapters.cache_clear()
        meterportal.settings.settings.cache_clear()


def _planned(mails: int) -> tuple[Answers, list[dict[str, Any]], dict[str, str]]:
    """A round of so many mails: what is read when they are sent, the deliveries of the queue, the function's
    environment."""
    answers = Answers()
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
        boxes = [_company(n) for n in range(mails)]
        round_id = start(stage)
        assert plan(stage, round_id) == []
        bodies = [
            json.dumps({"schema": 1, "round_id": round_id, "mailbox": mailbox}) for mailbox in boxes
        ]
        with _noted(answers):
            assert work(stage, "send_mail", *bodies) == []
        assert len(stage.mails()) == mails
        deliveries = [delivery(*bodies[n : n + _BATCH]) for n in range(0, mails, _BATCH)]
        return answers, deliveries, dict(os.environ)


def _company(n: int) -> str:
    """A company with one contract of three machines, whose contact is asked."""
    contact = a_contact(
        f"5{n:05d}", email=f"clara{n}@muster.example", language="de" if n % 2 else "en"
    )
    contract = a_contract(f"7{n:05d}", reporters=(contact.id,))
    settle(
        adapters(),
        a_holding(
            Company(f"1{n:05d}", f"Muster {n} GmbH"),
            contacts=[contact],
            contracts=[contract],
            machines=[
                a_machine(f"2{n:05d}{one}", contract_id=contract.id) for one in range(MACHINES)
            ],
        ),
    )
    return contact.email


@contextmanager
def _noted(answers: Answers) -> Iterator[None]:
    """While the block runs moto's answers to reads are noted, each request's first."""
    clients = [adapters().table._client, adapters()._client("secretsmanager")]

    def note(event_name: str, request: Any, **more: Any) -> Any:
        given: Any = botocore_stubber(event_name, request, **more)
        target = _target(request)
        if target.rpartition(".")[2] in _READS:
            answers.reads.setdefault((target, request.body), given.content)
        return given

    for client in clients:
        client.meta.events.register_first("before-send", note)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-send", note)


def _mail(n: int) -> Message:
    language = "de" if n % 2 else "en"
    token = adapters().keys.seal_link(adapters().new_secret_id())
    part = MailPart(
        company=Company("10000", f"Muster {n} GmbH"),
        contact=a_contact(language=language),
        contract=a_contract(),
        due_on=DUE,
        machines=tuple(a_machine(str(200_001 + one)) for one in range(MACHINES)),
    )
    return request_mail(
        [part],
        block=text_block(REQUEST, language),
        to=f"clara{n}@muster.example",
        access=Access(f"{PUBLIC_URL}/#t={token}", "ABCD-EFGH"),
        sender=SENDER,
    )


def _send_by_the_library(client: Any, mail: Message) -> None:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = f"{mail.sender_name} <{mail.sender}>", mail.to
    made["Subject"], made["Date"] = mail.subject, format_datetime(AT)
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    client.send_email(
        FromEmailAddress=mail.sender,
        Destination={"ToAddresses": [mail.to]},
        Content={"Raw": {"Data": made.as_bytes()}},
    )
