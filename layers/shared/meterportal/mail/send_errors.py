"""What each failure of SES's SendEmail means for the mail at hand.

The codes are those of the operation in the API's model; a test holds this table against it.
"""

from __future__ import annotations

from email.utils import parseaddr
from enum import Enum, auto

from botocore.exceptions import BotoCoreError, ClientError

from meterportal import aws
from meterportal.aws import Failure
from meterportal.domain.mailing.account import Stop


class SendFailure(Enum):
    """NEVER: this mail is refused for good. THROTTLED: too fast, the same call in a moment. QUOTA: the
    account has sent its mails of the day. PAUSED: the account sends nothing before somebody acts.
    RETRY: nothing was taken, by no fault of the mail. UNKNOWN: the mail may have been taken."""

    NEVER = auto()
    THROTTLED = auto()
    QUOTA = auto()
    PAUSED = auto()
    RETRY = auto()
    UNKNOWN = auto()


BY_CODE = {
    "AccountSuspendedException": SendFailure.PAUSED,
    "BadRequestException": SendFailure.NEVER,
    "LimitExceededException": SendFailure.QUOTA,
    "MailFromDomainNotVerifiedException": SendFailure.PAUSED,
    "MessageRejected": SendFailure.NEVER,
    "NotFoundException": SendFailure.RETRY,
    "SendingPausedException": SendFailure.PAUSED,
    "TooManyRequestsException": SendFailure.THROTTLED,
    # Common to all of AWS's services, so not in the operation's own list.
    "RequestEntityTooLargeException": SendFailure.NEVER,
    "RequestThrottled": SendFailure.THROTTLED,
    "RequestThrottledException": SendFailure.THROTTLED,
    "ThrottledException": SendFailure.THROTTLED,
    "Throttling": SendFailure.THROTTLED,
    "ThrottlingException": SendFailure.THROTTLED,
    "ValidationError": SendFailure.NEVER,
}
"""NotFoundException: the configuration set is missing, which a deployment mends. Other common errors (no right, an
expired signature, a failure of the service) are no fault of the mail: they are tried again."""

_BY_FAILURE = {
    Failure.ANSWER: SendFailure.NEVER,
    Failure.UNTAKEN: SendFailure.RETRY,
    Failure.UNKNOWN: SendFailure.UNKNOWN,
}


def meaning(error: ClientError | BotoCoreError, sender: str) -> tuple[SendFailure, Stop | None]:
    """The meaning of an exception of SendEmail, and the reason to stop a round when it is the
    account's. `sender` is the mail's From.

    Under one code SES says several things, told apart by its words only: the daily quota, which may
    come as throttling, and an address that is not verified, which comes as a rejected message.
    """
    code = aws.code_of(error)
    told = _words(error)
    found = BY_CODE.get(code) or _BY_FAILURE[aws.meaning(error)]
    if found is SendFailure.THROTTLED and "quota" in told and "dai" in told:
        found = SendFailure.QUOTA
    if code == "MessageRejected" and "not verified" in told:
        ours = parseaddr(sender)[1].casefold() in told
        return SendFailure.PAUSED, Stop.SENDER_UNVERIFIED if ours else Stop.SANDBOX
    if code == "MailFromDomainNotVerifiedException":
        return found, Stop.SENDER_UNVERIFIED
    return found, _STOPS.get(found)


_STOPS = {SendFailure.QUOTA: Stop.QUOTA_REACHED, SendFailure.PAUSED: Stop.SENDING_PAUSED}


def _words(error: BaseException) -> str:
    answered = getattr(error, "response", None) or {}
    return str(answered.get("Error", {}).get("Message", "")).casefold()
