"""The only module that calls SQS. Messages are JSON with a schema number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from meterportal import aws
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import Unavailable

SCHEMA = 1

_HIDDEN = 60
"""Seconds for which a message that was read is hidden."""


@frozen
class Letter:
    """A message in a queue."""

    id: str
    body: str


class UnknownMessage(ValueError):
    """A message that no version of the portal wrote: it belongs in the dead-letter queue."""


DELAYED_MOST = 900
"""Seconds that SQS holds a message back at most."""


class OutOfTime(Exception):
    """The function's time is nearly over: the rest comes back with the next delivery."""


class Queues:
    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, url: str, messages: Iterable[Mapping[str, Any]], *, delay: int = 0) -> None:
        """Send messages, ten per request; those that failed are sent again, once. They arrive after
        `delay` seconds (at most DELAYED_MOST). Raises Unavailable if they fail again."""
        bodies = [json.dumps({"schema": SCHEMA, **m}, separators=(",", ":")) for m in messages]
        later = {"DelaySeconds": delay} if delay else {}
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(number), "MessageBody": body, **later}
                for number, body in enumerate(bodies[start : start + 10])
            ]
            for _ in range(2):
                if not entries:
                    break
                failed = self._send(url, entries)
                entries = [entry for entry in entries if entry["Id"] in failed]
            if entries:
                raise Unavailable

    def look(self, url: str) -> Iterator[Letter]:
        """The messages of a queue, read one after another. None is removed."""
        request = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        attributes = aws.call(self._client, "get_queue_attributes", **request)
        left = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
        while left > 0:
            # With a wait SQS asks all of its servers; without one it may miss messages.
            found = aws.call(
                self._client,
                "receive_message",
                QueueUrl=url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN,
                WaitTimeSeconds=1,
            ).get("Messages", [])
            if not found:
                return
            left -= len(found)
            for message in found:
                yield Letter(message["MessageId"], message["Body"])

    def _send(self, url: str, entries: list[dict[str, Any]]) -> set[str]:
        answer = aws.call(self._client, "send_message_batch", QueueUrl=url, Entries=entries)
        return {entry["Id"] for entry in answer.get("Failed", [])}


def read(body: str, *fields: str) -> dict[str, Any]:
    """A message's content; raises `UnknownMessage` if it is not ours or lacks one of these text
    fields."""
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
    """The moment in a message's field, ISO with a zone; raises `UnknownMessage` if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnknownMessage(f"{field} is no moment") from error
    if moment.tzinfo is None:
        raise UnknownMessage(f"{field} without a zone")
    return moment
