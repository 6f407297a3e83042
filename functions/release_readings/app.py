"""Release runs from the queue: {"release_id", "step": "plan"}, or "chunk" with its number."""

from __future__ import annotations

from typing import Any

from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import UnknownMessage, read
from meterportal.settings import moment
from meterportal.usecases.release import release_readings

_RESERVE = 15


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, lambda body: _step(body, context), reserve=_RESERVE)


def _step(body: str, context: Any) -> None:
    message = read(body, "release_id", "step")
    release_id, at = message["release_id"], moment()
    match message:
        case {"step": "plan"}:
            release_readings.plan(adapters(), release_id, at)
        case {"step": "chunk", "chunk": int(number)}:
            left = has_time(context, _RESERVE)
            release_readings.work(adapters(), release_id, number, at=at, has_time=left)
        case _:
            raise UnknownMessage("no such step")
