"""What SES knows of domains: those that the template names, with tokens that follow from the name."""

from __future__ import annotations

import hashlib
from typing import Any

from infra.local.template import Template


def identity_of(template: Template, domain: str) -> dict[str, Any] | None:
    """The answer to GetEmailIdentity, as far as this application reads it; None for a domain that the
    template does not set up."""
    for resource in template.resources("AWS::SES::EmailIdentity"):
        wanted = template.resolve(dict(resource.properties))
        if wanted["EmailIdentity"] == domain:
            return {
                "VerifiedForSendingStatus": True,
                "DkimAttributes": {
                    "SigningAttributesOrigin": "AWS_SES",
                    "Tokens": [_token(domain, number) for number in range(3)],
                    "SigningHostedZone": "dkim.amazonses.com",
                },
                "MailFromAttributes": wanted.get("MailFromAttributes", {}),
            }
    return None


def _token(domain: str, number: int) -> str:
    return hashlib.sha256(f"{domain}/{number}".encode()).hexdigest()[:32]
