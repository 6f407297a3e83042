"""Receipts that are due go into the mail queue: {"kind": "receipts"} from its schedule."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.settings import moment
from meterportal.usecases.mailing.queue_receipts import queue_receipts

logger = Logger()


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001 - Lambda's shape
    """A schedule's event in, the number of receipts queued out."""
    if event.get("kind") != "receipts":
        logger.warning("no receipts: not the event of its schedule")
        return {"queued": 0}
    queued = queue_receipts(adapters(), moment())
    if queued:
        logger.info("receipts", extra={"queued": queued})
    return {"queued": queued}
