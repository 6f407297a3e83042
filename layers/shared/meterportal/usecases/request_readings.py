"""Starting rounds of requests and reminders: by staff for a selection, by the schedule for all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from meterportal import crypto
from meterportal.domain.requests import SCHEDULE, Kind
from meterportal.domain.selections import Filter, Selection
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import keys, rounds, selected
from meterportal.store.rounds import Round
from meterportal.store.table import ConditionFailed
from meterportal.usecases.fire_schedules import Firing
from meterportal.usecases.once import Once, start, started_before
from meterportal.usecases.plan_round import plan_round


def start_round(
    doors: Doors,
    selection: Selection,
    at: Moment,
    *,
    by: str,
    due_by: date | None,
    dry_run: bool,
    kind: Kind = Kind.REQUEST,
    request_key: str | None = None,
) -> str:
    """Start a round; its id. The planner works it off.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises `ReusedKey` when it
    came with another request.
    """
    asked = crypto.digest(f"round {kind} {selection.spelled()} {due_by} {dry_run}")
    once = Once(by, request_key, asked) if request_key is not None else None
    round_id = started_before(doors.table, once, now=at.now)
    if round_id is None:
        started = Round(
            doors.new_number(), by, at.now, at.today, dry_run=dry_run, due_by=due_by, kind=kind
        )
        for write in selected.keep(keys.run("ROUND", started.id)[0], selection):
            doors.table.write(write)
        round_id = start(doors.table, once, rounds.create(started), started.id, now=at.now)
    _queue(doors, round_id)  # also for a round started before: its message may have been lost
    return round_id


def _queue(doors: Doors, round_id: str) -> None:
    doors.queues.send(doors.settings.plan_queue, [{"round_id": round_id}])


def daily_round(doors: Doors, due: Firing, at: Moment, *, has_time: Callable[[], bool]) -> str:
    """The schedule's round over all that is due; its id, one per business day.

    Fired twice it asks nobody twice. Too late it is kept as failed, for staff to decide.
    """
    started = _scheduled(doors, due, at, Kind.REQUEST)
    if not due.late:
        plan_round(doors, started.id, at, has_time=has_time)
    return started.id


def daily_reminders(doors: Doors, due: Firing, at: Moment) -> str | None:
    """The schedule's round of reminders, queued; its id, None where the schedule reminds nobody.

    Fired twice it reminds nobody twice; too late it is kept as failed.
    """
    if not doors.settings.remind_after_days:
        return None
    started = _scheduled(doors, due, at, Kind.REMINDER)
    if not due.late:
        _queue(doors, started.id)
    return started.id


def _scheduled(doors: Doors, due: Firing, at: Moment, kind: Kind) -> Round:
    """The round of a day, over everything; written once."""
    name = {Kind.REQUEST: "daily", Kind.REMINDER: "daily-reminder"}[kind]
    problem = "late" if due.late else ""
    started = Round(f"{name}-{due.day}", SCHEDULE, at.now, due.day, problem=problem, kind=kind)
    for write in selected.keep(keys.run("ROUND", started.id)[0], Selection(filter=Filter())):
        doors.table.write(write)
    with suppress(ConditionFailed):  # fired before: planning goes on where it stopped
        doors.table.write(rounds.create(started))
    return started
