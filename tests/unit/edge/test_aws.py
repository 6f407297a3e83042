"""AWS's errors are sorted in one place: about the request, nothing carried out, or nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from meterportal import adapters, aws
from meterportal.aws import Failure
from meterportal.domain.refusals import Unavailable
from meterportal.files import Files

from tests.support.faults import refused
from tests.template.reading import FUNCTIONS

URL = {"endpoint_url": "https://dynamodb.example"}


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (refused("ConditionalCheckFailedException"), Failure.ANSWER),
        (refused("TransactionCanceledException"), Failure.ANSWER),
        (refused("ValidationException"), Failure.ANSWER),
        (refused("NoSuchKey", 404), Failure.ANSWER),
        (refused("MessageRejected"), Failure.ANSWER),
        (ParamValidationError(report="wrong"), Failure.ANSWER),
        (refused("ThrottlingException"), Failure.UNTAKEN),
        (refused("ProvisionedThroughputExceededException"), Failure.UNTAKEN),
        (refused("RequestLimitExceeded"), Failure.UNTAKEN),
        (refused("TransactionConflictException"), Failure.UNTAKEN),
        (refused("TransactionInProgressException"), Failure.UNTAKEN),
        (refused("InternalServerError", 500), Failure.UNTAKEN),
        (refused("KMSThrottlingException"), Failure.UNTAKEN),
        (refused("DecryptionFailure"), Failure.UNTAKEN),
        (refused("SlowDown", 503), Failure.UNTAKEN),
        (refused("OverLimit", 403), Failure.UNTAKEN),
        (refused("503", 503), Failure.UNTAKEN),
        (refused("ExpiredTokenException"), Failure.UNTAKEN),
        (refused("AccessDeniedException"), Failure.UNTAKEN),
        (refused("ACodeOfNextYear", 418), Failure.UNTAKEN),
        (EndpointConnectionError(**URL), Failure.UNTAKEN),
        (ConnectTimeoutError(**URL), Failure.UNTAKEN),
        (NoCredentialsError(), Failure.UNTAKEN),
        (ReadTimeoutError(**URL), Failure.UNKNOWN),
        (ConnectionClosedError(**URL), Failure.UNKNOWN),
        (SSLError(error="bad record mac", **URL), Failure.UNKNOWN),
        (ResponseStreamingError(error="cut"), Failure.UNKNOWN),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), Failure.UNKNOWN),
    ],
    ids=lambda one: aws.code_of(one) or type(one).__name__,
)
def test_each_error_has_one_meaning(error: ClientError | BotoCoreError, meaning: Failure) -> None:
    assert aws.meaning(error) is meaning

    class Client:
        def get_item(self, **_: Any) -> None:
            raise error

    expected = type(error) if meaning is Failure.ANSWER else Unavailable
    with pytest.raises(expected) as raised:
        aws.call(Client(), "get_item", Key="k")
    if isinstance(raised.value, Unavailable):
        assert raised.value.__cause__ is error


def test_the_log_learns_what_stood_behind_it_and_no_text() -> None:
    told = Unavailable()
    told.__cause__ = refused("ThrottlingException")
    assert aws.cause(told) == {
        "cause": "ClientError",
        "error": "ThrottlingException",
        "operation": "operation",
    }
    assert aws.cause(Unavailable()) == {"cause": "NoneType", "error": "", "operation": ""}


def test_a_file_that_breaks_off_on_its_way_is_trouble_of_the_service() -> None:
    class Cut:
        def read(self) -> bytes:
            raise ReadTimeoutError(**URL)

    class Client:
        def get_object(self, **_: Any) -> dict[str, Any]:
            return {"Body": Cut()}

    reads: list[Callable[[Files], object]] = [
        lambda files: files.get("bucket", "key"),
        lambda files: files.find("bucket", "key"),
        lambda files: files.beginning("bucket", "key", 12),
    ]
    for read in reads:
        with pytest.raises(Unavailable):
            read(Files(Client()))


def test_a_call_that_hangs_ends_before_the_request_s_own_time_is_over() -> None:
    """Else the gateway would answer for us, with 500."""
    config = adapters._CONFIG
    tries = config.retries["total_max_attempts"]
    pauses = sum(2**n for n in range(tries - 1))  # the SDK waits up to 1, 2, 4 seconds
    worst = tries * max(config.connect_timeout, config.read_timeout) + pauses
    assert worst < min(FUNCTIONS[api].timeout for api in ("customer_api", "staff_api"))
