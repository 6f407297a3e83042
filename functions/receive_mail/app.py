"""Messages that came in by mail: notices of SES, as its topic puts them into the queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver
from meterportal.settings import moment
from meterportal.usecases.mailing.receive_mail import receive_mail

logger = Logger()

_RESERVE = 15
"""Seconds that one message may take at worst."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, _receive, reserve=_RESERVE)


def _receive(body: str) -> None:
    mail = receive_mail(adapters(), body, moment())
    if mail is not None:
        logger.info("mail came in", extra={"outcome": mail.outcome.value, "reason": mail.reason})
