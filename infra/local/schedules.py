"""EventBridge Scheduler in small: when an expression of the template fires, in its own timezone.

cron(minutes hours day-of-month month day-of-week year) and rate(n unit). As AWS documents for
daylight saving: a time that the clock leaps over in spring is left out, one that comes twice in
autumn fires once, the first time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.template import Template

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]  # 1 to 7, as AWS counts
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_HORIZON = 366 * 4  # days searched for the next firing


class UnknownExpression(ValueError):
    """An expression, or a part of one, that is not understood here."""


def _values(text: str, low: int, high: int, names: list[str], base: int) -> frozenset[int]:
    """`5`, `1-5`, `*/2`, `MON-FRI`, `1,15` -> the values meant."""

    def number(part: str) -> int:
        value = names.index(part.upper()) + base if part.upper() in names else None
        if value is None and part.isdecimal():
            value = int(part)
        if value is None or not low <= value <= high:
            raise UnknownExpression(f"{part!r} in {text!r}")
        return value

    found: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            start, end = span.split("-", 1)
            first, last = number(start), number(end)
        else:
            first = number(span)
            last = high if step else first
        found.update(range(first, last + 1, int(step) if step else 1))
    return frozenset(found)


@dataclass(frozen=True)
class Cron:
    """The six fields of a cron expression; `day_of_month` None stands for L, the month's last."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: frozenset[int] | None
    months: frozenset[int]
    days_of_week: frozenset[int]
    years: frozenset[int]

    @classmethod
    def parse(cls, expression: str) -> Cron:
        match = re.fullmatch(r"cron\((.+)\)", expression.strip())
        fields = match[1].split() if match else []
        if len(fields) != 6:
            raise UnknownExpression(expression)
        minutes, hours, day, month, weekday, year = fields
        if (day == "?") == (weekday == "?"):
            raise UnknownExpression(f"{expression}: one of the two days must be ?")
        return cls(
            _values(minutes, 0, 59, [], 0),
            _values(hours, 0, 23, [], 0),
            None if day == "L" else _values(day, 1, 31, [], 1),
            _values(month, 1, 12, _MONTHS, 1),
            _values(weekday, 1, 7, _DAYS, 1),
            _values(year, 1970, 2199, [], 0),
        )

    def _meets(self, day: date) -> bool:
        last = (day + timedelta(days=1)).day == 1
        return (
            day.year in self.years
            and day.month in self.months
            and (last if self.days_of_month is None else day.day in self.days_of_month)
            and day.isoweekday() % 7 + 1 in self.days_of_week
        )

    def _times(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                instant = local.astimezone(UTC)
                if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield instant

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first firing later than `moment` (aware), in UTC; None if there is none."""
        day = moment.astimezone(zone).date() - timedelta(days=1)
        for _ in range(_HORIZON):
            if self._meets(day):
                for instant in sorted(self._times(day, zone)):
                    if instant > moment:
                        return instant
            day += timedelta(days=1)
        return None


@dataclass(frozen=True)
class Rate:
    """Every so many seconds, counted from the first start."""

    seconds: int

    @classmethod
    def parse(cls, expression: str) -> Rate:
        match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression.strip())
        if not match:
            raise UnknownExpression(expression)
        return cls(int(match[1]) * _UNITS[match[2]])

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:  # noqa: ARG002 - one shape
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Schedule:
    """A ScheduleV2 event of the template: what fires when and with which input."""

    name: str
    package: str
    expression: str
    zone: ZoneInfo
    input: str

    def after(self, moment: datetime) -> datetime | None:
        kind = Cron if self.expression.startswith("cron") else Rate
        return kind.parse(self.expression).after(moment, self.zone)

    def event(self, scheduled: datetime) -> Any:
        """The input of the firing that was due at `scheduled`."""
        text = scheduled.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.loads(self.input.replace(SCHEDULED_TIME, text))


def schedules(template: Template) -> list[Schedule]:
    """Every schedule of the template that is switched on."""
    return [
        Schedule(
            name=event.name,
            package=function.package,
            expression=str(event.properties["ScheduleExpression"]),
            zone=ZoneInfo(str(event.properties.get("ScheduleExpressionTimezone", "UTC"))),
            input=str(event.properties.get("Input", "{}")),
        )
        for function in template.functions()
        for event in template.events(function, "ScheduleV2")
        if event.properties.get("State", "ENABLED") == "ENABLED"
    ]
