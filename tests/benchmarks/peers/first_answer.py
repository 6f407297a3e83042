"""One side's first answer in this process: `python -m tests.benchmarks.peers.first_answer ours FILE`.

Prints {"seconds": processor time since the process began, "modules", "answer"}. Nothing is imported here that
a function would not have: what is measured is its start.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSResponse

_ITEM = {name: {"S": "x" * 40} for name in ("pk", "sk", "place", "model", "state", "reporter")}
_WRITES = [{"Put": {"TableName": "table", "Item": _ITEM}} for _ in range(3)]
"""As many as we write: the machine, its history, the receipt that waits."""


class _Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> Any:
        yield self.content


class Context:
    function_name = "bench"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


def main(side: str, recording: str) -> None:
    event, answers, at, known = pickle.loads(Path(recording).read_bytes())  # noqa: S301 - our own
    again = {(url, what): answer for (url, what), answer in answers.items()}

    def given(request: Any, **_: Any) -> AWSResponse:
        operation = request.headers.get("X-Amz-Target", b"")
        answer = again.get((request.url, request.body or b"")) or again[request.url, operation]
        status, headers, content = answer
        return AWSResponse(request.url, status, headers, _Body(content))

    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", given))
    answer = _ours(event, at) if side == "ours" else _peer(event, known, [*answers])
    seconds = time.process_time()
    print(json.dumps({"seconds": seconds, "modules": len(sys.modules), "answer": answer}))


def _ours(event: Any, at: Any) -> Any:
    import meterportal.settings
    from customer_api.app import lambda_handler

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return at.astimezone(tz)

    vars(meterportal.settings)["datetime"] = Clock
    return lambda_handler(event, Context())


def _peer(event: Any, known: bytes, asked: list[tuple[str, bytes]]) -> Any:
    """`known` is unpacked by the peer alone: it is of the peer's types, whose module imports FastAPI."""
    import boto3

    from tests.benchmarks.peers.fleet_api import handler

    client = boto3.client("dynamodb")
    bodies = {
        name: next(json.loads(what) for _, what in asked if sign in what)
        for name, sign in (
            ("get_item", b'"Key":'),
            ("batch_get_item", b'"RequestItems":'),
            ("query", b'"KeyCond'),
        )
    }

    def table() -> None:
        for name, body in bodies.items():
            getattr(client, name)(**body)
        client.transact_write_items(TransactItems=_WRITES)

    company = pickle.loads(known)  # noqa: S301 - our own
    return handler(company, table)(event, Context())


if __name__ == "__main__":
    main(*sys.argv[1:])
