"""Answers of AWS that were given once, given again: what stays is our own work and botocore's."""

from __future__ import annotations

import gc
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import meterportal.adapters
import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from moto.core.models import botocore_stubber

from tests.support import quick_moto

_WRITES = re.compile(r"\.(Put|Update|Delete|TransactWrite|BatchWrite)Items?\b")
"""Answered alike whatever is written: moments differ each time."""

_PIECE = 1024 * 1024


def _of_moto(event_name: str, request: Any, **more: Any) -> Any:
    with _moto(answers=True):
        return botocore_stubber(event_name, request, **more)


@dataclass
class Replay:
    """Answers by URL and body; what is asked for the first time goes to the `source`. Not `again`: everything
    goes there, and no answer is kept."""

    source: Callable[..., Any] = _of_moto
    again: bool = True
    answers: dict[tuple[str, bytes], tuple[int, dict[str, str], bytes]] = field(
        default_factory=dict
    )
    requests: int = 0
    received: int = 0

    def __call__(self, event_name: str, request: Any, **more: Any) -> AWSResponse:
        self.requests += 1
        if not self.again:
            passed: AWSResponse = self.source(event_name, request, **more)
            return passed
        operation = request.headers.get("X-Amz-Target", b"")
        key = request.url, operation if _WRITES.search(str(operation)) else _asked(request)
        if key not in self.answers:
            given = self.source(event_name, request, **more)
            self.answers[key] = given.status_code, dict(given.headers), given.content
        status, headers, content = self.answers[key]
        self.received += len(content)
        return AWSResponse(request.url, status, headers, Body(content))


def _asked(request: Any) -> bytes:
    """What a request says. A file goes out in pieces with its checksum behind it: it is read as a connection
    would read it, and answered alike."""
    if not hasattr(request.body, "read"):
        return request.body or b""
    while request.body.read(_PIECE):
        pass
    request.body.seek(0)
    return b""


@dataclass
class Body:
    content: bytes

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.content


@contextmanager
def replayed(*clients: BaseClient) -> Iterator[Replay]:
    """While the block runs nothing is stored: a write is answered as it was the first time. moto rests:
    botocore would ask it, too, and take the first answer."""
    replay = Replay()
    for client in clients:
        client.meta.events.register_first("before-send", replay)
    try:
        with _moto(answers=False):
            yield replay
    finally:
        for client in clients:
            client.meta.events.unregister("before-send", replay)


def as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of AWS as the functions have them: without the check of parameters that tests do."""

    def client(service: str) -> Any:
        return quick_moto.adapters_client(service, checked=False)

    monkeypatch.setattr(meterportal.adapters, "_client", client)
    meterportal.adapters.adapters.cache_clear()


@contextmanager
def _moto(*, answers: bool) -> Iterator[None]:
    before = botocore_stubber.enabled
    botocore_stubber.enabled = answers
    try:
        yield
    finally:
        botocore_stubber.enabled = before


@contextmanager
def nothing_else_collected() -> Iterator[None]:
    """While the block runs Python's collector passes over what stood before: moto's whole table and this
    suite, which no function holds, and which whoever makes most objects would pay for."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def alternating(*work: Callable[[], object], rounds: int = 5) -> list[float]:
    """Median seconds of processor time of each, taken in turns, so that all meet the same machine."""

    taken: list[list[float]] = [[] for _ in work]
    for one in work:
        one()
    for _ in range(rounds):
        for times, one in zip(taken, work, strict=True):
            begun = time.process_time()
            one()
            times.append(time.process_time() - begun)
    return [statistics.median(times) for times in taken]
