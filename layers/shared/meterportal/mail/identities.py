"""The adapter to what SES knows of a sender's domain."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from meterportal import aws
from meterportal.domain.mailing.sender_records import SendingDomain
from meterportal.domain.refusals import Unavailable


class Identities:
    """Asks SES of the client's region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def region(self) -> str:
        name: str = self._client.meta.region_name
        return name

    def look(self, domain: str) -> SendingDomain | None:
        """None for a domain that SES does not know as ours. Raises Unavailable."""
        try:
            told = self._client.get_email_identity(EmailIdentity=domain)
        except (ClientError, BotoCoreError) as error:
            if aws.code_of(error) == "NotFoundException":
                return None
            raise Unavailable from error
        dkim = told.get("DkimAttributes", {})
        return SendingDomain(
            verified=bool(told.get("VerifiedForSendingStatus")),
            # Keys that somebody brought along have a selector in the place of tokens.
            tokens=tuple(dkim.get("Tokens", ()))
            if dkim.get("SigningAttributesOrigin", "") != "EXTERNAL"
            else (),
            zone=dkim.get("SigningHostedZone") or "dkim.amazonses.com",
            mail_from=told.get("MailFromAttributes", {}).get("MailFromDomain", ""),
        )
