"""The snapshot of the portfolio: from the queue ({"step": "build", "asked_at": RFC 3339}), or every night
from its schedule ({"kind": "portfolio", "scheduled_at": RFC 3339})."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import UnknownMessage, moment_in, read
from meterportal.settings import moment
from meterportal.usecases.portfolio.build_portfolio import build

logger = Logger()

_RESERVE = 45
"""Seconds to finish a piece of the filling that was begun, or to build."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out; or a schedule's event in, the version out."""
    if "Records" in event:
        return deliver(event, context, lambda body: _build(body, context), reserve=_RESERVE)
    if event.get("kind") != "portfolio":
        logger.warning("no snapshot: not the event of its schedule")
        return {"version": None}
    return {"version": _built(None, context)}


def _build(body: str, context: Any) -> None:
    message = read(body, "step", "asked_at")
    if message["step"] != "build":
        raise UnknownMessage("no such step")
    _built(moment_in("asked_at", message["asked_at"]), context)


def _built(asked_at: datetime | None, context: Any) -> str | None:
    left = has_time(context, _RESERVE)
    made = build(adapters(), moment(), asked_at=asked_at, has_time=left)
    if made is None:
        logger.info("the index of changes is being filled")
        return None
    logger.info(
        "snapshot", extra={"version": made.version, "bytes": sum(p.size for p in made.parts)}
    )
    return made.version
