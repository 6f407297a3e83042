"""SES's suppression list, which moto does not know: the same as that of `make run`."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.local.suppression import SuppressionList

LOOK, LIFT = OPERATIONS = "GetSuppressedDestination", "DeleteSuppressedDestination"
ON_LIST = SuppressionList()
"""Of this process; a test uses addresses of its own or takes off what it puts on."""


def answered(operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """What SES says to the request to look for an address, or to take it off."""
    address = given["EmailAddress"]
    listed = ON_LIST.listed(address)
    if listed is None:
        error: Any = {"Error": {"Code": "NotFoundException", "Message": "not listed"}}
        raise ClientError(error, operation)
    if operation == LIFT:
        ON_LIST.take_off(address)
        return {}
    found = {"EmailAddress": address, "Reason": listed.reason, "LastUpdateTime": listed.since}
    return {"SuppressedDestination": found}


def hold_back(address: str, *, complained: bool = False) -> None:
    """Puts an address on the list, as a hard bounce or a complaint does."""
    named = [{"emailAddress": address}]
    if complained:
        ON_LIST.note(
            {"detail": {"eventType": "Complaint", "complaint": {"complainedRecipients": named}}}
        )
    else:
        bounced = {"bounceType": "Permanent", "bouncedRecipients": named}
        ON_LIST.note({"detail": {"eventType": "Bounce", "bounce": bounced}})
