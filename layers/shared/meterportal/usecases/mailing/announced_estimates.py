"""What a mail says that announces estimates: the values, and the day on which they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from meterportal.adapters import Adapters
from meterportal.domain.mailing import marks
from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.schedules import Schedule
from meterportal.domain.reporting.estimates import guesses
from meterportal.mail.render import MailPart
from meterportal.usecases.mailing.schedule_now import schedule_now


def announced(part: MailPart, schedule: Schedule, *, today: date, estimate_on: date) -> MailPart:
    """A part of a mail with what would be estimated at its machines."""
    grace = schedule.grace_days_of
    found = {
        machine.id: guesses(machine, part.contract, today=today, grace=grace)
        for machine in part.machines
    }
    return replace(part, guesses=found, estimate_on=estimate_on)


def as_announced(adapters: Adapters, mail: OutboxMail, parts: Sequence[MailPart]) -> list[MailPart]:
    """The parts of a mail that was planned or sent, with the estimates where it announces some. One read
    for such a mail."""
    if not mail.announces:
        return list(parts)
    schedule = schedule_now(adapters)
    shown = []
    for part in parts:
        mark = marks.announcement(part.contract, part.contact.id)
        day = mark.estimate_on if mark else None
        told = mark and day and announced(part, schedule, today=mark.on, estimate_on=day)
        shown.append(told or part)
    return shown
