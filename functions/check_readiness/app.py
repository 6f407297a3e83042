"""Portal Ready: large selections from the queue ({"check_id"}); the whole portfolio from its schedule
({"kind": "portal_ready", "scheduled_at": RFC 3339}) or when an administrator invokes it with {}."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import read
from meterportal.settings import BUSINESS_ZONE, moment
from meterportal.usecases.portfolio.check_readiness import check_portfolio, nightly, run_check
from meterportal.usecases.runs.fire_schedules import Firing, firing

logger = Logger()

_RESERVE = 30


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out; or a schedule's event in, its check out."""
    if "Records" in event:
        return deliver(event, context, lambda body: _check(body, context), reserve=_RESERVE)
    at = moment()
    due = (
        firing(event, at, pinned=adapters().settings.today)
        if event
        else Firing(at.today, late=False, hour=at.now.astimezone(BUSINESS_ZONE).hour)
    )
    if event.get("kind", "portal_ready") != "portal_ready" or due is None:
        logger.warning("no Portal Ready: not the event of its schedule")
        return {"check_id": None}
    name = nightly(due) if event else adapters().new_number()
    check_portfolio(adapters(), name, due, at, has_time=has_time(context, _RESERVE))
    logger.info("Portal Ready", extra={"check_id": name, "late": due.late})
    return {"check_id": name, "late": due.late}


def _check(body: str, context: Any) -> None:
    check_id = read(body, "check_id")["check_id"]
    run_check(adapters(), check_id, moment(), has_time=has_time(context, _RESERVE))
