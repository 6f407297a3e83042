"""SES events, as EventBridge puts them into the queue."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import adapters
from meterportal.deliveries import deliver
from meterportal.settings import moment
from meterportal.usecases.mailing.record_mail_events import record_mail_event

_RESERVE = 5


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, _record, reserve=_RESERVE)


def _record(body: str) -> None:
    record_mail_event(adapters(), body, moment())
