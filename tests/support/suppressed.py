"""SES's suppression list, which moto does not know: the same as that of `make run`."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.local.suppression import SuppressionList

OPERATION = "DeleteSuppressedDestination"
ON_LIST = SuppressionList()
"""Of this process; a test uses addresses of its own or takes off what it puts on."""


def answered(given: dict[str, Any]) -> dict[str, Any]:
    """What SES says to the request to take an address off."""
    if ON_LIST.take_off(given["EmailAddress"]):
        return {}
    raise ClientError({"Error": {"Code": "NotFoundException", "Message": "not listed"}}, OPERATION)


def hold_back(address: str) -> None:
    """Puts an address on the list, as a hard bounce does."""
    bounced = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]}
    ON_LIST.note({"detail": {"eventType": "Bounce", "bounce": bounced}})
