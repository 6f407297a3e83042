"""The adapter to the account's suppression list at SES: who stands there, and taking somebody off."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal import aws
from meterportal.domain.mailing.suppression import HeldBack, HeldBackFor
from meterportal.domain.refusals import Unavailable


class SuppressionList:
    """SES takes about one such call a second for the whole account: for single addresses, never for lists."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def look(self, address: str) -> HeldBack | None:
        """Why and since when SES sends nothing to an address; None where it does. Raises Unavailable."""
        try:
            told = self._client.get_suppressed_destination(EmailAddress=address)
        except (ClientError, BotoCoreError) as error:
            if aws.code_of(error) == "NotFoundException":
                return None
            raise Unavailable from error
        found = told["SuppressedDestination"]
        return HeldBack(HeldBackFor(found["Reason"].lower()), found["LastUpdateTime"])

    def take_off(self, address: str) -> None:
        """SES sends to the address again; it may not stand there. Raises Unavailable."""
        try:
            self._client.delete_suppressed_destination(EmailAddress=address)
        except (ClientError, BotoCoreError) as error:
            if aws.code_of(error) != "NotFoundException":
                raise Unavailable from error
