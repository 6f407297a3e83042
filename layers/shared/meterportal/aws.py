"""Calls of AWS and the meaning of their failures: only here botocore's errors become our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ParamValidationError,
    SSLError,
)

from meterportal.domain.refusals import Unavailable

_ABOUT_THE_REQUEST = {
    # Answers that the caller handles.
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "InvalidRange",
    "NoSuchKey",
    "NoSuchUpload",
    "404",
    "PreconditionFailed",
    "412",
    "BadRequestException",
    "MessageRejected",
    "UsernameExistsException",
    # A mistake of ours: another try cannot help.
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "SerializationException",
    "ValidationException",
}


class Failure(Enum):
    """What a failed call means.

    ANSWER: the service says something about the request itself, the same each time.
    UNTAKEN: nothing was carried out. The service was throttled, broken or not set up, or there was
    no connection to it.
    UNKNOWN: the connection broke while waiting for the answer. It may have been carried out.
    """

    ANSWER = auto()
    UNTAKEN = auto()
    UNKNOWN = auto()


def meaning(error: ClientError | BotoCoreError) -> Failure:
    """The meaning of an exception of a call. Unknown codes count as a failure of the service: then
    the work is tried again later and is not refused for good."""
    if isinstance(error, ClientError):
        return Failure.ANSWER if code_of(error) in _ABOUT_THE_REQUEST else Failure.UNTAKEN
    if isinstance(error, ParamValidationError):
        return Failure.ANSWER
    # These may be raised after the request was sent, all others only before.
    late = isinstance(error, HTTPClientError | IncompleteReadError | SSLError)
    return Failure.UNKNOWN if late else Failure.UNTAKEN


def code_of(error: BaseException | None) -> str:
    """AWS's error code in an answer, "" if there was no answer."""
    answered = getattr(error, "response", None) or {}
    return str(answered.get("Error", {}).get("Code", ""))


@contextmanager
def failures_sorted() -> Iterator[None]:
    """Raises `Unavailable` for a failure that the request did not cause; an answer about the
    request itself stays a `ClientError`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if meaning(error) is Failure.ANSWER:
            raise
        raise Unavailable from error


def call(client: Any, method: str, **parameters: Any) -> Any:
    """Call a service once. Raises the same as `failures_sorted`."""
    with failures_sorted():
        return getattr(client, method)(**parameters)


def cause(unavailable: Unavailable) -> dict[str, str]:
    """The error behind it, for the log: its kind, AWS's code and the operation. Without its text,
    because that may contain personal data."""
    error = unavailable.__cause__
    return {
        "cause": type(error).__name__,
        "error": code_of(error),
        "operation": str(getattr(error, "operation_name", "")),
    }
