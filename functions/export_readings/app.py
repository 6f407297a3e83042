"""Exports from the queue: {"export_id"}, or with "step": "acknowledge", "ack" and "after" the answer
of the ERP to a large batch."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import UnknownMessage, read
from meterportal.settings import moment
from meterportal.usecases.exchange import acknowledge_exports, export_readings

_RESERVE = 45
"""Seconds kept for writing the files of a large batch."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, lambda body: _step(body, context), reserve=_RESERVE)


def _step(body: str, context: Any) -> None:
    message = read(body, "export_id")
    export_id, at, left = message["export_id"], moment(), has_time(context, _RESERVE)
    match message:
        case {"step": "acknowledge", "ack": str(number), "after": str(after)}:
            acknowledge_exports.work(
                adapters(), export_id, number, after=after or None, at=at, has_time=left
            )
        case {"step": _}:
            raise UnknownMessage("no such step")
        case _:
            export_readings.export(adapters(), export_id, at=at, has_time=left)
