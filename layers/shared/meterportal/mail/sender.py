"""The door to SES: raw MIME out, message id back, failures told apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal.mail.message import Message

_LATER = {
    "TooManyRequestsException",
    "ThrottlingException",
    "LimitExceededException",
    "SendingPausedException",
    "InternalServiceErrorException",
    "ServiceUnavailable",
    # Our own set-up is wrong: no mail is lost by it, the message waits and ends as a dead letter.
    "AccessDeniedException",
    "AccountSuspendedException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",
    "UnrecognizedClientException",
}


class TryLater(Exception):
    """SES took nothing: throttled, paused, broken for a moment, or not set up."""


class Undeliverable(Exception):
    """SES refuses this mail for good; `args[0]` is its error code."""


class InDoubt(Exception):
    """The connection broke: SES may have taken the mail. Its events tell."""


class Sender:
    def __init__(self, client: Any, configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, message: Message, *, at: datetime, tags: dict[str, str]) -> str:
        """Hand one mail to SES; its message id. Raises TryLater, Undeliverable or InDoubt.

        `tags` come back with every event of this mail (letters, digits, `-` and `_` only).
        """
        parameters: dict[str, Any] = {
            "FromEmailAddress": message.sender,
            "Destination": {"ToAddresses": [message.to]},
            "Content": {"Raw": {"Data": message.mime(at=at)}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self._configuration_set:
            parameters["ConfigurationSetName"] = self._configuration_set
        try:
            message_id: str = self._client.send_email(**parameters)["MessageId"]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _LATER or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise TryLater(code) from error
            raise Undeliverable(code) from error
        except BotoCoreError as error:
            raise InDoubt(type(error).__name__) from error
        return message_id
