"""One mail per message: claimed, sent, marked.

{"round_id", "mailbox"}: a mail of a round.
{"kind": "receipt", "mailbox", "company_id", "opened_at"}: what somebody has reported.
{"kind": "new_link", "request_id", "mailbox", "link"}: somebody asked for a link; one of the last two
is "".
{"kind": "password_notice", "mailbox", "set_at"}: an address has a new password.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.deliveries import deliver
from meterportal.doors import doors
from meterportal.queues import UnknownMessage, read
from meterportal.settings import moment
from meterportal.usecases.send_links import send_new_link
from meterportal.usecases.send_notices import send_notice
from meterportal.usecases.send_receipts import send_receipt
from meterportal.usecases.send_requests import send_request

logger = Logger()

_RESERVE = 20
"""Seconds that one mail may take at worst, retries of the mail system included."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, _send, reserve=_RESERVE)


def _send(body: str) -> None:
    match read(body).get("kind"):
        case None:
            _request(body)
        case "receipt":
            _receipt(body)
        case "new_link":
            _new_link(body)
        case "password_notice":
            _notice(body)
        case _:
            raise UnknownMessage("unknown kind of mail")


def _request(body: str) -> None:
    message = read(body, "round_id", "mailbox")
    state = send_request(doors(), message["round_id"], message["mailbox"], moment())
    logger.info("mail", extra={"round_id": message["round_id"], "state": state.value})


def _receipt(body: str) -> None:
    message = read(body, "mailbox", "company_id", "opened_at")
    state = send_receipt(
        doors(), message["mailbox"], message["company_id"], message["opened_at"], moment()
    )
    logger.info("receipt", extra={"state": state.value if state else "none"})


def _new_link(body: str) -> None:
    message = read(body, "request_id", "mailbox", "link")
    state = send_new_link(
        doors(),
        message["request_id"],
        moment(),
        mailbox=message["mailbox"],
        link=message["link"],
    )
    logger.info("new link", extra={"state": state.value if state else "none"})


def _notice(body: str) -> None:
    message = read(body, "mailbox", "set_at")
    state = send_notice(doors(), message["mailbox"], message["set_at"], moment())
    logger.info("notice", extra={"state": state.value if state else "none"})
