"""One mail per message: claimed, sent, marked.

{"round_id", "mailbox"}: a mail of a round.
{"kind": "receipt", "mailbox", "company_id", "opened_at"}: what somebody has reported.
{"kind": "new_link", "request_id", "mailbox", "link", "way"}: somebody asked for a link; one of
"mailbox" and "link" is "". `way` says who asked (missing in messages of earlier releases). What staff
send has the "company_id" that the link opens.
{"kind": "password_link", "request_id", "mailbox", "way"}: somebody asked for the link that sets a
password.
{"kind": "password_notice", "mailbox", "set_at"}: an address has a new password.
{"kind": "test_mail", "request_id", "round_id", "contact_id", "mailbox"}: staff try a round's mail at
their own address.
{"kind": "text_test", "request_id", "contract_id", "mailbox"}: staff try the words of a text block at
their own address; "contract_id" is "" for an invented customer.
{"kind": "address_notice", "mailbox", "company_id", "set_at"}: staff took the address off a contact of
that company.
{"kind": "question", "question_id"}: staff ask back about a value.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver
from meterportal.domain.access.notices import Notice
from meterportal.queues import UnknownMessage, moment_in, read
from meterportal.settings import moment
from meterportal.usecases.access.send_links import send_new_link
from meterportal.usecases.access.send_notices import send_notice
from meterportal.usecases.access.send_password_links import send_password_link
from meterportal.usecases.mailing.preview_mail import send_test
from meterportal.usecases.mailing.send_questions import send_question
from meterportal.usecases.mailing.send_receipts import send_receipt
from meterportal.usecases.mailing.send_requests import send_request
from meterportal.usecases.mailing.try_text_blocks import send_text_test

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
        case "password_link":
            _password_link(body)
        case "password_notice":
            _notice(body)
        case "test_mail":
            _test(body)
        case "text_test":
            _text_test(body)
        case "address_notice":
            _notice(body, "company_id")
        case "question":
            _question(body)
        case _:
            raise UnknownMessage("unknown kind of mail")


def _request(body: str) -> None:
    message = read(body, "round_id", "mailbox")
    state = send_request(adapters(), message["round_id"], message["mailbox"], moment())
    logger.info("mail", extra={"round_id": message["round_id"], "state": state.value})


def _receipt(body: str) -> None:
    message = read(body, "mailbox", "company_id", "opened_at")
    state = send_receipt(
        adapters(), message["mailbox"], message["company_id"], message["opened_at"], moment()
    )
    logger.info("receipt", extra={"state": state.value if state else "none"})


def _new_link(body: str) -> None:
    message = read(body, "request_id", "mailbox", "link")
    state = send_new_link(
        adapters(),
        message["request_id"],
        moment(),
        mailbox=message["mailbox"],
        link=message["link"],
        way=str(message.get("way", "")),
        company_id=str(message.get("company_id", "")),
    )
    logger.info("new link", extra={"state": state.value if state else "none"})


def _password_link(body: str) -> None:
    message = read(body, "request_id", "mailbox", "way")
    state = send_password_link(
        adapters(), message["request_id"], moment(), mailbox=message["mailbox"], way=message["way"]
    )
    logger.info("password link", extra={"state": state.value if state else "none"})


def _notice(body: str, *more: str) -> None:
    message = read(body, "mailbox", "set_at", *more)
    set_at = moment_in("set_at", message["set_at"])
    notice = Notice(message["mailbox"], set_at, *(message[name] for name in more))
    state = send_notice(adapters(), notice, moment())
    logger.info("notice", extra={"state": state.value if state else "none"})


def _test(body: str) -> None:
    message = read(body, "request_id", "round_id", "contact_id", "mailbox")
    state = send_test(
        adapters(),
        message["request_id"],
        moment(),
        round_id=message["round_id"],
        contact_id=message["contact_id"],
        mailbox=message["mailbox"],
    )
    logger.info("test mail", extra={"state": state.value if state else "none"})


def _text_test(body: str) -> None:
    message = read(body, "request_id", "contract_id", "mailbox")
    state = send_text_test(
        adapters(),
        message["request_id"],
        moment(),
        contract_id=message["contract_id"],
        mailbox=message["mailbox"],
    )
    logger.info("text test", extra={"state": state.value if state else "none"})


def _question(body: str) -> None:
    message = read(body, "question_id")
    state = send_question(adapters(), message["question_id"], moment())
    logger.info("question", extra={"state": state.value if state else "none"})
