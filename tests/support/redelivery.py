"""A queue whose consumer dies: what was not finished is delivered again, as SQS does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.faults import killed
from tests.support.stage import Context, Stage, delivery


def deliver(stage: Stage, package: str, message: Mapping[str, Any]) -> list[str]:
    """One message to a function, outside of any queue; the ids of what it hands back."""
    return _deliver(stage, package, json.dumps({"schema": 1, **message}))


def work_off(
    stage: Stage, package: str, queue: str, *, call: int = -1, after: bool = False
) -> bool:
    """Deliver what waits in a queue (its URL), and what that brings, until nothing is left.

    The function is killed once, after its n-th AWS call counted over all messages (-1: never),
    and the message that it had then is delivered again. Tells whether it was killed.
    """
    waiting, made, died = _take(stage, queue), 0, False
    while waiting:
        with killed(call - made if not died else -1) as calls:
            failed = _deliver(stage, package, waiting[0])
            assert not failed, waiting[0]
        made += len(calls)
        if calls and calls[-1] == "killed":
            died = True
        else:
            waiting.pop(0)
        waiting += _take(stage, queue)
    return died


def _deliver(stage: Stage, package: str, body: str) -> list[str]:
    result = stage.handler(package)(delivery(body), Context())
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def _take(stage: Stage, queue: str) -> list[str]:
    """Receive and delete everything that waits."""
    sqs, bodies = stage.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(message["Body"])
    return bodies
