"""What every failure of SendEmail means, held against SES's own model."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ParamValidationError,
    ReadTimeoutError,
)
from meterportal.domain.mailing.account import Stop
from meterportal.mail.send_errors import BY_CODE, SendFailure, meaning

SENDER = "Zählerstand <zaehler@dealer.example>"
COMMON = {
    # "Common Error Types" of the API's reference.
    "AccessDeniedException": SendFailure.RETRY,
    "ExpiredTokenException": SendFailure.RETRY,
    "IncompleteSignature": SendFailure.RETRY,
    "InternalFailure": SendFailure.RETRY,
    "MalformedHttpRequestException": SendFailure.RETRY,
    "NotAuthorized": SendFailure.RETRY,
    "OptInRequired": SendFailure.RETRY,
    "RequestAbortedException": SendFailure.RETRY,
    "RequestEntityTooLargeException": SendFailure.NEVER,
    "RequestExpired": SendFailure.RETRY,
    "RequestTimeoutException": SendFailure.RETRY,
    "ServiceUnavailable": SendFailure.RETRY,
    "ThrottlingException": SendFailure.THROTTLED,
    "UnknownOperationException": SendFailure.RETRY,
    "UnrecognizedClientException": SendFailure.RETRY,
    "ValidationError": SendFailure.NEVER,
    # Throttling by other names, as the SDK knows it.
    "RequestThrottled": SendFailure.THROTTLED,
    "RequestThrottledException": SendFailure.THROTTLED,
    "ThrottledException": SendFailure.THROTTLED,
    "Throttling": SendFailure.THROTTLED,
}


def refusal(code: str, words: str = "") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": words}}
    return ClientError(answer, "SendEmail")


def test_every_error_of_the_operation_is_sorted_and_nothing_else() -> None:
    model = botocore.session.get_session().get_service_model("sesv2")
    known = {shape.name for shape in model.operation_model("SendEmail").error_shapes}
    assert len(known) >= 8
    own = {code for code, expected in COMMON.items() if expected is not SendFailure.RETRY}
    assert set(BY_CODE) == known | own


@pytest.mark.parametrize("code", COMMON)
def test_the_errors_common_to_all_services_are_sorted(code: str) -> None:
    assert meaning(refusal(code), SENDER) == (COMMON[code], None)


@pytest.mark.parametrize(
    ("code", "expected", "stop"),
    [
        ("TooManyRequestsException", SendFailure.THROTTLED, None),
        ("ThrottlingException", SendFailure.THROTTLED, None),
        ("LimitExceededException", SendFailure.QUOTA, Stop.QUOTA_REACHED),
        ("SendingPausedException", SendFailure.PAUSED, Stop.SENDING_PAUSED),
        ("AccountSuspendedException", SendFailure.PAUSED, Stop.SENDING_PAUSED),
        ("MailFromDomainNotVerifiedException", SendFailure.PAUSED, Stop.SENDER_UNVERIFIED),
        ("MessageRejected", SendFailure.NEVER, None),
        ("BadRequestException", SendFailure.NEVER, None),
        ("NotFoundException", SendFailure.RETRY, None),
        ("InternalServiceErrorException", SendFailure.RETRY, None),
        ("AccessDeniedException", SendFailure.RETRY, None),
        ("SomethingNew", SendFailure.RETRY, None),
    ],
)
def test_a_code_has_one_meaning(code: str, expected: SendFailure, stop: Stop | None) -> None:
    assert meaning(refusal(code), SENDER) == (expected, stop)


@pytest.mark.parametrize(
    ("code", "words", "expected", "stop"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", SendFailure.THROTTLED, None),
        ("Throttling", "Daily message quota exceeded.", SendFailure.QUOTA, Stop.QUOTA_REACHED),
        (
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            "EU-CENTRAL-1: ZAEHLER@dealer.example",
            SendFailure.PAUSED,
            Stop.SENDER_UNVERIFIED,
        ),
        (
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            "EU-CENTRAL-1: somebody@kunde.example",
            SendFailure.PAUSED,
            Stop.SANDBOX,
        ),
    ],
)
def test_where_one_code_says_several_things_its_words_decide(
    code: str, words: str, expected: SendFailure, stop: Stop | None
) -> None:
    assert meaning(refusal(code, words), SENDER) == (expected, stop)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadTimeoutError(endpoint_url="https://ses.example"), SendFailure.UNKNOWN),
        (ConnectTimeoutError(endpoint_url="https://ses.example"), SendFailure.RETRY),
        (ParamValidationError(report="no"), SendFailure.NEVER),
    ],
)
def test_without_an_answer_it_depends_on_whether_the_mail_left(
    error: BotoCoreError, expected: SendFailure
) -> None:
    assert meaning(error, SENDER) == (expected, None)
