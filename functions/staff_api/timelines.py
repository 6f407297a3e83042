"""Lines of a time line, with the names of people."""

from __future__ import annotations

from datetime import datetime

from meterportal.domain.portfolio.timelines import Event
from meterportal.http import NamedJson
from meterportal.usecases.portfolio.show_company import ShownEvents

from staff_api.answers.companies import TimelineEntryJson
from staff_api.staff import Staff


def events_as_json(shown: ShownEvents, staff: Staff, now: datetime) -> list[TimelineEntryJson]:
    return [_event(event, shown, staff, now) for event in shown.events]


def _event(event: Event, shown: ShownEvents, staff: Staff, now: datetime) -> TimelineEntryJson:
    def named(number: str) -> NamedJson | None:
        return {"id": number, "name": shown.names.get(number, "")} if number else None

    return {
        "on": event.on.isoformat(),
        "at": event.at.isoformat(timespec="milliseconds") if event.at else None,
        "happening": event.happening,
        "action": event.action,
        "text": event.text(staff.language),
        "by": named(event.by),
        "reporter": named(event.reporter),
        "contact": named(event.contact_id),
        "contract_id": event.contract_id or None,
        "machine_id": event.machine_id or None,
        "round_id": event.round_id or None,
        "channel": event.channel,
        "changes": [
            {"field": one.field, "before": one.before, "after": one.after} for one in event.changes
        ],
        "note": {
            "id": event.note.id,
            "text": event.note.text,
            "withdrawable": event.note.withdrawable(staff.id, now),
        }
        if event.note
        else None,
    }
