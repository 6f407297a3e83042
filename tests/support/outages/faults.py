"""AWS that fails, on the wire: what a function's n-th call meets, with the SDK's own retries at work.

Faults come where moto takes a request from the SDK, so everything above it is the real thing: the
retries that the adapters' settings ask for, the parsing of the answer, the token of a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from meterportal.mail.sender import Sender
from meterportal.store.table import Table
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from tests.support.rights import acting


class Fault(StrEnum):
    """What happens to one call.

    THROTTLED, BROKEN (5xx) and UNREACHABLE (no connection in time) hit each try of the SDK and carry
    nothing out. LOST: it is carried out, and neither this answer nor that of any further try comes.
    REPEATED: it is carried out, the answer is lost, and the SDK's next try is carried out, too.
    CONFLICT: another transaction holds an item, once. BESIEGED: again and again.
    """

    THROTTLED = "throttled"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    BESIEGED = "besieged"


UNTAKEN = {Fault.THROTTLED, Fault.BROKEN, Fault.UNREACHABLE, Fault.BESIEGED}
WRITES = {
    "dynamodb.PutItem",
    "dynamodb.UpdateItem",
    "dynamodb.DeleteItem",
    "dynamodb.TransactWriteItems",
    "dynamodb.BatchWriteItem",
    "sqs.SendMessageBatch",
    "s3.PutObject",
    "sesv2.SendEmail",
}
_CONFLICTS = {
    "dynamodb.PutItem": "TransactionConflictException",
    "dynamodb.UpdateItem": "TransactionConflictException",
    "dynamodb.DeleteItem": "TransactionConflictException",
    "dynamodb.TransactWriteItems": "TransactionCanceledException",
}
# Service -> throttled, broken: the codes that it answers then.
_CODES = {
    "dynamodb": ("ProvisionedThroughputExceededException", "InternalServerError"),
    "sqs": ("ThrottlingException", "InternalFailure"),
    "s3": ("SlowDown", "InternalError"),
    "secretsmanager": ("ThrottlingException", "InternalServiceError"),
    "cognito-identity-provider": ("TooManyRequestsException", "InternalErrorException"),
    "sesv2": ("TooManyRequestsException", "InternalServiceErrorException"),
}


def happens(fault: Fault, call: str) -> bool:
    """Whether AWS does this to a call, like "dynamodb.GetItem"."""
    if fault in {Fault.CONFLICT, Fault.BESIEGED}:
        return call in _CONFLICTS
    return fault not in {Fault.LOST, Fault.REPEATED} or call in WRITES


@dataclass
class Wire:
    """The calls of the function that runs, and what one of them meets. `made` names them in order."""

    fault: Fault | None = None
    at: int = -1
    made: list[str] = field(default_factory=list)
    _call: str = ""

    @contextmanager
    def meeting(self, fault: Fault | None, at: int) -> Iterator[list[str]]:
        """Let a function's call number `at` (from 0) meet the fault; the list names its calls."""
        self.fault, self.at, self.made, self._call = fault, at, [], ""
        try:
            yield self.made
        finally:
            self.fault, self.at = None, -1

    def answer(self, send: Callable[[], Any], event_name: str, request: Any) -> Any:
        """What the SDK gets for one try of a call."""
        if acting() is None:
            return send()
        name = event_name.removeprefix("before-send.").replace("secrets-manager", "secretsmanager")
        call = request.headers["amz-sdk-invocation-id"]
        again = call == self._call
        if not again:
            self._call = call
            self.made.append(name)
        number = len(self.made) - 1
        besieged = self.fault is Fault.BESIEGED and number >= self.at and name in _CONFLICTS
        if number != self.at and not besieged:
            return send()
        match self.fault:
            case Fault.UNREACHABLE:
                raise ConnectTimeoutError(endpoint_url=request.url)
            case Fault.LOST | Fault.REPEATED if not again:
                send()
                raise ReadTimeoutError(endpoint_url=request.url)
            case Fault.LOST:
                raise ReadTimeoutError(endpoint_url=request.url)
            case Fault.THROTTLED | Fault.BROKEN | Fault.CONFLICT | Fault.BESIEGED:
                return _refusal(self.fault, name, request)
        return send()


def _refusal(fault: Fault, name: str, request: Any) -> AWSResponse:
    service = name.partition(".")[0]
    throttled, broken = _CODES.get(service, ("", ""))
    more: dict[str, Any] = {}
    status = 400
    if fault is Fault.THROTTLED:
        code, status = throttled, 503 if service == "s3" else 429 if service == "sesv2" else 400
    elif fault is Fault.BROKEN:
        code, status = broken, 500
    else:
        code = _CONFLICTS[name]
        if name == "dynamodb.TransactWriteItems":
            count = len(json.loads(request.body)["TransactItems"])
            reasons = [{"Code": "None"} for _ in range(count - 1)]
            more = {"CancellationReasons": [*reasons, {"Code": "TransactionConflict"}]}
    assert code, f"nobody has said how {service} fails"
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    else:
        body = json.dumps({"__type": code, "message": "no", **more})
    headers = {"x-amzn-ErrorType": code, "content-type": "application/json"}
    return AWSResponse(request.url, status, headers, MockRawResponse(body.encode()))


def wired(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The wire of a stage: faults can be put on it, and nobody waits between two tries."""
    wire, real = Wire(), BotocoreStubber.__call__

    def stub(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        return wire.answer(lambda: real(self, event_name, request, **more), event_name, request)

    monkeypatch.setattr(BotocoreStubber, "__call__", stub)
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    # The SDK stops trying after many failures in one process; here each fault is the first.
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)
    for door in (Table, Sender):
        defaults = door.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "sleep", lambda _: None)
    return wire
