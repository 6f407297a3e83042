"""The door to SES: what is tried again, and what must not be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import Stream
from meterportal.mail.message import Message
from meterportal.mail.sender import InDoubt, Sender, TryLater, Undeliverable
from meterportal.settings import settings

from tests.support.faults import refused

MESSAGE = Message("c@d.example", "S", "T", "<p>T</p>", "Dealer", "a@b.example")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Ses:
    """Answers with these errors, one a call, then takes the mail."""

    def __init__(self, *errors: ClientError | BotoCoreError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def send_email(self, **_: Any) -> dict[str, str]:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return {"MessageId": "taken"}


def send(ses: Ses) -> str:
    sender = Sender(ses, rounds="", single="", sleep=lambda _: None)
    return sender.send(MESSAGE, at=NOW, stream=Stream.ROUNDS, tags={})


def test_a_call_that_was_too_fast_is_repeated_after_a_pause() -> None:
    ses = Ses(refused("TooManyRequestsException", 429), refused("ThrottlingException"))
    assert send(ses) == "taken"
    assert ses.calls == 3


def test_after_some_pauses_the_mail_waits_in_its_queue() -> None:
    ses = Ses(*[refused("TooManyRequestsException", 429)] * 9)
    with pytest.raises(TryLater, match="TooManyRequestsException"):
        send(ses)
    assert ses.calls == 4


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused("SendingPausedException"), TryLater),
        (refused("InternalServiceErrorException", 500), TryLater),
        (refused("AccessDeniedException", 403), TryLater),
        (EndpointConnectionError(endpoint_url="https://ses.example"), TryLater),
        (refused("MessageRejected"), Undeliverable),
        (refused("BadRequestException"), Undeliverable),
        (ReadTimeoutError(endpoint_url="https://ses.example"), InDoubt),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_any_other_failure_is_told_at_once(
    error: ClientError | BotoCoreError, told: type[Exception]
) -> None:
    ses = Ses(error)
    with pytest.raises(told):
        send(ses)
    assert ses.calls == 1


def test_the_sdk_repeats_no_mail_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would send again what may be out, when only the answer was lost."""
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "eu-central-1")
    adapters = Adapters(settings())
    assert adapters.sender._client.meta.config.retries["total_max_attempts"] == 1
    assert adapters.table._client.meta.config.retries["total_max_attempts"] == 4
