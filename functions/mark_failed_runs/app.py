"""Runs whose last delivery failed are told so to staff, and stopped rounds go on whose obstacle is gone:
{"kind": "failed_runs"} from its schedule."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import has_time
from meterportal.settings import moment
from meterportal.usecases.mailing.stop_rounds import go_on_where_possible
from meterportal.usecases.runs.mark_failed_runs import mark_failed_runs

logger = Logger()

_RESERVE = 10


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """A schedule's event in, the number of dead letters that told something new out."""
    if event.get("kind") != "failed_runs":
        logger.warning("nothing looked at: not the event of its schedule")
        return {"marked": 0}
    # First what has failed: nothing that a round may meet keeps staff from being told.
    marked = mark_failed_runs(adapters(), moment(), has_time=has_time(context, _RESERVE))
    for run in marked:
        logger.error("run has failed", extra={"kind": run.kind, "id": run.number, "part": run.part})
    resumed = go_on_where_possible(adapters(), moment())
    if resumed:
        logger.info("sending goes on", extra={"rounds": resumed})
    return {"marked": len(marked)}
