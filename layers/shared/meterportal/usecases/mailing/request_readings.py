"""Starts rounds of requests, reminders and announcements: by staff for a selection, by the schedule for all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, StaffMember, added, chosen
from meterportal.domain.mailing.requests import SCHEDULE, RoundKind
from meterportal.domain.mailing.rounds import Round
from meterportal.domain.mailing.schedules import Schedule
from meterportal.domain.portfolio.selections import Filter, Selection
from meterportal.domain.runs import RunKind
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import rounds
from meterportal.store.portfolio import selected
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing.plan_round import plan_round
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.mailing.sweep_rounds import sweep
from meterportal.usecases.runs.fire_schedules import Firing
from meterportal.usecases.runs.once import Once, start, started_before

_NAMES = {
    RoundKind.REQUEST: "daily",
    RoundKind.REMINDER: "daily-reminder",
    RoundKind.ANNOUNCEMENT: "daily-announcement",
}


def start_round(
    adapters: Adapters,
    selection: Selection,
    at: Moment,
    *,
    by: StaffMember,
    due_by: date | None,
    dry_run: bool,
    kind: RoundKind = RoundKind.REQUEST,
    early: bool = False,
    request_key: str | None = None,
) -> str:
    """Starts a round and returns its id. The planner does the work. `early`: it reminds before the third
    day, too.

    `request_key` (Idempotency-Key) makes repeating harmless for a day; raises `ReusedKey` when it
    came with another request.
    """
    early_ = " early" if early else ""
    asked = crypto.digest(f"round {kind} {selection.spelled()} {due_by} {dry_run}{early_}")
    once = Once(by.id, request_key, asked) if request_key is not None else None
    round_id = started_before(adapters, once, now=at.now)
    if round_id is None:
        started = Round(
            adapters.new_number(),
            by.id,
            at.now,
            at.today,
            dry_run=dry_run,
            due_by=due_by,
            kind=kind,
            early=early,
        )
        selected.keep(adapters.table, RunKind.ROUND, started.id, selection)
        deed = Deed(
            Action.ROUND_STARTED,
            "round",
            started.id,
            changes=(*added(kind=kind.value), *chosen(selection)),
        )
        round_id = start(
            adapters,
            once,
            rounds.create(started),
            started.id,
            now=at.now,
            noted=[] if dry_run else journal.entries(adapters.new_number(), by, at.now, deed),
        )
    _queue(adapters, round_id)  # also for a repeated request: its message may have been lost
    return round_id


def _queue(adapters: Adapters, round_id: str) -> None:
    adapters.queues.send(adapters.settings.plan_queue, [{"round_id": round_id}])


def daily_plan(
    adapters: Adapters, due: Firing, at: Moment, *, has_time: Callable[[], bool]
) -> dict[str, str | None]:
    """What an hourly tick sends by the dealer's schedule: the ids of its rounds, of requests
    (`round_id`), reminders (`reminders_id`) and announcements (`announcements_id`). In another hour and on
    a quiet day it only queues what lies about."""
    schedule = schedule_now(adapters)
    if not begins(adapters, schedule, due):
        sweep(adapters, at)
        return dict.fromkeys(("round_id", "reminders_id", "announcements_id"))
    further = {
        "reminders_id": _further(adapters, due, at, RoundKind.REMINDER)
        if schedule.reminds
        else None,
        "announcements_id": (
            _further(adapters, due, at, RoundKind.ANNOUNCEMENT) if schedule.estimates else None
        ),
    }
    return further | {"round_id": _daily_round(adapters, due, at, has_time=has_time)}


def begins(adapters: Adapters, schedule: Schedule, due: Firing) -> bool:
    """Whether a tick begins the day's plan: that of its hour, or one shortly after where the day has no
    round that is planned, because the hour was moved or its tick is lost. One read in such an hour."""
    if not schedule.sends(due.day, due.hour):
        return False
    if due.hour == schedule.hour:
        return True
    known = rounds.load(adapters.table, _number(RoundKind.REQUEST, due.day))
    return known is None or (known.planned_at is None and not known.problem)


def _number(kind: RoundKind, day: date) -> str:
    """The id of the schedule's round of a day."""
    return f"{_NAMES[kind]}-{day}"


def _daily_round(
    adapters: Adapters, due: Firing, at: Moment, *, has_time: Callable[[], bool]
) -> str:
    """The schedule's round for everything that is due; returns its id, one per business day.

    Fired twice, it asks nobody twice. Fired too late, it is stored as failed, for staff to decide.
    """
    started = scheduled_round(adapters, due, at, RoundKind.REQUEST)
    if not due.late:
        plan_round(adapters, started.id, at, has_time=has_time)
    return started.id


def _further(adapters: Adapters, due: Firing, at: Moment, kind: RoundKind) -> str:
    """The schedule's round of reminders or announcements, queued; returns its id.

    Fired twice, it writes to nobody twice; fired too late, it is stored as failed.
    """
    started = scheduled_round(adapters, due, at, kind)
    if not due.late:
        _queue(adapters, started.id)
    return started.id


def scheduled_round(adapters: Adapters, due: Firing, at: Moment, kind: RoundKind) -> Round:
    """The round of a day, over everything; stored once."""
    problem = "late" if due.late else ""
    started = Round(_number(kind, due.day), SCHEDULE, at.now, due.day, problem=problem, kind=kind)
    selected.keep(adapters.table, RunKind.ROUND, started.id, Selection(filter=Filter()))
    with suppress(ConditionFailed):  # stored before: planning continues it
        adapters.table.write(rounds.create(started))
    return started
