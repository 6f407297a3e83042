"""Faults between AWS calls: a process that ends there, or somebody else who acts there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError


class Killed(BaseException):
    """The process is gone. No code of ours or of a library may catch it."""


_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "TransactGet")


@contextmanager
def killed(call: int, *, reads: bool = False) -> Iterator[list[str]]:
    """End the process after its n-th AWS call that may change something (from 0).

    Where it ends between two such calls makes no difference to anybody outside; with `reads` those
    that only read count, too. The list tells the calls that count. The block ends quietly in both cases: killed, or done because there were fewer.
    """
    made: list[str] = []
    real = BaseClient._make_api_call

    def count(self: Any, operation_name: str, api_params: Any) -> Any:
        if operation_name.startswith(_READS) and not reads:
            return real(self, operation_name, api_params)
        made.append(operation_name)
        answer = real(self, operation_name, api_params)
        if len(made) == call + 1:
            raise Killed
        return answer

    BaseClient._make_api_call = count
    try:
        yield made
    except Killed:
        made.append("killed")
    finally:
        BaseClient._make_api_call = real


@contextmanager
def interrupted(call: int, other: Callable[[], object]) -> Iterator[list[str]]:
    """Let somebody else act, to the end, just before the n-th AWS call (from 0)."""

    def act() -> None:
        # In a context of its own: whose rights the interrupted function has is not its business.
        Context().run(other)

    made: list[str] = []
    real = BaseClient._make_api_call
    acting = False

    def count(self: Any, operation_name: str, api_params: Any) -> Any:
        nonlocal acting
        if acting:
            return real(self, operation_name, api_params)
        made.append(operation_name)
        if len(made) == call + 1:
            acting = True
            act()
            acting = False
        return real(self, operation_name, api_params)

    BaseClient._make_api_call = count
    try:
        yield made
    finally:
        BaseClient._make_api_call = real


@contextmanager
def failing(operation: str, fault: Exception, *, after: bool = False) -> Iterator[None]:
    """Let every call of an operation fail, before or after it took effect."""
    real = BaseClient._make_api_call

    def call(self: Any, operation_name: str, api_params: Any) -> Any:
        if operation_name != operation:
            return real(self, operation_name, api_params)
        if after:
            real(self, operation_name, api_params)
        raise fault

    BaseClient._make_api_call = call
    try:
        yield
    finally:
        BaseClient._make_api_call = real


def refused(code: str, status: int = 400) -> ClientError:
    """An AWS service's refusal."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "operation")
