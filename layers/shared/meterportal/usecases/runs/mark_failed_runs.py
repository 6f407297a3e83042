"""Reads the dead letters and notes on each run that it has failed, so that staff see it.

The letters stay in their queues, so that they can be redriven; the worker of a redriven message
removes the note. A letter is noted once, even if its run was started again since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.requests import RoundKind
from meterportal.domain.runs import PLAN, WHOLE, RunKind, answer_part, chunk_part
from meterportal.queues import Letter, UnknownMessage
from meterportal.settings import Moment
from meterportal.store import runs
from meterportal.store.mailing import rounds
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.exchange.dropped_files import dropped_files
from meterportal.usecases.exchange.start_imports import take_drop
from meterportal.usecases.mailing.request_readings import begins, scheduled_round
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.portfolio.check_readiness import nightly_check
from meterportal.usecases.runs.fire_schedules import firing


@frozen
class FailedPart:
    """A part of a run. For a mail of a round the part is "mail"."""

    kind: RunKind
    number: str
    part: str


def mark_failed_runs(
    adapters: Adapters, at: Moment, *, has_time: Callable[[], bool]
) -> list[FailedPart]:
    """Notes the failed parts that dead letters name; returns those that were not noted before. One
    write for each letter.

    Without time left the rest waits for the next call.
    """
    noted: list[FailedPart] = []
    for queue in adapters.settings.dead_letters:
        for letter in adapters.queues.look(queue):
            if not has_time():
                return noted
            for part, write in _failed_parts(adapters, letter, at):
                with suppress(ConditionFailed):  # noted before, or there is no such run (any more)
                    adapters.table.write(write)
                    noted.append(part)
    return noted


def _failed_parts(
    adapters: Adapters, letter: Letter, at: Moment
) -> Iterator[tuple[FailedPart, Write]]:
    """The parts that a dead letter names, each with the write that notes it; none if it is about no
    run.
    """
    try:
        dropped = dropped_files(letter.body)
        message = json.loads(letter.body) if dropped is None else {}
    except (UnknownMessage, json.JSONDecodeError):
        return
    if not isinstance(message, dict):
        return
    parts = [
        FailedPart(RunKind.IMPORT, take_drop(adapters, dropped_file, at), WHOLE)
        for dropped_file in dropped or ()
    ]
    parts += [
        *_of_message(message),
        # A failed invocation contains its event as "requestPayload".
        *_of_schedule(adapters, message.get("requestPayload", message), at),
    ]
    for part in parts:
        yield part, runs.fail(part.kind, part.number, part.part, letter=letter.id, at=at.now)
    match message:
        case {"round_id": str(number), "mailbox": str(mailbox)}:
            write = rounds.leave(number, mailbox, letter=letter.id, at=at.now)
            yield FailedPart(RunKind.ROUND, number, "mail"), write


def _of_message(message: Mapping[str, Any]) -> Iterator[FailedPart]:
    """The part that a message of ours is about."""
    match message:
        case {"mailbox": _}:
            return  # a mail: its own row says what became of it
        case {"import_id": str(number)}:
            yield FailedPart(RunKind.IMPORT, number, WHOLE)
        case {"round_id": str(number)}:
            yield FailedPart(RunKind.ROUND, number, WHOLE)
        case {"check_id": str(number)}:
            yield FailedPart(RunKind.CHECK, number, WHOLE)
        case {"release_id": str(number), "step": "plan"}:
            yield FailedPart(RunKind.RELEASE, number, PLAN)
        case {"release_id": str(number), "step": "chunk", "chunk": int(chunk)}:
            yield FailedPart(RunKind.RELEASE, number, chunk_part(chunk))
        case {"export_id": str(number), "step": "acknowledge", "ack": str(answer)}:
            yield FailedPart(RunKind.EXPORT, number, answer_part(answer))
        case {"export_id": str(number)}:
            yield FailedPart(RunKind.EXPORT, number, WHOLE)


def _of_schedule(adapters: Adapters, event: object, at: Moment) -> Iterator[FailedPart]:
    """The run that a schedule's event should have started. If it was never created, it is created
    here, so that staff see it.
    """
    due = firing(event, at, pinned=adapters.settings.today) if isinstance(event, Mapping) else None
    if due is None or not isinstance(event, Mapping):
        return
    due = replace(due, late=False)
    match event.get("kind"):
        case "daily_plan" if begins(adapters, schedule_now(adapters), due):
            number = scheduled_round(adapters, due, at, RoundKind.REQUEST).id
            yield FailedPart(RunKind.ROUND, number, WHOLE)
        case "portal_ready":
            yield FailedPart(RunKind.CHECK, nightly_check(adapters, due, at), WHOLE)
