"""The only place that talks to SQS. Messages are JSON with a schema number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal.domain.refusals import Unavailable

SCHEMA = 1


class UnknownMessage(ValueError):
    """A message that no version of ours wrote: it belongs into the dead-letter queue."""


class OutOfTime(Exception):
    """The function's time is nearly up: what is left comes back with the next delivery."""


class Queues:
    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, url: str, messages: Iterable[Mapping[str, Any]]) -> None:
        """Send messages, ten a request; what one request refused is sent again, once."""
        bodies = [json.dumps({"schema": SCHEMA, **m}, separators=(",", ":")) for m in messages]
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(number), "MessageBody": body}
                for number, body in enumerate(bodies[start : start + 10])
            ]
            for _ in range(2):
                if not entries:
                    break
                failed = self._send(url, entries)
                entries = [entry for entry in entries if entry["Id"] in failed]
            if entries:
                raise Unavailable

    def _send(self, url: str, entries: list[dict[str, str]]) -> set[str]:
        try:
            answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable from error
        return {entry["Id"] for entry in answer.get("Failed", [])}


def read(body: str, *fields: str) -> dict[str, Any]:
    """A message's content; raises `UnknownMessage` unless it is ours and holds these text fields."""
    try:
        message = json.loads(body)
    except json.JSONDecodeError as error:
        raise UnknownMessage("not JSON") from error
    if not isinstance(message, dict) or message.get("schema") != SCHEMA:
        raise UnknownMessage("unknown schema")
    missing = [name for name in fields if not isinstance(message.get(name), str)]
    if missing:
        raise UnknownMessage(f"without {', '.join(missing)}")
    return message


def moment_in(field: str, text: str) -> datetime:
    """The moment that a message's field tells, ISO with a zone; raises `UnknownMessage` without."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnknownMessage(f"{field} is no moment") from error
    if moment.tzinfo is None:
        raise UnknownMessage(f"{field} without a zone")
    return moment
