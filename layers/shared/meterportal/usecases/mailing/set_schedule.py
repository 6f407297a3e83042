"""Staff set when the schedule writes."""

from __future__ import annotations

from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.domain.access.journal import Action, Deed, FactValue, StaffMember, between
from meterportal.domain.mailing.schedules import Reminders, Schedule, ScheduleChanged
from meterportal.settings import Moment
from meterportal.store.access import journal
from meterportal.store.mailing import schedules
from meterportal.store.writes import ConditionFailed
from meterportal.usecases.mailing.schedule_now import schedule_now


def set_schedule(
    adapters: Adapters, at: Moment, wanted: Schedule, *, seen: int, by: StaffMember
) -> Schedule:
    """Sets everything; `seen` is the version that the caller has read. Unchanged, it is not written.
    Raises ScheduleChanged."""
    stored = schedule_now(adapters)
    if replace(wanted, version=stored.version) == stored:
        return stored
    changes = between(_flat(stored), _flat(wanted))
    deed = Deed(Action.SCHEDULE_CHANGED, "schedule", str(seen + 1), changes=changes)
    noted = journal.entries(adapters.new_number(), by, at.now, deed)
    writes = schedules.save(wanted, seen=seen, by=by.id, at=at.now)
    try:
        adapters.table.transact([*writes, *noted])
    except ConditionFailed:
        raise ScheduleChanged(field="version", version=schedule_now(adapters).version) from None
    return replace(wanted, version=seen + 1)


def _flat(schedule: Schedule) -> dict[str, FactValue]:
    """What is set, under names like "contracts.70001.lead_days"."""
    flat: dict[str, FactValue] = {
        "lead_days": schedule.lead_days,
        "reminders": _words(schedule.reminders),
        "grace_days": schedule.grace_days,
        "hour": schedule.hour,
        "weekends": schedule.weekends,
        "land": schedule.land.value if schedule.land else "",
        "last_step": schedule.last_step.value,
        "announce_after": schedule.announce_after,
    }
    for number, own in schedule.contracts.items():
        if own.lead_days is not None:
            flat[f"contracts.{number}.lead_days"] = own.lead_days
        if own.reminders is not None:
            flat[f"contracts.{number}.reminders"] = _words(own.reminders)
        if own.grace_days is not None:
            flat[f"contracts.{number}.grace_days"] = own.grace_days
        if own.last_step is not None:
            flat[f"contracts.{number}.last_step"] = own.last_step.value
    return flat


def _words(reminders: Reminders) -> str:
    return ", ".join(f"{one.since.value} {one.days:+d}" for one in reminders)
