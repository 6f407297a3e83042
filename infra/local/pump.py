"""What AWS does between queues, clocks and functions: event source mappings and schedules.

One thread per mapping polls its queue, hands batches to the function and deletes what the function
did not report as failed; the rest comes back after the queue's visibility timeout and ends in its
dead letters, as the queue itself says. One more thread fires the schedules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import events
from infra.local.functions import FunctionFailed, Functions, FunctionTimedOut
from infra.local.schedules import Firings, Schedule, schedules
from infra.local.template import Template

_POLL_SECONDS = 1  # how long one request waits for messages; also how long a stop may take


@dataclass(frozen=True)
class QueueMapping:
    """An SQS event of the template: which queue feeds which function."""

    package: str
    queue_arn: str
    url: str
    batch_size: int
    partial: bool


def mappings(template: Template, sqs: Any) -> list[QueueMapping]:
    """Every queue that feeds a function."""
    return [
        QueueMapping(
            package=function.package,
            queue_arn=str(event.properties["Queue"]),
            url=queue_url(sqs, str(event.properties["Queue"])),
            # One request to SQS gives ten messages at most.
            batch_size=min(10, int(event.properties.get("BatchSize", 10))),
            partial="ReportBatchItemFailures" in event.properties.get("FunctionResponseTypes", []),
        )
        for function in template.functions()
        for event in template.events(function, "SQS")
        if event.properties.get("Enabled", True)
    ]


def queue_url(sqs: Any, arn: str) -> str:
    account, name = arn.split(":")[4:6]
    return f"{sqs.meta.endpoint_url.rstrip('/')}/{account}/{name}"


def failed_ids(
    mapping: QueueMapping, messages: Sequence[Mapping[str, Any]], result: Any
) -> set[str]:
    """Which messages stay in the queue, by Lambda's rules for partial batch responses.

    No report means that all went well; a report that makes no sense, or names a message that was
    not in the batch, means that all failed.
    """
    everything = {str(message["MessageId"]) for message in messages}
    if not mapping.partial or result is None or result == {}:
        return set()
    if not isinstance(result, dict):
        return everything
    failures = result.get("batchItemFailures") or []
    if not all(isinstance(failure, dict) for failure in failures):
        return everything
    named = {failure.get("itemIdentifier") for failure in failures}
    return named if named <= everything else everything


class Pump:
    """Runs until `stop()`. `report` gets a line when something went wrong that AWS would log.

    A firing counts when its function has ended: one that was cut off, or missed while nothing ran,
    is made good as long as it is not too old.
    """

    def __init__(
        self,
        template: Template,
        functions: Functions,
        client: Callable[[str], Any],
        report: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        firings: Firings | None = None,
    ) -> None:
        self._functions = functions
        self._sqs = client("sqs")
        self._report = report
        self._clock = clock
        self._firings = firings or Firings()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._poll, args=(mapping,), name=f"pump-{mapping.package}")
            for mapping in mappings(template, self._sqs)
        ]
        self._schedules = schedules(template)
        if self._schedules:
            self._threads.append(threading.Thread(target=self._tick, name="pump-schedules"))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Takes no more messages and waits for what is being worked on."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _poll(self, mapping: QueueMapping) -> None:
        while not self._stopped.is_set():
            try:
                messages = self._sqs.receive_message(
                    QueueUrl=mapping.url,
                    MaxNumberOfMessages=mapping.batch_size,
                    WaitTimeSeconds=_POLL_SECONDS,
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                ).get("Messages", [])
                if messages:
                    self._deliver(mapping, messages)
            except (BotoCoreError, ClientError) as broken:
                if not self._stopped.is_set():
                    self._report(f"queue of {mapping.package}: {broken}")
                    self._stopped.wait(1)

    def _deliver(self, mapping: QueueMapping, messages: Sequence[Mapping[str, Any]]) -> None:
        try:
            result = self._functions.invoke(
                mapping.package, events.of_messages(messages, mapping.queue_arn)
            )
        except (FunctionFailed, FunctionTimedOut):
            return  # reported by the functions; the whole batch comes back
        failed = failed_ids(mapping, messages, result)
        if failed:
            self._report(f"{mapping.package} gave back {len(failed)} of {len(messages)} messages")
        done = [message for message in messages if message["MessageId"] not in failed]
        if done:
            self._sqs.delete_message_batch(
                QueueUrl=mapping.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done)
                ],
            )

    def _tick(self) -> None:
        now = self._clock()
        due = {
            schedule.name: (schedule, schedule.due(self._firings.last(schedule.name, now), now))
            for schedule in self._schedules
        }
        while not self._stopped.wait(0.5):
            for name, (schedule, moment) in list(due.items()):
                if moment is not None and self._clock() >= moment:
                    self._fire(schedule, moment)
                    due[name] = (schedule, schedule.due(moment, self._clock()))

    def _fire(self, schedule: Schedule, moment: datetime) -> None:
        try:
            self._functions.invoke(schedule.package, schedule.event(moment))
        except (FunctionFailed, FunctionTimedOut):
            self._report(f"schedule {schedule.name} failed")
        self._firings.note(schedule.name, moment)
