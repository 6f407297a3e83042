"""One import per message: {"import_id"}, or S3's own notification of a file put under drop/."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import read
from meterportal.settings import moment
from meterportal.usecases.exchange.dropped_files import dropped_files
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import take_drop

logger = Logger()

_RESERVE = 30
"""Seconds to finish what was begun when the function's time runs out."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out."""
    return deliver(event, context, lambda body: _import(body, context), reserve=_RESERVE)


def _import(body: str, context: Any) -> None:
    dropped = dropped_files(body)
    if dropped is None:
        numbers = [read(body, "import_id")["import_id"]]
    else:
        numbers = [take_drop(adapters(), one, moment()) for one in dropped]
    for number in numbers:
        ended = run_import(adapters(), number, moment(), has_time=has_time(context, _RESERVE))
        logger.info(
            "import",
            extra={
                "import_id": number,
                "state": ended.state,
                "dry_run": ended.dry_run,
                "rows": ended.rows,
                "rejected": ended.rejected,
            },
        )
