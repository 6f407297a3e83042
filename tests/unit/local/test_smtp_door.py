"""The door for mail on one machine, entered as a mail program does."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.local.smtp_door import SmtpDoor

DOMAIN = "antwort.dealer.example"
MAIL = b"From: clara@muster.example\r\nSubject: Hallo\r\n\r\nS/W 12345\r\n.punkt\r\n"


@dataclass
class Engine:
    """Notes what it is given, as bucket and queue."""

    objects: dict[str, bytes] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - AWS's names
        self.objects[f"{Bucket}/{Key}"] = Body

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - AWS's names
        assert QueueUrl == "queue"
        self.messages.append(json.loads(MessageBody))


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    door = SmtpDoor(DOMAIN, "bucket", "queue", lambda _: engine)
    yield door.start(0)
    door.stop()


def test_a_message_comes_in_as_ses_would_bring_it(engine: Engine, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as program:
        program.login("anybody", "anything")
        program.sendmail("clara@muster.example", [f"z-abc@{DOMAIN}"], MAIL)
    (told,) = engine.messages
    key = told["receipt"]["action"]["objectKey"]
    assert key == f"mails/{told['mail']['messageId']}"
    assert engine.objects[f"bucket/{key}"].endswith(b"\r\n" + MAIL)
    assert engine.objects[f"bucket/{key}"].startswith(b"Return-Path: <clara@muster.example>\r\n")
    assert told["receipt"]["recipients"] == [f"z-abc@{DOMAIN}"]
    assert told["receipt"]["dmarcVerdict"] == {"status": "PASS"}
    assert told["mail"]["source"] == "clara@muster.example"
    assert told["mail"]["commonHeaders"]["subject"] == "Hallo"


def test_mail_to_another_domain_is_refused(engine: Engine, port: int) -> None:
    with (
        smtplib.SMTP("127.0.0.1", port, timeout=10) as program,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        program.sendmail("clara@muster.example", ["somebody@other.example"], MAIL)
    assert (engine.objects, engine.messages) == ({}, [])
