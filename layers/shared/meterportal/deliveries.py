"""SQS deliveries: one message at a time, each with its own failure, within the function's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from meterportal import aws
from meterportal.domain.refusals import Unavailable
from meterportal.queues import OutOfTime, UnknownMessage

_logger = Logger()


class _Processor(BatchProcessor):
    """Logs why a message goes back to its queue. The text of an exception that is not ours may
    contain personal data and is not logged."""

    def failure_handler(self, record: Any, exception: Any) -> Any:
        kind, error = exception[0], exception[1]
        ours = isinstance(error, UnknownMessage | OutOfTime)
        _logger.warning(
            "message goes back to its queue",
            extra={
                "message_id": getattr(record, "message_id", None),
                "error": kind.__name__,
                "reason": str(error) if ours else None,
                **(aws.cause(error) if isinstance(error, Unavailable) else {}),
            },
        )
        return super().failure_handler(record, exception)


def deliver(
    event: dict[str, Any], context: Any, handle: Callable[[str], object], *, reserve: float
) -> PartialItemFailureResponse:
    """Handle the body of each message. Messages that raise are delivered again, the others are
    done.

    With less than `reserve` seconds left no further message is begun.
    """

    def handle_record(record: SQSRecord) -> None:
        if not has_time(context, reserve)():
            raise OutOfTime("not begun")
        handle(record.body)

    processor = _Processor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(
        event=event, record_handler=handle_record, processor=processor, context=context
    )


def has_time(context: Any, reserve: float) -> Callable[[], bool]:
    """A function that says whether more than `reserve` seconds are left."""
    return lambda: context.get_remaining_time_in_millis() > reserve * 1000
