"""Workers that fail at every delivery, until SQS gives their messages up; and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from infra.local.events import of_messages
from tests.support import world
from tests.support.faults import failing, killed, refused
from tests.support.stage import QUEUE_ARN, Context, Stage

EVENT = {"kind": "failed_runs", "scheduled_at": "2026-11-23T09:05:00Z"}


class NoTime(Context):
    """An invocation whose time is up."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 0


Fate = Callable[[], AbstractContextManager[Any]]


@contextmanager
def _throttled() -> Iterator[None]:
    fault = refused("ThrottlingException")
    with failing("GetItem", fault), failing("BatchGetItem", fault):
        yield


FATES: dict[str, tuple[Fate, type[Context]]] = {
    "an exception each time": (lambda: _throttled(), Context),
    "killed each time": (lambda: killed(0, reads=True), Context),
    "killed in the middle each time": (lambda: killed(3, reads=True), Context),
    "out of time each time": (nullcontext, NoTime),
}


def die(stage: Stage, package: str, queue: str, fate: str) -> int:
    """Deliver what waits in a queue (its URL) again and again, until it is among the dead letters; how
    many deliveries that took."""
    sqs = stage.client("sqs")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "0"})
    doom, context = FATES[fate]
    deliveries = 0
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages"):
        deliveries += 1
        with doom():
            result = stage.handler(package)(of_messages(messages, QUEUE_ARN), context())
            assert result["batchItemFailures"], "it did not fail"
    return deliveries


def forget(stage: Stage, queue: str) -> None:
    """The messages of a queue (its URL) are gone for good."""
    sqs = stage.client("sqs")
    while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def look(stage: Stage) -> int:
    """The schedule fires; how many letters told something new."""
    # The minute has passed for which letters that were looked at are hidden.
    world.reveal()
    marked: int = stage.handler("mark_failed_runs")(EVENT, Context())["marked"]
    world.reveal()
    return marked


def letters(stage: Stage, queue: str) -> list[str]:
    """The dead letters of a queue (its URL): they stay there."""
    sqs = stage.client("sqs")
    found = sqs.receive_message(
        QueueUrl=_dead(stage, queue), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [message["Body"] for message in found.get("Messages", [])]


def redrive(stage: Stage, queue: str) -> int:
    """What "Start DLQ redrive" does: the letters are sent anew into their queue."""
    sqs, dead, moved = stage.client("sqs"), _dead(stage, queue), 0
    while messages := sqs.receive_message(QueueUrl=dead).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _dead(stage: Stage, queue: str) -> str:
    return queue.replace("Queue", "DeadLetters")
