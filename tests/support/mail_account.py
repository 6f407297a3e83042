"""SES's account, which moto does not know: the same as that of `make run`."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.local.mail_account import MailAccount

LOOK, SEND = "GetAccount", "SendEmail"
ACCOUNT = MailAccount()
"""Of this process; each test begins with one that everything works with."""


def begin() -> None:
    """The account at the beginning of a test: so fast that no test waits for a turn."""
    ACCOUNT.reset()
    ACCOUNT.tell({"rate": 1000})


def refuse(operation: str, given: dict[str, Any]) -> None:
    """Raises what SES says to a mail that the account may not send."""
    if operation != SEND:
        return
    refused = ACCOUNT.refuses(given["Destination"]["ToAddresses"][0])
    if refused is not None:
        code, words = refused
        raise ClientError({"Error": {"Code": code, "Message": words}}, operation)
