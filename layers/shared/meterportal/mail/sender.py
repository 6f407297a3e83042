"""The adapter to SES: sends raw MIME, returns the message id, distinguishes failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal import aws
from meterportal.domain.mailing.account import Stop
from meterportal.domain.mailing.mails import Stream
from meterportal.mail.message import Message
from meterportal.mail.send_errors import SendFailure, meaning

_PAUSES = (0.25, 0.5, 1.0)


class TryLater(Exception):
    """SES took nothing: throttled, failing for a moment, not reachable, or not set up."""


class Throttled(TryLater):
    """SES took nothing because mails came too fast."""


class Halted(TryLater):
    """SES took nothing, and will take nothing of this account before `reason` is gone."""

    def __init__(self, code: str, reason: Stop) -> None:
        super().__init__(code)
        self.reason = reason


class Undeliverable(Exception):
    """SES refuses this mail for good; `args[0]` is its error code."""


class InDoubt(Exception):
    """The connection broke: SES may have taken the mail. Its events will show it."""


_FAILURES: dict[SendFailure, type[Exception]] = {
    SendFailure.NEVER: Undeliverable,
    SendFailure.THROTTLED: Throttled,
    SendFailure.RETRY: TryLater,
    SendFailure.UNKNOWN: InDoubt,
}


class Sender:
    """`client` must not repeat calls itself: SES cannot recognise a mail that is sent twice. `rounds` and
    `single` are the streams' configuration sets, "" for none."""

    def __init__(
        self,
        client: Any,
        *,
        rounds: str,
        single: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._configuration_sets = {Stream.ROUNDS: rounds, Stream.SINGLE: single}
        self._sleep = sleep

    def send(
        self,
        message: Message,
        *,
        at: datetime,
        stream: Stream,
        tags: dict[str, str],
        await_turn: Callable[[], object] = lambda: None,
    ) -> str:
        """Sends one mail by SES; returns its message id. A throttled call is repeated a few times, each
        after `await_turn`.

        Raises TryLater (its kind Halted for the account's fault), Undeliverable or InDoubt.

        Every event of this mail contains its `tags` (letters, digits, `-` and `_` only) and its stream.
        """
        parameters: dict[str, Any] = {
            "FromEmailAddress": message.sender,
            "Destination": {"ToAddresses": [message.to]},
            "Content": {"Raw": {"Data": message.mime(at=at)}},
            "EmailTags": [
                {"Name": name, "Value": value}
                for name, value in (tags | {"stream": stream.value}).items()
            ],
        }
        if self._configuration_sets[stream]:
            parameters["ConfigurationSetName"] = self._configuration_sets[stream]
        for pause in _PAUSES:
            try:
                return self._send(parameters)
            except Throttled:
                self._sleep(pause)
                await_turn()
        return self._send(parameters)

    def _send(self, parameters: dict[str, Any]) -> str:
        try:
            message_id: str = self._client.send_email(**parameters)["MessageId"]
        except (ClientError, BotoCoreError) as error:
            found, stop = meaning(error, parameters["FromEmailAddress"])
            code = aws.code_of(error) or type(error).__name__
            if stop is not None:
                raise Halted(code, stop) from error
            raise _FAILURES[found](code) from error
        return message_id
